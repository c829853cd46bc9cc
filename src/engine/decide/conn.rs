//! The conn: who drives a run. A fact with an epoch, not a lock.
//!
//! Intents of an older epoch stay whose they were; nothing is sent twice.

use super::{live_run, needed};
use crate::domain::fact::Fact;
use crate::domain::name::RunId;
use crate::domain::person::Actor;
use crate::domain::refusal::Refusal;
use crate::domain::verdict::Rule;
use crate::engine::Given;

/// Takes the conn. From a live driver it takes a reason; from a dead one, or
/// from oneself in another session, it takes one key.
pub(super) fn take(
    given: &Given<'_>,
    actor: &Actor,
    run: RunId,
    epoch: u64,
    reason: &str,
) -> Result<Vec<Fact>, Refusal> {
    let run = live_run(given, run)?;
    super::run::open_session(given, actor).map_err(|r| Refusal { reasons: vec![r], held: false })?;
    if run.epoch != epoch {
        return Err(Refusal::moved(format!("the conn of run {}", run.id)));
    }
    if let Some(driver) = given.ledger.driver(run) {
        if driver == actor.session {
            return Err(Refusal::one(Rule::Conn, format!("you have the conn of run {} already", run.id)));
        }
        if run.conn.as_ref().is_some_and(|c| c.person != actor.person) {
            needed(reason, "taking the conn from someone who is there")?;
        }
    }
    Ok(vec![Fact::ConnTaken { run: run.id, session: actor.session, epoch: epoch + 1, reason: reason.to_owned() }])
}

/// Gives the conn back.
pub(super) fn give(given: &Given<'_>, actor: &Actor, run: RunId) -> Result<Vec<Fact>, Refusal> {
    let run = live_run(given, run)?;
    if run.conn.as_ref().map(|c| c.session) != Some(actor.session) {
        return Err(Refusal::one(Rule::Conn, format!("you do not have the conn of run {}", run.id)));
    }
    Ok(vec![Fact::ConnGiven { run: run.id }])
}
