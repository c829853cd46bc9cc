//! The chain: the fold of all lines so far, and the digest the next one must name.
//!
//! A line is believed only when it is well-formed, names the digest of the line
//! before, is not earlier than it, and the engine accepts its facts.

use crate::domain::digest::Digest;
use crate::domain::entry::Entry;
use crate::domain::fact::{FORMAT, Fact};
use crate::domain::text::visible;
use crate::engine::Ledger;

/// Everything up to a line.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    /// The fold.
    pub ledger: Ledger,
    /// Digest of the last line; zeros before the first.
    pub last: Digest,
}

/// Why a line is not believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It does not name the digest of the line before: one of the two was changed.
    Link,
    /// Something in the line itself.
    Line(String),
    /// Its facts were partly folded: the ledger must not be used any more.
    Illegal(String),
}

impl Chain {
    /// The chain before the first line of a segment after the first: what that
    /// line says of its place is taken at its word.
    pub fn before(first: &Entry) -> Self {
        let ledger = Ledger { seq: first.seq.saturating_sub(1), ..Ledger::default() };
        Self { ledger, last: first.prev }
    }

    /// Folds a line with its newline in; `first` says that it begins a segment.
    pub fn accept(&mut self, line: &[u8], first: bool) -> Result<Entry, Doubt> {
        let entry = parse(line).map_err(Doubt::Line)?;
        if entry.prev != self.last {
            return Err(Doubt::Link);
        }
        self.accept_parsed(&entry, first)?;
        self.last = Digest::of_bytes(line);
        Ok(entry)
    }

    /// Folds an entry in whose link was checked, or is being made.
    pub fn accept_parsed(&mut self, entry: &Entry, first: bool) -> Result<(), Doubt> {
        if entry.seq != self.ledger.seq + 1 {
            return Err(Doubt::Line(format!("is number {} and follows number {}", entry.seq, self.ledger.seq)));
        }
        if entry.at < self.ledger.at {
            return Err(Doubt::Line(format!("is of {}, earlier than the line before", entry.at)));
        }
        if first != opens_segment(entry) {
            return Err(Doubt::Line(match first {
                true => "does not begin a segment: it carries no ledger".to_owned(),
                false => "begins a segment and is in the middle of one".to_owned(),
            }));
        }
        self.ledger.apply(entry).map_err(|illegal| Doubt::Illegal(illegal.why))?;
        if self.ledger.format > FORMAT {
            return Err(Doubt::Illegal(format!(
                "raises the format to {}; this program knows {FORMAT}: use a newer holdpoint",
                self.ledger.format
            )));
        }
        Ok(())
    }
}

/// Reads one line; the error says what is wrong with it, harmless to show.
pub fn parse(line: &[u8]) -> Result<Entry, String> {
    serde_json::from_slice(line).map_err(|e| format!("cannot be read: {}", visible(&e.to_string())))
}

fn opens_segment(entry: &Entry) -> bool {
    entry.facts.iter().any(|fact| matches!(fact, Fact::Genesis { .. } | Fact::Carried(_)))
}
