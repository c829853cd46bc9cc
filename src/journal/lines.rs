//! Lines of a file, one after the other, in bounded memory.
//!
//! Only complete lines come out, each with its newline; what follows the last
//! newline is being written or torn and is left alone.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::FileExt;

/// The longest line that is read or written: a carried ledger is by far the longest.
pub const LONGEST: u64 = 16 << 20;

/// Reads a file from an offset without moving its cursor.
struct From<'a> {
    file: &'a File,
    offset: u64,
}

impl Read for From<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read_at(buffer, self.offset)?;
        self.offset += n as u64;
        Ok(n)
    }
}

/// The complete lines of a file from an offset on.
pub struct Lines<'a> {
    reader: BufReader<From<'a>>,
    line: Vec<u8>,
}

impl<'a> Lines<'a> {
    /// Starts at `offset`, reading `chunk` bytes at a time.
    pub fn new(file: &'a File, offset: u64, chunk: usize) -> Self {
        Self { reader: BufReader::with_capacity(chunk, From { file, offset }), line: Vec::new() }
    }

    /// The next line with its newline; none at the end or before a torn line.
    pub fn next_line(&mut self) -> io::Result<Option<&[u8]>> {
        self.line.clear();
        (&mut self.reader).take(LONGEST).read_until(b'\n', &mut self.line)?;
        if self.line.last() == Some(&b'\n') {
            return Ok(Some(&self.line));
        }
        if self.line.len() as u64 >= LONGEST {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a line is longer than 16 MiB"));
        }
        Ok(None)
    }

    /// What followed the last newline, once [`Lines::next_line`] has returned none.
    pub fn torn(&self) -> &[u8] {
        &self.line
    }
}
