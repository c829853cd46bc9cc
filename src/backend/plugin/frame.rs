//! The wire's frames: one JSON object a line, UTF-8, at most 4 MiB.
//!
//! Pure: bytes in, messages and garbage out, however the bytes are cut. It never keeps more
//! than one line, and what a message means is not its business.

use crate::domain::text;
use serde_json::{Map, Value};

/// The longest line, with its end.
pub const LONGEST: usize = 4 * 1024 * 1024;
/// So many lines of garbage in a row end a plugin.
pub const MOST_GARBAGE: u32 = 20;

/// One message.
pub type Message = Map<String, Value>;

/// What one line is.
#[derive(Clone, Debug, PartialEq)]
pub enum Frame {
    /// A JSON object.
    Message(Message),
    /// Anything else; why, and how it begins, made harmless.
    Garbage(String),
}

/// Cuts a stream of bytes into frames.
#[derive(Debug, Default)]
pub struct Frames {
    partial: Vec<u8>,
    too_long: bool,
}

impl Frames {
    /// Takes in bytes and calls `each` with every frame that they complete. Blank lines are nothing.
    pub fn feed(&mut self, bytes: &[u8], mut each: impl FnMut(Frame)) {
        let mut pieces = bytes.split(|byte| *byte == b'\n').peekable();
        while let Some(piece) = pieces.next() {
            self.too_long |= self.partial.len() + piece.len() >= LONGEST;
            if !self.too_long {
                self.partial.extend_from_slice(piece);
            }
            // Only what is followed by another piece has come to its end.
            if pieces.peek().is_none() {
                return;
            }
            let line = std::mem::take(&mut self.partial);
            if std::mem::take(&mut self.too_long) {
                each(Frame::Garbage(format!("a line of more than {LONGEST} bytes: {}", beginning(&line))));
            } else if !line.trim_ascii().is_empty() {
                each(read(&line));
            }
        }
    }
}

fn read(line: &[u8]) -> Frame {
    if line.contains(&0) {
        return Frame::Garbage(format!("a zero byte in a line: {}", beginning(line)));
    }
    match serde_json::from_slice(line) {
        Ok(message) => Frame::Message(message),
        // The parser quotes what it did not expect, however long that is.
        Err(error) => {
            let error = text::shortened(&text::visible(&error.to_string()), 100);
            Frame::Garbage(format!("not a JSON object ({error}): {}", beginning(line)))
        }
    }
}

fn beginning(line: &[u8]) -> String {
    text::shortened(&text::visible_bytes(line.get(..400).unwrap_or(line)), 100)
}

/// A message as its line.
///
/// # Errors
/// It would be longer than a line may be; in words.
pub fn line(message: &Value) -> Result<Vec<u8>, String> {
    let mut line = message.to_string().into_bytes();
    line.push(b'\n');
    match line.len() {
        length if length > LONGEST => Err(format!("a message of {length} bytes; {LONGEST} are the most")),
        _ => Ok(line),
    }
}
