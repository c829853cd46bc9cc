//! Waiting for something to become true, with a deadline and no fixed delays.
//!
//! A test that fails here says what it waited for.

use std::time::{Duration, Instant};

/// How often a condition is looked at.
const PAUSE: Duration = Duration::from_millis(4);

/// Waits until `found` gives something; none when it has not by the deadline.
pub fn until<T>(deadline: Duration, mut found: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + deadline;
    loop {
        if let Some(value) = found() {
            return Some(value);
        }
        if Instant::now() >= end {
            return None;
        }
        std::thread::sleep(PAUSE);
    }
}

/// Waits until `holds` is true; fails the test, naming `what`, when it is not by the deadline.
#[track_caller]
pub fn wait_until(what: &str, deadline: Duration, mut holds: impl FnMut() -> bool) {
    if until(deadline, || holds().then_some(())).is_none() {
        panic!("after {deadline:?} still not: {what}");
    }
}
