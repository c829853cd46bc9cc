//! Pieces of the calendar with all their times: the files' entries, and windows that backends tell.
//!
//! A window is turned into words once for as long as the same is told; its times are not copied.

use crate::domain::Timestamp;
use crate::domain::calendar::{Event, EventKind};
use crate::domain::name::BackendName;
use crate::domain::observed::{Placed, Seen};
use crate::domain::window::{Window, WindowKind, Windows};
use crate::engine::Given;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How far ahead the calendar is shown.
const AHEAD: chrono::TimeDelta = chrono::TimeDelta::days(31);

/// What a piece of the calendar is, whenever it is on.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct What {
    /// The backend that tells it; the workspace's own files when none.
    pub source: Option<BackendName>,
    /// What kind it is; a release when none.
    pub kind: Option<EventKind>,
    /// Its title.
    pub title: String,
    /// What it covers or contains; empty when that is everything.
    pub about: String,
    /// How many that look the same stand before it.
    nth: usize,
}

/// All times at which a piece of the calendar is on.
#[derive(Clone, Debug)]
pub struct Lane {
    /// What is on.
    pub what: Arc<What>,
    times: Times,
}

#[derive(Clone, Debug)]
enum Times {
    Files(Vec<(Timestamp, Timestamp)>),
    Told(Arc<Windows>, usize),
}

impl Lane {
    /// When it is on, start and end, in order.
    pub fn spans(&self) -> &[(Timestamp, Timestamp)] {
        match &self.times {
            Times::Files(spans) => spans,
            Times::Told(windows, n) => windows.all.get(*n).map(|window| window.spans.as_slice()).unwrap_or_default(),
        }
    }

    /// When it is on within a month and is not over.
    pub fn near(&self, now: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        self.within(now, now + AHEAD)
    }

    /// When it is on between two instants.
    pub fn within(&self, from: Timestamp, until: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let spans = self.spans();
        // What a backend tells is ordered and never touches, so what is over is passed at once.
        let over = match self.times {
            Times::Files(_) => 0,
            Times::Told(..) => spans.partition_point(|(_, to)| *to <= from),
        };
        let rest = spans.iter().skip(over).copied().take_while(move |(starts, _)| *starts < until);
        rest.filter(move |(_, to)| *to > from)
    }

    /// The places that a backend's window is about; none where the files say it.
    pub fn places(&self) -> Option<&BTreeSet<Placed>> {
        match &self.times {
            Times::Files(_) => None,
            Times::Told(windows, n) => windows.all.get(*n).map(|window| &window.places),
        }
    }

    fn tells(&self, all: &Arc<Windows>) -> bool {
        matches!(&self.times, Times::Told(windows, _) if Arc::ptr_eq(windows, all))
    }
}

/// What the files say of the coming month.
pub fn files(given: &Given<'_>) -> Vec<Lane> {
    let (now, until) = (given.now, given.now + AHEAD);
    let near = |(from, to): &&(Timestamp, Timestamp)| *to > now && *from < until;
    let calendar = &given.workspace.calendar;
    let mut lanes = Lanes::default();
    for event in &calendar.events {
        lanes.add(of_event(event, event.title.clone()), Times::Files(self::near(event, now)));
    }
    for release in &calendar.releases {
        let spans: Vec<_> = [(release.starts, release.ends)].iter().filter(near).copied().collect();
        let bill: Vec<_> = release.bill.iter().map(|i| format!("{} {}", i.service, i.version)).collect();
        let (title, about) = (release.title.clone(), bill.join(", "));
        lanes.add(What { source: None, kind: None, title, about, nth: 0 }, Times::Files(spans));
    }
    lanes.all
}

/// What a feed says of the coming month.
pub fn fed(by: &BackendName, events: &[Event], now: Timestamp) -> Vec<Lane> {
    let mut lanes = Lanes::default();
    for event in events {
        let what = What { source: Some(by.clone()), ..of_event(event, format!("{by}: {}", event.title)) };
        lanes.add(what, Times::Files(near(event, now)));
    }
    lanes.all
}

/// An event as a piece of the calendar.
fn of_event(event: &Event, title: String) -> What {
    let services = event.services.iter().map(ToString::to_string);
    let about: Vec<_> = services.chain(event.environments.iter().map(ToString::to_string)).collect();
    What { source: None, kind: Some(event.kind), title, about: about.join(", "), nth: 0 }
}

/// When an event is on within a month.
fn near(event: &Event, now: Timestamp) -> Vec<(Timestamp, Timestamp)> {
    let near = |(from, to): &&(Timestamp, Timestamp)| *to > now && *from < now + AHEAD;
    let mut spans: Vec<_> = event.occurrences.iter().filter(near).copied().collect();
    spans.dedup();
    spans
}

/// What a backend tells; as it was before where it tells the same.
pub fn told(by: &BackendName, seen: &Seen<Arc<Windows>>, before: &[Lane]) -> Vec<Lane> {
    let mine = |lane: &&Lane| lane.what.source.as_ref() == Some(by) && lane.tells(&seen.value);
    let known: Vec<Lane> = before.iter().filter(mine).cloned().collect();
    if !known.is_empty() {
        return known;
    }
    let mut lanes = Lanes::default();
    for (n, window) in seen.value.all.iter().enumerate() {
        let about: Vec<_> = window.places.iter().map(|(s, e)| format!("{s}@{e}")).collect();
        let (title, about) = (format!("{by}: {}", window.title), about.join(", "));
        let what = What { source: Some(by.clone()), kind: Some(kind(window)), title, about, nth: 0 };
        lanes.add(what, Times::Told(Arc::clone(&seen.value), n));
    }
    lanes.all
}

/// Lanes as they are gathered, by their titles.
#[derive(Default)]
struct Lanes {
    all: Vec<Lane>,
    titled: BTreeMap<String, Vec<usize>>,
}

impl Lanes {
    /// Adds one; what looks the same and is on at the same times is the same.
    fn add(&mut self, what: What, times: Times) {
        let titled = self.titled.entry(what.title.clone()).or_default();
        let looks = |other: &What| (other.kind, &other.about) == (what.kind, &what.about);
        let alike = titled.iter().filter_map(|n| self.all.get(*n)).filter(|lane| looks(&lane.what));
        let alike: Vec<&Lane> = alike.collect();
        let nth = alike.len();
        let lane = Lane { what: Arc::new(What { nth, ..what }), times };
        if alike.iter().all(|other| other.spans() != lane.spans()) {
            titled.push(self.all.len());
            self.all.push(lane);
        }
    }
}

/// What a window that a backend tells is to whoever deploys by hand.
fn kind(window: &Window) -> EventKind {
    match window.kind {
        WindowKind::Allow => EventKind::Window,
        WindowKind::Deny if window.people => EventKind::Notice,
        WindowKind::Deny => EventKind::Freeze,
    }
}
