//! Windows that a backend tells: when it lets changes in somewhere, and when it keeps them out.
//!
//! Instants only: recurrence and zones are the adapter's. What is asked of them is how they
//! bear on what a person starts, because that is all that is started from here.

use super::Timestamp;
use super::observed::Placed;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

/// What a window does while it is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WindowKind {
    /// It lets changes in; outside of all that are about a place nothing gets in.
    Allow,
    /// It keeps changes out, whatever else lets them in.
    Deny,
}

/// A window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// What it is called, in the backend's words made harmless.
    pub title: String,
    /// What it does.
    pub kind: WindowKind,
    /// Whether it lets through what a person starts, at any time.
    pub people: bool,
    /// The places that it is about.
    pub places: BTreeSet<Placed>,
    /// When it is on: start and end, ordered, none touching the next.
    pub spans: Vec<(Timestamp, Timestamp)>,
}

/// When something is on as far as it is known: no start where that lies before all that is known,
/// no end where none is known.
pub type Edges = (Option<Timestamp>, Option<Timestamp>);

/// A time in which nothing that a person starts gets in somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shut {
    /// From then on.
    pub from: Timestamp,
    /// Until then, exclusive.
    pub to: Timestamp,
    /// What shuts: a window that denies and is on, or one that allows and is off.
    pub kind: WindowKind,
    /// What that window is called.
    pub title: String,
}

/// All windows of one backend, as far as they could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Windows {
    /// The windows, in the backend's order.
    pub all: Vec<Window>,
    /// Places whose windows could not be read, and why: never the same as open.
    pub unread: BTreeMap<Placed, String>,
    /// Since when they were expanded; nothing is known before.
    pub from: Timestamp,
    /// Until when they were expanded; nothing is known beyond.
    pub until: Timestamp,
    shut: BTreeMap<Placed, Arc<[Shut]>>,
    asked: BTreeSet<Placed>,
}

impl Windows {
    /// Works out where windows are shut between two instants. Asked about were the places that
    /// they name; [`Self::and_of`] adds those without any.
    pub fn of(all: Vec<Window>, unread: BTreeMap<Placed, String>, (from, until): (Timestamp, Timestamp)) -> Self {
        let mut about: BTreeMap<&Placed, Vec<usize>> = BTreeMap::new();
        for (n, window) in all.iter().enumerate() {
            window.places.iter().for_each(|place| about.entry(place).or_default().push(n));
        }
        let mut worked: BTreeMap<Vec<usize>, Arc<[Shut]>> = BTreeMap::new();
        let mut shut = BTreeMap::new();
        for (place, numbers) in about {
            let mine = || numbers.iter().filter_map(|n| all.get(*n)).collect::<Vec<_>>();
            let times = worked.entry(numbers.clone()).or_insert_with(|| closed(&mine(), from, until).into());
            shut.insert(place.clone(), Arc::clone(times));
        }
        let asked = shut.keys().chain(unread.keys()).cloned().collect();
        Self { all, unread, from, until, shut, asked }
    }

    /// Says that these places were asked about as well: where nothing is told of one, it has no windows.
    pub fn and_of(mut self, places: impl IntoIterator<Item = Placed>) -> Self {
        self.asked.extend(places);
        self
    }

    /// Whether a place was asked about; of any other nothing is known.
    pub fn asked(&self, place: &Placed) -> bool {
        self.asked.contains(place)
    }

    /// The places that were asked about.
    pub fn asked_about(&self) -> impl Iterator<Item = &Placed> {
        self.asked.iter()
    }

    /// The edges of a span that are known. Spans are cut where what is known ends, and a cut is no
    /// edge: nothing begins or ends there, and it moves as time goes on.
    pub fn edges(&self, (from, to): (Timestamp, Timestamp)) -> Edges {
        (Some(from).filter(|from| *from > self.from), Some(to).filter(|to| *to < self.until))
    }

    /// The places that windows are about, or that one if they are, with the times in which they are shut, in order.
    pub fn places<'a>(&'a self, one: Option<&Placed>) -> impl Iterator<Item = (&'a Placed, &'a [Shut])> + use<'a> {
        let from = one.map_or(Bound::Unbounded, Bound::Included);
        self.shut.range::<Placed, _>((from, from)).map(|(place, shut)| (place, &**shut))
    }
}

impl Window {
    /// Whether it is on; its end is exclusive.
    pub fn on(&self, at: Timestamp) -> bool {
        let begun = self.spans.partition_point(|(from, _)| *from <= at);
        begun.checked_sub(1).and_then(|n| self.spans.get(n)).is_some_and(|(_, to)| at < *to)
    }
}

/// When windows that are about one place let in nothing that a person starts.
fn closed(windows: &[&Window], from: Timestamp, until: Timestamp) -> Vec<Shut> {
    let ends = windows.iter().flat_map(|w| w.spans.iter().flat_map(|(a, b)| [*a, *b]));
    let mut edges: Vec<_> = ends.filter(|edge| from < *edge && *edge < until).chain([from, until]).collect();
    edges.sort_unstable();
    edges.dedup();
    let mut all: Vec<Shut> = Vec::new();
    for (from, to) in edges.iter().copied().zip(edges.iter().copied().skip(1)) {
        let Some(by) = shuts(windows, from) else { continue };
        match all.last_mut() {
            Some(last) if last.to == from && last.kind == by.kind && last.title == by.title => last.to = to,
            _ => all.push(Shut { from, to, kind: by.kind, title: by.title.clone() }),
        }
    }
    all
}

/// The window that shuts out at an instant what a person starts, if one does.
fn shuts<'a>(windows: &[&'a Window], at: Timestamp) -> Option<&'a Window> {
    let of = |kind: WindowKind, on: bool| windows.iter().copied().filter(move |w| w.kind == kind && w.on(at) == on);
    let bars = |w: &&Window| !w.people;
    if of(WindowKind::Deny, true).next().is_some() {
        return of(WindowKind::Deny, true).find(bars);
    }
    if of(WindowKind::Allow, true).next().is_some() {
        return None;
    }
    of(WindowKind::Allow, false).find(bars)
}
