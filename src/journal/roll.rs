//! Beginning a further segment: its first line carries the whole ledger.
//!
//! A segment ends when it is full or of an earlier month. That is decided before
//! the line that is to follow, so a decision always sees the number it will get.

use super::append::with;
use super::error::{During, JournalError};
use super::open::{Misplaced, place, to_line};
use super::poison;
use super::reserve;
use super::segment::Segment;
use super::store::Journal;
use crate::domain::Timestamp;
use crate::domain::entry::By;
use crate::domain::fact::Fact;
use crate::fault;
use chrono::Datelike;

impl Journal {
    /// Begins a further segment if this one is full or old; the append lock must be
    /// held and everything read. Want of space puts it off.
    pub(super) fn roll_if_due(&mut self, at: Timestamp, by: &By) -> Result<(), JournalError> {
        let month = |t: Timestamp| (t.year(), t.month());
        let lines = self.segment.offset.saturating_sub(self.segment.first_line);
        if lines < self.limits.segment_bytes && month(self.segment.since) >= month(at) {
            return Ok(());
        }
        match self.roll(at, by) {
            Err(JournalError::Io { source, .. }) if out_of_space(&source) => Ok(()),
            // A ledger too long for a line: the segment grows on.
            Err(JournalError::Unwritable(_)) => Ok(()),
            done => done,
        }
    }

    fn roll(&mut self, at: Timestamp, by: &By) -> Result<(), JournalError> {
        fault::at("journal.roll").during("end", &self.segment.path)?;
        // Whole lines of a writer that died may not be durable yet.
        if let Err(e) = self.segment.file.sync_data() {
            return Err(self.poison(at, &e));
        }
        let carried = self.chain.ledger.carry().map_err(|e| JournalError::Unwritable(e.to_string()))?;
        let entry = self.entry(at, by.clone(), with("roll", vec![Fact::Carried(carried)]));
        let (line, entry) = to_line(&entry)?;
        let number = self.segment.number.saturating_add(1);
        fault::at("journal.carried").during("begin the segment after", &self.segment.path)?;
        match place(&self.layout, number, &line) {
            Ok(()) => {}
            Err(Misplaced::Nothing(e)) => return Err(e),
            Err(Misplaced::Unnamed(JournalError::Io { source, .. })) => return Err(self.poison(at, &source)),
            Err(Misplaced::Unnamed(e)) => return Err(e),
        }
        // What was reserved behind the old end is given back.
        let _ = self.segment.file.set_len(self.segment.offset);
        self.segment = Segment::open(&self.layout, number, true)?;
        self.segment.named = true;
        reserve::at_leisure(&self.segment);
        self.take_in(&line, entry)?;
        let _ = fault::at("journal.rolled");
        Ok(())
    }

    /// Marks the journal poisoned, here and for everyone.
    pub(super) fn poison(&mut self, at: Timestamp, cause: &std::io::Error) -> JournalError {
        let error = poison::mark(&self.layout, at, cause);
        if let JournalError::Poisoned { why, .. } = &error {
            self.poisoned = Some(why.clone());
        }
        error
    }
}

fn out_of_space(e: &std::io::Error) -> bool {
    use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(e.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}
