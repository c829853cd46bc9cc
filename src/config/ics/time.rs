//! Values of iCalendar: days, times, lengths of time, periods.
//!
//! Pure; zones are looked up elsewhere.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

/// A time as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// A whole day.
    Day(NaiveDate),
    /// A time on the wall clock, of a zone that is said elsewhere.
    Wall(NaiveDateTime),
    /// The same in UTC.
    Utc(NaiveDateTime),
}

impl Written {
    /// Reads `20261121`, `20261121T030000` or `20261121T030000Z`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() == 8 {
            return NaiveDate::parse_from_str(text, "%Y%m%d").ok().map(Self::Day);
        }
        let (plain, utc) = text.strip_suffix(['Z', 'z']).map_or((text, false), |plain| (plain, true));
        if plain.len() != 15 {
            return None;
        }
        let time = NaiveDateTime::parse_from_str(plain, "%Y%m%dT%H%M%S").ok()?;
        Some(if utc { Self::Utc(time) } else { Self::Wall(time) })
    }

    /// What the clock on the wall shows; a day begins at midnight.
    pub fn wall(self) -> NaiveDateTime {
        match self {
            Self::Day(day) => day.and_time(NaiveTime::MIN),
            Self::Wall(time) | Self::Utc(time) => time,
        }
    }
}

/// How long something lasts: days on the wall clock, and time on a stop-watch beside them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lasts {
    /// Days and weeks.
    pub days: TimeDelta,
    /// Hours, minutes and seconds.
    pub time: TimeDelta,
}

impl Lasts {
    /// Reads `P1D`, `PT2H30M`, `P1W`, `P1DT12H`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let rest = text.strip_prefix('+').unwrap_or(text).strip_prefix('P')?;
        let (days, time) = rest.split_once('T').map_or((rest, None), |(days, time)| (days, Some(time)));
        let days = sum(days, &[('W', 604_800), ('D', 86_400)])?;
        let time = match time {
            Some(time) => Some(sum(time, &[('H', 3600), ('M', 60), ('S', 1)])?).filter(|_| !time.is_empty()),
            None => Some(TimeDelta::zero()),
        };
        (!rest.is_empty()).then_some(Self { days, time: time? })
    }
}

/// The sum of numbers with their units, each unit once and in this order.
fn sum(mut text: &str, units: &[(char, i64)]) -> Option<TimeDelta> {
    let mut all = TimeDelta::zero();
    for (unit, seconds) in units {
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, rest) = text.split_at_checked(digits)?;
        let Some(rest) = rest.strip_prefix(*unit) else { continue };
        let number: i64 = number.parse().ok()?;
        all = all.checked_add(&TimeDelta::try_seconds(number.checked_mul(*seconds)?)?)?;
        text = rest;
    }
    text.is_empty().then_some(all)
}
