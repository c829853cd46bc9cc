//! Waiting for something to become true, with a deadline and no fixed delays. The time for which the whole machine
//! stands still meanwhile is nobody's and does not count.
//!
//! A test that fails here says what it waited for.

use super::standstill::stood_still;
use std::time::{Duration, Instant};

/// How often a condition is looked at.
const PAUSE: Duration = Duration::from_millis(4);

/// How long to wait for what the program promises to do within a time: so long where
/// `HOLDPOINT_FULL=1` measures it, otherwise as long as a busy machine may need. What it has stood still so far comes on
/// top, for what is measured before this is asked.
pub fn promised(time: Duration) -> Duration {
    let full = std::env::var_os("HOLDPOINT_FULL").is_some();
    stood_still() + if full { time } else { (time * 5).max(Duration::from_secs(20)) }
}

/// Waits until `found` gives something; none when it has not by the deadline.
pub fn until<T>(deadline: Duration, mut found: impl FnMut() -> Option<T>) -> Option<T> {
    let (end, before) = (Instant::now() + deadline, stood_still());
    loop {
        if let Some(value) = found() {
            return Some(value);
        }
        if Instant::now() >= end + (stood_still() - before) {
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
