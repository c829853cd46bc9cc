//! The estate's clocks: it is a world of its own and asks the time where it
//! needs it. Nothing of holdpoint's own reckoning comes from here.

use crate::domain::Timestamp;
use chrono::SubsecRound;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Now, to the millisecond.
pub fn now() -> Timestamp {
    chrono::Utc::now().trunc_subsecs(3)
}

/// Milliseconds since 1970.
pub fn millis() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
