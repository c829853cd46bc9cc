//! How far the clock of another system is from ours, and when that is too far.
//!
//! Which of two clocks is right is not known here.

use chrono::TimeDelta;
use std::time::Duration;

/// From this difference on, the clocks of another system and ours do not agree.
pub const SKEWED: TimeDelta = TimeDelta::seconds(60);

/// Of so many seconds the furthest difference is kept, and for as many more.
const KEPT: u64 = 60;

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

/// What a system has told of its clock. Behind one address may be several servers, whose clocks differ: the careful
/// difference is the furthest of those told last, and a clock that was set right is believed within two minutes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Told {
    last: Option<TimeDelta>,
    minute: u64,
    furthest: Option<TimeDelta>,
    before: Option<TimeDelta>,
}

impl Told {
    /// Takes note of a difference that was told so long after some beginning.
    pub fn tell(&mut self, since: Duration, skew: TimeDelta) {
        let minute = since.as_secs() / KEPT;
        if minute > self.minute {
            self.before = self.furthest.take().filter(|_| minute == self.minute + 1);
            self.minute = minute;
        }
        self.furthest = further(self.furthest, Some(skew));
        self.last = Some(skew);
    }

    /// By how much its clock was ahead of ours in its last answer; what it dates is reckoned by that.
    pub fn last(&self) -> Option<TimeDelta> {
        self.last
    }

    /// The furthest that was told in this minute and the one before; of who tells no more, as it was then.
    pub fn furthest(&self) -> Option<TimeDelta> {
        further(self.before, self.furthest)
    }
}

fn further(one: Option<TimeDelta>, other: Option<TimeDelta>) -> Option<TimeDelta> {
    [one, other].into_iter().flatten().max_by_key(|skew| skew.abs())
}
