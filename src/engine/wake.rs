//! When the driver must look again though nothing is heard.
//!
//! It may wake too often, never too late.

use super::calendar::Question as Asked;
use super::run::{Run, State, TriggerState};
use super::{Given, advance, clocks, gate, readiness, rules, versions, windows};
use crate::domain::Timestamp;
use crate::domain::operation::Operation;
use crate::domain::plan::{Question, Step, Work};
use crate::domain::session::SessionId;
use crate::domain::signal::SignalAt;
use crate::domain::verdict::Verdict;

/// The next instant at which `advance` may say something new for `me`, strictly
/// after now: an edge of time, or a value leaving fresh.
pub fn next_wake(given: &Given<'_>, me: SessionId) -> Option<Timestamp> {
    let mine: Vec<_> = advance::driven(given, me).collect();
    let holds = given.ledger.holds.values().filter_map(|h| h.until.filter(|_| !mine.is_empty()));
    mine.iter().flat_map(|run| of_run(given, run)).chain(holds).filter(|at| *at > given.now).min()
}

fn of_run(given: &Given<'_>, run: &Run) -> Vec<Timestamp> {
    let mut at = Vec::new();
    for state in run.triggers.values() {
        match state {
            TriggerState::Tripped { acts_at, .. } => at.extend(*acts_at),
            TriggerState::Postponed { until, .. } => at.push(*until),
            _ => {}
        }
    }
    for trigger in &run.plan.triggers {
        at.extend(trigger.signals.iter().flat_map(|s| fading(given, s)));
    }
    for step in &run.plan.steps {
        of_step(given, run, step, &mut at);
    }
    at.extend(advance::edge::wake(given, run));
    at
}

fn of_step(given: &Given<'_>, run: &Run, step: &Step, at: &mut Vec<Timestamp>) {
    let Some(state) = run.steps.get(&step.name) else { return };
    at.extend(advance::escalation(given, run, step, state).filter(|_| state.escalated.is_none()).map(|(_, at, _)| at));
    let gates = step.gate.iter().chain(&step.verify).chain(match &step.work {
        Work::Watch { gate, .. } => Some(gate),
        _ => None,
    });
    let looked_at = gates.clone().flat_map(|g| g.signals());
    match &state.state {
        State::Pending if readiness::needs_met(given, run, step) => {
            at.extend(opens(&readiness::judge(given, run, step).verdict));
            at.extend(step.operation().and_then(|op| closes(given, op)));
            at.extend(step.operation().into_iter().flat_map(|op| windows::fading(given, Asked::of(op))));
            at.extend(step.operation().into_iter().flat_map(|op| clocks::wakes(given, Asked::of(op), &op.backend)));
            at.extend(looked_at.flat_map(|s| fading(given, s)));
        }
        State::Running | State::Verifying => {
            let since = gate::Since::open(run, state);
            at.extend(gates.flat_map(|g| opens(&gate::judge(given, run, step, g, since).0)));
            at.extend(looked_at.flat_map(|s| fading(given, s)));
            if let (Some(started), Work::Watch { limit: Some(limit), .. }) = (state.started, &step.work) {
                at.push(started + limit.delta());
            }
            if let (Some(started), Work::Ask(Question::Poll { closes, evidence, .. })) = (state.started, &step.work) {
                at.push(started + closes.delta());
                at.extend(evidence.iter().flat_map(|s| fading(given, s)));
            }
        }
        _ => {}
    }
}

fn opens(verdict: &Verdict) -> Vec<Timestamp> {
    verdict.reasons.iter().filter_map(|r| r.opens).collect()
}

fn closes(given: &Given<'_>, op: &Operation) -> Option<Timestamp> {
    rules::closes(given, Asked::of(op), given.now)
}

/// When a signal stops being fresh, and when it is lost. A breach needs no wake: it counts by its readings.
fn fading(given: &Given<'_>, at: &SignalAt) -> Vec<Timestamp> {
    let compared = versions::fading(given, at);
    let Some(series) = given.observed.series.get(at) else { return compared };
    let Some(last) = series.last() else { return compared };
    let just_after = chrono::TimeDelta::milliseconds(1);
    let read = [2, 5].map(|n| last.at + series.every.times(n).delta() + just_after);
    read.into_iter().chain(compared).collect()
}
