//! How soon a host that is back is asked again by a watch, whatever went before. Pure.
//!
//! Only one of the pauses is waited for: a watch asks when the first of them is over.
//!
//! | what is waited for, at the worst | at most |
//! |---|---|
//! | a question that was under way when it came back, or the one that tries and was dropped | [`WATCHED`], 20 s |
//! | then the breaker's pause, [`breaker::LONGEST`](super::breaker::LONGEST), 15 s; or what a failure's `Retry-After` asks, [`QUIET`], 30 s; or a watch's own pause after a fault, [`PACE`], 30 s | 30 s |
//! | then a look whether the one that tries was answered | [`LOOK`], 3 s |
//! | **in all** | 53 s of [`WITHIN`], 60 s |
//!
//! An interval above 30 s stands in place of [`PACE`] where less than five questions have failed.
//! A `429` is no failure: its `Retry-After` is obeyed in full, until a later question is answered.

use std::time::Duration;

/// Within what time a host that is back is asked again.
pub const WITHIN: Duration = Duration::from_secs(60);
/// The longest that a watch's question may take.
pub const WATCHED: Duration = Duration::from_secs(20);
/// The longest `Retry-After` of a failure that is obeyed.
pub const QUIET: Duration = Duration::from_secs(30);
/// The longest pause of a watch after faults.
pub const PACE: Duration = super::super::pace::LONGEST;
/// How often those who wait for the one that tries look whether it was answered.
pub const LOOK: Duration = Duration::from_secs(3);

/// How long a watch waits after a fault: its own pause, unless the host may be asked before that is over.
pub fn pause(own: Duration, left: Option<Duration>) -> Duration {
    left.map_or(own, |left| own.min(left))
}
