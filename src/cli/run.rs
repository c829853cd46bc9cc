//! `run` and `drive`: start, look at, drive and end runs.
//!
//! Who starts a run drives it until a person is needed, and then gives the conn
//! back, so that a screen or another verb can take it.

use super::args::{Global, RunVerb};
use super::context::Context;
use super::look::Topics;
use super::outcome::{Ended, Exit, Failure};
use super::session::{Left, Session};
use super::{act, next, print, status, step};
use crate::domain::command::Command;
use crate::domain::name::{PersonName, RunId, RunbookName};
use crate::domain::plan::Plan;
use crate::domain::workspace::Workspace;
use crate::engine::run::Phase;
use crate::engine::{Run, rules};
use crate::report::part;

/// Does what `run` says.
pub fn run(global: &Global, verb: RunVerb) -> Ended {
    match verb {
        RunVerb::Start { runbook, dry_run, rehearse } => start(global, &runbook, dry_run, rehearse),
        RunVerb::List => status::list(global),
        RunVerb::Show { run } => status::show(global, run),
        verb => act::once(global, "run", move |session| said(session, verb)),
    }
}

/// The command that a verb is which writes one decision about a run.
pub fn said(session: &Session, verb: RunVerb) -> Result<Command, Failure> {
    let on = |run: u32| session.run(RunId(run)).map(|run| run.id);
    Ok(match verb {
        RunVerb::Note { run, text } => Command::Note(on(run)?, text),
        RunVerb::Park { run, reason } => Command::Park(on(run)?, reason),
        RunVerb::Unpark { run } => Command::Unpark(on(run)?),
        RunVerb::Abort { run, reason } => Command::Abort(on(run)?, reason),
        RunVerb::Complete { run } => Command::Complete(on(run)?),
        RunVerb::TakeOver { run, what, reason } => Command::TakeOver(on(run)?, what, reason),
        RunVerb::RootCause { run, text, category } => Command::RootCause(on(run)?, text, category),
        RunVerb::Start { .. } | RunVerb::List | RunVerb::Show { .. } => {
            return Err(Failure::usage("that is no decision about a run"));
        }
    })
}

/// A runbook's plan, or the failure that says which there are.
pub fn plan(workspace: &Workspace, runbook: &str) -> Result<Plan, Failure> {
    let known = || workspace.runbooks.keys().map(RunbookName::as_str).collect::<Vec<_>>().join(", ");
    let plan = workspace.runbooks.get(&RunbookName::new(runbook)).cloned();
    plan.ok_or_else(|| Failure::usage(format!("there is no runbook {runbook}; there are {}", known())))
}

/// The same, or as it is rehearsed; where it cannot be, the failure that says why.
pub fn planned(workspace: &Workspace, runbook: &str, rehearse: bool) -> Result<Plan, Failure> {
    let real = plan(workspace, runbook)?;
    match rehearse {
        false => Ok(real),
        true => workspace.rehearsal(&real.runbook).map_err(Failure::usage),
    }
}

fn start(global: &Global, runbook: &str, dry_run: bool, rehearse: bool) -> Ended {
    let context = Context::open(global)?;
    let plan = planned(&context.workspace, runbook, rehearse)?;
    let mut session = Session::open(&context, "run start", true)?;
    session.look(&Topics::of_plan(&context.workspace, &plan));
    let command = Command::StartRun(Box::new(plan.clone()), Vec::new());
    if dry_run {
        print::plan(&plan, global.json);
        let ended = step::preview(&session, global, &command);
        session.close("done");
        return ended;
    }
    let ended = started(&mut session, global, command);
    session.give_conn();
    session.close("done");
    ended
}

fn started(session: &mut Session, global: &Global, command: Command) -> Ended {
    let seq = session.command(command)?;
    act::tell(session, global, seq);
    let run = RunId(session.ledger.last_run);
    let left = session.drive(run, |entry| print::entry(entry, global.json));
    match left {
        Left::Settled => people(session, run),
        Left::Ousted(person) => return Err(ousted(run, person)),
        Left::Unwritten(why) => return Err(Failure::journal(why)),
    }
    Ok(Exit::Done)
}

/// Drives a run until a person is needed.
pub fn drive(global: &Global, run: u32, reason: &str) -> Ended {
    let context = Context::open(global)?;
    let mut session = Session::open(&context, "drive", true)?;
    let ended = driven(&mut session, global, RunId(run), reason);
    session.give_conn();
    session.close("done");
    ended
}

fn driven(session: &mut Session, global: &Global, run: RunId, reason: &str) -> Ended {
    let epoch = session.run(run)?.epoch;
    // The first thing a driver does is judge; not before it has looked.
    session.look_at(run);
    session.command(Command::TakeConn(run, epoch, reason.to_owned()))?;
    match session.drive(run, |entry| print::entry(entry, global.json)) {
        Left::Settled => {}
        Left::Ousted(person) => return Err(ousted(run, person)),
        Left::Unwritten(why) => return Err(Failure::journal(why)),
    }
    people(session, run);
    let found = session.run(run)?;
    part::evidence(found).iter().filter(|_| found.ended()).for_each(|what| print::words(what));
    Ok(phase(found))
}

fn ousted(run: RunId, person: Option<PersonName>) -> Failure {
    let words = match person {
        Some(person) => format!("{person} has the conn of run {run} now; this stopped driving"),
        None => format!("the conn of run {run} was laid down; this stopped driving"),
    };
    Failure { exit: Exit::Person, words, refusal: None }
}

/// How a run that is no longer driven counts.
pub fn phase(run: &Run) -> Exit {
    match run.phase {
        Phase::Completed(_) => Exit::Done,
        Phase::Aborted(..) => Exit::Refused,
        Phase::Live | Phase::Parked(_) => Exit::Person,
    }
}

/// Lays the conn down, or offers it to someone.
pub fn give(global: &Global, run: u32, to: Option<&str>) -> Ended {
    let run = RunId(run);
    act::once(global, "conn", move |session| {
        session.run(run)?;
        Ok(match to {
            Some(person) => Command::OfferConn(run, person.into()),
            None => Command::GiveConn(run),
        })
    })
}

/// Says on standard error what waits for a person now, and what to type.
pub fn people(session: &Session, run: RunId) {
    awaited(session, run).iter().for_each(|line| print::words(line));
}

/// The lines that say so, of a run and of what takes it back.
pub fn awaited(session: &Session, run: RunId) -> Vec<String> {
    let given = session.given();
    let mut lines = Vec::new();
    if let Some(loosened) = rules::waiting(&given) {
        lines.push(format!("waiting: the files loosened the rules: {}", loosened.what.join("; ")));
        lines.push("   next: holdpoint adopt --reason WHY".to_owned());
    }
    let runs = session.ledger.runs.values().filter(|r| r.id == run || r.plan.reverts == Some(run));
    for found in runs.filter(|r| !r.ended()) {
        for awaited in next::awaited(&given, found) {
            lines.push(format!("waiting: run {} {awaited}", found.id));
            lines.extend(awaited.verbs.iter().map(|verb| format!("   next: holdpoint {verb}")));
        }
    }
    lines
}
