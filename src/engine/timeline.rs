//! A stretch of the journal, and the ledger after any of its entries.
//!
//! The same fold as everywhere, stopped where one wants: a ledger is kept every
//! so many entries, so that going back folds a few and not all. It reads no file
//! and changes nothing; replay has no effects.

pub mod jump;
pub mod notable;

use super::ledger::{Illegal, Ledger};
use crate::domain::Timestamp;
use crate::domain::entry::Entry;

/// After how many entries a ledger is kept.
const EVERY: usize = 500;

/// Entries in order, and the ledger after any number of them.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    entries: Vec<Entry>,
    /// The ledger before the first entry, and after every [`EVERY`] entries.
    kept: Vec<Ledger>,
    /// The ledger after the last entry.
    head: Ledger,
}

impl Timeline {
    /// A history that begins after the lines that made `before`.
    pub fn after(before: Ledger) -> Self {
        Self { entries: Vec::new(), kept: vec![before.clone()], head: before }
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// When it cannot follow; then the history stays as it was.
    pub fn push(&mut self, entry: Entry) -> Result<(), Illegal> {
        if let Err(illegal) = self.head.apply(&entry) {
            self.head = self.ledger(self.entries.len());
            return Err(illegal);
        }
        self.entries.push(entry);
        if self.entries.len().is_multiple_of(EVERY) {
            self.kept.push(self.head.clone());
        }
        Ok(())
    }

    /// Every entry, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The ledger after the last entry.
    pub fn head(&self) -> &Ledger {
        &self.head
    }

    /// The ledger after the first `n` entries; after all of them when there are fewer.
    pub fn ledger(&self, n: usize) -> Ledger {
        let n = n.min(self.entries.len());
        let mut ledger = self.kept.get(n / EVERY).cloned().unwrap_or_default();
        for entry in self.entries.iter().take(n).skip(n / EVERY * EVERY) {
            // It was folded before it was taken in, so it can follow.
            let _ = ledger.apply(entry);
        }
        ledger
    }

    /// How many entries were decided at or before an instant.
    pub fn until(&self, at: Timestamp) -> usize {
        self.entries.partition_point(|entry| entry.at <= at)
    }

    /// How many entries there are up to and with a line; those before it when it is not among them.
    pub fn through(&self, seq: u64) -> usize {
        self.entries.partition_point(|entry| entry.seq <= seq)
    }
}
