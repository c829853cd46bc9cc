//! Times as files write them: an instant with its offset, a local time with its
//! zone, or an offset from T0. A time that leaves its zone to the reader is refused.

use super::nearest;
use super::words::Wrong;
use crate::domain::Timestamp;
use crate::domain::plan::At;
use crate::domain::span::Span;
use crate::domain::zone::{self, Zone};
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

/// The years that a file may name.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=2199;

/// A time of a file.
#[derive(Clone, Debug)]
pub enum Moment {
    /// RFC 3339.
    Instant(DateTime<FixedOffset>),
    /// A local time, its zone and the zone's name.
    Local(NaiveDateTime, Zone, String),
}

/// Reads an instant that a person typed: RFC 3339, or local with its zone.
///
/// # Errors
/// What is wrong with the text, and how it would be right.
pub fn instant(text: &str) -> Result<Timestamp, String> {
    let moment = Moment::parse(text, "Europe/Paris").map_err(|wrong| match wrong.help {
        Some(help) => format!("{}; {help}", wrong.what),
        None => wrong.what,
    })?;
    moment.instant().ok_or_else(|| format!("{text:?} is out of range"))
}

impl Moment {
    /// Reads a time; `here` is the zone that a correction proposes.
    ///
    /// # Errors
    /// What is wrong with the text and how it would be right.
    pub fn parse(text: &str, here: &str) -> Result<Self, Wrong> {
        let moment = match text.strip_suffix(']').and_then(|t| t.split_once('[')) {
            Some((local, zone)) => local_time(local, zone)?,
            None => match DateTime::parse_from_rfc3339(text) {
                Ok(at) => Moment::Instant(at),
                Err(_) => return Err(unzoned(text, here)),
            },
        };
        let year = match &moment {
            Moment::Instant(at) => at.year(),
            Moment::Local(local, ..) => local.year(),
        };
        if YEARS.contains(&year) {
            return Ok(moment);
        }
        Err(Wrong::new(format!("the year {year} is outside {} to {}", YEARS.start(), YEARS.end()), None))
    }

    /// The instant; a local time that does not exist is taken after the gap,
    /// one that exists twice is taken the first time.
    pub fn instant(&self) -> Option<Timestamp> {
        match self {
            Moment::Instant(at) => Some(at.to_utc()),
            Moment::Local(local, zone, _) => zone.instant(*local),
        }
    }

    /// The time as the clock on the wall shows it, where it was written.
    pub fn civil(&self) -> NaiveDateTime {
        match self {
            Moment::Instant(at) => at.naive_local(),
            Moment::Local(local, ..) => *local,
        }
    }

    /// The instant of another wall-clock time in the same place.
    pub fn same_place(&self, civil: NaiveDateTime) -> Option<Timestamp> {
        match self {
            Moment::Instant(at) => civil.and_local_timezone(*at.offset()).single().map(|at| at.to_utc()),
            Moment::Local(_, zone, _) => zone.instant(civil),
        }
    }

    /// The name of the place: the zone, or the offset.
    pub fn place(&self) -> String {
        match self {
            Moment::Instant(at) => at.offset().to_string(),
            Moment::Local(.., name) => name.clone(),
        }
    }
}

/// Reads an offset from T0 (`T-30m`, `T+1h`) or a time.
///
/// # Errors
/// What is wrong with the text and how it would be right.
pub fn parse_at(text: &str, here: &str) -> Result<At, Wrong> {
    let Some(rest) = text.strip_prefix('T') else {
        return Moment::parse(text, here)?.instant().map(At::Instant).ok_or_else(|| unzoned(text, here));
    };
    let (sign, length) = match (rest.strip_prefix('+'), rest.strip_prefix('-')) {
        (Some(length), _) => (1, length),
        (_, Some(length)) => (-1, length),
        _ => return Err(Wrong::new(format!("{text:?} is no offset from T0"), help("write T-30m, T+0m or T+1h30m"))),
    };
    match length.parse::<Span>() {
        Ok(span) => Ok(At::Offset(sign * i64::try_from(span.as_millis()).unwrap_or(i64::MAX))),
        Err(e) => Err(Wrong::new(e.to_string(), help("write T-30m, T+0m or T+1h30m"))),
    }
}

fn help(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn local_time(local: &str, zone: &str) -> Result<Moment, Wrong> {
    if DateTime::parse_from_rfc3339(local).is_ok() {
        let what = format!("{local:?} says its offset already, so it cannot have the zone {zone} too");
        return Err(Wrong::new(what, help("leave one of the two out")));
    }
    let Some(civil) = naive(local) else {
        return Err(Wrong::new(
            format!("{local:?} is no local time"),
            help("write year-month-dayThour:minute, such as 2026-11-21T03:00[Europe/Paris]"),
        ));
    };
    let found = parse_zone(zone)?;
    Ok(Moment::Local(civil, found, zone.to_owned()))
}

/// Looks a zone up.
///
/// # Errors
/// That there is no such zone, with the nearest there is.
pub fn parse_zone(name: &str) -> Result<Zone, Wrong> {
    Zone::named(name).ok_or_else(|| {
        let all: Vec<String> = zone::names().collect();
        let near = nearest::nearest(name, all.iter().map(String::as_str)).map(|name| format!("did you mean {name:?}?"));
        let usual = || help("write an IANA name such as Europe/Paris or UTC");
        Wrong::new(format!("there is no time zone {name:?}"), near.or_else(usual))
    })
}

fn naive(text: &str) -> Option<NaiveDateTime> {
    ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"].iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
}

/// Why a text without a zone is no time, and the time it would be with one.
fn unzoned(text: &str, here: &str) -> Wrong {
    let here = if here.is_empty() { "Europe/Paris" } else { here };
    if naive(text).is_some() {
        let seconds = if text.matches(':').count() == 1 { ":00" } else { "" };
        return Wrong::new(
            format!("{text:?} does not say in which zone it is"),
            Some(format!("write \"{text}[{here}]\", or \"{text}{seconds}Z\" for UTC")),
        );
    }
    let bare = ["%H:%M", "%H:%M:%S"].iter().any(|form| NaiveTime::parse_from_str(text, form).is_ok());
    if bare {
        return Wrong::new(
            format!("{text:?} is a bare time: neither its day nor its zone is known"),
            Some(format!("write the day and the zone, such as \"2026-11-21T{text}[{here}]\"; steps also take T+10m")),
        );
    }
    if NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok() {
        let what = format!("{text:?} is a day without a time");
        return Wrong::new(what, Some(format!("write \"{text}T00:00[{here}]\"")));
    }
    Wrong::new(
        format!("{text:?} is no time"),
        Some(format!("write RFC 3339 (2026-11-21T02:00:00Z) or local with its zone (2026-11-21T03:00[{here}])")),
    )
}

/// Adds a length to an instant without leaving the calendar.
pub fn later(at: Timestamp, by: Span) -> Timestamp {
    at.checked_add_signed(TimeDelta::milliseconds(i64::try_from(by.as_millis()).unwrap_or(0))).unwrap_or(at)
}
