//! When what is only seen is drawn: at once while it comes now and then, less often while it goes on.
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

/// The pictures that were drawn.
#[derive(Debug)]
pub struct Frames {
    /// When the last one was drawn.
    last: Instant,
    /// Until when they are spent, were they [`EVERY`] apart.
    spent: Instant,
}

impl Frames {
    /// None so far.
    pub fn new(now: Instant) -> Self {
        Self { last: now, spent: now }
    }

    /// When the next one may be drawn for what is seen.
    pub fn due(&self) -> Instant {
        let budget = self.spent.checked_sub(EVERY * (AT_ONCE - 1));
        budget.map_or(self.last, |budget| budget.max(self.last)) + MOMENT
    }

    /// One was drawn, for a key or for what is seen.
    pub fn drawn(&mut self, now: Instant, pressed: bool) {
        self.last = now;
        if !pressed {
            self.spent = self.spent.max(now) + EVERY;
        }
    }
}
