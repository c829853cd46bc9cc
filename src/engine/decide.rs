//! Decisions: a command becomes facts, or a refusal with every reason at once.
//!
//! Key, verb, dialog preview and `--dry-run` all come through here, so what is
//! previewed is what runs. Nothing is changed; the caller makes facts durable.

mod adhoc;
mod adopt;
mod conn;
mod doubt;
mod gather;
mod hold;
mod people;
mod rollback;
mod run;
mod step;
mod trust;
mod waiver;

use super::Given;
use super::run::{Fate, Run, StepState};
use crate::domain::command::Command;
use crate::domain::fact::Fact;
use crate::domain::name::{RunId, StepName};
use crate::domain::person::Actor;
use crate::domain::plan::Step;
use crate::domain::refusal::Refusal;
use crate::domain::verdict::Rule;

pub(super) use rollback::start as start_rollback;

/// Decides a command of an actor.
pub fn decide(given: &Given<'_>, actor: &Actor, command: &Command) -> Result<Vec<Fact>, Refusal> {
    if let Command::Close(how) = command {
        return Ok(close(given, actor, how));
    }
    given.known(actor).map_err(|reason| Refusal { reasons: vec![reason], held: false })?;
    match command {
        Command::StartRun(plan, consents) => run::start(given, actor, plan, consents),
        Command::Step(run, step, command) => step::decide(given, actor, *run, step, command),
        Command::Vote { run, step, role, vote, saw, said } => {
            people::vote(given, actor, (*run, step), role, vote, *saw, said.as_ref())
        }
        Command::Decide { run, step, role, yes, reason, saw, said, signed } => {
            let (role, said, signed) = (role.as_ref(), said.as_ref(), signed.as_deref());
            let asked = people::Asked { role, yes: *yes, reason, saw: *saw, said, signed };
            people::decide(given, actor, (*run, step), asked)
        }
        Command::TakeConn(run, epoch, reason) => conn::take(given, actor, *run, *epoch, reason),
        Command::GiveConn(run) => conn::give(given, actor, *run),
        Command::OfferConn(run, to) => conn::offer(given, actor, *run, to),
        Command::Hold(scope, reason, until) => hold::place(given, actor, scope, reason, *until),
        Command::Lift(hold, reason) => hold::lift(given, actor, *hold, reason),
        Command::Note(run, text) => run::note(given, *run, None, text),
        Command::AddStep(run, step, reason) => run::add_step(given, *run, step, reason),
        Command::Abort(run, reason) => run::abort(given, *run, reason),
        Command::Park(run, reason) => run::park(given, *run, reason),
        Command::Unpark(run) => run::unpark(given, *run),
        Command::Complete(run) => run::complete(given, *run),
        Command::TakeOver(run, what, reason) => run::take_over(given, *run, what, reason),
        Command::RollBack { run, what, to, symptom, consent } => {
            rollback::decide(given, actor, *run, what, to.as_deref(), symptom, consent.as_ref())
        }
        Command::Do { what, reason, consent } => adhoc::decide(given, actor, what, reason, consent.as_ref()),
        Command::Postpone(run, trigger, reason) => rollback::postpone(given, *run, trigger, reason),
        Command::Disarm(run, trigger, reason) => rollback::disarm(given, actor, *run, trigger, reason),
        Command::RootCause(run, text, category) => rollback::root_cause(given, *run, text, category),
        Command::Adopt(saw, reason) => adopt::decide(given, actor, *saw, reason),
        Command::Waive { run, of, reason, ticket, lasts } => {
            waiver::ask(given, actor, &waiver::Wanted { run: *run, of, reason, ticket, lasts: *lasts })
        }
        Command::AnswerWaiver(id, answer, text) => waiver::answer(given, actor, *id, *answer, text),
        Command::Trust(policy, reason) => trust::decide(given, actor, policy, reason),
        Command::Close(_) => Ok(Vec::new()),
    }
}

/// A session that ends leaves what it has not heard of in doubt.
fn close(given: &Given<'_>, actor: &Actor, how: &str) -> Vec<Fact> {
    let mine = given.ledger.sent.values().filter(|s| s.fate == Fate::Open && s.intent.session == actor.session);
    let doubts = mine.map(|s| Fact::InDoubt { intent: s.seq, why: format!("its session ended: {how}") });
    doubts.chain([Fact::SessionClosed { session: actor.session, how: how.to_owned() }]).collect()
}

/// The run, if the ledger still has it.
fn find_run<'a>(given: &Given<'a>, run: RunId) -> Result<&'a Run, Refusal> {
    given.ledger.run(run).ok_or_else(|| Refusal::one(Rule::State, format!("there is no run {run} in the ledger")))
}

/// The run, if something can still happen in it.
fn live_run<'a>(given: &Given<'a>, run: RunId) -> Result<&'a Run, Refusal> {
    let found = find_run(given, run)?;
    if found.ended() {
        return Err(Refusal::one(Rule::State, format!("run {run} has ended")));
    }
    Ok(found)
}

/// A step of a run that has not ended, and what has become of it.
fn find_step<'a>(
    given: &Given<'a>,
    run: RunId,
    step: &StepName,
) -> Result<(&'a Run, &'a Step, &'a StepState), Refusal> {
    let run = live_run(given, run)?;
    let missing = || Refusal::one(Rule::State, format!("run {} has no step {step}", run.id));
    Ok((run, run.plan.step(step).ok_or_else(missing)?, run.steps.get(step).ok_or_else(missing)?))
}

/// A text that policy asks for.
fn needed(text: &str, what: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::one(Rule::Reason, format!("{what} needs a reason; give one with --reason")));
    }
    Ok(())
}
