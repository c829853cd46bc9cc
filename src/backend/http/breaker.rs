//! A circuit breaker for one host. Pure: time is an argument.
//!
//! After some failures in a row nothing is asked for a while; then one question
//! tries whether the host is back. What a person asked for passes it.

use super::recovery::{LOOK, WATCHED};
use std::time::Duration;

/// How many failures in a row open it.
const FAILURES: u32 = 5;
/// The first pause.
const FIRST: Duration = Duration::from_secs(5);
/// The longest pause.
pub const LONGEST: Duration = Duration::from_secs(15);

/// What is known of a host's answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Breaker {
    failures: u32,
    opened: u32,
    until: Option<Duration>,
    /// Whether one question has been let through to try.
    trial: bool,
}

impl Breaker {
    /// Whether a question may be asked at `now`.
    ///
    /// # Errors
    /// How long it stays open.
    pub fn ask(&mut self, now: Duration) -> Result<(), Duration> {
        match self.until {
            Some(until) if now < until => Err(until - now),
            Some(_) => {
                // Half open: the others wait until this one has been answered.
                (self.until, self.trial) = (Some(now + WATCHED), true);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// When to look again at `now`, while a question would not be let through.
    pub fn left(&self, now: Duration) -> Option<Duration> {
        let left = self.until.filter(|until| now < *until)? - now;
        // The one that tries may be answered at any time.
        Some(if self.trial { left.min(LOOK) } else { left })
    }

    /// The host answered.
    pub fn succeed(&mut self) {
        *self = Self::default();
    }

    /// The host failed at `now`; `random` in 0..1 spreads those who wait for it. What was under
    /// way when it opened says nothing new: only the one that tries makes the pause longer.
    pub fn fail(&mut self, now: Duration, random: f64) {
        if self.is_open() && !self.trial {
            return;
        }
        self.failures = self.failures.saturating_add(1);
        if self.failures < FAILURES && self.until.is_none() {
            return;
        }
        let bound = FIRST.saturating_mul(1 << self.opened.min(8)).min(LONGEST);
        (self.opened, self.trial) = (self.opened.saturating_add(1), false);
        self.until = Some(now + bound.mul_f64(0.5 + random.clamp(0.0, 1.0) / 2.0));
    }

    /// Whether it is open, or being tried.
    pub fn is_open(&self) -> bool {
        self.until.is_some()
    }
}
