//! When what is only seen is drawn: soon while it comes now and then, less often while it goes on.
//!
//! Data in, data out. Pictures for what is seen have a budget; what comes while nothing of it is left waits
//! for the next one and is drawn with everything that came meanwhile. Keys are drawn at once, whatever is left.

use std::time::{Duration, Instant};

/// What comes within this is drawn together.
const MOMENT: Duration = Duration::from_millis(10);
/// How often one is drawn while it goes on.
const EVERY: Duration = Duration::from_millis(200);
/// How many may follow one another before that.
const AT_ONCE: u32 = 5;
/// How long what comes is gathered where none could be drawn, because the terminal is slow.
const REST: Duration = Duration::from_millis(100);

/// The pictures that were drawn.
#[derive(Debug)]
pub struct Frames {
    /// Until when they are spent, were they [`EVERY`] apart.
    spent: Instant,
    /// Until when what comes is gathered whatever is left.
    rests: Instant,
}

impl Frames {
    /// None so far.
    pub fn new(now: Instant) -> Self {
        Self { spent: now, rests: now }
    }

    /// When the next one may be drawn for what has been seen since then.
    pub fn due(&self, since: Instant) -> Instant {
        (since + MOMENT).max(self.free(since))
    }

    /// When the next one may be drawn because a second has begun: nothing more comes of waiting for that.
    pub fn free(&self, since: Instant) -> Instant {
        let budget = self.spent.checked_sub(EVERY * (AT_ONCE - 1));
        self.rests.max(budget.unwrap_or(since)).max(since)
    }

    /// One was drawn for what is seen.
    pub fn drawn(&mut self, now: Instant) {
        self.spent = self.spent.max(now) + EVERY;
    }

    /// None could be drawn.
    pub fn rest(&mut self, now: Instant) {
        self.rests = now + REST;
    }
}
