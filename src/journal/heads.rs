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
use crate::fault;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// How far back the end of the last whole line is looked for; a head is some 400 bytes.
const LAST: u64 = 64 << 10;

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
        fault::at("journal.head").during("write", &path)?;
        let file = self.layout.open_file(&path)?;
        let end = whole(&file).during("read", &path)?;
        if let Err(e) = add(&file, &line, end).during("write", &path) {
            let _ = file.set_len(end);
            return Err(e);
        }
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

/// Writes a line at `end` in place of what is there. That was torn by a crash: nobody
/// was told of it, and with a newline behind it it would look like tampering.
fn add(file: &File, line: &[u8], end: u64) -> io::Result<()> {
    file.set_len(end)?;
    let half = if cfg!(feature = "faults") { line.len() / 2 } else { 0 };
    let (first, second) = line.split_at_checked(half).unwrap_or((&[], line));
    if !first.is_empty() {
        file.write_all_at(first, end)?;
        fault::at("journal.head.half")?;
    }
    file.write_all_at(second, end + first.len() as u64)?;
    file.sync_data()?;
    fault::at("journal.head.kept")
}

/// Where the last whole line of the file ends.
fn whole(file: &File) -> io::Result<u64> {
    let length = file.metadata()?.len();
    let from = length.saturating_sub(LAST);
    let mut tail = vec![0; usize::try_from(length - from).unwrap_or(0)];
    file.read_exact_at(&mut tail, from)?;
    match tail.iter().rposition(|byte| *byte == b'\n') {
        Some(at) => Ok(from + at as u64 + 1),
        None if from == 0 => Ok(0),
        None => Err(io::Error::other("it does not end in a line of its own; look at it and move it away")),
    }
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
