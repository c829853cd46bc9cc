//! Readings one by one, none of them lost: of each its time, and what was read with how often it came in a row.
//!
//! How many are kept is for who adds them.

use super::Reading;
use super::runs::{Runs, grow};
use crate::domain::Timestamp;
use std::collections::VecDeque;

/// Readings, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Readings {
    at: VecDeque<Timestamp>,
    /// The values, and how many events they rest on; as many as there are times.
    read: Runs<(f64, u64)>,
}

impl Readings {
    /// Adds the newest.
    pub fn push_back(&mut self, reading: Reading) {
        grow(&mut self.at);
        self.at.push_back(reading.at);
        self.read.push_back((reading.value, reading.events));
    }

    /// Removes the oldest.
    pub fn pop_front(&mut self) {
        self.at.pop_front();
        self.read.pop_front();
    }

    /// The oldest.
    pub fn front(&self) -> Option<Reading> {
        self.at.front().copied().zip(self.read.front()).map(reading)
    }

    /// The newest.
    pub fn back(&self) -> Option<Reading> {
        self.at.back().copied().zip(self.read.back()).map(reading)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.at.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    /// All of them, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = Reading> {
        self.at.iter().copied().zip(self.read.iter()).map(reading)
    }

    /// All of them, newest first.
    pub fn newest(&self) -> impl Iterator<Item = Reading> {
        self.at.iter().rev().copied().zip(self.read.iter().rev()).map(reading)
    }
}

impl FromIterator<Reading> for Readings {
    fn from_iter<I: IntoIterator<Item = Reading>>(all: I) -> Self {
        let mut readings = Self::default();
        all.into_iter().for_each(|reading| readings.push_back(reading));
        readings
    }
}

fn reading((at, (value, events)): (Timestamp, (f64, u64))) -> Reading {
    Reading { at, value, events }
}
