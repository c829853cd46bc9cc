//! How many repeats a client may afford. Pure.
//!
//! Every request earns a tenth of a repeat, and a few may be saved up: however
//! many systems fail at once, they are not asked much more often than usual.

/// What a request earns.
const EARNED: f64 = 0.1;
/// How many repeats can be saved up, and how many there are at the beginning.
const SAVED: f64 = 3.0;

/// Repeats that can still be afforded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget(f64);

impl Default for Budget {
    fn default() -> Self {
        Self(SAVED)
    }
}

impl Budget {
    /// A request is sent that is no repeat.
    pub fn earn(&mut self) {
        self.0 = (self.0 + EARNED).min(SAVED);
    }

    /// Whether a repeat can be afforded; it is paid for then.
    pub fn spend(&mut self) -> bool {
        let can = self.0 >= 1.0;
        if can {
            self.0 -= 1.0;
        }
        can
    }
}

/// At most so many requests a second on average, with some at once. Pure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    tokens: f64,
    at: std::time::Duration,
}

/// Requests a second.
const RATE: f64 = 50.0;
/// Requests at once.
const BURST: f64 = 100.0;

impl Default for Pace {
    fn default() -> Self {
        Self { tokens: BURST, at: std::time::Duration::ZERO }
    }
}

impl Pace {
    /// Takes a place in the queue at `now`; how long to wait for it.
    pub fn take(&mut self, now: std::time::Duration) -> std::time::Duration {
        let passed = now.saturating_sub(self.at).as_secs_f64();
        self.tokens = (self.tokens + passed * RATE).min(BURST) - 1.0;
        self.at = self.at.max(now);
        std::time::Duration::from_secs_f64((-self.tokens / RATE).max(0.0))
    }
}
