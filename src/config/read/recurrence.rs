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
    let (kept, until) = taken_out(rule)?;
    let parsed = super::rule::parse(&kept).map_err(|why| wrong(format!("{rule:?} is no recurrence rule: {why}")))?;
    usable(&parsed)?;
    let last = until.map_or(to, |until| until.civil(first).min(to));
    // It ends with the time looked at, so that a rule nothing fits is not followed to the end of time.
    let ending = IcalRecurRule { until: Some(written(last)), ..parsed };
    let all = IcalRecurExpand::new(ending, written(first.civil())).filter_map(civil);
    let within = |start: &NaiveDateTime| until.is_none_or(|until| until.takes(*start, first));
    Ok(all.skip_while(|start| *start < from).take(MOST).filter(within).collect())
}

/// The last start that a rule may have.
#[derive(Clone, Copy)]
enum Until {
    /// On the wall clock of its place.
    Civil(NaiveDateTime),
    /// At an instant, which on the wall clock may come a second time.
    Instant(DateTime<Utc>),
}

impl Until {
    /// A wall-clock time after which there is none.
    fn civil(self, first: &Moment) -> NaiveDateTime {
        match self {
            Self::Civil(last) => last,
            Self::Instant(at) => local(at, first).checked_add_signed(TimeDelta::days(1)).unwrap_or(NaiveDateTime::MAX),
        }
    }

    fn takes(self, start: NaiveDateTime, first: &Moment) -> bool {
        match self {
            Self::Civil(last) => start <= last,
            Self::Instant(last) => first.same_place(start).is_some_and(|start| start <= last),
        }
    }
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

/// Takes UNTIL out of a rule.
fn taken_out(rule: &str) -> Result<(String, Option<Until>), Wrong> {
    let rule = rule.trim().to_ascii_uppercase();
    let rule = rule.strip_prefix("RRULE:").unwrap_or(&rule);
    let (mut kept, mut until) = (Vec::new(), None);
    for part in rule.split(';') {
        match part.split_once('=') {
            Some(("UNTIL", _)) if until.is_some() => {
                return Err(Wrong::new("UNTIL stands there twice".to_owned(), None));
            }
            Some(("UNTIL", text)) => until = Some(last(text)?),
            _ => kept.push(part),
        }
    }
    if until.is_some() && kept.iter().any(|part| part.starts_with("COUNT=")) {
        return Err(Wrong::new("a rule has COUNT or UNTIL, not both".to_owned(), None));
    }
    Ok((kept.join(";"), until))
}

fn last(text: &str) -> Result<Until, Wrong> {
    let civil = NaiveDateTime::parse_from_str(text.strip_suffix('Z').unwrap_or(text), "%Y%m%dT%H%M%S").ok();
    let day = || NaiveDate::parse_from_str(text, "%Y%m%d").ok().and_then(|day| day.and_hms_opt(23, 59, 59));
    let read = match (civil, text.ends_with('Z')) {
        (Some(utc), true) => Some(Until::Instant(utc.and_utc())),
        (Some(civil), false) => Some(Until::Civil(civil)),
        (None, _) => day().map(Until::Civil),
    };
    read.ok_or_else(|| {
        let what = format!("UNTIL={text} is no time");
        Wrong::new(what, Some("write UNTIL=20261231 or UNTIL=20261231T230000Z".to_owned()))
    })
}

/// The wall-clock time of an instant in the rule's place.
fn local(at: DateTime<Utc>, first: &Moment) -> NaiveDateTime {
    match first {
        Moment::Instant(written) => at.with_timezone(written.offset()).naive_local(),
        Moment::Local(_, zone, _) => zone.local(at),
    }
}
