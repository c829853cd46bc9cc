//! Keys of a sequence that has begun and not ended: `g` of `g g`.
//!
//! It is shown while it waits and gives up by itself; a beginning never does
//! anything alone.

use super::terminal::Key;
use std::time::Duration;

/// How long the next key of a sequence is waited for.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// The beginning of a sequence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    keys: Vec<Key>,
    since: Duration,
}

impl Pending {
    /// Takes one more key at a reading of the clock that never jumps; all keys that count now.
    pub fn push(&mut self, key: Key, uptime: Duration) -> &[Key] {
        self.tick(uptime);
        self.keys.push(key);
        self.since = uptime;
        &self.keys
    }

    /// Gives up when the next key was waited for too long.
    pub fn tick(&mut self, uptime: Duration) {
        if uptime.saturating_sub(self.since) >= PATIENCE {
            self.keys.clear();
        }
    }

    /// Forgets what has begun; whether there was something.
    pub fn clear(&mut self) -> bool {
        let some = !self.keys.is_empty();
        self.keys.clear();
        some
    }

    /// The keys that wait for the next one at an instant.
    pub fn keys(&self, uptime: Duration) -> &[Key] {
        if uptime.saturating_sub(self.since) >= PATIENCE { &[] } else { &self.keys }
    }
}
