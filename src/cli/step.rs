//! `step` and `resolve`: what is done to one step.
//!
//! A verb that causes an effect waits for the driver's outcome. When nobody
//! drives, it takes the conn, drives until a person is needed, and gives it back.

use super::args::{Consenting, Global, Outcome, StepVerb, Which};
use super::context::Context;
use super::outcome::{Ended, Exit, Failure};
use super::session::{Left, Session};
use super::{act, foresee, print};
use crate::domain::catalogue::Confirmation;
use crate::domain::command::{Command, Consent, Resolution, StepCommand};
use crate::domain::fact::Fact;
use crate::domain::name::{RunId, StepName};
use crate::domain::span::Span;
use crate::engine::run::{Run, State};
use crate::engine::{consent, show};
use crate::report::story;

/// How much longer than an operation's own limit its driver may take to report.
const REPORTING: Span = Span::secs(45);

/// Does something to a step.
pub fn step(global: &Global, verb: StepVerb) -> Ended {
    let consent = verb.consent().cloned();
    let (which, looks) = (verb.which().clone(), consent.is_some());
    let consent = consent.unwrap_or_default();
    let confirm = consent.confirm.clone();
    perform(global, &which, looks, &consent, move |run, step| {
        let agreed = agreed(run, step, confirm.as_deref());
        said(verb, agreed)
    })
}

/// The command that a verb is, with this consent where it takes one.
pub fn said(verb: StepVerb, agreed: Option<Consent>) -> StepCommand {
    match verb {
        StepVerb::Start { .. } => StepCommand::Start(agreed),
        StepVerb::Retry { .. } => StepCommand::Retry(agreed),
        StepVerb::Done { reason, .. } => StepCommand::Done(reason),
        StepVerb::Undo { .. } => StepCommand::Undo,
        StepVerb::Fail(b) => StepCommand::Fail(b.reason),
        StepVerb::Skip(b) => StepCommand::Skip(b.reason),
        StepVerb::Hold(b) => StepCommand::Hold(b.reason),
        StepVerb::Release(b) => StepCommand::Release(b.reason, None),
        StepVerb::Note { text, .. } => StepCommand::Note(text),
        StepVerb::Waive(b) => StepCommand::Waive(b.reason),
        StepVerb::Assign { person, .. } => StepCommand::Assign(person.as_str().into()),
        StepVerb::Choose { branch, .. } => StepCommand::Choose(branch),
        StepVerb::Probe { .. } => StepCommand::Probe,
    }
}

/// Decides an operation in doubt.
pub fn resolve(global: &Global, run: u32, step: &str, outcome: Outcome, reason: &str) -> Ended {
    let which = Which { run, step: step.to_owned() };
    let command = resolved(outcome, reason);
    perform(global, &which, false, &Consenting::default(), move |_, _| command)
}

/// The command that decides it.
pub fn resolved(outcome: Outcome, reason: &str) -> StepCommand {
    let resolution = match outcome {
        Outcome::Succeeded => Resolution::Succeeded,
        Outcome::Failed => Resolution::Failed,
        Outcome::NotApplied => Resolution::NotApplied,
    };
    StepCommand::Resolve(resolution, reason.to_owned())
}

/// The agreement that `--confirm ENV` is, if the step is about that environment.
fn agreed(run: &Run, step: &StepName, confirm: Option<&str>) -> Option<Consent> {
    let planned = run.plan.step(step)?;
    let environment = planned.operation()?.environment.as_ref()?;
    (confirm? == environment.as_str()).then(|| Consent {
        level: Confirmation::Challenge,
        saw: consent::digest(run, planned),
        how: format!("--confirm {environment}"),
    })
}

fn perform(
    global: &Global,
    which: &Which,
    looks: bool,
    consent: &Consenting,
    command: impl FnOnce(&Run, &StepName) -> StepCommand,
) -> Ended {
    let (run, name) = (RunId(which.run), StepName::new(&which.step));
    let context = Context::open(global)?;
    let mut session = Session::open(&context, "step", true)?;
    let ended = within(&mut session, global, (run, &name), looks, consent, command);
    session.give_conn();
    session.close("done");
    ended
}

fn within(
    session: &mut Session,
    global: &Global,
    (run, name): (RunId, &StepName),
    looks: bool,
    consent: &Consenting,
    command: impl FnOnce(&Run, &StepName) -> StepCommand,
) -> Ended {
    let found = session.run(run)?;
    let planned = found.plan.step(name).ok_or_else(|| no_step(found, name))?.clone();
    wrong_environment(&planned, consent)?;
    let command = Command::Step(run, name.clone(), command(found, name));
    if looks {
        session.look_at(run);
    }
    let acts = matches!(&command, Command::Step(_, _, StepCommand::Start(_) | StepCommand::Retry(_)));
    let drives = acts && planned.operation().is_some();
    // A note, a hold or a name moves nothing.
    let still = |c: &StepCommand| matches!(c, StepCommand::Note(_) | StepCommand::Hold(_) | StepCommand::Assign(_));
    let moved = !matches!(&command, Command::Step(_, _, command) if still(command));
    if consent.dry_run {
        let facts = if drives { session.preview_driving(run, &command) } else { session.preview(&command) };
        would(session, global, &command, facts?)?;
        foresee::tell(session, global, planned.operation().filter(|_| acts).cloned().into_iter().collect());
        return Ok(Exit::Done);
    }
    let taken = match drives {
        true => session.take_conn_if_free(run)?,
        false => false,
    };
    if taken {
        print::words(&format!("nobody drove run {run}; taking the conn, and giving it back when a person is needed"));
    }
    let seq = session.command(command)?;
    act::tell(session, global, seq);
    // Whatever follows by itself is driven by whoever drives; without anyone, by this verb.
    if !taken && moved && session.ledger.run(run).is_some_and(|r| !r.ended() && session.ledger.driver(r).is_none()) {
        session.look_at(run);
        let _ = session.take_conn_if_free(run)?;
    }
    let mine = session.ledger.run(run).and_then(|r| session.ledger.driver(r)) == Some(session.me());
    if mine {
        if let Left::Unwritten(why) = session.drive(run, |entry| print::entry(entry, global.json)) {
            return Err(Failure::journal(why));
        }
    } else if acts {
        let limit = planned.operation().map_or(REPORTING, |op| op.limit + REPORTING);
        let name = name.clone();
        session.wait(limit, move |s| s.ledger.run(run).is_none_or(|r| *r.state(&name) != State::Running));
    }
    outcome(session, run, name, acts)
}

/// Prints what would be decided: the same decision, not written down.
pub fn preview(session: &Session, global: &Global, command: &Command) -> Ended {
    would(session, global, command, session.preview(command)?)
}

fn would(session: &Session, global: &Global, command: &Command, facts: Vec<Fact>) -> Ended {
    if global.json {
        print::json(&facts);
        return Ok(Exit::Done);
    }
    let entry = session.entry(command, facts);
    story::lines(&entry).iter().for_each(|text| print::line(&format!("would: {text}")));
    Ok(Exit::Done)
}

fn outcome(session: &Session, run: RunId, name: &StepName, acts: bool) -> Ended {
    let Some(state) = session.ledger.run(run).map(|r| r.state(name)) else { return Ok(Exit::Done) };
    if let Some(trouble) = session.trouble() {
        return Err(Failure::journal(trouble));
    }
    match state {
        State::InDoubt(why) => Err(Failure {
            exit: Exit::Person,
            words: format!("step {name} is IN DOUBT: {why}; probe it or resolve it"),
            refusal: None,
        }),
        State::Failed(why) if acts => Err(Failure::failed(format!("step {name} failed: {why}"))),
        State::Partly(done, of, why) => {
            Err(Failure::failed(format!("step {name} is partly done, {done} of {of}: {why}")))
        }
        State::Verifying if acts => match people(session, run, name) {
            Some(why) => {
                super::run::people(session, run);
                let words = format!("step {name} waits for people: {why}");
                Err(Failure { exit: Exit::Person, words, refusal: None })
            }
            None => Ok(Exit::Done),
        },
        State::Running if acts => {
            Err(Failure { exit: Exit::Person, words: format!("step {name} is still running"), refusal: None })
        }
        _ => Ok(Exit::Done),
    }
}

/// What of people a step waits for, if it waits for them alone.
fn people(session: &Session, run: RunId, name: &StepName) -> Option<String> {
    let given = session.given();
    let waiting = show::waiting(&given, session.ledger.run(run)?);
    waiting.into_iter().find(|waiting| waiting.step == name.as_str()).map(|waiting| waiting.why)
}

fn wrong_environment(step: &crate::domain::plan::Step, consent: &Consenting) -> Result<(), Failure> {
    let environment = step.operation().and_then(|op| op.environment.as_ref());
    match (&consent.confirm, environment) {
        (Some(typed), Some(env)) if typed != env.as_str() => Err(Failure::usage(format!(
            "--confirm {typed} does not name the environment of step {}: it acts in {env}",
            step.name
        ))),
        _ => Ok(()),
    }
}

/// There is no such step; there are others.
pub fn no_step(run: &Run, name: &StepName) -> Failure {
    let names: Vec<_> = run.plan.steps.iter().map(|s| s.name.as_str()).collect();
    Failure::usage(format!("run {} has no step {name}; it has {}", run.id, names.join(", ")))
}
