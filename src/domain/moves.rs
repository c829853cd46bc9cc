//! When what is deployed at a place was seen to move: a rollout that began, a version that was
//! switched, a candidate that was given up.
//!
//! Volatile, and only what was seen: a place that is heard of for the first time has not moved.

use super::Timestamp;
use super::observed::{Deployment, Placed};
use std::collections::{BTreeMap, VecDeque};

/// How many are remembered of a place.
const MOST: usize = 16;

/// The moves of every place, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moves(BTreeMap<Placed, VecDeque<Timestamp>>);

impl Moves {
    /// Compares what a place was with what it is now, and remembers when it moved.
    pub fn note(&mut self, place: &Placed, was: &Deployment, is: &Deployment, at: Timestamp) {
        if !moved(was, is) {
            return;
        }
        let mine = self.0.entry(place.clone()).or_default();
        if mine.len() >= MOST {
            mine.pop_front();
        }
        mine.push_back(at);
    }

    /// When a place moved, oldest first.
    pub fn of(&self, place: &Placed) -> impl Iterator<Item = Timestamp> + '_ {
        self.0.get(place).into_iter().flatten().copied()
    }
}

/// Whether something began: that a candidate has become the version is the end of what began before.
fn moved(was: &Deployment, is: &Deployment) -> bool {
    let arrived = was.candidate.as_ref() == Some(&is.version);
    let switched = was.version != is.version && !was.version.is_empty() && !arrived;
    let began = is.candidate.is_some() && is.candidate != was.candidate;
    let given_up = was.candidate.is_some() && is.candidate.is_none() && !arrived;
    switched || began || given_up
}
