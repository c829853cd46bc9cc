//! `run` and `drive`: start, look at, drive and end runs.
//!
//! Who starts a run drives it until a person is needed, and then gives the conn
//! back, so that a screen or another verb can take it.

use super::args::{Global, RunVerb};
use super::context::Context;
use super::outcome::{Ended, Exit, Failure};
use super::session::Session;
use super::{act, print, status, step};
use crate::domain::command::Command;
use crate::domain::name::{RunId, RunbookName};
use crate::engine::run::{Phase, State};
use crate::engine::show;

/// Does what `run` says.
pub fn run(global: &Global, verb: RunVerb) -> Ended {
    let once =
        |run: u32, command: Command| act::once(global, "run", move |session| session.run(RunId(run)).map(|_| command));
    match verb {
        RunVerb::Start { runbook, dry_run } => start(global, &runbook, dry_run),
        RunVerb::List => status::list(global),
        RunVerb::Show { run } => status::show(global, run),
        RunVerb::Note { run, text } => once(run, Command::Note(RunId(run), text)),
        RunVerb::Park { run, reason } => once(run, Command::Park(RunId(run), reason)),
        RunVerb::Unpark { run } => once(run, Command::Unpark(RunId(run))),
        RunVerb::Abort { run, reason } => once(run, Command::Abort(RunId(run), reason)),
        RunVerb::Complete { run } => once(run, Command::Complete(RunId(run))),
        RunVerb::TakeOver { run, what, reason } => once(run, Command::TakeOver(RunId(run), what, reason)),
        RunVerb::RootCause { run, text, category } => once(run, Command::RootCause(RunId(run), text, category)),
    }
}

fn start(global: &Global, runbook: &str, dry_run: bool) -> Ended {
    let context = Context::open(global)?;
    let name = RunbookName::new(runbook);
    let known = || context.workspace.runbooks.keys().map(RunbookName::as_str).collect::<Vec<_>>().join(", ");
    let plan = context.workspace.runbooks.get(&name).cloned();
    let plan = plan.ok_or_else(|| Failure::usage(format!("there is no runbook {runbook}; there are {}", known())))?;
    let mut session = Session::open(&context, "run start", true)?;
    let command = Command::StartRun(Box::new(plan), Vec::new());
    if dry_run {
        let ended = step::preview(&session, global, &command);
        session.close("done");
        return ended;
    }
    let ended = session.command(command).map(|seq| {
        act::tell(&mut session, global, seq);
        let run = RunId(session.ledger.last_run);
        session.drive(run, |entry| print::entry(entry, global.json));
        people(&session, run);
        session.give_conn(run);
        Exit::Done
    });
    session.close("done");
    ended
}

/// Drives a run until a person is needed.
pub fn drive(global: &Global, run: u32, reason: &str) -> Ended {
    let context = Context::open(global)?;
    let mut session = Session::open(&context, "drive", true)?;
    let ended = driven(&mut session, global, RunId(run), reason);
    session.give_conn(RunId(run));
    session.close("done");
    ended
}

fn driven(session: &mut Session, global: &Global, run: RunId, reason: &str) -> Ended {
    // A driver that has seen nothing yet would call every vote stale and ask for people.
    let under_way = session.run(run)?.steps.iter().filter(|(_, step)| step.state == State::Running);
    let under_way: Vec<_> = under_way.map(|(name, _)| name.clone()).collect();
    under_way.iter().for_each(|step| session.first_look_at_poll(run, step));
    let epoch = session.run(run)?.epoch;
    session.command(Command::TakeConn(run, epoch, reason.to_owned()))?;
    session.drive(run, |entry| print::entry(entry, global.json));
    people(session, run);
    Ok(match session.run(run)?.phase {
        Phase::Completed(_) => Exit::Done,
        Phase::Aborted(..) => Exit::Refused,
        Phase::Live | Phase::Parked(_) => Exit::Person,
    })
}

/// Says on standard error what waits for a person now.
fn people(session: &Session, run: RunId) {
    let given = session.given();
    let Some(found) = session.ledger.run(run).filter(|r| !r.ended()) else { return };
    for waiting in show::waiting(&given, found) {
        eprintln!("waiting: step {} {} [{}] {}", waiting.step, waiting.title, waiting.word.text(), waiting.why);
    }
}
