//! Committing: lock, catch up, decide on that ledger, append one line, fsync, unlock.
//!
//! A decision is made under the lock on everything that is true, so nothing is
//! checked first and used later. What it decided is durable before anyone hears
//! of it.

use super::append::with;
use super::error::JournalError;
use super::layout::sync_dir;
use super::liveness::Liveness;
use super::lock::Held;
use super::poison;
use super::segment::same_file;
use super::store::Journal;
use super::torn;
use crate::domain::Timestamp;
use crate::domain::entry::{By, Draft, Entry};
use crate::domain::fact::Fact;
use crate::domain::session::{Origin, SessionId};
use crate::engine::Ledger;
use crate::fault;

/// What a commit did.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Committed {
    /// Every line since the caller last heard, in order: what others appended, a
    /// segment's first line, and last the caller's own.
    pub entries: Vec<Entry>,
    /// Number of the caller's own line; none when it decided nothing.
    pub own: Option<u64>,
}

impl Committed {
    /// The caller's own line.
    pub fn own(&self) -> Option<&Entry> {
        self.entries.last().filter(|entry| Some(entry.seq) == self.own)
    }
}

/// A session that was opened.
#[derive(Debug)]
pub struct Opened {
    /// What the session's lines are signed with.
    pub by: By,
    /// Keeps the session alive; to be dropped after its last line.
    pub liveness: Liveness,
    /// The lines read and written.
    pub committed: Committed,
}

impl Journal {
    /// Makes one decision: `decide` sees the caught-up ledger and the instant that
    /// will stand in the line, never earlier than the line before.
    ///
    /// On an error nothing of the decision is there; lines that were read come with
    /// the next call.
    pub fn commit(
        &mut self,
        now: impl Fn() -> Timestamp,
        by: By,
        decide: impl FnOnce(&Ledger, Timestamp) -> Option<Draft>,
    ) -> Result<Committed, JournalError> {
        let held = self.take_lock()?;
        let at = self.made_ready(&now, &by)?;
        let own = match decide(&self.chain.ledger, at) {
            Some(draft) => Some(self.write_down(at, by, draft)?),
            None => None,
        };
        Ok(self.committed(held, own))
    }

    /// Opens a session: its line is signed `person#` and its own number, and its
    /// liveness file is held before anyone can read that line.
    pub fn open_session(&mut self, now: impl Fn() -> Timestamp, origin: Origin) -> Result<Opened, JournalError> {
        let held = self.take_lock()?;
        let nobody = By { person: origin.person.clone(), session: SessionId(0) };
        let at = self.made_ready(&now, &nobody)?;
        let by = By { session: SessionId(self.chain.ledger.seq + 1), ..nobody };
        fault_at("journal.alive", self)?;
        let liveness = Liveness::hold(&self.layout, by.session)?;
        let _ = fault::at("journal.session");
        let own = self.write_down(at, by.clone(), with("open", vec![Fact::SessionOpened(Box::new(origin))]))?;
        Ok(Opened { by, liveness, committed: self.committed(held, Some(own)) })
    }

    pub(super) fn take_lock(&mut self) -> Result<Held, JournalError> {
        if let Some(broken) = &self.broken {
            return Err(JournalError::Broken(broken.clone()));
        }
        if let Some(why) = &self.poisoned {
            return Err(JournalError::Poisoned { path: self.layout.poisoned(), why: why.clone() });
        }
        let wait = self.limits.lock_wait;
        self.writing.as_mut().ok_or(JournalError::ViewOnly)?.lock.take(wait)
    }

    /// Everything that precedes a decision under the lock; returns its instant.
    fn made_ready(&mut self, now: &impl Fn() -> Timestamp, by: &By) -> Result<Timestamp, JournalError> {
        fault_at("journal.locked", self)?;
        poison::check(&self.layout)?;
        if !same_file(&self.segment.file, &self.segment.path)? {
            return Err(self.start_again()?);
        }
        self.follow()?;
        self.aside.extend(torn::set_aside(&self.layout, &self.segment)?);
        if !self.segment.named {
            // Whoever made this segment may have died before its name was durable.
            sync_dir(&self.layout.journal())?;
            self.segment.named = true;
        }
        fault_at("journal.caught-up", self)?;
        let at = now().max(self.chain.ledger.at);
        self.roll_if_due(at, by)?;
        Ok(at)
    }

    fn write_down(&mut self, at: Timestamp, by: By, draft: Draft) -> Result<u64, JournalError> {
        let entry = self.entry(at, by, draft);
        self.append(&entry)?;
        Ok(entry.seq)
    }

    fn committed(&mut self, held: Held, own: Option<u64>) -> Committed {
        drop(held);
        // The line is durable: only dying means anything here.
        let _ = fault::at("journal.unlocked");
        Committed { entries: std::mem::take(&mut self.unpublished), own }
    }
}

fn fault_at(point: &'static str, journal: &Journal) -> Result<(), JournalError> {
    use super::error::During;
    fault::at(point).during("append to", &journal.segment.path)
}
