//! Holds: placing one is the easiest thing there is, ending a lock takes a diagnosis.
//!
//! What a hold stops is the hold's own rule, not decided here.

use super::needed;
use super::step::wrong;
use crate::domain::Timestamp;
use crate::domain::command::Consent;
use crate::domain::fact::Fact;
use crate::domain::hold::{Hold, Scope};
use crate::domain::name::StepName;
use crate::domain::person::Actor;
use crate::domain::plan::{Question, Step, Work};
use crate::domain::refusal::Refusal;
use crate::domain::verdict::{Reason, Rule};
use crate::engine::run::{Run, State, StepState};
use crate::engine::{Given, consent, people, rules};

/// Places a hold. Anyone of the workspace may.
pub(super) fn place(
    given: &Given<'_>,
    actor: &Actor,
    scope: &Scope,
    reason: &str,
    until: Option<Timestamp>,
) -> Result<Vec<Fact>, Refusal> {
    needed(reason, "a hold")?;
    if until.is_some_and(|until| until <= given.now) {
        return Err(Refusal::one(Rule::Time, "the time at which the hold should end is over already"));
    }
    if given.ledger.holds.values().any(|h| h.scope == *scope && !h.lock) {
        return Err(Refusal::one(Rule::Hold, format!("{scope} is held already")));
    }
    Ok(vec![Fact::HoldPlaced(Hold {
        id: given.ledger.last_hold + 1,
        scope: scope.clone(),
        by: actor.person.clone(),
        since: given.now,
        reason: reason.to_owned(),
        lock: false,
        until,
    })])
}

/// Places a hold on one step.
pub(super) fn on_step(
    given: &Given<'_>,
    actor: &Actor,
    run: &Run,
    step: &Step,
    reason: &str,
) -> Result<Vec<Fact>, Refusal> {
    place(given, actor, &Scope::Step(run.id, step.name.clone()), reason, None)
}

/// Lifts a hold. A lock ends only by someone with rollback authority and a diagnosis.
pub(super) fn lift(given: &Given<'_>, actor: &Actor, hold: u32, reason: &str) -> Result<Vec<Fact>, Refusal> {
    let Some(held) = given.ledger.holds.get(&hold) else {
        return Err(Refusal::one(Rule::Hold, format!("there is no hold {hold}")));
    };
    let what = if held.lock { "ending the lock after a rollback, with its diagnosis," } else { "lifting a hold" };
    needed(reason, what)?;
    if held.lock {
        people::may_roll_back(given, actor).map_err(|r| Refusal { reasons: vec![r], held: false })?;
    }
    Ok(vec![Fact::HoldLifted { hold, reason: reason.to_owned() }])
}

/// Releases a hold point, or the hold that was placed on a step.
pub(super) fn release(
    given: &Given<'_>,
    actor: &Actor,
    (run, step, state): (&Run, &Step, &StepState),
    reason: &str,
    agreed: Option<&Consent>,
) -> Result<Vec<Fact>, Refusal> {
    let scope = Scope::Step(run.id, step.name.clone());
    if let Some(hold) = given.ledger.holds.values().find(|h| h.scope == scope) {
        return lift(given, actor, hold.id, reason);
    }
    let Work::Ask(Question::Release { roles, .. }) = &step.work else {
        return Err(Refusal::one(Rule::State, format!("step {} is no hold point and is not held", step.name)));
    };
    if state.state != State::Running {
        return Err(wrong(step, &state.state, "released"));
    }
    if !roles.iter().any(|r| rules::fills(given, &actor.person, r)) {
        let roles: Vec<_> = roles.iter().map(|r| r.as_str()).collect();
        let text =
            format!("step {} is released by {}; {} fills none of these", step.name, roles.join(" or "), actor.person);
        return Err(Refusal { reasons: vec![Reason::new(Rule::Authority, text)], held: true });
    }
    let proved: Vec<_> = roles.iter().map(|role| people::speaker(given, actor, role, people::Word::Typed)).collect();
    if let Some(reasons) = proved.into_iter().map(Result::err).collect::<Option<Vec<_>>>() {
        return Err(Refusal { reasons: reasons.into_iter().flatten().collect(), held: true });
    }
    let consented = agreed.map(|consent| ahead(run, step, consent)).transpose()?;
    let (run, step) = (run.id, step.name.clone());
    let released = Fact::Released { run, step: step.clone(), reason: reason.to_owned() };
    let note = format!("released by {}", actor.person);
    let done = Fact::StepDone { run, step, note, evidence: Vec::new() };
    Ok([released, done].into_iter().chain(consented).collect())
}

/// An agreement given with a release is to one step behind it, named by what was
/// shown, up to the next hold point.
fn ahead(run: &Run, released: &Step, consent: &Consent) -> Result<Fact, Refusal> {
    let pending = run.plan.steps.iter().filter(|s| *run.state(&s.name) == State::Pending);
    let Some(step) = pending.into_iter().find(|s| consent::digest(run, s) == consent.saw) else {
        return Err(Refusal::moved("the step that was agreed to"));
    };
    let passed = |name: &StepName| *name == released.name || run.state(name).satisfied();
    if let Some(hold) = consent::hold_before(&run.plan, step, &passed) {
        let text = format!("step {} lies beyond hold point {hold}; agree to it when that is released", step.name);
        return Err(Refusal::one(Rule::Consent, text));
    }
    Ok(Fact::Consented { run: run.id, step: step.name.clone(), consent: consent.clone() })
}
