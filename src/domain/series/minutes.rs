//! What readings come to minute by minute: minutes that follow each other and say the same are kept as one.
//!
//! How many are kept is for who adds them; one in which nothing was read is missing.

use super::Minute;
use super::runs::grow;
use std::collections::VecDeque;

/// Minutes, oldest first; the newest may still change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Minutes {
    runs: VecDeque<Run>,
    newest: Option<Minute>,
    len: usize,
}

/// Minutes in a row that say the same.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Run {
    /// Counted from the epoch; what lies thousands of years away is taken for the farthest.
    first: i32,
    times: u32,
    mean: f32,
    weight: f32,
}

impl Run {
    fn of(minute: Minute) -> Self {
        let farthest = if minute.minute < 0 { i32::MIN } else { i32::MAX };
        let first = i32::try_from(minute.minute).unwrap_or(farthest);
        Self { first, times: 1, mean: minute.mean, weight: minute.weight }
    }

    /// The minute after it.
    fn end(&self) -> i64 {
        i64::from(self.first) + i64::from(self.times)
    }

    fn says(&self, minute: &Minute) -> bool {
        self.mean == minute.mean && self.weight == minute.weight
    }

    fn each(self) -> impl DoubleEndedIterator<Item = Minute> {
        let Self { first, mean, weight, .. } = self;
        (i64::from(first)..self.end()).map(move |minute| Minute { minute, mean, weight })
    }
}

impl Minutes {
    /// Adds one that is newer than all.
    pub fn push_back(&mut self, minute: Minute) {
        self.len += 1;
        let Some(whole) = self.newest.replace(minute) else { return };
        match self.runs.back_mut() {
            Some(run) if run.says(&whole) && run.end() == whole.minute => run.times += 1,
            _ => {
                grow(&mut self.runs);
                self.runs.push_back(Run::of(whole));
            }
        }
    }

    /// Adds one that is older than all.
    pub fn push_front(&mut self, minute: Minute) {
        self.len += 1;
        match self.runs.front_mut() {
            Some(run) if run.says(&minute) && minute.minute.saturating_add(1) == i64::from(run.first) => {
                (run.first, run.times) = (run.first.saturating_sub(1), run.times + 1);
            }
            None if self.newest.is_none() => self.newest = Some(minute),
            _ => {
                grow(&mut self.runs);
                self.runs.push_front(Run::of(minute));
            }
        }
    }

    /// Removes the oldest.
    pub fn pop_front(&mut self) {
        self.len = self.len.saturating_sub(1);
        match self.runs.front_mut() {
            Some(run) if run.times > 1 => (run.first, run.times) = (run.first.saturating_add(1), run.times - 1),
            Some(_) => drop(self.runs.pop_front()),
            None => self.newest = None,
        }
    }

    /// The oldest.
    pub fn front(&self) -> Option<Minute> {
        self.iter().next()
    }

    /// The newest, which may take in more.
    pub fn back_mut(&mut self) -> Option<&mut Minute> {
        self.newest.as_mut()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All of them, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Minute> {
        self.runs.iter().flat_map(|run| run.each()).chain(self.newest)
    }
}
