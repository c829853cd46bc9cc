//! The readings of a signal: the newest one by one, hours minute by minute, days more coarsely.
//!
//! What is kept is bounded, and takes the less room the more it says the same; what was not read is missing, never
//! filled in.

mod minutes;
mod readings;
mod runs;

pub use minutes::Minutes;
pub use readings::Readings;

use super::Timestamp;
use super::observed::{Quality, quality};
use super::span::Span;
use serde::{Deserialize, Serialize};

/// How many readings of a signal are kept for `for` guards and sparklines.
pub const SERIES: usize = 240;

/// For how many minutes the mean of each is kept: six hours, for what burns slowly.
pub const MINUTES: usize = 360;

/// The distance of the values that tell of days.
pub const LONG: Span = Span::mins(10);

/// The length of the values that tell of an objective's whole period.
pub const HOUR: Span = Span::mins(60);

/// How far back the values that tell of days reach.
pub const DAYS: Span = Span::mins(3 * 24 * 60);

/// One reading of a signal.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// When it was taken: when its answer came, by our clock; where a backend dates it, so much earlier as it was old.
    pub at: Timestamp,
    /// The number, in the signal's base unit.
    pub value: f64,
    /// How many events it rests on; `u64::MAX` for gauges and probes.
    pub events: u64,
}

/// What the readings of one minute come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Minute {
    /// The minute, counted from the epoch.
    pub minute: i64,
    /// The mean of its readings, each weighing as many events as it rests on.
    pub mean: f32,
    /// The weight of that mean: its events, or its readings where no events are counted.
    pub weight: f32,
}

impl Minute {
    /// A minute with one reading.
    pub fn of(reading: &Reading) -> Self {
        let weight = if reading.events == u64::MAX { 1.0 } else { reading.events as f32 };
        Self { minute: reading.at.timestamp().div_euclid(60), mean: reading.value as f32, weight }
    }

    /// Takes in another of the same minute.
    fn add(&mut self, other: Self) {
        let weight = self.weight + other.weight;
        if weight > 0.0 {
            self.mean += (other.mean - self.mean) * other.weight / weight;
        }
        self.weight = weight;
    }
}

/// The readings of one signal at one place, oldest first, at most [`SERIES`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// The readings.
    pub readings: Readings,
    /// What they come to minute by minute, oldest first, at most [`MINUTES`];
    /// a minute in which nothing could be read is missing.
    pub minutes: Minutes,
    /// The first minute that was read, counted from the epoch; what comes before it is remembered by the source, and
    /// weighs nothing that is known. None while nothing was read.
    pub read_from: Option<i64>,
    /// What its source remembers of three days, one value for every [`LONG`], oldest first; empty where it tells none.
    pub long: Vec<Minute>,
    /// What its source remembers of the whole period of an objective that rests on it, hour by hour, oldest first: when
    /// each ended, its mean, and how many of its minutes are known. Empty where it tells none.
    pub whole: Vec<Minute>,
    /// How often it is read.
    pub every: Span,
    /// What it was at the same time of an earlier day or week, and how long ago that was.
    pub baseline: Option<(Reading, Span)>,
    /// Why the last attempt gave nothing, with its time; none after a success.
    pub fault: Option<(Timestamp, String)>,
}

impl Series {
    /// Adds a reading and drops the oldest beyond [`SERIES`] and [`MINUTES`].
    pub fn push(&mut self, reading: Reading) {
        self.summarise(&reading);
        if self.readings.len() >= SERIES {
            self.readings.pop_front();
        }
        self.readings.push_back(reading);
        self.fault = None;
    }

    /// Counts a reading to its minute; what is no number, or comes before the newest minute, counts nowhere.
    fn summarise(&mut self, reading: &Reading) {
        if !reading.value.is_finite() {
            return;
        }
        let new = Minute::of(reading);
        self.read_from.get_or_insert(new.minute);
        match self.minutes.back_mut() {
            Some(last) if last.minute == new.minute => last.add(new),
            Some(last) if last.minute > new.minute => {}
            _ => {
                if self.minutes.len() >= MINUTES {
                    self.minutes.pop_front();
                }
                self.minutes.push_back(new);
            }
        }
    }

    /// Takes in minutes from before the first that was read: what its source remembers.
    pub fn recall(&mut self, past: &[Minute]) {
        let first = self.minutes.front().map_or(i64::MAX, |first| first.minute);
        let past = past.iter().rev().filter(|minute| minute.minute < first);
        for minute in past.take(MINUTES.saturating_sub(self.minutes.len())) {
            self.minutes.push_front(*minute);
        }
    }

    /// Whether a minute was read, and is not only remembered.
    pub fn was_read(&self, minute: &Minute) -> bool {
        self.read_from.is_some_and(|from| minute.minute >= from)
    }

    /// How good one of its readings is at an instant: by its age, and late at once where an attempt after it gave nothing.
    pub fn quality(&self, reading: &Reading, at: Timestamp) -> Quality {
        let by_age = quality(reading.at, self.every, at);
        let failed = self.fault.as_ref().is_some_and(|(tried, _)| (reading.at..=at).contains(tried));
        if failed { by_age.max(Quality::Late) } else { by_age }
    }

    /// The newest reading.
    pub fn last(&self) -> Option<Reading> {
        self.readings.back()
    }
}
