//! What happens by itself: gates open, soaks end, triggers trip, steps start.
//!
//! Only the driver of a run advances it. Each call returns one decision; the
//! caller makes it durable and calls again until there is nothing left. At most
//! one operation is announced in a decision.

pub(super) mod edge;
mod start;
mod trigger;
mod watch;

pub(super) use trigger::watching;

use super::run::{Fate, Phase, Run, State};
use super::{Given, adhoc, readiness, rules};
use crate::domain::fact::Fact;
use crate::domain::name::RunId;
use crate::domain::plan::{Question, Work};
use crate::domain::session::SessionId;

/// The next decision about the runs that session `me` drives; empty when there is none.
pub fn advance(given: &Given<'_>, me: SessionId) -> Vec<Fact> {
    let mut mine = driven(given, me).peekable();
    if mine.peek().is_none() {
        return Vec::new();
    }
    // Nothing is judged by rules that are not written down.
    let first = [rules::advance, overdue].map(|rule| rule(given)).into_iter().find(|facts| !facts.is_empty());
    if let Some(facts) = first {
        return facts;
    }
    mine.map(|run| of_run(given, run, me)).find(|facts| !facts.is_empty()).unwrap_or_default()
}

/// The runs that a session drives and that have not ended.
pub(super) fn driven<'a>(given: &Given<'a>, me: SessionId) -> impl Iterator<Item = &'a Run> {
    let ledger = given.ledger;
    ledger.runs.values().filter(move |run| !run.ended() && ledger.driver(run) == Some(me))
}

/// Escalates, once, holds whose time is over. They stay in force.
fn overdue(given: &Given<'_>) -> Vec<Fact> {
    let holds = given.ledger.holds.values().filter(|h| !given.ledger.overdue.contains_key(&h.id));
    let over = holds.filter(|h| h.until.is_some_and(|until| given.now >= until));
    let to = given.workspace.roles.values().find(|role| role.rollback).map(|role| role.name.clone());
    over.map(|hold| Fact::HoldOverdue { hold: hold.id, to: to.clone() }).collect()
}

type Rule = fn(&Given<'_>, &Run, SessionId) -> Vec<Fact>;

fn of_run(given: &Given<'_>, run: &Run, me: SessionId) -> Vec<Fact> {
    let rules: [Rule; 7] = [trigger::advance, probe, watch::advance, start::advance, late, edge::advance, complete];
    // What a parked run has changed is live all the same: its triggers go on watching.
    let rules = if run.phase == Phase::Live { rules.as_slice() } else { rules.split_at(2).0 };
    rules.iter().map(|rule| rule(given, run, me)).find(|facts| !facts.is_empty()).unwrap_or_default()
}

/// What is in doubt is probed once by itself; what the probe finds decides, or
/// a person does.
fn probe(given: &Given<'_>, run: &Run, me: SessionId) -> Vec<Fact> {
    let doubtful = given.ledger.sent.values().find(|sent| {
        sent.intent.run == run.id
            && matches!(sent.fate, Fate::InDoubt(_))
            && sent.probing.is_none()
            && sent.probed.is_none()
    });
    doubtful.map(|sent| Fact::ProbeAsked { intent: sent.seq, session: me }).into_iter().collect()
}

/// Escalates, once, what is late, undecided or undiagnosed.
fn late(given: &Given<'_>, run: &Run, _me: SessionId) -> Vec<Fact> {
    let found = run.plan.steps.iter().find_map(|step| {
        let state = run.steps.get(&step.name).filter(|s| s.escalated.is_none())?;
        let (to, at, why) = escalation(given, run, step, state)?;
        (given.now >= at).then(|| Fact::Escalated { run: run.id, step: step.name.clone(), to, why })
    });
    found.into_iter().collect()
}

/// When a step escalates in its present state, to whom and why.
pub(super) fn escalation(
    given: &Given<'_>,
    run: &Run,
    step: &crate::domain::plan::Step,
    state: &super::run::StepState,
) -> Option<(crate::domain::name::RoleName, crate::domain::Timestamp, String)> {
    if state.state.failed() {
        let time_box = step.diagnose?;
        let to = step.owner.clone()?;
        return Some((to, state.ended? + time_box.delta(), format!("not diagnosed within {time_box}; choose")));
    }
    if state.state.ended() {
        return None;
    }
    let decide_by = match &step.work {
        Work::Ask(Question::Release { roles, decide_by: Some(by) }) => Some((roles.first().cloned()?, *by)),
        _ if step.escalate.is_none() => return None,
        _ => None,
    };
    // A step that waits for others is not the one that is late.
    if state.state == State::Pending && !readiness::needs_met(given, run, step) {
        return None;
    }
    if let Some((to, by)) = decide_by {
        return Some((to, by.resolve(run.t0), "the last instant to decide has come".to_owned()));
    }
    let escalate = step.escalate.as_ref()?;
    let due = step.due.map(|at| at.resolve(run.t0));
    let takes = step.takes.map(|t| t.delta());
    let planned = due
        .or_else(|| Some(state.started? + takes?))
        .or_else(|| Some(step.at?.resolve(run.t0) + takes.unwrap_or_default()))?;
    let why = format!("{} past its plan", escalate.after);
    Some((escalate.to.clone(), planned + escalate.after.delta(), why))
}

/// A run completes by itself once nothing in it is left to do or left open. One without a
/// runbook is over, too, when its one thing has failed for certain: it is asked for anew.
fn complete(given: &Given<'_>, run: &Run, me: SessionId) -> Vec<Fact> {
    if let Some(run) = taken_back(given, run, me) {
        return vec![Fact::RunCompleted { run }];
    }
    if let Some(reason) = adhoc::failed(run) {
        return vec![Fact::RunAborted { run: run.id, reason }];
    }
    if run.over() && run.left_open().next().is_none() {
        return vec![Fact::RunCompleted { run: run.id }];
    }
    Vec::new()
}

/// One thing without a runbook that this run has taken back and that nobody drives any more: it is over.
fn taken_back(given: &Given<'_>, run: &Run, me: SessionId) -> Option<RunId> {
    let back = given.ledger.run(run.plan.reverts?).filter(|back| adhoc::is(&back.plan) && !back.ended())?;
    let mine = given.ledger.driver(back).is_none_or(|driver| driver == me);
    (mine && back.steps.values().all(|s| s.state.ended())).then_some(back.id)
}

/// Whether any step of a run is doing something.
pub fn active(run: &Run) -> bool {
    run.steps.values().any(|s| matches!(s.state, State::Running | State::Verifying))
}
