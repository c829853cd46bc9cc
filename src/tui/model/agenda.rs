//! The calendar as screens show it: what the files say and what backends tell, as rows in one
//! order of time and as lanes that have every time.
//!
//! It is worked out every second, so what changes with the windows alone is taken over from the
//! time before. What is not known is named, never left out as if it were open.

use super::lane::{Lane, What, fed, files, told};
use crate::domain::Timestamp;
use crate::domain::calendar::EventKind;
use crate::domain::name::BackendName;
use crate::domain::observed::{Placed, Quality};
use crate::domain::window::Edges;
use crate::engine::{Given, Run, feeds, windows};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

/// The most rows of one window of a backend; a week of one that comes every hour.
const TOLD: usize = 200;

/// One time at which a piece of the calendar is on: a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// When it begins; none where that was before all that is known.
    pub from: Option<Timestamp>,
    /// When it ends; none where no end is known.
    pub to: Option<Timestamp>,
    /// What is on.
    pub what: Arc<What>,
}

/// The calendar of a month.
#[derive(Debug, Default)]
pub struct Agenda {
    /// Its rows, in order.
    pub slots: Vec<Slot>,
    /// Whatever is on at some time.
    pub lanes: Vec<Lane>,
    /// Of what some times have no row, and how many have none.
    pub more: Vec<(Arc<What>, usize)>,
    /// Whose windows are not known, in words.
    pub unknown: Vec<String>,
    /// Where a backend that is heard does not know its windows, and why.
    pub unread: BTreeMap<BackendName, BTreeMap<Placed, String>>,
    /// Who has not been heard for a while.
    late: BTreeSet<BackendName>,
}

impl Agenda {
    /// The calendar as of an instant; `before` is what it was.
    pub fn of(given: &Given<'_>, before: &Self) -> Self {
        let mut agenda = Self { lanes: files(given), ..Self::default() };
        let own = 0..agenda.lanes.len();
        agenda.rows(own, given.now, |(from, to)| (Some(from), Some(to)));
        for spec in windows::telling(given) {
            let Ok(seen) = windows::heard(given.observed, &spec.name, given.now) else {
                agenda.unknown.push(format!("windows of {} not known", spec.name));
                continue;
            };
            let first = agenda.lanes.len();
            agenda.blind(spec.name.clone(), windows::unread(given, &spec.name, &seen.value));
            if seen.quality(given.now) != Quality::Fresh {
                agenda.late.insert(spec.name.clone());
            }
            agenda.lanes.extend(told(&spec.name, seen, &before.lanes));
            agenda.rows(first..agenda.lanes.len(), given.now, |span| seen.value.edges(span));
        }
        agenda.feeds(given);
        agenda.slots.sort_unstable();
        agenda
    }

    /// What feeds say; what was read last is shown though it may not be all.
    fn feeds(&mut self, given: &Given<'_>) {
        for (by, spec) in feeds::declared(given.workspace) {
            if feeds::heard(given, by, spec).is_err() {
                self.unknown.push(format!("{} of {} not known", spec.feed.noun(), by.name));
            }
            let Some(seen) = feeds::last(given, by) else { continue };
            if seen.quality(given.now) != Quality::Fresh {
                self.late.insert(by.name.clone());
            }
            let first = self.lanes.len();
            self.lanes.extend(fed(&by.name, &seen.value.events, given.now));
            self.rows(first..self.lanes.len(), given.now, |(from, to)| (Some(from), Some(to)));
        }
    }

    /// The title of a piece, marked where whoever tells it has not been heard for a while.
    pub fn title(&self, what: &What) -> String {
        let late = what.source.as_ref().is_some_and(|source| self.late.contains(source));
        format!("{}{}", if late { "~" } else { "" }, what.title)
    }

    /// The freezes of backends that begin where a run goes, the next first: when, where and what.
    pub fn told_freezes(&self, run: &Run, now: Timestamp) -> Vec<(Timestamp, Vec<Placed>, Arc<What>)> {
        let steps = run.plan.steps.iter().filter_map(|step| step.target());
        let places: BTreeSet<Placed> = steps.map(|(s, e)| (s.clone(), e.clone())).collect();
        let freezes = self.lanes.iter().filter(|lane| lane.what.kind == Some(EventKind::Freeze));
        let ahead = freezes.filter_map(|lane| {
            let (from, _) = lane.near(now).find(|(from, _)| *from > now)?;
            let about: Vec<Placed> = lane.places()?.intersection(&places).cloned().collect();
            (!about.is_empty()).then(|| (from, about, Arc::clone(&lane.what)))
        });
        let mut all: Vec<_> = ahead.collect();
        all.sort_by_key(|(from, ..)| *from);
        all
    }

    /// Names the places of which a backend does not know its windows.
    fn blind(&mut self, backend: BackendName, unread: BTreeMap<Placed, String>) {
        if unread.is_empty() {
            return;
        }
        let (n, s) = (unread.len(), if unread.len() == 1 { "" } else { "s" });
        self.unknown.push(format!("windows of {backend} not known for {n} place{s}"));
        self.unread.insert(backend, unread);
    }

    fn rows(&mut self, lanes: Range<usize>, now: Timestamp, edges: impl Fn((Timestamp, Timestamp)) -> Edges) {
        for lane in self.lanes.iter().take(lanes.end).skip(lanes.start) {
            let mut near = lane.near(now);
            self.slots.extend(near.by_ref().take(TOLD).map(|span| {
                let (from, to) = edges(span);
                Slot { from, to, what: Arc::clone(&lane.what) }
            }));
            let more = near.count();
            if more > 0 {
                self.more.push((Arc::clone(&lane.what), more));
            }
        }
    }
}

impl Slot {
    /// Whether it has begun.
    pub fn begun(&self, now: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= now)
    }
}

impl Ord for Slot {
    fn cmp(&self, other: &Self) -> Ordering {
        let times = |slot: &Self| (slot.from, slot.to.is_none(), slot.to);
        times(self).cmp(&times(other)).then_with(|| match Arc::ptr_eq(&self.what, &other.what) {
            true => Ordering::Equal,
            false => self.what.cmp(&other.what),
        })
    }
}

impl PartialOrd for Slot {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
