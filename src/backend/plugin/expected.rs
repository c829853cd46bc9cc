//! What previews rested on, until the operation that they were of.
//!
//! It is kept for a short time and given back once. It judges nothing.

use crate::domain::operation::{Direction, Verb};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// How long it is remembered.
const LONG: Duration = Duration::from_secs(120);
/// Of how many operations.
const MOST: usize = 64;

/// What is expected by operation, as JSON.
#[derive(Debug, Default)]
pub struct Expected(BTreeMap<String, (Instant, Value)>);

impl Expected {
    /// What the last preview of an operation rested on, once.
    pub fn take(&mut self, about: &str) -> Option<Value> {
        self.0.remove(about).filter(|(at, _)| at.elapsed() < LONG).map(|(_, expect)| expect)
    }

    /// Keeps what a preview of this verb rests on, if it says so.
    pub fn keep(&mut self, verb: &str, about: &str, expect: Option<&Value>) {
        // Who only looked must not have the way back refused when somebody else takes it.
        let back = Verb::ALL.iter().any(|known| known.word() == verb && known.direction() == Direction::Back);
        let Some(expect) = expect.filter(|expect| !expect.is_null() && !back) else { return };
        self.0.retain(|_, (at, _)| at.elapsed() < LONG);
        if self.0.len() < MOST {
            self.0.insert(about.to_owned(), (Instant::now(), expect.clone()));
        }
    }
}
