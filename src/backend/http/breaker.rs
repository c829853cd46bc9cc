//! A circuit breaker for one host. Pure: time is an argument.
//!
//! After some failures in a row nothing is asked for a while; then one question
//! tries whether the host is back. What a person asked for passes it.

use std::time::Duration;

/// How many failures in a row open it.
const FAILURES: u32 = 5;
/// The first pause, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(60));
/// How long the one question that tries may take before another may try.
const TRIAL: Duration = Duration::from_secs(30);

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
                (self.until, self.trial) = (Some(now + TRIAL), true);
                Ok(())
            }
            None => Ok(()),
        }
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
        let bound = PAUSE.0.saturating_mul(1 << self.opened.min(8)).min(PAUSE.1);
        (self.opened, self.trial) = (self.opened.saturating_add(1), false);
        self.until = Some(now + bound.mul_f64(0.5 + random.clamp(0.0, 1.0) / 2.0));
    }

    /// Whether it is open, or being tried.
    pub fn is_open(&self) -> bool {
        self.until.is_some()
    }
}
