//! A row of values in which the same one often comes several times in a row: it is kept once, with how often.
//!
//! A derived signal says the same for hours, in thousands of places.

use std::collections::VecDeque;
use std::iter::repeat_n;

/// Makes room for one more, and a quarter as many as there are: rows are bounded, and doubling would waste half of a full
/// one.
pub fn grow<T>(row: &mut VecDeque<T>) {
    if row.len() == row.capacity() {
        row.reserve_exact((row.len() / 4).max(4));
    }
}

/// Values in their order, from the front to the back.
#[derive(Clone, Debug, PartialEq)]
pub struct Runs<T> {
    runs: VecDeque<(T, usize)>,
}

impl<T> Default for Runs<T> {
    fn default() -> Self {
        Self { runs: VecDeque::new() }
    }
}

impl<T: Copy + PartialEq> Runs<T> {
    /// Adds a value at the back.
    pub fn push_back(&mut self, value: T) {
        match self.runs.back_mut() {
            Some((last, times)) if *last == value => *times += 1,
            _ => {
                grow(&mut self.runs);
                self.runs.push_back((value, 1));
            }
        }
    }

    /// Removes the value at the front.
    pub fn pop_front(&mut self) {
        match self.runs.front_mut() {
            Some((_, times)) if *times > 1 => *times -= 1,
            _ => drop(self.runs.pop_front()),
        }
    }

    /// The value at the front.
    pub fn front(&self) -> Option<T> {
        self.runs.front().map(|(value, _)| *value)
    }

    /// The value at the back.
    pub fn back(&self) -> Option<T> {
        self.runs.back().map(|(value, _)| *value)
    }

    /// Each value as often as it came.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = T> {
        self.runs.iter().flat_map(|(value, times)| repeat_n(*value, *times))
    }
}
