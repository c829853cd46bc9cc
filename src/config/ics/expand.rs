//! When an event of an iCalendar file is on: its start or its rule, with more dates, fewer dates and moved ones.
//!
//! What recurs is expanded as wall-clock time of the place where it starts. Where an end is given it keeps its local
//! hour, as the calendars show it that people look at.

use super::component::{Component, Line};
use super::time::{Lasts, Written};
use super::zones::{self, Zones};
use crate::config::moment::Moment;
use crate::config::read::recurrence;
use crate::config::words::Wrong;
use crate::domain::Timestamp;
use crate::domain::zone::Zone;
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use std::collections::BTreeSet;
use std::ops::Range;

/// The longest that an occurrence may last.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// Where times are meant.
pub struct Place<'a> {
    /// What names of zones mean.
    pub zones: &'a Zones<'a>,
    /// The zone of what names none, with its name.
    pub here: (String, Zone),
}

type Mistake = (Range<usize>, Wrong);
/// Start and end.
type Span = (Timestamp, Timestamp);

/// The occurrences of an event within a time, in order. `moved` are the exceptions that stand in the place of one of its
/// occurrences, `apart` those that only take one away.
///
/// # Errors
/// What of it cannot be understood, and where.
pub fn occurrences(
    event: &Component,
    moved: &[&Component],
    apart: &[&Component],
    place: &Place<'_>,
    (from, to): Span,
) -> Result<Vec<Span>, Mistake> {
    if is_off(event) {
        return Ok(Vec::new());
    }
    let begins = needed(event, "DTSTART")?;
    let first = place.moment(begins)?;
    let lasts = lasts(event, begins, &first, place)?;
    let mut all = starts(event, &first, (from, to))?.into_iter().filter_map(|wall| first.same_place(wall)).collect();
    for line in event.lines("RDATE") {
        more(line, place, &mut all)?;
    }
    let gone = taken(event, moved, apart, place)?;
    all.retain(|start: &Timestamp| !gone.has(*start, &first));
    let mut spans: Vec<Span> = all.into_iter().filter_map(|start| Some((start, end(start, &first, lasts)?))).collect();
    for line in event.lines("RDATE") {
        spans.extend(periods(line, place)?);
    }
    for exception in moved {
        spans.extend(occurrences(exception, &[], &[], place, (from, to))?);
    }
    spans.retain(|(start, end)| start < end && *end > from && *start < to);
    spans.sort_unstable();
    spans.dedup();
    Ok(spans)
}

fn is_off(event: &Component) -> bool {
    event.line("STATUS").is_some_and(|line| line.value.trim().eq_ignore_ascii_case("CANCELLED"))
}

fn needed<'a>(event: &'a Component, name: &str) -> Result<&'a Line, Mistake> {
    let found = event.lines.iter().find(|line| line.name == name);
    found.ok_or_else(|| (event.at.clone(), Wrong::new(format!("this event has no {name}"), None)))
}

fn wrong<T>(line: &Line, what: impl Into<String>, help: &str) -> Result<T, Mistake> {
    Err((line.at.clone(), Wrong::new(what.into(), Some(help.to_owned()).filter(|help| !help.is_empty()))))
}

impl Place<'_> {
    /// The time that a line says.
    fn moment(&self, line: &Line) -> Result<Moment, Mistake> {
        self.of(line, &line.value)
    }

    /// One of the times that a line says.
    fn of(&self, line: &Line, text: &str) -> Result<Moment, Mistake> {
        let Some(written) = Written::parse(text) else {
            return wrong(line, format!("{text:?} is no time"), "");
        };
        if let Written::Utc(time) = written {
            return Ok(Moment::Instant(time.and_utc().fixed_offset()));
        }
        // A whole day is that day where the calendar is meant, whatever zone stands there.
        let name = zones::of(line).filter(|_| matches!(written, Written::Wall(_)));
        let Some(name) = name else {
            let (name, zone) = &self.here;
            return Ok(Moment::Local(written.wall(), zone.clone(), name.clone()));
        };
        match self.zones.named(name) {
            Some(zone) => Ok(Moment::Local(written.wall(), zone, name.to_owned())),
            None => wrong(
                line,
                format!("nobody knows the time zone {name:?}"),
                &format!("say what it means where the file is named: zones = {{ {name:?} = \"Europe/Paris\" }}"),
            ),
        }
    }
}

/// How long each occurrence lasts: on the wall clock, and on a stop-watch beside that.
fn lasts(event: &Component, begins: &Line, first: &Moment, place: &Place<'_>) -> Result<Lasts, Mistake> {
    let day = matches!(Written::parse(&begins.value), Some(Written::Day(_)));
    let usual = Lasts { days: if day { TimeDelta::days(1) } else { TimeDelta::zero() }, ..Lasts::default() };
    let (line, lasts) = match (event.line("DTEND"), event.line("DURATION")) {
        (Some(line), _) => {
            let last = place.moment(line)?;
            let (Some(from), Some(to)) = (first.instant(), last.instant()) else {
                return wrong(line, "it is out of range", "");
            };
            let same = last.place() == first.place();
            let zero = TimeDelta::zero();
            let (days, time) = if same { (last.civil() - first.civil(), zero) } else { (zero, to - from) };
            // Where the start does not exist that day it may be later than the end: then it is not on that day.
            if days + time < zero {
                return wrong(line, "it ends before it starts", "");
            }
            (line, Lasts { days, time })
        }
        (None, Some(line)) => match Lasts::parse(&line.value) {
            Some(lasts) => (line, lasts),
            None => return wrong(line, format!("{:?} is no length of time", line.value), ""),
        },
        (None, None) => return Ok(usual),
    };
    let all = lasts.days.checked_add(&lasts.time);
    if all.is_none_or(|all| all > LONGEST) && event.line("RRULE").is_some() {
        return wrong(line, "what comes again lasts at most a year", "");
    }
    Ok(lasts)
}

fn end(start: Timestamp, first: &Moment, lasts: Lasts) -> Option<Timestamp> {
    let wall = match first {
        Moment::Instant(at) => start.with_timezone(at.offset()).naive_local(),
        Moment::Local(_, zone, _) => zone.local(start),
    };
    let same = if lasts.days.is_zero() { start } else { first.same_place(wall.checked_add_signed(lasts.days)?)? };
    same.checked_add_signed(lasts.time)
}

/// The starts on the wall clock where it begins.
fn starts(event: &Component, first: &Moment, (from, to): Span) -> Result<Vec<NaiveDateTime>, Mistake> {
    if let Some(line) = event.line("EXRULE") {
        return wrong(line, "a rule that takes occurrences away (EXRULE) is not read", "name them by EXDATE");
    }
    let mut all = BTreeSet::new();
    for line in event.lines("RRULE") {
        let margin = LONGEST + TimeDelta::days(2);
        let (from, to) = (from.naive_utc() - margin, to.naive_utc() + TimeDelta::days(2));
        let found = recurrence::starts(&line.value, first, from, to).map_err(|wrong| (line.at.clone(), wrong))?;
        all.extend(found);
    }
    if event.line("RRULE").is_none() {
        all.insert(first.civil());
    }
    Ok(all.into_iter().collect())
}

/// More starts.
fn more(line: &Line, place: &Place<'_>, all: &mut BTreeSet<Timestamp>) -> Result<(), Mistake> {
    for text in line.value.split(',').filter(|text| !text.contains('/')) {
        all.extend(place.of(line, text)?.instant());
    }
    Ok(())
}

/// More occurrences that have ends of their own.
fn periods(line: &Line, place: &Place<'_>) -> Result<Vec<Span>, Mistake> {
    let mut all = Vec::new();
    for (start, last) in line.value.split(',').filter_map(|text| text.split_once('/')) {
        let first = place.of(line, start)?;
        let until = match Lasts::parse(last) {
            Some(lasts) => first.instant().and_then(|start| end(start, &first, lasts)),
            None => place.of(line, last)?.instant(),
        };
        all.extend(first.instant().zip(until));
    }
    Ok(all)
}

/// Occurrences that are taken away: by their start, or by their day on the wall clock.
struct Taken {
    starts: BTreeSet<Timestamp>,
    days: BTreeSet<NaiveDate>,
}

impl Taken {
    fn has(&self, start: Timestamp, first: &Moment) -> bool {
        let day = match first {
            Moment::Instant(at) => start.with_timezone(at.offset()).date_naive(),
            Moment::Local(_, zone, _) => zone.local(start).date(),
        };
        self.starts.contains(&start) || self.days.contains(&day)
    }

    fn add(&mut self, line: &Line, place: &Place<'_>, as_in: &Line) -> Result<(), Mistake> {
        for text in line.value.split(',') {
            match Written::parse(text) {
                Some(Written::Day(day)) => drop(self.days.insert(day)),
                // One without a zone means that of the start.
                Some(Written::Wall(_)) if zones::of(line).is_none() => {
                    self.starts.extend(place.of(as_in, text)?.instant())
                }
                _ => self.starts.extend(place.of(line, text)?.instant()),
            }
        }
        Ok(())
    }
}

fn taken(event: &Component, moved: &[&Component], apart: &[&Component], place: &Place<'_>) -> Result<Taken, Mistake> {
    let begins = needed(event, "DTSTART")?;
    let mut gone = Taken { starts: BTreeSet::new(), days: BTreeSet::new() };
    for line in event.lines("EXDATE") {
        gone.add(line, place, begins)?;
    }
    for exception in moved.iter().chain(apart) {
        let line = needed(exception, "RECURRENCE-ID")?;
        if line.parameter("RANGE").is_some() {
            return wrong(
                line,
                "an exception for all that follows (RANGE) is not read",
                "end the rule and begin another",
            );
        }
        gone.add(line, place, begins)?;
    }
    Ok(gone)
}
