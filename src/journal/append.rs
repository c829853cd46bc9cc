//! Appending one line: all of it durable, or none of it there.
//!
//! The fold comes first, so that a line the fold refuses is never written. If
//! then the disk refuses, the ledger is read again from the disk.

use super::error::{During, JournalError};
use super::open::to_line;
use super::reserve;
use super::store::Journal;
use super::tip::Tip;
use crate::domain::Timestamp;
use crate::domain::digest::Digest;
use crate::domain::entry::{By, Draft, Entry};
use crate::domain::fact::Fact;
use crate::fault;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// A draft of facts.
pub(super) fn with(cause: &str, facts: Vec<Fact>) -> Draft {
    Draft { cause: cause.to_owned(), outcome: Ok(facts) }
}

impl Journal {
    /// The draft as the next line.
    pub(super) fn entry(&self, at: Timestamp, by: By, draft: Draft) -> Entry {
        let (facts, refusal) = match draft.outcome {
            Ok(facts) => (facts, None),
            Err(refusal) => (Vec::new(), Some(refusal)),
        };
        let (seq, prev) = (self.chain.ledger.seq + 1, self.chain.last);
        Entry { seq, at, by, cause: draft.cause, facts, refusal, keys: self.keys, prev }
    }

    /// Makes an entry the next line; the append lock must be held and everything read.
    pub(super) fn append(&mut self, entry: &Entry) -> Result<(), JournalError> {
        let (line, entry) = to_line(entry)?;
        if entry.facts.iter().any(|fact| matches!(fact, Fact::Announced(_))) {
            reserve::for_intent(&self.segment, line.len() as u64)?;
        }
        if let Err(illegal) = self.check_fold(&entry) {
            self.reload()?;
            return Err(illegal);
        }
        let start = self.segment.offset;
        if let Err(e) = write(&self.segment.file, &line, start).during("write", &self.segment.path) {
            self.cut(start);
            self.reload()?;
            return Err(e);
        }
        if let Err(e) = sync(&self.segment.file) {
            // The marker first: should this process die here, nobody builds on the line.
            let error = self.poison(entry.at, &e);
            self.cut(start);
            let _ = fault::at("journal.cut");
            self.reload()?;
            return Err(error);
        }
        self.took(&line, entry);
        Ok(())
    }

    /// Folds the first line of a new segment in, which is already in its place.
    pub(super) fn take_in(&mut self, line: &[u8], entry: Entry) -> Result<(), JournalError> {
        self.check_fold(&entry)?;
        self.took(line, entry);
        Ok(())
    }

    fn check_fold(&mut self, entry: &Entry) -> Result<(), JournalError> {
        let illegal = |why: String| crate::engine::Illegal { seq: entry.seq, why };
        self.chain.accept_parsed(entry, self.segment.lines == 0).map_err(|doubt| match doubt {
            super::chain::Doubt::Line(why) | super::chain::Doubt::Illegal(why) => illegal(why).into(),
            super::chain::Doubt::Link => illegal("does not follow".to_owned()).into(),
        })
    }

    /// Notes a line that is durable and folded.
    fn took(&mut self, line: &[u8], entry: Entry) {
        self.chain.last = Digest::of_bytes(line);
        self.segment.passed(line.len(), entry.at);
        let _ = fault::at("journal.tip");
        if let Some(writing) = &self.writing {
            // The line is durable; a tip that lags is only a weaker guard.
            let _ = writing.tip.write(Tip { seq: entry.seq, line: self.chain.last });
            let _ = fault::at("journal.tip.written");
        }
        self.unpublished.push(entry);
    }

    /// Cuts a line that was not acknowledged. Should that fail, what is left of it
    /// has no newline and is set aside as torn by whoever comes next, or the
    /// journal is poisoned.
    fn cut(&self, to: u64) {
        let _ = self.segment.file.set_len(to);
    }
}

fn write(file: &File, line: &[u8], at: u64) -> io::Result<()> {
    fault::at("journal.write")?;
    // A test may die between two halves of a line.
    let half = if cfg!(feature = "faults") { line.len() / 2 } else { 0 };
    let (first, second) = line.split_at_checked(half).unwrap_or((&[], line));
    if !first.is_empty() {
        file.write_all_at(first, at)?;
        fault::at("journal.write.half")?;
    }
    file.write_all_at(second, at + first.len() as u64)
}

fn sync(file: &File) -> io::Result<()> {
    fault::at("journal.written")?;
    file.sync_data()?;
    fault::at("journal.synced")
}
