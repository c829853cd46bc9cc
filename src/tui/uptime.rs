//! The clock for everything that lasts: it counts suspend and never jumps.
//!
//! Arming and guards are measured by it, the journal never.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// The time since the machine started, suspend included.
pub fn uptime() -> Duration {
    #[cfg(target_os = "linux")]
    let now = clock_gettime(ClockId::Boottime);
    #[cfg(not(target_os = "linux"))]
    let now = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(now.tv_nsec).unwrap_or_default())
}
