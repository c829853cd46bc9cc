//! What is kept of a secret that was refused, or of a helper that failed. Pure.
//!
//! Whoever only watches is given that answer for a while, so that a revoked token is not shown
//! a dozen times a second, which is how accounts are locked. What a person starts passes it.

use super::super::Fault;
use super::Secret;
use crate::domain::Timestamp;
use chrono::TimeDelta;

/// How long the first answer is kept.
const FIRST: TimeDelta = TimeDelta::seconds(10);
/// How long any is.
const LONGEST: TimeDelta = TimeDelta::seconds(60);

/// An answer that is kept.
pub struct Held {
    why: Fault,
    until: Timestamp,
    /// The value that was refused; none when none could be had.
    value: Option<Secret>,
    times: u32,
}

impl Held {
    /// The answer as of `now`, after the one that was kept before.
    pub fn after(before: Option<Self>, why: Fault, value: Option<Secret>, now: Timestamp) -> Self {
        match before {
            // Several were told at the same time.
            Some(held) if now < held.until => Self { why, value, ..held },
            before => {
                let times = before.map_or(0, |held| held.times.saturating_add(1));
                let wait = (FIRST * (1 << times.min(8))).min(LONGEST);
                Self { why, until: now + wait, value, times }
            }
        }
    }

    /// Whether it is still what is answered at `now`.
    pub fn lasts(&self, now: Timestamp) -> bool {
        now < self.until
    }

    /// Whether it says anything of this value.
    pub fn is_of(&self, secret: &Secret) -> bool {
        self.value.as_ref().is_some_and(|value| value.is(secret))
    }

    /// What is answered.
    pub fn why(&self) -> Fault {
        self.why.clone()
    }
}
