//! The navigation keys of a session: chained, written at once, synced on demand.
//!
//! Losing the last keys in a power cut loses no decision, so they are not synced
//! one by one; each decision carries the head of this file in its own line.

use super::error::{Break, During, JournalError};
use super::layout::Layout;
use super::lines::Lines;
use crate::domain::Timestamp;
use crate::domain::digest::Digest;
use crate::domain::session::SessionId;
use crate::domain::text::visible;
use crate::fault;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// A key as it was pressed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pressed {
    /// When.
    pub at: Timestamp,
    /// Which: `j`, `ctrl-w`, `enter`.
    pub key: String,
    /// Where it went: the pane or dialog.
    pub on: String,
    /// What it did, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub did: Option<String>,
}

/// One line of the file.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    n: u64,
    #[serde(flatten)]
    pressed: Pressed,
    prev: Digest,
}

/// The key log of one session, open for appending.
#[derive(Debug)]
pub struct KeyLog {
    path: PathBuf,
    file: File,
    offset: u64,
    n: u64,
    head: Digest,
    dirty: bool,
}

impl KeyLog {
    /// Opens the log of a session; a log that exists is continued after its last whole line.
    pub fn open(layout: &Layout, session: SessionId) -> Result<Self, JournalError> {
        let path = layout.keys(session);
        let file = layout.open_file(&path)?;
        let mut log = Self { path, file, offset: 0, n: 0, head: Digest::default(), dirty: false };
        let read = log.file.try_clone().during("open", &log.path)?;
        let mut lines = Lines::new(&read, 0, 64 << 10);
        while let Some(line) = lines.next_line().during("read", &log.path)? {
            log.head = follows(&log.path, log.n, log.head, line)?;
            log.n += 1;
            log.offset += line.len() as u64;
        }
        Ok(log)
    }

    /// Writes a key and returns the new head; not synced.
    pub fn append(&mut self, pressed: Pressed) -> Result<Digest, JournalError> {
        let line = Line { n: self.n + 1, pressed, prev: self.head };
        let mut bytes = serde_json::to_vec(&line).map_err(|e| JournalError::Unwritable(e.to_string()))?;
        bytes.push(b'\n');
        if let Err(e) = write(&self.file, &bytes, self.offset) {
            let _ = self.file.set_len(self.offset);
            return Err(e).during("write", &self.path);
        }
        self.dirty = true;
        self.n += 1;
        self.offset += bytes.len() as u64;
        self.head = Digest::of_bytes(&bytes);
        Ok(self.head)
    }

    /// Makes everything written durable; nothing to do when it is.
    pub fn sync(&mut self) -> Result<(), JournalError> {
        if self.dirty {
            fault::at("keys.sync").and_then(|()| self.file.sync_data()).during("sync", &self.path)?;
            self.dirty = false;
        }
        Ok(())
    }

    /// The digest of the last line; none before the first.
    pub fn head(&self) -> Option<Digest> {
        (self.n > 0).then_some(self.head)
    }
}

fn write(file: &File, line: &[u8], at: u64) -> io::Result<()> {
    fault::at("keys.write")?;
    let half = if cfg!(feature = "faults") { line.len() / 2 } else { 0 };
    let (first, second) = line.split_at_checked(half).unwrap_or((&[], line));
    if !first.is_empty() {
        file.write_all_at(first, at)?;
        fault::at("keys.write.half")?;
    }
    file.write_all_at(second, at + first.len() as u64)
}

/// Reads a session's keys and checks their chain; `visit` gets each with its digest.
pub fn read(layout: &Layout, session: SessionId, mut visit: impl FnMut(Pressed, Digest)) -> Result<u64, JournalError> {
    let path = layout.keys(session);
    let file = File::open(&path).during("open", &path)?;
    let (mut lines, mut n, mut head) = (Lines::new(&file, 0, 64 << 10), 0, Digest::default());
    while let Some(line) = lines.next_line().during("read", &path)? {
        head = follows(&path, n, head, line)?;
        n += 1;
        if let Ok(line) = serde_json::from_slice::<Line>(line) {
            visit(line.pressed, head);
        }
    }
    Ok(n)
}

fn follows(path: &Path, n: u64, head: Digest, line: &[u8]) -> Result<Digest, JournalError> {
    let broken = |why: String| JournalError::Broken(Break { file: path.to_owned(), line: n + 1, why });
    let read: Line = serde_json::from_slice(line).map_err(|e| broken(visible(&e.to_string())))?;
    match read.n == n + 1 && read.prev == head {
        true => Ok(Digest::of_bytes(line)),
        false => Err(broken("does not follow the line before".to_owned())),
    }
}
