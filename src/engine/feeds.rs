//! Feeds that are read by their addresses: their events beside those of the files, and what is not known of them.
//!
//! What was read last binds for as long as nothing else was understood; whether it is all is another question, and
//! where that is not known, what only a window lets in does not begin. What can only warn, warns of that.

use super::Given;
use super::calendar::Question;
use crate::domain::Timestamp;
use crate::domain::backend::BackendSpec;
use crate::domain::calendar::{Event, EventKind};
use crate::domain::feed::{Feed, FeedSpec, Told};
use crate::domain::name::BackendName;
use crate::domain::observed::{Observed, Seen};
use crate::domain::operation::Direction;
use crate::domain::topic::Topic;
use crate::domain::verdict::{Level, Reason, Rule, Verdict};
use crate::domain::workspace::Workspace;
use chrono::TimeDelta;
use std::sync::Arc;

/// The feeds of a workspace that are read by their addresses.
pub fn declared(workspace: &Workspace) -> impl Iterator<Item = (&BackendSpec, &FeedSpec)> {
    workspace.backends.values().filter_map(|spec| Some((spec, spec.kind.feed()?)))
}

/// Whether every feed has said something, be it why it says nothing; whoever asks for that has tried again before.
pub fn have_come(workspace: &Workspace, observed: &Observed) -> bool {
    let failed = |by: &BackendName| observed.sources.get(by).is_some_and(|source| source.no_windows.is_some());
    declared(workspace).all(|(by, _)| observed.feeds.contains_key(&by.name) || failed(&by.name))
}

/// What was read of a feed last and understood, however long ago.
pub fn last<'a>(given: &Given<'a>, by: &BackendSpec) -> Option<&'a Seen<Arc<Told>>> {
    given.observed.feeds.get(&by.name)?.told.as_ref()
}

/// What a feed says.
///
/// # Errors
/// Why that is not known: it was not heard, is too old, is not understood any more, or was read as something else.
pub fn heard<'a>(given: &Given<'a>, by: &BackendSpec, spec: &FeedSpec) -> Result<&'a Seen<Arc<Told>>, String> {
    let fault = given.observed.sources.get(&by.name).and_then(|source| source.why(Topic::Windows));
    let with = |what: String| fault.map_or(what.clone(), |fault| format!("{what}; {fault}"));
    let at = |seen: &Seen<Arc<Told>>| seen.at.format("%d %b %H:%M:%SZ").to_string();
    let Some(seen) = last(given, by) else { return Err(with("not heard yet".to_owned())) };
    if given.observed.feeds.get(&by.name).is_some_and(|fed| fed.misread) {
        return Err(with(format!("not understood since {}", at(seen))));
    }
    if seen.value.feed != spec.feed {
        return Err("the files say something else of it by now; leave holdpoint and start it again".to_owned());
    }
    if given.now - seen.at > spec.max_age.delta() {
        return Err(with(format!("not heard since {}", at(seen))));
    }
    Ok(seen)
}

/// The events of the files and of every feed.
pub fn events<'a>(given: &Given<'a>) -> impl Iterator<Item = &'a Event> + use<'a> {
    given.workspace.calendar.events.iter().chain(told(given))
}

/// The events of every feed.
pub(super) fn told<'a>(given: &Given<'a>) -> impl Iterator<Item = &'a Event> + use<'a> {
    let given = *given;
    declared(given.workspace).filter_map(move |(by, _)| last(&given, by)).flat_map(|seen| &seen.value.events)
}

/// What is not known of the feeds that a question is about, each in a verdict of its own.
pub(super) fn unknown<'a>(
    given: &'a Given<'_>,
    ask: Question<'a>,
    at: Timestamp,
) -> impl Iterator<Item = Verdict> + 'a {
    about(given, ask).filter_map(move |(by, spec)| {
        let (noun, name) = (spec.feed.noun(), &by.name);
        let text = match heard(given, by, spec) {
            Err(why) => format!("{noun} of {name} are not known: {why}"),
            Ok(seen) if at >= seen.value.until => format!("{noun} of {name} are not known that far ahead"),
            Ok(_) => return None,
        };
        Some(match spec.feed.binds() {
            true => Verdict::new(Level::Unknown, Reason::new(Rule::Evidence, text)),
            false => Verdict::new(Level::Warn, Reason::new(Rule::Conflict, text)),
        })
    })
}

/// The feeds that could say something of a question; only the way forward is judged by them.
fn about<'a>(given: &Given<'a>, ask: Question<'a>) -> impl Iterator<Item = (&'a BackendSpec, &'a FeedSpec)> + use<'a> {
    let forward = ask.direction == Direction::Forward;
    let says =
        move |feed: &Feed| forward && feed.kind != EventKind::Notice && feed.covers(ask.service, ask.environment);
    declared(given.workspace).filter(move |(_, spec)| says(&spec.feed))
}

/// When what is known of the feeds that a question is about is too old, unless they are heard again.
pub(super) fn fading<'a>(given: &Given<'a>, ask: Question<'a>) -> impl Iterator<Item = Timestamp> + use<'a> {
    let (given, just_after) = (*given, TimeDelta::milliseconds(1));
    let told = about(&given, ask).filter_map(move |(by, spec)| Some((last(&given, by)?, spec.max_age)));
    told.map(move |(seen, max_age)| seen.at + max_age.delta() + just_after)
}
