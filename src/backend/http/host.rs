//! What is known of a host, whoever speaks to it: breaker, budget, pace, clock.
//!
//! Shared by the clients of one backend; held for a few instructions, never
//! while anything is awaited.

use super::breaker::Breaker;
use super::budget::{Budget, Pace};
use super::{recovery, retry_after};
use crate::domain::Timestamp;
use crate::domain::clock::Told;
use crate::domain::span::Span;
use chrono::{TimeDelta, Utc};
use reqwest::header::HeaderMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What is known of a host. Cheap to clone; copies share it.
#[derive(Clone, Debug)]
pub struct Host(Arc<Mutex<Known>>);

#[derive(Debug)]
struct Known {
    began: Instant,
    breaker: Breaker,
    budget: Budget,
    pace: Pace,
    quiet: Option<Quiet>,
    clock: Told,
}

/// That it asked to be left alone: when, and until when.
#[derive(Clone, Copy, Debug)]
struct Quiet {
    at: Duration,
    until: Duration,
}

impl Known {
    fn quiet_left(&self, now: Duration) -> Option<Duration> {
        self.quiet.filter(|quiet| now < quiet.until).map(|quiet| quiet.until - now)
    }

    fn asked_for_quiet(&self, now: Duration) -> Result<(), String> {
        let Some(left) = self.quiet_left(now) else { return Ok(()) };
        let left = Span::secs(left.as_secs() + 1);
        Err(format!("it asked not to be asked again for another {left}"))
    }

    fn turn(&mut self, now: Duration, repeat: bool) -> Duration {
        if !repeat {
            self.budget.earn();
        }
        self.pace.take(now)
    }
}

impl Default for Host {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Known {
            began: Instant::now(),
            breaker: Breaker::default(),
            budget: Budget::default(),
            pace: Pace::default(),
            quiet: None,
            clock: Told::default(),
        })))
    }
}

impl Host {
    fn with<T>(&self, what: impl FnOnce(&mut Known, Duration) -> T) -> T {
        // What a panic elsewhere left behind is still what is known.
        let mut known = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let now = known.began.elapsed();
        what(&mut known, now)
    }

    /// How long a read has to wait for its turn.
    ///
    /// # Errors
    /// Why it is not to be sent at all now.
    pub fn admit(&self, repeat: bool) -> Result<Duration, String> {
        self.with(|known, now| {
            known.asked_for_quiet(now)?;
            known.breaker.ask(now).map_err(|left| {
                let left = Span::secs(left.as_secs() + 1);
                format!("it failed too often in a row; it is asked again in {left}")
            })?;
            Ok(known.turn(now, repeat))
        })
    }

    /// The same for what is neither a trial nor a failure: it waits until others have found the host well.
    ///
    /// # Errors
    /// Why it is not to be sent at all now.
    pub fn admit_aside(&self) -> Result<Duration, String> {
        self.with(|known, now| {
            known.asked_for_quiet(now)?;
            match known.breaker.is_open() {
                true => Err("it failed too often in a row, and has not been found well since".to_owned()),
                false => Ok(known.turn(now, true)),
            }
        })
    }

    /// Takes note of what a person waits for. It is sent at once, and what is not has to wait the longer.
    pub fn turn(&self, repeat: bool) {
        self.with(|known, now| known.turn(now, repeat));
    }

    /// Whether a repeat can be afforded; it is paid for then.
    pub fn repeat(&self) -> bool {
        self.with(|known, _| known.budget.spend())
    }

    /// It answered, well or with a no, what was asked then. That it was to be left alone is over
    /// where it was asked after it said so.
    pub fn answered(&self, asked: Instant) {
        self.with(|known, _| {
            known.breaker.succeed();
            let asked = asked.saturating_duration_since(known.began);
            known.quiet = known.quiet.filter(|quiet| asked < quiet.at);
        });
    }

    /// How long a watch has to wait before it may be let through, while it would not be.
    pub fn left(&self) -> Option<Duration> {
        self.with(|known, now| known.quiet_left(now).max(known.breaker.left(now)))
    }

    /// When a watch asks next after a fault: as it would itself, unless it may be let through before.
    pub fn sooner(&self, next: tokio::time::Instant) -> tokio::time::Instant {
        let now = tokio::time::Instant::now();
        now + recovery::pause(next.saturating_duration_since(now), self.left())
    }

    /// How long it asked to be left alone still, if it did.
    pub fn rests(&self) -> Option<Duration> {
        self.with(|known, now| known.quiet_left(now))
    }

    /// It failed, or could not be reached.
    pub fn failed(&self) {
        self.with(|known, now| known.breaker.fail(now, random()));
    }

    /// It asked to be left alone for so long.
    pub fn quiet(&self, wait: Duration) {
        self.with(|known, now| known.quiet = Some(Quiet { at: now, until: now.saturating_add(wait) }));
    }

    /// The same as it asked with an answer. What stands before a host that fails may not know when it is back.
    pub fn hush(&self, wait: Duration, failure: bool) {
        self.quiet(if failure { wait.min(recovery::QUIET) } else { wait });
    }

    /// How long an answer asks to wait before the next question; a date is one of its own clock.
    pub fn wait(&self, headers: &HeaderMap) -> Option<Duration> {
        let now = Utc::now() + self.skew().unwrap_or_default();
        retry_after::wait(headers.get("retry-after")?.to_str().ok()?, now)
    }

    /// Takes note of what the headers of an answer tell of its clock.
    pub fn told(&self, headers: &HeaderMap, asked: Timestamp) {
        // An answer from a cache carries the date at which it was made.
        let aged = headers.contains_key("age");
        if let Some(date) = headers.get("date").and_then(|date| date.to_str().ok()).filter(|_| !aged) {
            self.dated(date, asked, Utc::now());
        }
    }

    /// Takes note of its `Date`.
    pub fn dated(&self, header: &str, asked: Timestamp, answered: Timestamp) {
        if let Some(date) = retry_after::date(header) {
            let skew = retry_after::skew(date, asked, answered);
            self.with(|known, now| known.clock.tell(now, skew));
        }
    }

    /// By how much its clock was ahead of ours in its last answer, if it has told: for reckoning with its dates.
    pub fn skew(&self) -> Option<TimeDelta> {
        self.with(|known, _| known.clock.last())
    }

    /// The furthest that it told lately: for judging whether the clocks agree. See [`Told`].
    pub fn furthest(&self) -> Option<TimeDelta> {
        self.with(|known, _| known.clock.furthest())
    }
}

/// A random number in 0..1.
pub fn random() -> f64 {
    f64::from(getrandom::u32().unwrap_or(u32::MAX / 2)) / (f64::from(u32::MAX) + 1.0)
}
