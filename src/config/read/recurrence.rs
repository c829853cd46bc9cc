//! Recurrence rules of the calendar.
//!
//! A rule is expanded as wall-clock time, in which no hour is missing or doubled,
//! and the zone is attached to each occurrence afterwards, so a weekly window
//! keeps its local hours when clocks change.

use crate::config::moment::Moment;
use crate::config::words::Wrong;
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use ical::recur::expand::IcalRecurExpand;
use ical::recur::{IcalRecurDateTime, IcalRecurFreq, IcalRecurRule};

/// More starts than any rule that is daily or longer has in the time looked at.
const MOST: usize = 2000;

/// The starts of a rule between two wall-clock times, as wall-clock times.
///
/// # Errors
/// Why the text is no rule, or one that cannot be used.
pub fn starts(rule: &str, first: &Moment, from: NaiveDateTime, to: NaiveDateTime) -> Result<Vec<NaiveDateTime>, Wrong> {
    let wrong = |why: String| Wrong::new(why, Some("write a rule such as FREQ=WEEKLY;BYDAY=MO,TH".to_owned()));
    let (kept, until) = civil_until(rule, first)?;
    let parsed = super::rule::parse(&kept).map_err(|why| wrong(format!("{rule:?} is no recurrence rule: {why}")))?;
    usable(&parsed)?;
    let last = until.map_or(to, |until| until.min(to));
    // It ends with the time looked at, so that a rule nothing fits is not followed to the end of time.
    let ending = IcalRecurRule { until: Some(written(last)), ..parsed };
    let all = IcalRecurExpand::new(ending, written(first.civil()));
    Ok(all.filter_map(civil).skip_while(|start| *start < from).take(MOST).collect())
}

fn written(civil: NaiveDateTime) -> IcalRecurDateTime {
    IcalRecurDateTime::from_seconds(civil.and_utc().timestamp())
}

fn civil(written: IcalRecurDateTime) -> Option<NaiveDateTime> {
    DateTime::from_timestamp(written.seconds(), 0).map(|at| at.naive_utc())
}

fn usable(rule: &IcalRecurRule) -> Result<(), Wrong> {
    let help = |text: &str| Some(text.to_owned());
    if matches!(rule.freq, IcalRecurFreq::Hourly | IcalRecurFreq::Minutely | IcalRecurFreq::Secondly) {
        let what = "a rule must be daily or longer".to_owned();
        return Err(Wrong::new(what, help("use FREQ=DAILY, WEEKLY, MONTHLY or YEARLY")));
    }
    if !(rule.by_hour.is_empty() && rule.by_minute.is_empty() && rule.by_second.is_empty()) {
        let what = "a rule has no hours of its own".to_owned();
        return Err(Wrong::new(what, help("remove BYHOUR, BYMINUTE and BYSECOND; `starts` says the time of day")));
    }
    Ok(())
}

/// Takes UNTIL out of a rule and makes it wall-clock time of the rule's place.
fn civil_until(rule: &str, first: &Moment) -> Result<(String, Option<NaiveDateTime>), Wrong> {
    let rule = rule.trim().to_ascii_uppercase();
    let rule = rule.strip_prefix("RRULE:").unwrap_or(&rule);
    let (mut kept, mut until) = (Vec::new(), None);
    for part in rule.split(';') {
        match part.split_once('=') {
            Some(("UNTIL", _)) if until.is_some() => {
                return Err(Wrong::new("UNTIL stands there twice".to_owned(), None));
            }
            Some(("UNTIL", text)) => until = Some(last(text, first)?),
            _ => kept.push(part),
        }
    }
    if until.is_some() && kept.iter().any(|part| part.starts_with("COUNT=")) {
        return Err(Wrong::new("a rule has COUNT or UNTIL, not both".to_owned(), None));
    }
    Ok((kept.join(";"), until))
}

fn last(text: &str, first: &Moment) -> Result<NaiveDateTime, Wrong> {
    let civil = NaiveDateTime::parse_from_str(text.strip_suffix('Z').unwrap_or(text), "%Y%m%dT%H%M%S").ok();
    let day = || NaiveDate::parse_from_str(text, "%Y%m%d").ok().and_then(|day| day.and_hms_opt(23, 59, 59));
    let read = match (civil, text.ends_with('Z')) {
        (Some(utc), true) => local(utc, first),
        (Some(civil), false) => Some(civil),
        (None, _) => day(),
    };
    read.ok_or_else(|| {
        let what = format!("UNTIL={text} is no time");
        Wrong::new(what, Some("write UNTIL=20261231 or UNTIL=20261231T230000Z".to_owned()))
    })
}

/// The wall-clock time of an instant in the rule's place.
fn local(utc: NaiveDateTime, first: &Moment) -> Option<NaiveDateTime> {
    match first {
        Moment::Instant(at) => utc.checked_add_signed(TimeDelta::seconds(i64::from(at.offset().local_minus_utc()))),
        Moment::Local(_, zone, _) => Some(zone.local(DateTime::from_naive_utc_and_offset(utc, Utc))),
    }
}
