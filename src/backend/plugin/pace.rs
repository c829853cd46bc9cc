//! How long a plugin may take for what, and how soon it is started again.
//!
//! The numbers of the protocol's page in one place; tests use shorter ones.

use super::super::pace::jitter;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// Over how long ends are counted.
const MEMORY: Duration = Duration::from_secs(600);
/// More ends than this in that time, and no watch starts it until they are fewer.
const MOST: usize = 5;

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How long it may take to greet.
    pub greeting: Duration,
    /// How often it is pinged, and how long it may take to answer.
    pub ping: (Duration, Duration),
    /// How long it has after it was cancelled, asked to shut down, hung up on, told to stop.
    pub grace: Duration,
    /// The pause after the first, second, … end; the last is that of all further ones.
    pub pauses: [Duration; 5],
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            greeting: super::handshake::LIMIT,
            ping: (Duration::from_secs(15), Duration::from_secs(5)),
            grace: Duration::from_secs(2),
            pauses: [1, 2, 5, 15, 60].map(Duration::from_secs),
        }
    }
}

/// When a plugin ended lately, and until when it rests.
#[derive(Debug, Default)]
pub struct Ends {
    at: VecDeque<Instant>,
    /// When it ended so often that no watch starts it any longer.
    left: Option<Instant>,
    until: Option<Instant>,
    why: String,
}

impl Ends {
    /// Notes an end; it rests for a jittered pause.
    pub fn note(&mut self, now: Instant, pace: &Pace, why: String) {
        self.at.push_back(now);
        self.forget(now);
        if self.at.len() > MOST {
            self.left.get_or_insert(now);
        }
        let nth = self.at.len().saturating_sub(1);
        let pause = pace.pauses.get(nth).or(pace.pauses.last()).copied().unwrap_or_default();
        self.until = now.checked_add(pause / 2 + jitter(pause / 2));
        self.why = why;
    }

    /// Why it is not started now, if it is not. Whoever really asks, not a watch that comes
    /// again by itself, is never kept waiting: what became of an operation must be found out.
    pub fn rests(&mut self, now: Instant, asked: bool) -> Option<String> {
        self.forget(now);
        let why = &self.why;
        match self.until {
            _ if asked => None,
            _ if self.at.len() > MOST => Some(self.left_alone(now)),
            Some(until) if now < until => {
                let left = until.saturating_duration_since(now).as_secs() + 1;
                Some(format!("{why}; it is started again in {left} s"))
            }
            _ => None,
        }
    }

    /// Why it is left alone, since when, and what ends that.
    fn left_alone(&self, now: Instant) -> String {
        // When so many of its ends are forgotten that they are no longer too many.
        let free = self.at.get(self.at.len().saturating_sub(MOST + 1)).map_or(now, |at| *at + MEMORY);
        let (times, since, until) = (self.at.len(), clock(self.left.unwrap_or(now), now), clock(free, now));
        format!(
            "it ended {times} times in ten minutes and has been left alone since {since}: no watch starts it before \
             {until}; whoever asks it something (a dialog about what it does, an operation, a probe) starts it at \
             once; the last time: {}",
            self.why
        )
    }

    fn forget(&mut self, now: Instant) {
        while self.at.front().is_some_and(|at| now.saturating_duration_since(*at) > MEMORY) {
            self.at.pop_front();
        }
        if self.at.len() <= MOST {
            self.left = None;
        }
    }
}

/// An instant by the clock on the wall.
fn clock(at: Instant, now: Instant) -> String {
    let wall = chrono::Utc::now();
    let wall = match at.checked_duration_since(now) {
        Some(ahead) => wall + ahead,
        None => wall - now.saturating_duration_since(at),
    };
    wall.format("%H:%M:%SZ").to_string()
}
