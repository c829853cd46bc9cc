//! When to ask again: at an interval, and less often while it fails.
//!
//! Full jitter, so that many watches that failed together do not come back together.

use crate::domain::span::Span;
use std::time::Duration;
use tokio::time::Instant;

/// The longest pause after faults, where the interval is not longer.
pub const LONGEST: Duration = Duration::from_secs(30);
/// The shortest interval there is, whatever is declared.
const SHORTEST: Duration = Duration::from_millis(100);

/// When to ask next, counted from when it was last asked, after so many faults in a row.
pub fn next(asked: Instant, every: Span, faults: u32) -> Instant {
    if faults == 0 {
        return asked + bounded(every);
    }
    Instant::now() + jitter(most(every, faults)).max(bounded(every).min(Duration::from_secs(1)))
}

/// The longest pause after so many faults in a row.
pub fn most(every: Span, faults: u32) -> Duration {
    let every = bounded(every);
    every.saturating_mul(1 << faults.min(3)).min(LONGEST.max(every))
}

fn bounded(every: Span) -> Duration {
    every.std().clamp(SHORTEST, Duration::from_secs(86_400))
}

/// The pause after the first question: at most the interval, so that watches which began
/// together do not ask together for ever.
pub fn early(every: Span) -> Duration {
    jitter(every.std().saturating_sub(SHORTEST)).saturating_add(SHORTEST)
}

/// A random time between nothing and `most`.
pub fn jitter(most: Duration) -> Duration {
    let millis = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
    let random = getrandom::u64().unwrap_or(0);
    Duration::from_millis(random.checked_rem(millis.saturating_add(1)).unwrap_or(0))
}
