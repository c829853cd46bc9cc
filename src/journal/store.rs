//! The journal as one process has it open: how far it has read, and the fold of that.
//!
//! [`Journal::catch_up`] reads what others appended, without the lock and only
//! up to the last newline. Appending is in `commit`.

use super::chain::Chain;
use super::error::{Break, During, JournalError};
use super::layout::Layout;
use super::lines::Lines;
use super::liveness::dead_sessions;
use super::lock::LockFile;
use super::segment::{self, Segment};
use super::tip::{Tip, TipFile};
use super::torn::SetAside;
use crate::domain::digest::Digest;
use crate::domain::entry::Entry;
use crate::domain::journal_id::JournalId;
use crate::domain::session::SessionId;
use crate::engine::Ledger;
use std::time::Duration;

/// How many bytes a catch-up reads at a time.
const SIP: usize = 64 << 10;

/// What a journal is limited by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A new segment begins when the lines after a segment's first exceed this many bytes.
    pub segment_bytes: u64,
    /// How long a commit waits for the append lock.
    pub lock_wait: Duration,
}

impl Default for Limits {
    /// 4 MiB and 2 s. A verb reads the last segment whole before it can answer:
    /// at 100 MB/s, far below what a release build folds, 4 MiB keep that in 50 ms
    /// however long the journal has become.
    fn default() -> Self {
        Self { segment_bytes: 4 << 20, lock_wait: Duration::from_secs(2) }
    }
}

/// What a process that may append keeps open.
#[derive(Debug)]
pub(super) struct Writing {
    pub(super) lock: LockFile,
    pub(super) tip: TipFile,
}

/// A journal, open for acting or for viewing.
#[derive(Debug)]
pub struct Journal {
    pub(super) layout: Layout,
    pub(super) limits: Limits,
    pub(super) segment: Segment,
    pub(super) chain: Chain,
    /// None when it was opened for viewing.
    pub(super) writing: Option<Writing>,
    pub(super) broken: Option<Break>,
    /// A poisoning that this process met, in case the marker could not be made.
    pub(super) poisoned: Option<String>,
    /// Entries read or written and not yet handed to the caller.
    pub(super) unpublished: Vec<Entry>,
    pub(super) keys: Option<Digest>,
    pub(super) aside: Vec<SetAside>,
}

impl Journal {
    /// Everything that is true as of the last line read.
    pub fn ledger(&self) -> &Ledger {
        &self.chain.ledger
    }

    /// The journal's id; none when its first line cannot be believed.
    pub fn id(&self) -> Option<&JournalId> {
        self.chain.ledger.journal.as_ref()
    }

    /// Where its files lie.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Why it can only be viewed, if a line cannot be believed.
    pub fn broken(&self) -> Option<&Break> {
        self.broken.as_ref()
    }

    /// Whether it was opened for acting and nothing stands against it.
    pub fn writable(&self) -> bool {
        self.writing.is_some() && self.broken.is_none() && self.poisoned.is_none()
    }

    /// The sessions that are open in the ledger and proved dead.
    pub fn dead_sessions(&self) -> Vec<SessionId> {
        dead_sessions(&self.layout, &self.chain.ledger)
    }

    /// Replaces its limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Sets the head of the session's navigation key log, which lines carry from now on.
    pub fn set_keys(&mut self, head: Option<Digest>) {
        self.keys = head;
    }

    /// The torn lines this process has set aside since the last time this was asked.
    pub fn set_aside(&mut self) -> Vec<SetAside> {
        std::mem::take(&mut self.aside)
    }

    /// Reads what others have appended, up to the last newline, and folds it.
    ///
    /// Cheap when nothing changed: two questions about files. On
    /// [`JournalError::CutBack`] lines handed out earlier are void and the caller
    /// starts again from [`Journal::ledger`]; on [`JournalError::Broken`] no more
    /// lines will come.
    pub fn catch_up(&mut self) -> Result<Vec<Entry>, JournalError> {
        match self.follow() {
            // What was believed comes first; a standing trouble is met again next time.
            Err(e) if self.unpublished.is_empty() || matches!(e, JournalError::CutBack { .. }) => Err(e),
            _ => Ok(std::mem::take(&mut self.unpublished)),
        }
    }

    pub(super) fn follow(&mut self) -> Result<(), JournalError> {
        if let Some(broken) = &self.broken {
            return Err(JournalError::Broken(broken.clone()));
        }
        loop {
            // Asked before reading: once the next one exists this one is at its end.
            let next = self.layout.segment(self.segment.number.saturating_add(1));
            let rolled = next.try_exists().during("look for", &next)?;
            self.read_new()?;
            if !rolled {
                return Ok(());
            }
            self.enter_next()?;
        }
    }

    fn read_new(&mut self) -> Result<(), JournalError> {
        let length = self.segment.file.metadata().during("look at", &self.segment.path)?.len();
        if length < self.segment.offset {
            return Err(self.start_again()?);
        }
        if length == self.segment.offset {
            return Ok(());
        }
        let file = self.segment.file.try_clone().during("open", &self.segment.path)?;
        let mut lines = Lines::new(&file, self.segment.offset, SIP);
        while let Some(line) = lines.next_line().during("read", &self.segment.path)? {
            match self.chain.accept(line, self.segment.lines == 0) {
                Ok(entry) => {
                    self.segment.passed(line.len(), entry.at);
                    self.unpublished.push(entry);
                }
                Err(doubt) => {
                    let broken = self.segment.blame(&doubt, Tip::read(&self.layout)?)?;
                    self.reload()?;
                    self.broken = Some(self.broken.take().unwrap_or_else(|| broken.clone()));
                    return Err(JournalError::Broken(broken));
                }
            }
        }
        Ok(())
    }

    fn enter_next(&mut self) -> Result<(), JournalError> {
        let length = self.segment.file.metadata().during("look at", &self.segment.path)?.len();
        if length != self.segment.offset {
            let broken = self.segment.broken("has no end, and a further segment follows");
            self.broken = Some(broken.clone());
            return Err(JournalError::Broken(broken));
        }
        self.segment = Segment::open(&self.layout, self.segment.number.saturating_add(1), self.writing.is_some())?;
        Ok(())
    }

    /// Folds the last segment anew, because what is in memory may not be what is on disk.
    pub(super) fn reload(&mut self) -> Result<(), JournalError> {
        let number = segment::last(&self.layout)?.unwrap_or(self.segment.number);
        let mut segment = Segment::open(&self.layout, number, self.writing.is_some())?;
        let (chain, broken) = segment.fold(Tip::read(&self.layout)?, u64::MAX)?;
        let last = chain.ledger.seq;
        self.unpublished.retain(|entry| entry.seq <= last);
        (self.segment, self.chain, self.broken) = (segment, chain, broken);
        Ok(())
    }

    /// Reads everything again after lines vanished, and says so.
    pub(super) fn start_again(&mut self) -> Result<JournalError, JournalError> {
        let file = self.segment.path.clone();
        self.reload()?;
        Ok(JournalError::CutBack { file, last: self.chain.ledger.seq })
    }
}
