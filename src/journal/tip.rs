//! The tip: number and digest of the last acknowledged line, beside the journal.
//!
//! The chain covers every line but the last, and says nothing of lines that were
//! cut off. The tip is overwritten in place after a line is durable, never
//! synced: it may lag behind the journal after a crash, it can never be ahead. It
//! guards against damage; whoever rewrites the journal can rewrite it too.

use super::error::{During, JournalError};
use super::layout::Layout;
use crate::domain::digest::Digest;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

/// The last acknowledged line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tip {
    /// Its number.
    pub seq: u64,
    /// Its digest.
    pub line: Digest,
}

impl Tip {
    /// Reads the tip; none when there is none, or it is half written or damaged.
    pub fn read(layout: &Layout) -> Result<Option<Self>, JournalError> {
        let path = layout.tip();
        // Read without the lock: it may just be being overwritten.
        for _ in 0..3 {
            let mut text = String::new();
            match File::open(&path).and_then(|mut f| f.read_to_string(&mut text)) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(e) if e.kind() == io::ErrorKind::InvalidData => continue,
                other => other.during("read", &path)?,
            };
            if let Some(tip) = Self::parse(&text) {
                return Ok(Some(tip));
            }
        }
        Ok(None)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_ascii_whitespace();
        let tip = Self { seq: words.next()?.parse().ok()?, line: words.next()?.parse().ok()? };
        (text == tip.text()).then_some(tip)
    }

    fn text(&self) -> String {
        let said = format!("{:020} {}", self.seq, self.line);
        format!("{said} {}\n", Digest::of_bytes(said.as_bytes()).short())
    }
}

/// The tip's file, kept open by whoever appends.
#[derive(Debug)]
pub struct TipFile {
    path: PathBuf,
    file: File,
}

impl TipFile {
    /// Opens or makes it.
    pub fn open(layout: &Layout) -> Result<Self, JournalError> {
        let path = layout.tip();
        let file = layout.open_file(&path)?;
        Ok(Self { path, file })
    }

    /// Overwrites it; the append lock must be held.
    pub fn write(&self, tip: Tip) -> Result<(), JournalError> {
        self.file.write_all_at(tip.text().as_bytes(), 0).during("write", &self.path)
    }
}
