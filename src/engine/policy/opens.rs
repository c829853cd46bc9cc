//! When rules turn by time alone: one that speaks falls silent, or one that is silent speaks.
//!
//! Only instants are looked at at which a condition of that kind turns: midnights, edges of the calendar, and the hours
//! and times of day that it names. A turn that is missed is judged all the same when a key is pressed.

use super::{About, risk};
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::policy::{Effect, Policy, PolicyRule};
use crate::domain::zone::Zone;
use crate::engine::{Given, feeds};
use chrono::{NaiveDateTime, NaiveTime, TimeDelta};

/// A stretch of time with its offset from universal time, in seconds.
type Stretch = (Timestamp, Timestamp, i32);

/// How far is looked ahead, in days.
const AHEAD: i64 = 35;
/// How many instants are tried at most.
const MOST: usize = 600;

/// A rule among those that it stands with.
type Of<'a> = (&'a Policy, &'a PolicyRule);

/// The first instant after `at` at which the rule does not speak any more; none where no time alone ends it.
pub(super) fn opens(given: &Given<'_>, about: &About<'_>, rule: Of<'_>, at: Timestamp) -> Option<Timestamp> {
    first(given, about, rule, at, |speaks| speaks == Ok(false))
}

/// The first instant after `at` at which the rule speaks, or cannot be told to be silent.
pub(super) fn closes(given: &Given<'_>, about: &About<'_>, rule: Of<'_>, at: Timestamp) -> Option<Timestamp> {
    first(given, about, rule, at, |speaks| speaks != Ok(false))
}

fn first(
    given: &Given<'_>,
    about: &About<'_>,
    (rules, rule): Of<'_>,
    at: Timestamp,
    wanted: impl Fn(Result<bool, String>) -> bool,
) -> Option<Timestamp> {
    turns(given, about, (rules, rule), at)
        .into_iter()
        .take(MOST)
        .find(|turn| wanted(rule.when.holds(&risk::with(rules, &about.facts(given, *turn)).ask())))
}

/// The instants after `at` at which a rule may turn, in order; none for one that does not look at the time.
fn turns(given: &Given<'_>, about: &About<'_>, (rules, rule): Of<'_>, at: Timestamp) -> Vec<Timestamp> {
    let mut seen = rule.when.seen();
    if seen.paths.iter().any(|path| path.starts_with("risk")) {
        // The risk turns where what gives points does.
        let giving = rules.values().filter(|rule| rule.effect == Effect::Points);
        giving.for_each(|rule| seen.add(rule.when.seen()));
    }
    let of =
        |path: &str, table: &str| path.strip_prefix(table).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    if !seen.paths.iter().any(|path| Case::TIMED.iter().any(|table| of(path, table))) {
        return Vec::new();
    }
    let mut times: Vec<NaiveTime> = seen.texts.iter().filter_map(|text| time(text)).collect();
    let hours = seen.numbers.iter().flat_map(|n| [*n, n.saturating_add(1)]).filter_map(|hour| u32::try_from(hour).ok());
    times.extend(hours.filter_map(|hour| NaiveTime::from_hms_opt(hour, 0, 0)));
    times.push(NaiveTime::MIN);
    times.sort_unstable();
    times.dedup();
    let mut turns: Vec<Timestamp> = edges(given, about, at).collect();
    for (table, zone) in [("local", about.zone(given)), ("utc", Zone::utc())] {
        if seen.paths.iter().any(|path| of(path, table)) {
            turns.extend(days(&zone, at, &times));
            turns.extend(set(&zone, at, &times));
        }
    }
    turns.retain(|turn| *turn > at);
    turns.sort_unstable();
    turns.dedup();
    turns
}

/// A time of day as conditions write it: `15:30`.
fn time(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M").ok()
}

/// Each time of each day, and the minute after it, from which `> "15:30"` holds.
fn days<'a>(zone: &'a Zone, at: Timestamp, times: &'a [NaiveTime]) -> impl Iterator<Item = Timestamp> + 'a {
    let today = zone.local(at).date();
    let days = (0..AHEAD).filter_map(move |n| today.checked_add_signed(TimeDelta::days(n)));
    let minute = |time: NaiveTime| [time, time.overflowing_add_signed(TimeDelta::minutes(1)).0];
    days.flat_map(move |day| {
        let times = times.iter().flat_map(move |time| minute(*time));
        times.filter_map(move |time| zone.instant(NaiveDateTime::new(day, time)))
    })
}

/// Where clocks are set forward or back, and each time of day of that day once more: one may come twice.
fn set(zone: &Zone, at: Timestamp, times: &[NaiveTime]) -> Vec<Timestamp> {
    let offsets = zone.offsets(at - TimeDelta::days(1), at + TimeDelta::days(AHEAD));
    let pairs = offsets.iter().zip(offsets.iter().skip(1));
    let around = |((_, _, before), (from, _, after)): (&Stretch, &Stretch)| {
        let back = TimeDelta::seconds(i64::from(before - after));
        let near = days(zone, *from - TimeDelta::days(1), times).take_while(|turn| *turn < *from + back);
        let again: Vec<_> = near.map(|turn| turn + back).collect();
        std::iter::once(*from).chain(again).collect::<Vec<_>>()
    };
    pairs.flat_map(around).collect()
}

/// Where the calendar turns.
fn edges<'a>(given: &Given<'a>, about: &About<'_>, at: Timestamp) -> impl Iterator<Item = Timestamp> + use<'a> {
    let (service, environment) = (about.service.cloned(), about.environment.cloned());
    let until = at + TimeDelta::days(AHEAD);
    let mine = feeds::events(given).filter(move |event| event.covers(service.as_ref(), environment.as_ref()));
    let edges = mine.flat_map(|event| event.occurrences.iter().flat_map(|(from, to)| [*from, *to]));
    edges.filter(move |edge| *edge > at && *edge < until)
}
