//! A time axis over a row of cells: where an instant stands, in eighths of a
//! cell, and which instants deserve a tick.
//!
//! It knows nothing of what is drawn on it.

use crate::domain::Timestamp;
use chrono::TimeDelta;

/// The distances that ticks may have, in seconds.
const STEPS: [i64; 17] =
    [5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400, 604_800];

/// The cells that a tick's text needs, the gap to the next included.
const TICK: u16 = 11;

/// A stretch of time laid over cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The instant at the left edge.
    pub from: Timestamp,
    /// The instant at the right edge.
    pub to: Timestamp,
    /// How many cells there are.
    pub width: u16,
}

impl Axis {
    /// An axis; an end that is not after its start is moved a minute behind it.
    pub fn new(from: Timestamp, to: Timestamp, width: u16) -> Self {
        let to = if to > from { to } else { from + TimeDelta::minutes(1) };
        Self { from, to, width }
    }

    /// Eighths of a cell from the left edge to an instant, not beyond either edge.
    pub fn eighths(&self, at: Timestamp) -> i64 {
        let whole = i128::from((self.to - self.from).num_milliseconds().max(1));
        let all = i64::from(self.width) * 8;
        let here = i128::from((at - self.from).num_milliseconds()) * i128::from(all) / whole;
        i64::try_from(here).unwrap_or(all).clamp(0, all)
    }

    /// The cell in which an instant stands; none when it is not on the axis.
    pub fn cell(&self, at: Timestamp) -> Option<u16> {
        if at < self.from || at > self.to || self.width == 0 {
            return None;
        }
        u16::try_from(self.eighths(at) / 8).ok().map(|cell| cell.min(self.width - 1))
    }

    /// The instants of ticks with their cell, even on the clock of UTC and as
    /// close as their texts allow.
    pub fn ticks(&self) -> Vec<(u16, Timestamp)> {
        let step = self.step();
        let first = self.from.timestamp().div_euclid(step) * step;
        let all = (0_i64..400).filter_map(|n| Timestamp::from_timestamp(first.checked_add(step.checked_mul(n)?)?, 0));
        let inside = all.skip_while(|at| *at < self.from).take_while(|at| *at <= self.to);
        inside.filter_map(|at| Some((self.cell(at)?, at))).collect()
    }

    /// The distance of ticks in seconds.
    fn step(&self) -> i64 {
        let seconds = (self.to - self.from).num_seconds().max(1);
        let room = i64::from((self.width / TICK).max(1));
        STEPS.into_iter().find(|step| seconds / step <= room).unwrap_or(604_800 * (seconds / 604_800 / room + 1))
    }

    /// A tick's text: seconds only where ticks are closer than a minute, the day where they are days.
    pub fn label(&self, at: Timestamp) -> String {
        let format = match self.step() {
            ..60 => "%H:%M:%SZ",
            60..86_400 => "%H:%MZ",
            _ => "%a %d %b",
        };
        at.format(format).to_string()
    }
}
