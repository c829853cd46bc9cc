//! The schedule of a window: five fields, as Argo CD's own parser takes them.
//!
//! That parser (robfig/cron v3, without descriptors) knows no zone here: it is asked in wall-clock
//! time. Where two days are named, of the month and of the week, either will do.

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike};

/// How many years ahead a start is looked for; what comes later does not come at all.
const YEARS: i32 = 5;

/// When something starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cron {
    minutes: u64,
    hours: u64,
    days: Field,
    months: u64,
    weekdays: Field,
}

/// Values by bit, and whether they are all of them, written as such.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Field {
    bits: u64,
    any: bool,
}

/// What a field may hold.
struct Bounds {
    least: u64,
    most: u64,
    names: &'static [&'static str],
}

const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

impl Cron {
    /// Reads a schedule.
    ///
    /// # Errors
    /// Why it is none.
    pub fn read(text: &str) -> Result<Self, String> {
        if text.starts_with("TZ=") || text.starts_with("CRON_TZ=") {
            return Err(format!("schedule `{text}` names a zone of its own, which is not followed here"));
        }
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields.as_slice() else {
            return Err(format!("cannot parse schedule `{text}`: five fields are expected, not {}", fields.len()));
        };
        let read = |text: &str, least, most, names| {
            field(text, &Bounds { least, most, names }).ok_or_else(|| format!("cannot parse `{text}` of its schedule"))
        };
        Ok(Self {
            minutes: read(minutes, 0, 59, &[])?.bits,
            hours: read(hours, 0, 23, &[])?.bits,
            days: read(days, 1, 31, &[])?,
            months: read(months, 1, 12, MONTHS)?.bits,
            weekdays: read(weekdays, 0, 6, WEEKDAYS)?,
        })
    }

    /// The first start after a time, if one comes within five years.
    pub fn next(&self, after: NaiveDateTime) -> Option<NaiveDateTime> {
        let first = after.with_nanosecond(0)?.checked_add_signed(TimeDelta::seconds(1))?;
        let first = match first.second() {
            0 => first,
            _ => first.with_second(0)?.checked_add_signed(TimeDelta::minutes(1))?,
        };
        let last = after.year().checked_add(YEARS)?;
        let (mut day, mut from) = (first.date(), first.hour() * 60 + first.minute());
        while day.year() <= last {
            if !has(self.months, day.month()) {
                let (year, month) = if day.month() == 12 { (day.year() + 1, 1) } else { (day.year(), day.month() + 1) };
                (day, from) = (NaiveDate::from_ymd_opt(year, month, 1)?, 0);
                continue;
            }
            if self.fits(day)
                && let Some(minute) = self.minute(from)
            {
                return day.and_hms_opt(minute / 60, minute % 60, 0);
            }
            (day, from) = (day.succ_opt()?, 0);
        }
        None
    }

    fn fits(&self, day: NaiveDate) -> bool {
        let (named, weekday) =
            (has(self.days.bits, day.day()), has(self.weekdays.bits, day.weekday().num_days_from_sunday()));
        if self.days.any || self.weekdays.any { named && weekday } else { named || weekday }
    }

    /// The first start of a day from a minute of it on.
    fn minute(&self, from: u32) -> Option<u32> {
        let mut hours = (from / 60..24).filter(|hour| has(self.hours, *hour));
        hours.find_map(|hour| {
            let first = if hour == from / 60 { from % 60 } else { 0 };
            (first..60).find(|minute| has(self.minutes, *minute)).map(|minute| hour * 60 + minute)
        })
    }
}

fn has(bits: u64, n: u32) -> bool {
    bits & (1 << n) != 0
}

/// A list of ranges; none at all is taken, and never comes.
fn field(text: &str, bounds: &Bounds) -> Option<Field> {
    let parts = text.split(',').filter(|part| !part.is_empty());
    parts.map(|part| range(part, bounds)).try_fold(Field::default(), |all, part| {
        let part = part?;
        Some(Field { bits: all.bits | part.bits, any: all.any | part.any })
    })
}

/// `5`, `1-5`, `*`, `?`, each with a step or without; `5/10` is from 5 on.
fn range(text: &str, bounds: &Bounds) -> Option<Field> {
    let (range, step) = match text.split_once('/') {
        Some((range, step)) => (range, Some(number(step)?)),
        None => (text, None),
    };
    let ends: Vec<&str> = range.split('-').collect();
    let (from, to, star) = match ends.as_slice() {
        // Whatever comes after a star is not looked at.
        ["*" | "?", ..] => (bounds.least, bounds.most, true),
        [one] => {
            let one = value(one, bounds)?;
            (one, if step.is_some() { bounds.most } else { one }, false)
        }
        [from, to] => (value(from, bounds)?, value(to, bounds)?, false),
        _ => return None,
    };
    // A star alone with a step reaches to the end as well; with more after it, it does so anyway.
    let step = step.unwrap_or(1);
    if from < bounds.least || to > bounds.most || from > to || step == 0 {
        return None;
    }
    let step = usize::try_from(step).unwrap_or(usize::MAX);
    let bits = (from..=to).step_by(step).fold(0, |bits, n| bits | 1 << n);
    Some(Field { bits, any: star && step == 1 })
}

fn value(text: &str, bounds: &Bounds) -> Option<u64> {
    let named = bounds.names.iter().position(|name| name.eq_ignore_ascii_case(text));
    match named {
        Some(n) => Some(u64::try_from(n).ok()? + bounds.least),
        None => number(text),
    }
}

/// A number as Go reads it: with a sign, if one likes.
fn number(text: &str) -> Option<u64> {
    text.parse::<i64>().ok().and_then(|n| u64::try_from(n).ok())
}
