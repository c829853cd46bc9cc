//! Rolling back, and the triggers that propose or start it.
//!
//! The plan is `engine::rollback`'s, the same for preview, verb, key and trigger.

use super::{find_run, needed};
use crate::domain::catalogue::Confirmation;
use crate::domain::command::Consent;
use crate::domain::fact::Fact;
use crate::domain::name::{PersonName, RunId, StepName, TriggerName};
use crate::domain::operation::{Operation, Verb};
use crate::domain::person::Actor;
use crate::domain::plan::{Plan, Step};
use crate::domain::refusal::Refusal;
use crate::domain::session::SessionId;
use crate::domain::trigger::{RollsBack, Trigger};
use crate::domain::verdict::{Reason, Rule};
use crate::engine::decide::gather::Gather;
use crate::engine::rollback::Back;
use crate::engine::run::{Run, TriggerState};
use crate::engine::{Given, consent, people, rollback, rules};
use std::sync::Arc;

type Facts = Result<Vec<Fact>, Refusal>;

/// Starts a rollback that a person asked for.
pub(super) fn decide(
    given: &Given<'_>,
    actor: &Actor,
    run: Option<RunId>,
    what: &RollsBack,
    to: Option<&str>,
    symptom: &str,
    agreed: Option<&Consent>,
) -> Facts {
    let run = run.map(|run| find_run(given, run)).transpose()?;
    let plan = rollback::plan(given, run, what, to)?;
    let mut against = Gather::default();
    against.reason(people::may_roll_back(given, actor));
    if symptom.trim().is_empty() {
        against.hold(Reason::new(Rule::Reason, "a rollback needs its symptom; give it with --reason"));
    }
    let level = plan.steps.iter().filter_map(|s| s.operation()).map(|op| consent::needed(given, op)).max();
    against.refusal(consent::check(level.unwrap_or(Confirmation::None), agreed, plan.digest(), "the rollback"));
    against.finish()?;
    // Whoever drives the run that is taken back drives the way back too.
    let driver = run.and_then(|r| given.ledger.driver(r)).unwrap_or(actor.session);
    start(given, run, what, to, &plan, symptom, &actor.person, driver)
}

/// The facts that start a rollback: first the locks, then the run.
#[expect(clippy::too_many_arguments, reason = "each is a different noun of one decision, used once")]
pub(in crate::engine) fn start(
    given: &Given<'_>,
    run: Option<&Run>,
    what: &RollsBack,
    to: Option<&str>,
    plan: &Plan,
    symptom: &str,
    by: &PersonName,
    driver: SessionId,
) -> Facts {
    let mut against = Gather::default();
    for (other, step, operation) in under_way(given) {
        if plan.steps.iter().filter_map(Step::operation).any(|op| op.changes() == operation.changes()) {
            let text = format!("run {} is taking that back already, step {step}: {operation}", other.id);
            against.reason(Err(Reason::new(Rule::Busy, text)));
        }
    }
    if !given.ledger.alive(driver) {
        against.reason(Err(Reason::new(Rule::Conn, format!("session {driver} is not open"))));
    }
    against.finish()?;
    let back = rollback::targets(given, run, what, to)?;
    let locks = rollback::locks(given, run, what, &back, by, symptom).into_iter().map(Fact::HoldPlaced);
    let id = rollback::next_run(given);
    let (digest, plan) = (plan.digest(), Arc::new(plan.clone()));
    let started = [
        Fact::RunStarted { run: id, plan, digest, t0: given.now },
        Fact::Symptom { run: id, text: symptom.to_owned() },
        Fact::ConnTaken { run: id, session: driver, epoch: 1, reason: String::new() },
    ];
    let answered = run.into_iter().flat_map(|run| answered(run, &back, id));
    Ok(locks.chain(started).chain(rules::at_start(given)).chain(answered).collect())
}

/// The triggers of a run that asked for this rollback, or for a part of it: it
/// is their answer, whoever started it. A trigger that asked for more than is
/// taken back, or for something else, goes on asking.
fn answered(run: &Run, back: &[Back], by: RunId) -> impl Iterator<Item = Fact> {
    let taken =
        |service: &_, environment: &_| back.iter().any(|b| b.service == *service && b.environment == *environment);
    let mut stands = run.changed.iter().filter(|c| c.taken_back.is_none()).peekable();
    let all = stands.peek().is_some() && stands.all(|c| taken(&c.service, &c.environment));
    let covered = move |trigger: &&Trigger| match &trigger.rolls_back {
        RollsBack::One(service, environment) => taken(service, environment),
        RollsBack::Set => all,
    };
    let asks = |trigger: &&Trigger| {
        let state = run.triggers.get(&trigger.name);
        matches!(
            state,
            Some(TriggerState::Tripped { .. } | TriggerState::Postponed { .. } | TriggerState::Proposed { .. })
        )
    };
    let triggers: Vec<_> = run.plan.triggers.iter().filter(covered).filter(asks).collect();
    triggers.into_iter().map(move |t| Fact::TriggerFired { run: run.id, trigger: t.name.clone(), by })
}

/// The ways back of other rollbacks that have not been gone to their end.
fn under_way<'a>(given: &Given<'a>) -> impl Iterator<Item = (&'a Run, &'a StepName, &'a Operation)> {
    let rollbacks = given.ledger.runs.values().filter(|r| r.takes_back() && !r.ended());
    rollbacks.flat_map(|run| {
        let ahead = run.plan.steps.iter().filter(|s| !run.state(&s.name).ended());
        let back = ahead.filter_map(move |s| Some((run, &s.name, s.operation()?)));
        back.filter(|(.., op)| matches!(op.verb, Verb::RollBack | Verb::Abort))
    })
}

/// Postpones a tripped trigger; anyone may, with a reason, and it trips again.
pub(super) fn postpone(given: &Given<'_>, run: RunId, trigger: &TriggerName, reason: &str) -> Facts {
    let (run, trigger) = find_trigger(given, run, trigger)?;
    needed(reason, "postponing a trigger")?;
    match run.triggers.get(&trigger.name) {
        Some(TriggerState::Tripped { .. }) => Ok(vec![Fact::TriggerPostponed {
            run: run.id,
            trigger: trigger.name.clone(),
            until: given.now + trigger.postpone.delta(),
            reason: reason.to_owned(),
        }]),
        _ => Err(Refusal::one(Rule::State, format!("trigger {} has not tripped", trigger.name))),
    }
}

/// Disarms a trigger; only those with rollback authority may.
pub(super) fn disarm(given: &Given<'_>, actor: &Actor, run: RunId, trigger: &TriggerName, reason: &str) -> Facts {
    let (run, trigger) = find_trigger(given, run, trigger)?;
    let mut against = Gather::default();
    against.reason(people::may_roll_back(given, actor));
    against.refusal(needed(reason, "disarming a trigger"));
    if matches!(run.triggers.get(&trigger.name), Some(TriggerState::Fired(_) | TriggerState::Disarmed(..))) {
        against.reason(Err(Reason::new(Rule::State, format!("trigger {} no longer watches", trigger.name))));
    }
    against.finish()?;
    Ok(vec![Fact::TriggerDisarmed { run: run.id, trigger: trigger.name.clone(), reason: reason.to_owned() }])
}

/// Records the cause of a rollback, once it is known.
pub(super) fn root_cause(given: &Given<'_>, run: RunId, text: &str, category: &str) -> Facts {
    let run = find_run(given, run)?;
    needed(text, "a root cause")?;
    if run.symptom.is_none() {
        return Err(Refusal::one(Rule::State, format!("run {} is no rollback", run.id)));
    }
    Ok(vec![Fact::RootCause { run: run.id, text: text.to_owned(), category: category.to_owned() }])
}

fn find_trigger<'a>(given: &Given<'a>, run: RunId, name: &TriggerName) -> Result<(&'a Run, &'a Trigger), Refusal> {
    let run = super::live_run(given, run)?;
    let trigger = run.plan.triggers.iter().find(|t| t.name == *name);
    Ok((run, trigger.ok_or_else(|| Refusal::one(Rule::State, format!("run {} has no trigger {name}", run.id)))?))
}
