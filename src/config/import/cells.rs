//! What stands in a cell: a time, a length, the steps before.
//!
//! What could be meant two ways is refused with both: 01/02, a time that a change of clocks skips or repeats, a bare `1:30`, a bare hour.

use crate::config::moment;
use crate::domain::Timestamp;
use crate::domain::plan::At;
use crate::domain::span::Span;
use crate::domain::zone::Zone;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};

/// A refusal: what, and what to do.
pub type Refused = (String, String);

/// Dates that can be read one way only.
const PLAIN: [&str; 8] =
    ["%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y"];

/// Times of a day.
const CLOCK: [&str; 4] = ["%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p"];

/// Whether slashed dates put the day first, if any of them shows it.
///
/// # Errors
/// Two that contradict each other.
pub fn day_first<'a>(cells: impl Iterator<Item = &'a str>) -> Result<Option<bool>, Refused> {
    let mut shown: Option<(bool, &str)> = None;
    for cell in cells {
        let Some((first, second, _)) = slashed(cell) else { continue };
        let this = match (first > 12, second > 12) {
            (true, false) => true,
            (false, true) => false,
            _ => continue,
        };
        match shown {
            Some((before, other)) if before != this => {
                let what = format!("{other:?} and {cell:?} cannot both be dates of one calendar");
                return Err((what, "write dates as 2026-11-21".to_owned()));
            }
            _ => shown = Some((this, cell)),
        }
    }
    Ok(shown.map(|(first, _)| first))
}

/// The three numbers of `21/11/2026 …`.
fn slashed(cell: &str) -> Option<(u32, u32, i32)> {
    let date = cell.split([' ', 'T']).next()?;
    let parts: Vec<&str> = date.split('/').collect();
    let [first, second, year] = parts.as_slice() else { return None };
    if first.len() > 2 {
        return None;
    }
    Some((first.parse().ok()?, second.parse().ok()?, year.parse().ok().filter(|_| year.len() == 4)?))
}

/// Reads a planned time.
///
/// # Errors
/// Why it is none, or could be two.
pub fn time(cell: &str, day_first: Option<bool>, zone: &str) -> Result<At, Refused> {
    if cell.starts_with("T+") || cell.starts_with("T-") {
        return moment::parse_at(cell, zone).map_err(|wrong| (wrong.what, wrong.help.unwrap_or_default()));
    }
    if let Ok(at) = DateTime::parse_from_rfc3339(cell) {
        return Ok(At::Instant(at.to_utc()));
    }
    let local = local(cell, day_first)?;
    let found = moment::parse_zone(zone).map_err(|wrong| (wrong.what, wrong.help.unwrap_or_default()))?;
    instant(cell, local, &found, zone).map(At::Instant)
}

fn instant(cell: &str, local: NaiveDateTime, found: &Zone, zone: &str) -> Result<Timestamp, Refused> {
    let all = found.instants(local);
    let shown: Vec<_> = all.iter().map(|at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string()).collect();
    match all.as_slice() {
        [one] => Ok(*one),
        [] => Err((format!("{cell:?} does not exist in {zone}: the clocks skip it"), "write another time".to_owned())),
        _ => Err((format!("{cell:?} is twice in {zone}"), format!("write which one: {}", shown.join(" or ")))),
    }
}

fn local(cell: &str, day_first: Option<bool>) -> Result<NaiveDateTime, Refused> {
    let help = || "write 2026-11-21 02:00, or T+10m from the start".to_owned();
    let (date, clock) = split(cell).ok_or_else(|| (format!("{cell:?} is no day with its time"), help()))?;
    let clock = CLOCK.iter().find_map(|form| NaiveTime::parse_from_str(&clock.to_uppercase(), form).ok());
    let clock = clock.ok_or_else(|| (format!("{cell:?} has no time of day"), help()))?;
    let day = match (slashed(date), day_first) {
        (Some((a, b, _)), None) if a != b => {
            let what = format!("{date} is the {a}. of month {b}, or the {b}. of month {a}");
            return Err((what, "say `--day-first` or `--month-first`".to_owned()));
        }
        (Some((day, month, year)), Some(true) | None) => NaiveDate::from_ymd_opt(year, month, day),
        (Some((month, day, year)), Some(false)) => NaiveDate::from_ymd_opt(year, month, day),
        (None, _) => PLAIN.iter().find_map(|form| NaiveDate::parse_from_str(date, form).ok()),
    };
    let day = day.filter(|day| (1970..2200).contains(&chrono::Datelike::year(day)));
    Ok(day.ok_or_else(|| (format!("{date:?} is no day that can be read one way only"), help()))?.and_time(clock))
}

/// Day and time of day: the last colon's word and, before it, the day.
fn split(cell: &str) -> Option<(&str, &str)> {
    let colon = cell.find(':')?;
    let gap = cell.get(..colon)?.rfind([' ', 'T'])?;
    Some((cell.get(..gap)?.trim().trim_end_matches(','), cell.get(gap + 1..)?.trim()))
}

/// Reads a length; `unit` is what the head of its column says.
///
/// # Errors
/// Why it is none.
pub fn length(cell: &str, unit: Option<&str>) -> Result<Span, Refused> {
    let refused = |what: &str| (format!("{cell:?} {what}"), "write 15m, 1h30m or 45s".to_owned());
    if cell.bytes().all(|byte| byte.is_ascii_digit()) {
        let unit = unit.ok_or_else(|| refused("does not say of what: minutes, hours?"))?;
        return format!("{cell}{unit}").parse().map_err(|_| refused("is no length"));
    }
    let parts: Vec<_> = cell.split(':').map(str::parse::<u64>).collect();
    match parts.as_slice() {
        [Ok(hours), Ok(minutes), Ok(seconds)] if *minutes < 60 && *seconds < 60 => {
            let all = hours.checked_mul(3600).and_then(|s| s.checked_add(minutes * 60 + seconds));
            return all.map(Span::secs).ok_or_else(|| refused("is too long"));
        }
        [Ok(_), Ok(_)] => return Err(refused("could be hours and minutes, or minutes and seconds")),
        _ => {}
    }
    words(cell).parse().map_err(|_| refused("is no length"))
}

/// `1 hour 30 mins` as `1h30m`.
fn words(cell: &str) -> String {
    let mut out = String::new();
    let lower = cell.to_lowercase();
    for part in lower.split_inclusive(|c: char| !c.is_alphabetic()).flat_map(|part| part.split(' ')) {
        let (word, rest) = part.split_at(part.find(|c: char| !c.is_alphabetic()).unwrap_or(part.len()));
        out.push_str(match word {
            "minutes" | "minute" | "mins" | "min" => "m",
            "hours" | "hour" | "hrs" | "hr" => "h",
            "seconds" | "second" | "secs" | "sec" => "s",
            "days" | "day" => "d",
            other => other,
        });
        out.push_str(rest);
    }
    out
}
