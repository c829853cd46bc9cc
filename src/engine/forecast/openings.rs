//! When the calendar lets an operation begin: the rules' own answers, asked once
//! for all operations that the same entries are about.

use super::reach::{instant, millis};
use crate::domain::Timestamp;
use crate::domain::calendar::{Event, EventKind};
use crate::domain::name::{EnvironmentName, RunId, ServiceName};
use crate::domain::operation::{Direction, Operation};
use crate::domain::plan::Step;
use crate::domain::window::WindowKind;
use crate::engine::calendar::Question;
use crate::engine::run::Run;
use crate::engine::{Given, feeds, rules, windows};
use std::collections::BTreeMap;

/// How many closings are looked for in a row.
const HOPS: usize = 6;

type About<'a> = (Option<&'a ServiceName>, Option<&'a EnvironmentName>);

/// The answers so far.
pub(super) struct Openings<'a> {
    given: Given<'a>,
    run: RunId,
    takes_back: bool,
    targets: BTreeMap<(About<'a>, bool, bool), usize>,
    sets: Vec<Set<'a>>,
}

/// Operations that the same entries of the calendar are about.
struct Set<'a> {
    about: About<'a>,
    direction: Direction,
    covering: Vec<usize>,
    /// Whether windows that a backend tells judge them too: those are one place's own.
    told: bool,
    run: Option<RunId>,
    known: Vec<Known>,
}

/// From an instant on nothing passes until it opens, and then all until it closes.
#[derive(Clone, Copy)]
struct Known {
    from: i64,
    opens: Option<i64>,
    closes: Option<i64>,
}

impl<'a> Set<'a> {
    fn ask(&self) -> Question<'a> {
        let Self { about: (service, environment), direction, told, .. } = *self;
        Question { service, environment, direction, told, backend: None, run: self.run }
    }
}

impl<'a> Openings<'a> {
    /// Nothing is asked yet.
    pub fn new(given: &Given<'a>, run: &Run) -> Self {
        Self { given: *given, run: run.id, takes_back: run.takes_back(), targets: BTreeMap::new(), sets: Vec::new() }
    }

    /// The entries that judge a step; none when the calendar has no say in it.
    pub fn set(&mut self, step: &'a Step) -> Option<usize> {
        let op = step.operation().filter(|op| self.judged(op))?;
        let about = (op.service.as_ref(), op.environment.as_ref());
        let ask = Question::of(op);
        let (direction, told) = (ask.direction, ask.told && windows::has(self.given.observed, ask));
        if let Some(set) = self.targets.get(&(about, direction == Direction::Back, told)) {
            return Some(*set);
        }
        let covers = |(n, event): (usize, &Event)| event.covers(about.0, about.1).then_some(n);
        let covering: Vec<usize> = events(&self.given).enumerate().filter_map(covers).collect();
        let alike = |s: &Set<'_>| s.direction == direction && s.covering == covering;
        let same = self.sets.iter().position(|s| alike(s) && !s.told && !told);
        let set = same.unwrap_or_else(|| {
            self.sets.push(Set { about, direction, covering, told, run: Some(self.run), known: Vec::new() });
            self.sets.len() - 1
        });
        self.targets.insert((about, direction == Direction::Back, told), set);
        Some(set)
    }

    /// As a step's readiness judges it.
    fn judged(&self, op: &Operation) -> bool {
        let direction = op.direction();
        op.environment.is_some() && direction != Direction::Aside && (!self.takes_back || direction == Direction::Back)
    }

    /// How many sets have been named.
    pub fn sets(&self) -> usize {
        self.sets.len()
    }

    /// The first instant from `at` on at which operations of a set may begin.
    pub fn opens(&mut self, set: usize, at: i64) -> Option<i64> {
        self.known(set, at)?.opens.map(|opens| opens.max(at))
    }

    /// The closings of a set from now on, up to an instant, and the first in any case.
    pub fn closings(&mut self, set: usize, until: i64) -> Vec<i64> {
        let (mut found, mut at) = (Vec::new(), millis(self.given.now));
        for _ in 0..HOPS {
            let Some(closes) = self.known(set, at).and_then(|known| known.closes) else { break };
            if !found.is_empty() && closes > until {
                break;
            }
            found.push(closes);
            at = closes;
        }
        found
    }

    fn known(&mut self, set: usize, at: i64) -> Option<Known> {
        let given = self.given;
        let set = self.sets.get_mut(set)?;
        let fits = |k: &&Known| k.from <= at && (k.opens.is_none() || k.closes.is_none_or(|closes| at < closes));
        if let Some(known) = set.known.iter().find(fits) {
            return Some(*known);
        }
        let ask = set.ask();
        let opens = rules::opens_by_known(&given, ask, instant(at));
        let closes = opens.and_then(|opens| rules::closes_by_known(&given, ask, opens));
        let known = Known { from: at, opens: opens.map(millis), closes: closes.map(millis) };
        set.known.push(known);
        Some(known)
    }

    /// What closes a set at an instant: a freeze that begins, or a window that ends.
    pub fn what_closes(&self, set: usize, at: i64) -> Option<(EventKind, &'a str)> {
        let set = self.sets.get(set)?;
        let at = instant(at);
        let about =
            || events(&self.given).enumerate().filter(|(n, _)| set.covering.contains(n)).map(|(_, event)| event);
        let begins = |e: &&Event| e.kind == EventKind::Freeze && e.occurrences.iter().any(|(from, _)| same(*from, at));
        let ends = |e: &&Event| e.kind == EventKind::Window && e.occurrences.iter().any(|(_, to)| same(*to, at));
        if let Some(found) = about().find(begins).or_else(|| about().find(ends)) {
            return Some((found.kind, found.title.as_str()));
        }
        let shut = windows::shuts(self.given.observed, set.ask(), at)?;
        let kind = match shut.kind {
            WindowKind::Deny => EventKind::Freeze,
            WindowKind::Allow => EventKind::Window,
        };
        Some((kind, shut.title.as_str()))
    }
}

/// Every entry that binds: the files', those of feeds, and those kept beside them.
fn events<'a>(given: &Given<'a>) -> impl Iterator<Item = &'a Event> + use<'a> {
    let kept = given.ledger.rules.iter().flat_map(|rules| &rules.calendar.events);
    feeds::events(given).chain(kept)
}

fn same(a: Timestamp, b: Timestamp) -> bool {
    millis(a) == millis(b)
}
