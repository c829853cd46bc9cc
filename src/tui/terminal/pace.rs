//! How quickly a terminal takes what it is sent, and how long it is left alone for it.
//!
//! Told when writes begin and end; pure, the time is an argument. Pictures of what is only
//! seen leave the line free most of the time, so that a key's picture waits for as little as
//! can be. What the kernel and a link swallow before they block cannot be seen from here: a
//! write that waited is therefore forgotten slowly, and a line that is full already stays late.

use std::time::{Duration, Instant};

/// So many times as long as a write took, the line is left alone after it.
const SHARE: u32 = 3;
/// The longest that it is left alone. On the slowest lines a whole picture takes ten seconds:
/// less would fill what lies between, and show a picture that is older still.
pub const LONGEST: Duration = Duration::from_secs(20);

/// What is known of the writes so far.
#[derive(Debug, Default)]
pub struct Pace {
    took: Duration,
    since: Option<Instant>,
    free: Option<Instant>,
}

impl Pace {
    /// A write begins.
    pub fn begins(&mut self, now: Instant) {
        self.since = Some(now);
    }

    /// The write has ended; a quick one takes a quarter off what a slow one said.
    pub fn ends(&mut self, now: Instant) {
        let Some(since) = self.since.take() else { return };
        self.took = now.saturating_duration_since(since).max(self.took / 4 * 3);
        self.free = now.checked_add(self.took.saturating_mul(SHARE).min(LONGEST));
    }

    /// How long a picture that may wait still has to, [`LONGEST`] at most: until the end of
    /// the write that is under way and a while after it.
    pub fn rest(&self, now: Instant) -> Duration {
        match (self.since, self.free) {
            (Some(_), _) => LONGEST,
            (None, Some(free)) => free.saturating_duration_since(now),
            (None, None) => Duration::ZERO,
        }
    }
}
