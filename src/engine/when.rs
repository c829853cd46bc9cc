//! When may this be done, for so long? The next openings, those with the least beside them first.
//!
//! The judgement is that of every key and verb; here openings are followed one after another, and within each the start
//! is looked for at which the fewest remarks fall into the time that it takes.

use super::Given;
use super::calendar::Question;
use super::feeds;
use super::may::{self, Asking};
use crate::domain::Timestamp;
use crate::domain::calendar::{Event, EventKind};
use crate::domain::release::Release;
use crate::domain::span::Span;
use std::collections::BTreeSet;

/// How many openings are followed.
const MOST: usize = 100;

/// A time in which it may be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Since when, or from when, it is open.
    pub from: Timestamp,
    /// When it closes; none where that is not known.
    pub to: Option<Timestamp>,
    /// When to start, so that the least falls into it.
    pub start: Timestamp,
    /// What falls into it then: warnings, other releases, what is worth knowing.
    pub remarks: Vec<String>,
}

/// The openings between two instants that are long enough: fewest remarks first, then the soonest.
pub fn when(
    given: &Given<'_>,
    asking: &Asking<'_>,
    takes: Span,
    (from, until): (Timestamp, Timestamp),
) -> Vec<Opening> {
    let mut all = Vec::new();
    let mut at = from;
    for _ in 0..MOST {
        let Some(opens) = may::opens(given, asking, at).filter(|opens| *opens < until) else { break };
        let closes = may::closes(given, asking, opens);
        all.extend(best(given, asking, takes, (opens, closes), until));
        match closes {
            Some(closes) => at = closes,
            None => break,
        }
    }
    all.sort_by_key(|opening| (opening.remarks.len(), opening.start));
    all
}

/// The best start in an opening; none where it is too short.
fn best(
    given: &Given<'_>,
    asking: &Asking<'_>,
    takes: Span,
    (from, to): (Timestamp, Option<Timestamp>),
    until: Timestamp,
) -> Option<Opening> {
    let ask = asking.question;
    let ends = |start: Timestamp| start.checked_add_signed(takes.delta());
    let fits = |start: &Timestamp| *start < until && ends(*start).is_some_and(|end| to.is_none_or(|to| end <= to));
    let within = |edge: &Timestamp| *edge > from;
    let edges: BTreeSet<Timestamp> = edges(given, ask).filter(within).collect();
    let starts = std::iter::once(from).chain(edges.iter().copied()).filter(fits);
    let judged = starts.filter_map(|start| Some((remarks(given, asking, (start, ends(start)?), &edges), start)));
    let (remarks, start) = judged.min_by_key(|(remarks, start)| (remarks.len(), *start))?;
    Some(Opening { from, to, start, remarks })
}

/// Every instant at which something begins or ends that could be remarked.
fn edges<'a>(given: &Given<'a>, ask: Question<'a>) -> impl Iterator<Item = Timestamp> + 'a {
    let calendar = &given.workspace.calendar;
    let events = feeds::events(given).filter(move |event| event.covers(ask.service, ask.environment));
    let events = events.flat_map(|event| event.occurrences.iter().flat_map(|(a, b)| [*a, *b]));
    let releases = calendar.releases.iter().filter(move |release| is_there(release, ask));
    events.chain(releases.flat_map(|release| [release.starts, release.ends]))
}

/// What falls into a time, each once.
fn remarks(
    given: &Given<'_>,
    asking: &Asking<'_>,
    (from, to): (Timestamp, Timestamp),
    edges: &BTreeSet<Timestamp>,
) -> Vec<String> {
    let (ask, calendar) = (asking.question, &given.workspace.calendar);
    let on = |(a, b): &(Timestamp, Timestamp)| *a < to && from < *b;
    let mut said: Vec<String> = Vec::new();
    let mut say = |text: String| {
        if !said.contains(&text) {
            said.push(text);
        }
    };
    // Warnings turn at edges only.
    for at in std::iter::once(from).chain(edges.range(from..to).copied()) {
        let verdict = may::may(given, asking, at);
        verdict.reasons.into_iter().filter(|_| verdict.level != Default::default()).for_each(|one| say(one.text));
    }
    let notice = |event: &&Event| event.kind == EventKind::Notice && event.covers(ask.service, ask.environment);
    for event in feeds::events(given).filter(notice).filter(|event| event.occurrences.iter().any(on)) {
        say(format!("notice {}", event.title));
    }
    for release in calendar.releases.iter().filter(|one| is_there(one, ask) && on(&(one.starts, one.ends))) {
        say(format!("release {}", release.title));
    }
    said
}

fn is_there(release: &Release, ask: Question<'_>) -> bool {
    let there = ask.environment.is_none_or(|environment| release.environments.contains(environment));
    there && ask.service.is_none_or(|service| release.bill.iter().any(|item| item.service == *service))
}
