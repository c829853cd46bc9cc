//! When a run will land, how far that is from its plan, and until when a
//! rollback can still start and end inside the window.
//!
//! Derived from the plan's lengths and what has happened; nothing is stored.
//! Waiting for people counts from now, because nobody can plan it.

use super::run::Run;
use super::{Given, calendar, rules, show};
use crate::domain::Timestamp;
use crate::domain::name::StepName;
use crate::domain::operation::Direction;
use crate::domain::plan::{Need, Step};
use crate::domain::span::Span;
use std::collections::BTreeMap;

/// A rollback's margin before the window's end.
pub const MARGIN: Span = Span::mins(2);
/// How long taking one change back is reckoned to take when nothing is known.
const ONE_BACK: Span = Span::mins(1);

/// A run's outlook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Forecast {
    /// When it was planned to end.
    pub planned: Option<Timestamp>,
    /// When it ends if everything takes its planned length from now on.
    pub lands: Option<Timestamp>,
    /// When the window that its forward operations need closes.
    pub window_ends: Option<Timestamp>,
    /// How long taking back everything that it has changed is reckoned to take.
    pub rollback: Option<Span>,
    /// The latest start of that rollback that still ends inside the window.
    pub horizon: Option<Timestamp>,
}

impl Forecast {
    /// How much later than planned it lands: negative when earlier.
    pub fn drift(&self) -> Option<chrono::TimeDelta> {
        Some(self.lands? - self.planned?)
    }
}

/// Looks ahead.
pub fn of_run(given: &Given<'_>, run: &Run) -> Forecast {
    let planned = longest(run, |step, after| {
        let starts = step.at.map_or(after, |at| at.resolve(run.t0).max(after));
        starts + step.takes.unwrap_or_default().delta()
    });
    let lands = longest(run, |step, after| ends(given, run, step, after));
    let window_ends = window_ends(given, run);
    let rollback = rollback(run);
    let horizon = window_ends.zip(rollback).map(|(end, takes)| end - (takes + MARGIN).delta());
    Forecast { planned, lands, window_ends, rollback, horizon }
}

/// The end of the last step, each beginning after everything that it needs.
fn longest(run: &Run, end: impl Fn(&Step, Timestamp) -> Timestamp) -> Option<Timestamp> {
    let mut ends: BTreeMap<&StepName, Timestamp> = BTreeMap::new();
    let mut left: Vec<&Step> = run.plan.steps.iter().collect();
    // A plan has no cycles; a round that settles nothing ends the search all the same.
    while !left.is_empty() {
        let before = left.len();
        left.retain(|step| {
            let needs = step.needs.iter().filter_map(|need| match need {
                Need::Step(name) => Some(name),
                Need::Other(..) => None,
            });
            let known: Option<Vec<_>> = needs.map(|name| ends.get(name).copied()).collect();
            let Some(known) = known else { return true };
            let after = known.into_iter().max().unwrap_or(run.t0);
            ends.insert(&step.name, end(step, after));
            false
        });
        if left.len() == before {
            return None;
        }
    }
    ends.into_values().max()
}

fn ends(given: &Given<'_>, run: &Run, step: &Step, after: Timestamp) -> Timestamp {
    let Some(state) = run.steps.get(&step.name) else { return after };
    if let Some(ended) = state.ended.filter(|_| state.state.ended()) {
        return ended.max(after.min(given.now));
    }
    let takes = step.takes.unwrap_or_default().delta();
    match state.started.filter(|_| state.state.active()) {
        Some(started) => (started + takes).max(given.now),
        None => {
            let not_before = step.not_before.map(|at| at.resolve(run.t0));
            after.max(given.now).max(not_before.unwrap_or(after)) + takes
        }
    }
}

/// The first closing of a window among the targets of what is still to be done.
fn window_ends(given: &Given<'_>, run: &Run) -> Option<Timestamp> {
    let open = run.plan.steps.iter().filter(|s| !run.state(&s.name).ended());
    let forward = open.filter_map(Step::operation).filter(|op| op.direction() == Direction::Forward);
    let closes = forward.filter_map(|op| {
        let (service, environment) = op.target()?;
        let ask = calendar::Question {
            service: Some(service),
            environment: Some(environment),
            direction: Direction::Forward,
        };
        let opens = rules::opens(given, ask, given.now)?;
        rules::closes(given, ask, opens)
    });
    closes.min()
}

/// What taking everything back takes: each change as long as it took to make.
fn rollback(run: &Run) -> Option<Span> {
    let open = run.changed.iter().filter(|c| c.taken_back.is_none());
    let lengths: Vec<_> = open
        .map(|change| {
            let state = run.steps.get(&change.step);
            state.and_then(|s| Some(Span::between(s.started?, s.ended?))).unwrap_or(ONE_BACK)
        })
        .collect();
    lengths.into_iter().reduce(|a, b| a + b)
}

/// How a run stands in two words, for the header.
pub fn standing(given: &Given<'_>, run: &Run, forecast: &Forecast) -> &'static str {
    let late = show::steps(given, run).any(|s| s.pace == show::Pace::Late && !s.state.state.ended());
    let over = forecast.lands.zip(forecast.window_ends).is_some_and(|(lands, end)| lands > end);
    let failed = run.steps.values().any(|s| s.state.failed());
    match (failed, over, late) {
        (true, ..) => "FAILED",
        (_, true, _) => "TOO LATE",
        (_, _, true) => "LATE",
        _ if forecast.drift().is_some_and(|d| d.num_minutes() >= 1) => "AT RISK",
        _ => "ON TIME",
    }
}
