//! Times as people write them: RFC 3339, local with its zone in brackets, or an
//! offset from T0. A bare time is refused, because nobody knows whose it is.

use crate::domain::Timestamp;
use crate::domain::plan::At;
use crate::domain::zone::{self, Zone};
use chrono::NaiveDateTime;

/// A local time with its zone, before it becomes an instant: recurrence needs both.
#[derive(Clone, Debug)]
pub struct Local {
    /// As written.
    pub time: NaiveDateTime,
    /// Where.
    pub zone: Zone,
}

/// Reads an instant.
pub fn instant(text: &str) -> Result<Timestamp, String> {
    if let Ok(at) = chrono::DateTime::parse_from_rfc3339(text) {
        return Ok(at.to_utc());
    }
    let local = local(text)?;
    local.zone.instant(local.time).ok_or_else(|| format!("`{text}` is out of range"))
}

/// Reads a time with its zone; RFC 3339 counts as UTC.
pub fn local(text: &str) -> Result<Local, String> {
    if let Ok(at) = chrono::DateTime::parse_from_rfc3339(text) {
        let zone = Zone::named("UTC").ok_or("the zone UTC is missing")?;
        return Ok(Local { time: at.naive_utc(), zone });
    }
    let Some((time, zone)) = text.strip_suffix(']').and_then(|t| t.split_once('[')) else {
        return Err(format!(
            "`{text}` is no time with a zone; write 2026-11-21T02:00:00Z or 2026-11-21T03:00[Europe/Paris]"
        ));
    };
    let formats = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"];
    let time = formats.iter().find_map(|f| NaiveDateTime::parse_from_str(time, f).ok());
    let time = time.ok_or_else(|| format!("`{text}` is no time; write it as 2026-11-21T03:00[Europe/Paris]"))?;
    let named = Zone::named(zone).ok_or_else(|| unknown_zone(zone))?;
    Ok(Local { time, zone: named })
}

/// Reads a planned time of a step.
pub fn at(text: &str) -> Result<At, String> {
    let Some(offset) = text.strip_prefix('T') else { return instant(text).map(At::Instant) };
    let (sign, length) = match offset.split_at_checked(1) {
        None => return Ok(At::Offset(0)),
        Some(("+", length)) => (1, length),
        Some(("-", length)) => (-1, length),
        Some(_) => return Err(format!("`{text}` is no offset; write T-30m or T+1h")),
    };
    let span: crate::domain::span::Span = length.parse().map_err(|e: crate::domain::span::NotASpan| e.to_string())?;
    Ok(At::Offset(sign * i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
}

/// Says that a zone does not exist, and which is nearest.
pub fn unknown_zone(zone: &str) -> String {
    let names: Vec<String> = zone::names().collect();
    let near = super::problem::nearest(zone, names.iter().map(String::as_str));
    let hint = near.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
    format!("there is no time zone `{zone}`{hint}")
}
