//! How far the clock of another system is from ours, and when that is too far.
//!
//! Which of two clocks is right is not known here.

use chrono::TimeDelta;

/// From this difference on, the clocks of another system and ours do not agree.
pub const SKEWED: TimeDelta = TimeDelta::seconds(60);

/// A difference that is known already is told anew once it has changed by so much.
const STEP: TimeDelta = TimeDelta::seconds(5);

/// Whether clocks that differ by so much agree well enough.
pub fn agree(skew: TimeDelta) -> bool {
    skew.abs() <= SKEWED
}

/// Whether a difference is worth telling to whoever knows of another one.
pub fn moved(from: TimeDelta, to: TimeDelta) -> bool {
    agree(from) != agree(to) || (to - from).abs() >= STEP
}
