//! Commands about a whole run: start, note, add a step, park, abort, complete.
//!
//! What a run does by itself is `advance`, not decided here.

use super::gather::Gather;
use super::{live_run, needed};
use crate::domain::command::Consent;
use crate::domain::fact::Fact;
use crate::domain::name::{RunId, StepName};
use crate::domain::person::Actor;
use crate::domain::plan::{LeftOpen, Need, Plan, Step};
use crate::domain::refusal::Refusal;
use crate::domain::verdict::{Reason, Rule};
use crate::engine::run::{Phase, Run};
use crate::engine::{Given, capability, consent, rollback, rules};
use std::collections::BTreeSet;
use std::sync::Arc;

type Facts = Result<Vec<Fact>, Refusal>;

/// Starts a run; who starts it has the conn.
pub(super) fn start(given: &Given<'_>, actor: &Actor, plan: &Plan, consents: &[(StepName, Consent)]) -> Facts {
    let mut against = Gather::default();
    let other = given.ledger.runs.values().find(|r| r.plan.runbook == plan.runbook && !r.ended());
    if let Some(other) = other {
        let text = format!("run {} of {} has not ended; complete or abort it first", other.id, plan.runbook);
        against.reason(Err(Reason::new(Rule::Busy, text)));
    }
    if plan.steps.is_empty() {
        against.reason(Err(Reason::new(Rule::State, format!("{} has no steps", plan.runbook))));
    }
    let run = rollback::next_run(given);
    for reason in plan_faults(plan).into_iter().chain(capability::lacking(given, plan)) {
        against.reason(Err(reason));
    }
    for (name, consent) in consents {
        against.refusal(consented(run, plan, name, consent));
    }
    against.reason(open_session(given, actor));
    against.finish()?;
    let started =
        Fact::RunStarted { run, plan: Arc::new(plan.clone()), digest: plan.digest(), t0: plan.t0.unwrap_or(given.now) };
    let conn = Fact::ConnTaken { run, session: actor.session, epoch: 1, reason: String::new() };
    let agreed =
        consents.iter().map(|(step, consent)| Fact::Consented { run, step: step.clone(), consent: consent.clone() });
    Ok([started, conn].into_iter().chain(rules::at_start(given)).chain(agreed).collect())
}

/// What no fold would take: names that are there twice or not at all.
fn plan_faults(plan: &Plan) -> Vec<Reason> {
    let fault = |text: String| Reason::new(Rule::State, text);
    let mut names = BTreeSet::new();
    let twice = plan.steps.iter().filter(|s| !names.insert(&s.name)).map(|s| fault(format!("two steps {}", s.name)));
    let mut faults: Vec<_> = twice.collect();
    let known = |step: &StepName| names.contains(step);
    for step in &plan.steps {
        let needs = step.needs.iter().filter_map(|need| match need {
            Need::Step(name) => Some(name),
            Need::Other(..) => None,
        });
        for name in needs.chain(step.branch.iter().map(|(decision, _)| decision)).filter(|name| !known(name)) {
            faults.push(fault(format!("step {} waits for step {name}, which is not there", step.name)));
        }
    }
    faults
}

/// An agreement given with the start: to a step that is there, as it was shown,
/// and up to the next hold point.
fn consented(run: RunId, plan: &Plan, name: &StepName, consent: &Consent) -> Result<(), Refusal> {
    let step = plan.step(name);
    let step = step.ok_or_else(|| Refusal::one(Rule::Consent, format!("there is no step {name} to agree to")))?;
    if consent.saw != consent::of_try(run, 1, step) {
        return Err(Refusal::moved(format!("step {name}")));
    }
    match consent::hold_before(plan, step, &|_| false) {
        Some(hold) => {
            let text = format!("step {name} lies beyond hold point {hold}; agree to it when that is released");
            Err(Refusal::one(Rule::Consent, text))
        }
        None => Ok(()),
    }
}

/// Only a session that is open can have the conn.
pub(super) fn open_session(given: &Given<'_>, actor: &Actor) -> Result<(), Reason> {
    match given.ledger.alive(actor.session) {
        true => Ok(()),
        false => Err(Reason::new(Rule::Conn, format!("session {} is not open", actor.session))),
    }
}

/// Writes something down; allowed after the run's end too.
pub(super) fn note(given: &Given<'_>, run: RunId, step: Option<&StepName>, text: &str) -> Facts {
    super::find_run(given, run)?;
    if text.trim().is_empty() {
        return Err(Refusal::one(Rule::Reason, "there is nothing to note"));
    }
    Ok(vec![Fact::Noted { run, step: step.cloned(), text: text.to_owned() }])
}

/// Adds a step mid-run: a visible deviation.
pub(super) fn add_step(given: &Given<'_>, run: RunId, step: &Step, reason: &str) -> Facts {
    let run = live_run(given, run)?;
    needed(reason, "adding a step")?;
    if run.takes_back() && step.operation().is_some() {
        let text = format!("run {} is a rollback and was agreed to whole; only what people do can be added", run.id);
        return Err(Refusal::one(Rule::Consent, text));
    }
    if run.plan.step(&step.name).is_some() {
        return Err(Refusal::one(Rule::State, format!("run {} has a step {} already", run.id, step.name)));
    }
    let needs = step.needs.iter().filter_map(|need| match need {
        Need::Step(name) => Some(name),
        Need::Other(..) => None,
    });
    let mut waits_for = needs.chain(step.branch.iter().map(|(decision, _)| decision));
    if let Some(name) = waits_for.find(|name| run.plan.step(name).is_none()) {
        return Err(Refusal::one(Rule::State, format!("run {} has no step {name} to wait for", run.id)));
    }
    if let Some(operation) = step.operation() {
        capability::able(given, operation).map_err(|reason| Refusal { reasons: vec![reason], held: false })?;
    }
    Ok(vec![Fact::StepAdded { run: run.id, step: Box::new(step.clone()), reason: reason.to_owned() }])
}

/// Stops a run for good. What is on its way must be settled first, and what it
/// left open taken over by name.
pub(super) fn abort(given: &Given<'_>, run: RunId, reason: &str) -> Facts {
    let run = live_run(given, run)?;
    needed(reason, "aborting a run")?;
    let mut against = quiet(given, run);
    for left in run.left_open() {
        against.hold(left_open(left));
    }
    against.finish()?;
    Ok(vec![Fact::RunAborted { run: run.id, reason: reason.to_owned() }])
}

/// Sets a run aside until its next window.
pub(super) fn park(given: &Given<'_>, run: RunId, reason: &str) -> Facts {
    let run = live_run(given, run)?;
    needed(reason, "parking a run")?;
    if let Phase::Parked(why) = &run.phase {
        return Err(Refusal::one(Rule::State, format!("run {} is parked already: {why}", run.id)));
    }
    quiet(given, run).finish()?;
    Ok(vec![Fact::RunParked { run: run.id, reason: reason.to_owned() }])
}

/// Goes on with a parked run.
pub(super) fn unpark(given: &Given<'_>, run: RunId) -> Facts {
    let run = live_run(given, run)?;
    if !matches!(run.phase, Phase::Parked(_)) {
        return Err(Refusal::one(Rule::State, format!("run {} is not parked", run.id)));
    }
    Ok(vec![Fact::RunUnparked { run: run.id }])
}

/// Closes a run in which every step has ended and nothing is left open.
pub(super) fn complete(given: &Given<'_>, run: RunId) -> Facts {
    let run = live_run(given, run)?;
    let mut against = Gather::default();
    let over = run.over();
    for step in run.plan.steps.iter().filter(|s| !over && !run.state(&s.name).ended()) {
        against.hold(Reason::new(Rule::State, format!("step {} has not ended", step.name)));
    }
    for left in run.left_open() {
        against.hold(left_open(left));
    }
    against.finish()?;
    Ok(vec![Fact::RunCompleted { run: run.id }])
}

fn left_open(left: &LeftOpen) -> Reason {
    let text = format!("left open: {} ({}), closed by step {}", left.what, left.owner, left.closed_by);
    Reason::new(Rule::LeftOpen, text)
}

/// Takes over something left open, by name.
pub(super) fn take_over(given: &Given<'_>, run: RunId, what: &str, reason: &str) -> Facts {
    let run = live_run(given, run)?;
    needed(reason, "taking over what is left open")?;
    if !run.left_open().any(|left| left.what == what) {
        return Err(Refusal::one(Rule::LeftOpen, format!("{what} is not left open in run {}", run.id)));
    }
    Ok(vec![Fact::TakenOver { run: run.id, what: what.to_owned(), reason: reason.to_owned() }])
}

/// Nothing of the run is on its way or in doubt.
fn quiet(given: &Given<'_>, run: &Run) -> Gather {
    let open = given.ledger.sent.values().filter(|s| s.open() && s.intent.run == run.id);
    let mut against = Gather::default();
    for sent in open {
        let text = format!("step {}: {} (#{}) has not settled", sent.intent.step, sent.intent.operation, sent.seq);
        against.hold(Reason::new(Rule::Busy, text));
    }
    against
}
