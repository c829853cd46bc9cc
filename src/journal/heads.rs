//! `heads.jsonl`: signed heads kept beside the journal.
//!
//! Appended when the runtime asks: after some number of lines and when idle. They
//! show up a rewrite by someone without the key; someone with it can sign anew,
//! which only a head held elsewhere shows up.

use super::error::{During, JournalError};
use super::head::{Head, SignedHead};
use super::key::SigningSeed;
use super::layout::Layout;
use super::lines::Lines;
use super::lock::Held;
use super::poison;
use super::store::Journal;
use crate::domain::text::visible;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Write};

/// One line of `heads.jsonl`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    head: SignedHead,
}

impl Journal {
    /// The head as of the last line, signed with the state directory's key.
    ///
    /// Taken under the append lock after a sync, because a line that was only
    /// tailed may yet be cut back by its writer, and a head can never be.
    pub fn head(&mut self) -> Result<SignedHead, JournalError> {
        let held = self.take_lock()?;
        self.signed_head(&held)
    }

    /// Signs the head as of the last line and keeps it in `heads.jsonl`; returned
    /// as it is to be published.
    pub fn keep_head(&mut self) -> Result<SignedHead, JournalError> {
        let held = self.take_lock()?;
        let (path, kept) = (self.layout.heads(), Kept { head: self.signed_head(&held)? });
        let mut line = serde_json::to_vec(&kept).map_err(|e| JournalError::Unwritable(e.to_string()))?;
        line.push(b'\n');
        drop(self.layout.open_file(&path)?);
        let mut file = std::fs::OpenOptions::new().read(true).append(true).open(&path).during("open", &path)?;
        if !whole(&file).during("read", &path)? {
            // A line torn by a crash ends here; it stays there to be seen.
            line.insert(0, b'\n');
        }
        file.write_all(&line).and_then(|()| file.sync_data()).during("write", &path)?;
        Ok(kept.head)
    }

    fn signed_head(&mut self, _held: &Held) -> Result<SignedHead, JournalError> {
        poison::check(&self.layout)?;
        self.follow()?;
        self.segment.file.sync_data().during("sync", &self.segment.path)?;
        let ledger = &self.chain.ledger;
        let missing = || JournalError::Absent(self.layout.root().to_owned());
        let journal = ledger.journal.clone().ok_or_else(missing)?;
        let head = Head { journal, seq: ledger.seq, line: self.chain.last, at: ledger.at };
        Ok(SigningSeed::load_or_make(&self.layout)?.sign(head))
    }
}

fn whole(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::FileExt;
    let (length, mut last) = (file.metadata()?.len(), [0u8; 1]);
    Ok(length == 0 || (file.read_at(&mut last, length - 1)? == 1 && last == *b"\n"))
}

/// A line's number in the file, and its head or why it is none.
pub type HeadLine = (u64, Result<SignedHead, String>);

/// The heads that are kept, each with its line in the file; an error in place of a
/// line that is no head. A torn last line is left out.
pub fn kept(layout: &Layout) -> Result<Vec<HeadLine>, JournalError> {
    let path = layout.heads();
    let file = match File::open(&path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        file => file.during("open", &path)?,
    };
    let (mut lines, mut heads) = (Lines::new(&file, 0, 64 << 10), Vec::new());
    while let Some(line) = lines.next_line().during("read", &path)? {
        let head = serde_json::from_slice::<Kept>(line).map(|kept| kept.head);
        heads.push((heads.len() as u64 + 1, head.map_err(|e| visible(&e.to_string()))));
    }
    Ok(heads)
}
