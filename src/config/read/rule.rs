//! The text of a recurrence rule (RFC 5545 §3.3.10), part by part.
//!
//! The library expands rules; its reader passes over what it does not know, as
//! the standard wants of a calendar that arrives from elsewhere. A rule that a
//! person wrote here is held to more: each part is read alone and whole, and what
//! would be followed to something else than was meant is refused. UNTIL is not
//! one of the parts: it is taken out before.

use ical::recur::IcalRecurRule;
use std::collections::BTreeSet;

const PARTS: [&str; 12] = [
    "INTERVAL",
    "COUNT",
    "WKST",
    "BYDAY",
    "BYMONTH",
    "BYMONTHDAY",
    "BYYEARDAY",
    "BYWEEKNO",
    "BYSETPOS",
    "BYHOUR",
    "BYMINUTE",
    "BYSECOND",
];

/// The rule that a text without UNTIL says; upper case.
///
/// # Errors
/// What is wrong with it, in words.
pub fn parse(text: &str) -> Result<IcalRecurRule, String> {
    let mut seen = BTreeSet::new();
    for part in text.split(';').filter(|part| !part.is_empty()) {
        let (key, value) = part.split_once('=').ok_or_else(|| format!("{part:?} has no ="))?;
        if !seen.insert(key) {
            return Err(format!("{key} stands there twice"));
        }
        whole(key, value)?;
    }
    if !seen.contains("FREQ") {
        return Err("FREQ is missing".to_owned());
    }
    let rule = IcalRecurRule::parse(text).map_err(|e| e.to_string())?;
    match rule.problems().first() {
        None => Ok(rule),
        Some(problem) => Err(problem.to_string()),
    }
}

/// That a part is one of the standard's, and its value all of one.
fn whole(key: &str, value: &str) -> Result<(), String> {
    let alone = match key {
        "FREQ" => format!("FREQ={value}"),
        key if PARTS.contains(&key) => format!("FREQ=DAILY;{key}={value}"),
        _ => return Err(format!("there is no part {key}")),
    };
    let gap = value.split(',').any(|item| item.is_empty() || item.contains(char::is_whitespace));
    match IcalRecurRule::parse(&alone) {
        Ok(rule) if !gap && rule.count != Some(0) && !zeroth(&rule) => Ok(()),
        _ => Err(format!("{value:?} is no value of {key}")),
    }
}

/// Whether it asks for the zeroth Monday.
fn zeroth(rule: &IcalRecurRule) -> bool {
    rule.by_day.iter().any(|day| day.ordinal == Some(0))
}
