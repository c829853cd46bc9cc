//! The two headers that tell time: `Retry-After` and `Date`. Pure.
//! What is absurdly far away is cut short, what cannot be read is none.

use crate::domain::Timestamp;
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use std::time::Duration;

/// The longest wait that is believed.
pub const LONGEST: Duration = Duration::from_secs(3600);

/// How long a `Retry-After` asks to wait: seconds, or a date as of `now`.
pub fn wait(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|b| b.is_ascii_digit()) {
        return Some(header.parse().map_or(LONGEST, Duration::from_secs).min(LONGEST));
    }
    let until = date(header)?;
    Some((until - now).to_std().unwrap_or_default().min(LONGEST))
}

/// An HTTP date in its one modern form, whose years have four digits; others cannot be reckoned with.
pub fn date(header: &str) -> Option<Timestamp> {
    let date = DateTime::parse_from_rfc2822(header.trim()).ok()?.with_timezone(&Utc);
    (1970..=9999).contains(&date.year()).then_some(date)
}

/// By how much the other clock is ahead of ours, given when we asked and were
/// answered; nothing within the second that the header is exact to.
pub fn skew(date: Timestamp, asked: Timestamp, answered: Timestamp) -> TimeDelta {
    let latest = date + TimeDelta::seconds(1);
    if date > answered {
        date - answered
    } else if latest < asked {
        latest - asked
    } else {
        TimeDelta::zero()
    }
}
