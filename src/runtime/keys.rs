//! The navigation keys of this session on their way into its key log.
//!
//! A key is written when it comes and made durable with the next decision or a
//! moment later. A log that cannot be written is said and stops nothing: its
//! keys wait and are written, in their order, once it can.

use crate::domain::digest::Digest;
use crate::domain::session::SessionId;
use crate::journal::{JournalError, KeyLog, Layout, Pressed};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How long a key may be written and not yet durable.
const SYNC: Duration = Duration::from_millis(250);
/// How many keys wait for a log that cannot be written; the oldest give way.
const WAITING: usize = 1_000;

/// The keys of a session and their log, which begins with the first key.
#[derive(Default)]
pub(super) struct Keys {
    log: Option<KeyLog>,
    waiting: VecDeque<Pressed>,
    /// Since when something written is not durable.
    dirty: Option<Instant>,
    lost: u64,
    /// Why the log could not be made durable; that cannot be mended by trying again.
    unsynced: Option<String>,
}

impl Keys {
    /// Takes a key and writes it; why not, if it cannot be written.
    pub(super) fn pressed(&mut self, layout: &Layout, session: SessionId, key: Pressed) -> Result<(), String> {
        if self.waiting.len() >= WAITING {
            self.waiting.pop_front();
            self.lost += 1;
        }
        self.waiting.push_back(key);
        self.write(layout, session)?;
        // A log that could not be made durable once is not well because a key was written.
        self.unsynced.clone().map_or(Ok(()), Err)
    }

    /// Writes what waits.
    pub(super) fn write(&mut self, layout: &Layout, session: SessionId) -> Result<(), String> {
        while let Some(key) = self.waiting.front() {
            let log = match &mut self.log {
                Some(log) => log,
                log => log.insert(KeyLog::open(layout, session).map_err(|e| said(&e, self.lost))?),
            };
            log.append(key.clone()).map_err(|e| said(&e, self.lost))?;
            self.waiting.pop_front();
            self.dirty.get_or_insert_with(Instant::now);
        }
        Ok(())
    }

    /// Writes what waits and makes everything written durable.
    pub(super) fn sync(&mut self, layout: &Layout, session: SessionId) -> Result<(), String> {
        let written = self.write(layout, session);
        if self.dirty.take().is_some()
            && let Some(Err(error)) = self.log.as_mut().map(KeyLog::sync)
        {
            self.unsynced = Some(said(&error, self.lost));
        }
        written.and(self.unsynced.clone().map_or(Ok(()), Err))
    }

    /// How long until what is written must be durable; none when all is.
    pub(super) fn due_in(&self) -> Option<Duration> {
        self.dirty.map(|since| SYNC.saturating_sub(since.elapsed()))
    }

    /// The digest of the last key that was written.
    pub(super) fn head(&self) -> Option<Digest> {
        self.log.as_ref().and_then(KeyLog::head)
    }
}

fn said(error: &JournalError, lost: u64) -> String {
    let lost = if lost > 0 { format!("; {lost} keys are lost") } else { String::new() };
    format!("keys are not logged: {error}{lost}; decisions are journaled as before")
}
