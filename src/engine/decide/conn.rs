//! The conn: who drives a run. A fact with an epoch, not a lock.
//!
//! Intents of an older epoch stay whose they were; nothing is sent twice.

use super::{live_run, needed};
use crate::domain::fact::Fact;
use crate::domain::name::{PersonName, RunId};
use crate::domain::person::Actor;
use crate::domain::refusal::Refusal;
use crate::domain::verdict::Rule;
use crate::engine::{Given, Run};

/// Takes the conn. From a live driver it takes a reason; from a dead one, from
/// one who offered it, or from oneself in another session, it takes one key.
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
        let theirs = run.conn.as_ref().is_some_and(|c| c.person != actor.person);
        if theirs && run.offered.as_ref() != Some(&actor.person) {
            needed(reason, "taking the conn from someone who is there")?;
        }
    }
    Ok(vec![Fact::ConnTaken { run: run.id, session: actor.session, epoch: epoch + 1, reason: reason.to_owned() }])
}

/// Lays the conn down. Whoever has it may, from any session of theirs.
pub(super) fn give(given: &Given<'_>, actor: &Actor, run: RunId) -> Result<Vec<Fact>, Refusal> {
    let run = driven_by(given, actor, run)?;
    Ok(vec![Fact::ConnGiven { run: run.id }])
}

/// Offers the conn to a person. It stays where it is until they take it, so that
/// a run is never without a driver between two.
pub(super) fn offer(given: &Given<'_>, actor: &Actor, run: RunId, to: &PersonName) -> Result<Vec<Fact>, Refusal> {
    let run = driven_by(given, actor, run)?;
    let people = &given.workspace.people;
    if !people.contains_key(to) {
        let known: Vec<_> = people.keys().map(PersonName::as_str).collect();
        let text = format!("{to} is not a person of this workspace; there are {}", known.join(", "));
        return Err(Refusal::one(Rule::Authority, text));
    }
    if *to == actor.person {
        return Err(Refusal::one(Rule::Conn, format!("you have the conn of run {} already", run.id)));
    }
    if given.ledger.driver(run).is_none() {
        let text = format!("nobody drives run {}; {to} takes the conn without being asked", run.id);
        return Err(Refusal::one(Rule::Conn, text));
    }
    Ok(vec![Fact::ConnOffered { run: run.id, to: to.clone() }])
}

/// The run, if the actor's person has its conn.
fn driven_by<'a>(given: &Given<'a>, actor: &Actor, run: RunId) -> Result<&'a Run, Refusal> {
    let run = live_run(given, run)?;
    match &run.conn {
        Some(conn) if conn.person == actor.person => Ok(run),
        Some(conn) => {
            let text = format!("{} has the conn of run {}, not {}", conn.person, run.id, actor.person);
            Err(Refusal::one(Rule::Conn, text))
        }
        None => Err(Refusal::one(Rule::Conn, format!("nobody has the conn of run {}", run.id))),
    }
}
