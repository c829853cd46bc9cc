//! How long something has been waited for, as far as this machine ran meanwhile.
//!
//! What stands still with its whole machine is not late: between two looks no more than a moment counts.

use std::time::Duration;

/// How much of the time between two looks counts at most.
const MOST: Duration = Duration::from_millis(200);

/// Something that is waited for, and looked at now and then.
#[derive(Clone, Copy, Debug, Default)]
pub struct Waiting {
    passed: Duration,
    looked: Duration,
}

impl Waiting {
    /// Looks once more, so long after it began; how long it has been waited for.
    pub fn passed(&mut self, since: Duration) -> Duration {
        self.passed += since.saturating_sub(self.looked).min(MOST);
        self.looked = since;
        self.passed
    }
}
