//! How long to wait before a read is tried again: full jitter. Pure.
//!
//! Between nothing and a bound that doubles, so that those who failed together
//! do not come back together.

use std::time::Duration;

/// The bound of the first pause.
const FIRST: Duration = Duration::from_millis(200);
/// The largest bound.
const LONGEST: Duration = Duration::from_secs(5);

/// The pause before try number `tries` (1 for the first repeat), with `random` in 0..1.
pub fn pause(tries: u32, random: f64) -> Duration {
    let bound = FIRST.saturating_mul(1 << tries.saturating_sub(1).min(16)).min(LONGEST);
    bound.mul_f64(random.clamp(0.0, 1.0))
}
