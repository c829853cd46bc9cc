//! One pass over the steps in the order of what they need: when each begins and
//! ends, as planned and as it stands.
//!
//! What keeps a step for an unknown time (a hold, a failure, a doubt, being
//! parked) is reckoned as if it ended now; so a run that stands still lands
//! later with every minute.

use super::estimate::{self, Estimate};
use super::openings::Openings;
use super::reach::{Reach, millis, ms};
use crate::domain::hold::Hold;
use crate::domain::name::StepName;
use crate::domain::plan::{Need, Question, Step, Work};
use crate::domain::span::Span;
use crate::engine::history::{self, running};
use crate::engine::run::{Run, State, StepState};
use crate::engine::{Given, Ledger};
use std::collections::HashMap;

/// A step with its times.
pub(super) struct Passed<'a> {
    pub step: &'a Step,
    /// The steps that it comes after, by their place.
    pub after: Vec<usize>,
    /// Planned start and end.
    pub planned: (i64, i64),
    /// When it starts and ends; none when it never does.
    pub start: Option<Reach>,
    pub end: Option<Reach>,
    /// Until when what it needs may end without this step starting later; none once it has started.
    pub room: Option<i64>,
    pub working: Estimate,
    pub waiting: Estimate,
    pub waited: Span,
    pub overrun: Span,
    /// Whether anything of it is still to come.
    pub open: bool,
    pub left_out: bool,
    pub kept: bool,
    /// The entries of the calendar that judge it.
    pub set: Option<usize>,
}

/// All steps with their times.
pub(super) struct Pass<'a> {
    /// In the plan's order.
    pub steps: Vec<Passed<'a>>,
    /// Their places, each after everything that it needs.
    pub order: Vec<usize>,
    /// The end of the last; none when one never ends, or steps need each other in a circle.
    pub landing: Option<Reach>,
}

/// What every step is reckoned with.
struct Ground<'a, 'b> {
    given: &'b Given<'a>,
    run: &'a Run,
    now: i64,
    holds: Vec<&'a Hold>,
}

impl<'a> Pass<'a> {
    /// Goes over the steps of a run.
    pub fn of(given: &Given<'a>, run: &'a Run, openings: &mut Openings<'a>) -> Self {
        let places: HashMap<&StepName, usize> = run.plan.steps.iter().enumerate().map(|(n, s)| (&s.name, n)).collect();
        let mut steps: Vec<Passed<'a>> = run.plan.steps.iter().map(|step| blank(step, &places)).collect();
        let order = order(&steps);
        let ground = Ground { given, run, now: millis(given.now), holds: given.ledger.holds.values().collect() };
        for place in &order {
            let after = steps.get(*place).map(|s| s.after.clone()).unwrap_or_default();
            let before = || after.iter().filter_map(|n| steps.get(*n));
            let planned_after = before().map(|s| s.planned.1).max().unwrap_or_else(|| millis(run.t0));
            let ends: Option<Vec<Reach>> = before().map(|s| s.end).collect();
            let settled = before().all(|s| !s.open);
            let ended = ends.map(|ends| ends.into_iter().reduce(Reach::and));
            if let Some(passed) = steps.get_mut(*place) {
                plan(run, passed, planned_after);
                ground.reckon(passed, ended, settled, openings);
            }
        }
        let whole = order.len() == steps.len();
        let ends: Option<Vec<Reach>> = steps.iter().map(|s| s.end).collect();
        let landing = ends.filter(|_| whole).and_then(|ends| ends.into_iter().reduce(Reach::and));
        Self { steps, order, landing }
    }
}

fn blank<'a>(step: &'a Step, places: &HashMap<&StepName, usize>) -> Passed<'a> {
    let needs = step.needs.iter().filter_map(|need| match need {
        Need::Step(name) => places.get(name).copied(),
        Need::Other(..) => None,
    });
    let decision = step.branch.iter().filter_map(|(decision, _)| places.get(decision).copied());
    Passed {
        step,
        after: needs.chain(decision).collect(),
        planned: (0, 0),
        start: None,
        end: None,
        room: None,
        working: Estimate::default(),
        waiting: Estimate::default(),
        waited: Span::ZERO,
        overrun: Span::ZERO,
        open: true,
        left_out: false,
        kept: false,
        set: None,
    }
}

/// The places of steps, each after everything that it needs; those in a circle are missing.
fn order(steps: &[Passed<'_>]) -> Vec<usize> {
    let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); steps.len()];
    let mut missing: Vec<usize> = Vec::with_capacity(steps.len());
    for (n, step) in steps.iter().enumerate() {
        missing.push(step.after.len());
        step.after.iter().for_each(|before| needed_by.get_mut(*before).into_iter().for_each(|by| by.push(n)));
    }
    let mut order: Vec<usize> = (0..steps.len()).filter(|n| missing.get(*n) == Some(&0)).collect();
    let mut done = 0;
    while let Some(place) = order.get(done).copied() {
        done += 1;
        for next in needed_by.get(place).into_iter().flatten() {
            if let Some(left) = missing.get_mut(*next) {
                *left -= 1;
                order.extend((*left == 0).then_some(*next));
            }
        }
    }
    order
}

fn plan(run: &Run, passed: &mut Passed<'_>, after: i64) {
    let at = |at: crate::domain::plan::At| millis(at.resolve(run.t0));
    let start = [passed.step.at, passed.step.not_before].into_iter().flatten().map(at).fold(after, Ord::max);
    passed.planned = (start, start.saturating_add(ms(estimate::planned(passed.step).p50)));
}

impl<'a> Ground<'a, '_> {
    /// Reckons one step, given when everything that it needs has ended (outer none:
    /// never; inner none: it needs nothing) and whether that has already been.
    fn reckon(
        &self,
        passed: &mut Passed<'a>,
        ended: Option<Option<Reach>>,
        settled: bool,
        openings: &mut Openings<'a>,
    ) {
        let (run, step) = (self.run, passed.step);
        let Some(state) = run.steps.get(&step.name) else { return };
        (passed.working, passed.waiting) = estimate::of(&self.given.ledger.history, run, step);
        passed.overrun = overrun(step, state, self.given.now);
        passed.waited = self.waited(step, state, settled);
        if state.state.ended() || run.ended() {
            return over(run, passed, state, self.now);
        }
        if self.not_chosen(step) {
            let after = ended.map(|ended| ended.unwrap_or(Reach::at(self.now)));
            (passed.open, passed.left_out, passed.start, passed.end) = (false, true, after, after);
            return;
        }
        passed.set = openings.set(step);
        let length = if history::asks(step) { passed.waiting } else { passed.working };
        if let Some(started) = state.started.filter(|_| state.state.active()) {
            passed.kept = matches!(state.state, State::InDoubt(_));
            passed.start = Some(Reach::at(millis(started)));
            passed.end = Some(self.running(step, state, started, length));
            return;
        }
        if state.state.failed() {
            // It is tried again at once, as far as anyone can say.
            passed.kept = true;
            passed.start = Some(Reach::at(self.now));
            passed.end = passed.start.map(|start| start.plus(length));
            return;
        }
        passed.start = ended.and_then(|ended| self.starts(passed, ended, settled, openings));
        passed.end = passed.start.map(|start| start.plus(length));
    }

    /// The start of a step that has not started.
    fn starts(
        &self,
        passed: &mut Passed<'a>,
        ended: Option<Reach>,
        settled: bool,
        openings: &mut Openings<'a>,
    ) -> Option<Reach> {
        let step = passed.step;
        let after = ended.unwrap_or_else(|| Reach::at(millis(self.run.started)));
        let soak = step.gate.as_ref().map(estimate::soak).unwrap_or_default();
        let before_soak = match settled {
            true => Reach::at(millis(crate::engine::readiness::ready_at(self.run, step))),
            false => after,
        };
        let mut begin = before_soak.shifted(ms(soak)).not_before(self.now);
        if let Some(at) = step.not_before {
            begin = begin.not_before(millis(at.resolve(self.run.t0)));
        }
        for hold in self.holds.iter().filter(|_| !self.run.takes_back()) {
            if hold.stops(self.run.id, &step.name, step.operation()) {
                passed.kept = true;
                begin = hold.until.map_or(begin, |until| begin.not_before(millis(until)));
            }
        }
        for need in &step.needs {
            if let Need::Other(runbook, name) = need {
                begin = begin.not_before(elsewhere(self.given.ledger, runbook, name).unwrap_or(self.now));
            }
        }
        let asks = history::asks(step);
        let wanted = match settled {
            _ if asks => begin,
            // What is left of the waiting, from when nothing but people kept it.
            true if begin.p50 <= self.now => Reach::since(self.now - ms(passed.waited), passed.waiting, self.now),
            _ => begin.plus(passed.waiting),
        };
        let start = match passed.set {
            Some(set) => wanted.moved(|at| openings.opens(set, at))?,
            None => wanted,
        };
        passed.room = Some(begin.p50 - ms(soak) + (start.p50 - wanted.p50));
        Some(start)
    }

    /// The end of a step that is under way.
    fn running(&self, step: &Step, state: &StepState, started: crate::domain::Timestamp, length: Estimate) -> Reach {
        let so_far = running(self.run, started, self.given.now);
        // A clock that went back lets nothing end before it began.
        let began = (self.now - ms(so_far)).max(millis(started));
        let mut end = Reach::since(began, length, self.now);
        let from = millis(state.soak_from.unwrap_or(started));
        let soak = match (&state.state, &step.work) {
            (State::Verifying, _) => step.verify.as_ref().map(estimate::soak),
            (_, Work::Watch { gate, .. }) => Some(estimate::soak(gate)),
            _ => None,
        };
        end = soak.map_or(end, |soak| end.not_before(from.saturating_add(ms(soak))));
        let closes = match &step.work {
            Work::Ask(Question::Poll { closes, .. }) => Some(*closes),
            Work::Watch { limit, .. } if state.state == State::Running => *limit,
            _ => None,
        };
        closes.map_or(end, |closes| end.not_after(millis(started).saturating_add(ms(closes)).max(self.now)))
    }

    /// How long people have been waited for so far.
    fn waited(&self, step: &Step, state: &StepState, settled: bool) -> Span {
        let now = self.given.now;
        let since = |from| running(self.run, from, now);
        match (&state.state, state.started) {
            _ if self.run.ended() || state.ended.is_some() => {
                history::waited(self.run, step, state).unwrap_or_default()
            }
            (s, Some(started)) if s.active() && history::asks(step) => since(started),
            (s, Some(started)) if s.active() && history::waits(step) => {
                running(self.run, history::ready_at(self.run, step), started)
            }
            (State::Pending, _) if settled && history::waits(step) && !history::asks(step) => {
                since(history::ready_at(self.run, step))
            }
            _ => Span::ZERO,
        }
    }

    /// Whether it belongs to a branch that was not chosen.
    fn not_chosen(&self, step: &Step) -> bool {
        let Some((decision, wanted)) = &step.branch else { return false };
        let chosen = self.run.steps.get(decision).and_then(|s| s.chosen.as_ref());
        chosen.is_some_and(|chosen| chosen != wanted)
    }
}

/// A step to which nothing more happens.
fn over(run: &Run, passed: &mut Passed<'_>, state: &StepState, now: i64) {
    let never_began = state.started.is_none() && state.ended.is_none();
    let at = state.ended.or(run.ended_at()).map_or(now, millis);
    let start = state.started.map_or(at, millis);
    passed.open = false;
    passed.left_out = matches!(state.state, State::Skipped(_)) || never_began;
    passed.start = Some(Reach::at(start));
    passed.end = Some(Reach::at(at.max(start)));
}

/// When a step of another runbook's newest run ends, as far as that run knows.
fn elsewhere(ledger: &Ledger, runbook: &crate::domain::name::RunbookName, name: &StepName) -> Option<i64> {
    let run = ledger.runs.values().rfind(|run| run.plan.runbook == *runbook)?;
    let state = run.steps.get(name)?;
    let step = run.plan.step(name)?;
    let planned = estimate::planned(step).p50.delta();
    let from = state.started.or_else(|| step.at.map(|at| at.resolve(run.t0)));
    state.ended.or_else(|| Some(from? + planned)).map(millis)
}

/// How much longer than planned a step has taken, or takes so far.
fn overrun(step: &Step, state: &StepState, now: crate::domain::Timestamp) -> Span {
    let planned = estimate::planned(step).p50;
    let Some(started) = state.started.filter(|_| planned > Span::ZERO) else { return Span::ZERO };
    let took = Span::between(started, state.ended.unwrap_or(now));
    Span::millis(took.as_millis().saturating_sub(planned.as_millis()))
}
