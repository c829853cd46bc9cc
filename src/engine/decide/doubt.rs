//! The ways out of doubt that a person takes: ask the backend, or decide.
//!
//! Nothing leaves doubt by itself.

use super::needed;
use super::step::wrong;
use crate::domain::command::Resolution;
use crate::domain::fact::Fact;
use crate::domain::person::Actor;
use crate::domain::plan::Step;
use crate::domain::refusal::Refusal;
use crate::domain::verdict::Rule;
use crate::engine::run::{Run, Sent, State, StepState};
use crate::engine::{Given, settle};

/// Asks the backend what became of it; the driver asks, or else the actor.
pub(super) fn probe(given: &Given<'_>, actor: &Actor, found: (&Run, &Step, &StepState)) -> Result<Vec<Fact>, Refusal> {
    let (run, step, sent) = doubtful(given, found, "probed")?;
    if sent.probing.is_some() {
        return Err(Refusal::one(Rule::Busy, format!("step {} is being probed already", step.name)));
    }
    let session = given.ledger.driver(run).unwrap_or(actor.session);
    Ok(vec![Fact::ProbeAsked { intent: sent.seq, session }])
}

/// Decides what became of it, with a reason.
pub(super) fn resolve(
    given: &Given<'_>,
    found: (&Run, &Step, &StepState),
    resolution: Resolution,
    reason: &str,
) -> Result<Vec<Fact>, Refusal> {
    needed(reason, "deciding an operation in doubt")?;
    let (run, step, sent) = doubtful(given, found, "resolved")?;
    Ok(settle::resolved(given.ledger, (run, step, sent), resolution, reason))
}

fn doubtful<'a>(
    given: &Given<'a>,
    (run, step, state): (&'a Run, &'a Step, &'a StepState),
    what: &str,
) -> Result<(&'a Run, &'a Step, &'a Sent), Refusal> {
    let sent = state.intent.and_then(|seq| given.ledger.sent.get(&seq));
    match (&state.state, sent) {
        (State::InDoubt(_), Some(sent)) => Ok((run, step, sent)),
        (other, _) => Err(wrong(step, other, what)),
    }
}
