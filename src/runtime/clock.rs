//! The only place that reads the wall clock; everything else is told the time.
//!
//! A test of the source tree holds that; the engine and the fold never ask.

use crate::domain::Timestamp;
use chrono::SubsecRound;

/// Now, to the millisecond: what the journal writes and screens show.
#[expect(clippy::disallowed_methods, reason = "this is the one place that asks the clock")]
pub fn now() -> Timestamp {
    chrono::Utc::now().trunc_subsecs(3)
}
