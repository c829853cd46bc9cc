//! Files of `calendar/`: releases, and events with their occurrences as instants.
//!
//! Every time becomes an instant here, so that nothing later asks a zone rule.

use super::Reading;
use super::recurrence;
use crate::config::moment::{Moment, later};
use crate::config::names::Noun;
use crate::config::raw::calendar::{self as raw, CalendarFile};
use crate::config::spot::{Named, Spot};
use crate::config::words::{EventName, Time, Wrong};
use crate::domain::Timestamp;
use crate::domain::backend::BackendSpec;
use crate::domain::calendar::{Event, EventKind};
use crate::domain::name::{ReleaseName, RoleName};
use crate::domain::release::{Item, Release};
use crate::domain::span::Span;
use chrono::TimeDelta;
use std::collections::BTreeMap;

/// How far occurrences are expanded, back and ahead, in days.
const BACK: i64 = 31;
const AHEAD: i64 = 366;
/// The longest that an event may last.
const LONGEST: Span = Span::secs(366 * 86_400);
/// How many recurring events are expanded; a calendar of people has far fewer.
const REPEATING: usize = 2000;

/// The time that occurrences are expanded for.
#[derive(Clone, Copy, Debug)]
pub struct Horizon {
    /// Occurrences that ended before are left out.
    pub from: Timestamp,
    /// Occurrences that start later are left out.
    pub to: Timestamp,
}

impl Horizon {
    /// From a month before `now` to a year after.
    pub fn around(now: Timestamp) -> Self {
        let days = |n| now.checked_add_signed(TimeDelta::days(n)).unwrap_or(now);
        Self { from: days(-BACK), to: days(AHEAD) }
    }
}

/// What was declared in the calendar so far, to find a name that is used twice.
#[derive(Debug, Default)]
pub struct Seen {
    releases: BTreeMap<String, String>,
    events: BTreeMap<(EventKind, String), String>,
    repeating: usize,
    feeds: BTreeMap<String, String>,
}

impl Seen {
    /// Counts more recurring events; whether there are not too many yet.
    pub(super) fn repeat(&mut self, more: usize) -> bool {
        self.repeating = self.repeating.saturating_add(more);
        self.repeating <= REPEATING
    }
}

/// What one file of the calendar says.
pub struct Said {
    /// Its releases.
    pub releases: Vec<Release>,
    /// Its events, and those of files beside it.
    pub events: Vec<Event>,
    /// Its feeds that are read by their addresses.
    pub feeds: Vec<BackendSpec>,
}

/// Reads one file of the calendar.
pub fn calendar(r: &mut Reading<'_>, raw: &CalendarFile, horizon: Horizon, seen: &mut Seen) -> Said {
    let mut releases = Vec::new();
    for (name, raw) in &raw.releases.0 {
        twice(r, name, seen.releases.insert(name.to_string(), r.file.name.clone()));
        releases.push(release(r, name, raw));
    }
    let mut events = Vec::new();
    let mut take = |kind: EventKind, all: &Named<EventName, raw::Event>| {
        for (name, raw) in &all.0 {
            let name = Spot { at: name.at.clone(), value: name.0.clone() };
            twice(r, &name, seen.events.insert((kind, name.value.clone()), r.file.name.clone()));
            if raw.repeat.is_some() && !seen.repeat(1) {
                r.mistake(&name.at, format!("more than {REPEATING} recurring events"), "merge some of them");
                continue;
            }
            events.push(event(r, kind, &name, raw, horizon));
        }
    };
    take(EventKind::Window, &raw.windows);
    take(EventKind::Freeze, &raw.freezes);
    take(EventKind::Maintenance, &raw.maintenance);
    take(EventKind::Reservation, &raw.reservations);
    take(EventKind::Notice, &raw.notices);
    let mut feeds = Vec::new();
    for (name, raw) in &raw.feeds.0 {
        let shown = Spot { at: name.at.clone(), value: name.0.clone() };
        twice(r, &shown, seen.feeds.insert(name.0.clone(), r.file.name.clone()));
        match (&raw.file, &raw.url) {
            (Some(file), None) => events.extend(super::feed::of_file(r, name, raw, file, horizon, seen)),
            (None, Some(url)) => feeds.extend(super::feed::by_address(r, name, raw, url)),
            (None, None) => {
                r.mistake(&name.at, "nothing says where it is", "give it a `file` of calendar/, or a `url`")
            }
            (Some(_), Some(url)) => {
                r.mistake_unquoted(&url.at, "it has both `file` and `url`", "remove one of the two")
            }
        }
    }
    Said { releases, events, feeds }
}

fn twice<T: std::fmt::Display>(r: &mut Reading<'_>, name: &Spot<T>, earlier: Option<String>) {
    if let Some(file) = earlier {
        r.mistake(&name.at, format!("\"{}\" is declared in {file} already", name.value), "choose another name");
    }
}

fn instant(r: &mut Reading<'_>, time: &Spot<Time>) -> Option<Moment> {
    match Moment::parse(&time.0, &r.workspace.zone) {
        Ok(moment) => Some(moment),
        Err(wrong) => {
            note(r, time, wrong);
            None
        }
    }
}

fn note<T>(r: &mut Reading<'_>, spot: &Spot<T>, wrong: Wrong) {
    r.mistake(&spot.at, wrong.what, wrong.help.unwrap_or_default());
}

fn release(r: &mut Reading<'_>, name: &Spot<ReleaseName>, raw: &raw::Release) -> Release {
    let starts = instant(r, &raw.starts).and_then(|at| at.instant()).unwrap_or_default();
    let ends = instant(r, &raw.ends).and_then(|at| at.instant()).unwrap_or_default();
    if ends <= starts {
        r.mistake(&raw.ends.at, "it ends before it starts", "");
    }
    let services: Vec<_> = raw.bill.iter().map(|item| item.service.clone()).collect();
    r.once(&services);
    Release {
        name: name.value.clone(),
        title: raw.title.clone().unwrap_or_else(|| name.to_string()),
        starts,
        ends,
        environments: r.list(Noun::Environment, &raw.environments),
        bill: raw.bill.iter().map(|raw| item(r, raw)).collect(),
        runbook: raw.runbook.as_ref().map(|runbook| r.name(Noun::Runbook, runbook)),
        impact: raw.impact,
        tickets: raw.tickets.clone(),
    }
}

fn item(r: &mut Reading<'_>, raw: &raw::Item) -> Item {
    Item {
        service: r.name(Noun::Service, &raw.service),
        version: raw.version.clone(),
        digest: raw.digest.clone(),
        commit: raw.commit.clone(),
        schema: raw.schema.clone(),
        known_issues: raw.known_issues.clone(),
    }
}

fn event(r: &mut Reading<'_>, kind: EventKind, name: &Spot<String>, raw: &raw::Event, horizon: Horizon) -> Event {
    let stops = raw.stops_rollback.as_ref();
    if let Some(stops) = stops.filter(|stops| stops.value && kind != EventKind::Freeze) {
        r.mistake(&stops.at, "only a freeze can stop the way back", "remove it");
    }
    if let Some(stops) = stops.filter(|stops| stops.value && kind == EventKind::Freeze) {
        let help = "almost never right: a bad release could not be taken back";
        r.warning(&stops.at, "this freeze stops rollbacks too", help);
    }
    Event {
        name: name.value.clone(),
        kind,
        title: raw.title.clone().unwrap_or_else(|| name.value.clone()),
        services: r.list(Noun::Service, &raw.services),
        environments: r.list(Noun::Environment, &raw.environments),
        stops_rollback: stops.is_some_and(|stops| stops.value),
        contact: raw.contact.clone(),
        waived_by: waived_by(r, kind, &raw.waived_by),
        occurrences: occurrences(r, name, raw, horizon).unwrap_or_default(),
    }
}

/// Whose word waives an entry; only what holds something back can be waived.
fn waived_by(r: &mut Reading<'_>, kind: EventKind, raw: &[Spot<RoleName>]) -> Vec<RoleName> {
    if let Some(first) = raw.first().filter(|_| !matches!(kind, EventKind::Freeze | EventKind::Window)) {
        r.mistake(&first.at, "only freezes and windows hold back what could be waived", "remove it");
    }
    r.list(Noun::Role, raw)
}

/// How an occurrence's end follows from its start.
enum Length {
    /// So long on the wall clock: the end keeps its local hour.
    Civil(TimeDelta),
    /// So long on a stop-watch.
    Elapsed(Span),
}

fn occurrences(
    r: &mut Reading<'_>,
    name: &Spot<String>,
    raw: &raw::Event,
    horizon: Horizon,
) -> Option<Vec<(Timestamp, Timestamp)>> {
    let first = instant(r, &raw.starts)?;
    let length = length(r, name, raw, &first)?;
    let ends = |civil| match &length {
        Length::Civil(delta) => Some((first.same_place(civil)?, first.same_place(civil.checked_add_signed(*delta)?)?)),
        Length::Elapsed(span) => first.same_place(civil).map(|start| (start, later(start, *span))),
    };
    let starts = match &raw.repeat {
        None => vec![first.civil()],
        Some(rule) => {
            let margin = TimeDelta::days(367);
            let from = horizon.from.naive_utc().checked_sub_signed(margin)?;
            let to = horizon.to.naive_utc().checked_add_signed(TimeDelta::days(2))?;
            match recurrence::starts(rule, &first, from, to) {
                Ok(starts) => starts,
                Err(wrong) => {
                    note(r, rule, wrong);
                    return None;
                }
            }
        }
    };
    let within = |(start, end): &(Timestamp, Timestamp)| start < end && *end > horizon.from && *start < horizon.to;
    Some(starts.into_iter().filter_map(ends).filter(within).collect())
}

/// The length of an event; notes when it has none, two, or a wrong one.
fn length(r: &mut Reading<'_>, name: &Spot<String>, raw: &raw::Event, first: &Moment) -> Option<Length> {
    let (ends, lasts) = match (&raw.ends, &raw.lasts) {
        (Some(ends), None) => (ends, None),
        (None, Some(lasts)) => return elapsed(r, lasts),
        (None, None) => {
            r.mistake(&name.at, "it has no end", "give it `ends`, or `lasts`");
            return None;
        }
        (Some(ends), Some(lasts)) => (ends, Some(lasts)),
    };
    if let Some(lasts) = lasts {
        r.mistake(&lasts.at, "it has both `ends` and `lasts`", "remove one of the two");
        return None;
    }
    let end = instant(r, ends)?;
    let (from, to) = (first.instant()?, end.instant()?);
    let span = Span::between(from, to);
    if to <= from {
        r.mistake(&ends.at, "it ends before it starts", "an end after midnight has the next day's date");
        return None;
    }
    if span > LONGEST && raw.repeat.is_some() {
        r.mistake(&ends.at, "a recurring event lasts at most a year", "");
        return None;
    }
    let same_place = end.place() == first.place();
    Some(if same_place { Length::Civil(end.civil() - first.civil()) } else { Length::Elapsed(span) })
}

fn elapsed(r: &mut Reading<'_>, lasts: &Spot<Span>) -> Option<Length> {
    if lasts.value == Span::ZERO || lasts.value > LONGEST {
        r.mistake(&lasts.at, "an event lasts more than nothing and at most a year", "");
        return None;
    }
    Some(Length::Elapsed(lasts.value))
}
