//! The text of a recurrence rule (RFC 5545 §3.3.10), part by part.
//!
//! The library expands rules; its reader passes over mistakes such as `XMO`, so
//! the parts are read here, every one whole. UNTIL is not one of them: it is
//! taken out before.

use chrono::{Month, Weekday};
use rrule::{Frequency, NWeekday, RRule, Unvalidated};
use std::collections::BTreeSet;
use std::str::FromStr;

/// The rule that a text without UNTIL says; upper case.
///
/// # Errors
/// What is wrong with it, in words.
pub fn parse(text: &str) -> Result<RRule<Unvalidated>, String> {
    let mut rule = RRule::new(Frequency::Daily);
    let mut seen = BTreeSet::new();
    for part in text.split(';').filter(|part| !part.is_empty()) {
        let (key, value) = part.split_once('=').ok_or_else(|| format!("{part:?} has no ="))?;
        if !seen.insert(key) {
            return Err(format!("{key} stands there twice"));
        }
        rule = with(rule, key, value)?;
    }
    if !seen.contains("FREQ") {
        return Err("FREQ is missing".to_owned());
    }
    meant(&rule)?;
    Ok(rule)
}

/// Refuses what the library follows to something else than was meant, such as a
/// first Monday of every week.
fn meant(rule: &RRule<Unvalidated>) -> Result<(), String> {
    let numbered = rule.get_by_weekday().iter().any(|day| matches!(day, NWeekday::Nth(..)));
    match rule.get_freq() {
        _ if !numbered => Ok(()),
        Frequency::Monthly => Ok(()),
        Frequency::Yearly if rule.get_by_week_no().is_empty() => Ok(()),
        Frequency::Yearly => Err("BYDAY has no numbers beside BYWEEKNO".to_owned()),
        _ => Err("BYDAY has numbers only with FREQ=MONTHLY or YEARLY".to_owned()),
    }
}

fn with(rule: RRule<Unvalidated>, key: &str, value: &str) -> Result<RRule<Unvalidated>, String> {
    let wrong = || format!("{value:?} is no value of {key}");
    Ok(match key {
        "FREQ" => rule.freq(value.parse::<Frequency>().map_err(|_| wrong())?),
        "INTERVAL" => rule.interval(value.parse().ok().filter(|n| *n > 0).ok_or_else(wrong)?),
        "COUNT" => rule.count(value.parse().ok().filter(|n| *n > 0).ok_or_else(wrong)?),
        "WKST" => rule.week_start(weekday(value).ok_or_else(wrong)?),
        "BYDAY" => rule.by_weekday(all(value, nth_weekday).ok_or_else(wrong)?),
        "BYMONTH" => rule.by_month(&all(value, month).ok_or_else(wrong)?),
        "BYMONTHDAY" => rule.by_month_day(numbers(value).ok_or_else(wrong)?),
        "BYYEARDAY" => rule.by_year_day(numbers(value).ok_or_else(wrong)?),
        "BYWEEKNO" => rule.by_week_no(numbers(value).ok_or_else(wrong)?),
        "BYSETPOS" => rule.by_set_pos(numbers(value).ok_or_else(wrong)?),
        "BYHOUR" => rule.by_hour(numbers(value).ok_or_else(wrong)?),
        "BYMINUTE" => rule.by_minute(numbers(value).ok_or_else(wrong)?),
        "BYSECOND" => rule.by_second(numbers(value).ok_or_else(wrong)?),
        _ => return Err(format!("there is no part {key}")),
    })
}

fn all<T>(value: &str, one: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    value.split(',').map(one).collect()
}

fn numbers<T: FromStr>(value: &str) -> Option<Vec<T>> {
    all(value, |text| text.parse().ok())
}

fn month(text: &str) -> Option<Month> {
    Month::try_from(text.parse::<u8>().ok()?).ok()
}

/// `MO`, or with which one of the month or year: `1MO`, `-1FR`.
fn nth_weekday(text: &str) -> Option<NWeekday> {
    let (nth, day) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let day = weekday(day)?;
    match nth {
        "" => Some(NWeekday::Every(day)),
        nth => nth.parse().ok().filter(|nth| *nth != 0).map(|nth| NWeekday::new(Some(nth), day)),
    }
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    })
}
