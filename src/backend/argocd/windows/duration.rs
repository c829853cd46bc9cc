//! Durations as Go writes them: `1h30m`, `-1.5h`, `100ms`.
//!
//! Its own rules, to the nanosecond; a unit must be named, and days are none.

use chrono::TimeDelta;

/// Units, the longer words of one beginning first.
const UNITS: [(&str, i128); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Reads one.
///
/// # Errors
/// Why the text is none.
pub fn read(text: &str) -> Result<TimeDelta, String> {
    let wrong = || format!("cannot parse duration `{text}`");
    let (negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..).unwrap_or_default()),
        Some(b'+') => (false, text.get(1..).unwrap_or_default()),
        _ => (false, text),
    };
    if rest == "0" {
        return Ok(TimeDelta::zero());
    }
    if rest.is_empty() {
        return Err(wrong());
    }
    let mut nanos: i128 = 0;
    while !rest.is_empty() {
        let (part, left) = part(rest).ok_or_else(wrong)?;
        nanos = nanos.checked_add(part).filter(|sum| *sum <= i128::from(i64::MAX)).ok_or_else(wrong)?;
        rest = left;
    }
    let nanos = i64::try_from(if negative { -nanos } else { nanos }).map_err(|_| wrong())?;
    Ok(TimeDelta::nanoseconds(nanos))
}

/// A number with its unit, in nanoseconds, and what is left.
fn part(text: &str) -> Option<(i128, &str)> {
    let (whole, rest) = digits(text);
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => digits(rest),
        None => ("", rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let end = rest.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(rest.len());
    let (word, rest) = rest.split_at_checked(end)?;
    let (_, unit) = UNITS.into_iter().find(|(name, _)| *name == word)?;
    let number = |digits: &str| if digits.is_empty() { Some(0) } else { digits.parse::<i128>().ok() };
    // Go reckons what is behind the point in floating point, up to the digits that it can hold.
    let (behind, scale) =
        fraction.chars().filter_map(|c| c.to_digit(10)).fold((0i64, 1f64), |(behind, scale), digit| {
            if behind > i64::MAX / 10 {
                (behind, scale)
            } else {
                (behind.saturating_mul(10).saturating_add(digit.into()), scale * 10.0)
            }
        });
    let below = (behind as f64 * (unit as f64 / scale)) as i128;
    Some((number(whole)?.checked_mul(unit)?.checked_add(below)?, rest))
}

fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}
