//! Verbs that write one decision and are done, and what all verbs that act share.
//!
//! They open a session, give the command, print its line and close; a refusal
//! is journaled like everything else.

use super::args::Global;
use super::context::Context;
use super::outcome::{Ended, Exit, Failure};
use super::session::Session;
use super::{context, print};
use crate::config;
use crate::domain::command::Command;
use crate::domain::hold::Scope;
use crate::domain::name::{EnvironmentName, RunId, ServiceName};

/// Gives one command in a session of its own and prints the line it became.
pub fn once(global: &Global, program: &str, command: impl FnOnce(&Session) -> Result<Command, Failure>) -> Ended {
    let context = Context::open(global)?;
    let mut session = Session::open(&context, program, false)?;
    let ended = command(&session).and_then(|command| {
        let seq = session.command(command)?;
        tell(&mut session, global, seq);
        Ok(Exit::Done)
    });
    session.close("done");
    ended
}

/// Prints the entry of a line, if it has come; what came before it is not news here.
pub fn tell(session: &mut Session, global: &Global, seq: u64) {
    let later = session.news.iter().position(|e| e.seq > seq).unwrap_or(session.news.len());
    for entry in session.news.drain(..later).filter(|e| e.seq == seq) {
        print::entry(&entry, global.json);
    }
}

/// Places a hold.
pub fn hold(global: &Global, scope: &str, until: Option<&str>, reason: &str) -> Ended {
    once(global, "hold", |session| held(session, scope, until, reason))
}

/// The hold, on what is there.
pub fn held(session: &Session, scope: &str, until: Option<&str>, reason: &str) -> Result<Command, Failure> {
    let scope = parse_scope(scope)?;
    let until = until.map(config::instant).transpose().map_err(Failure::usage)?;
    known(session, &scope)?;
    Ok(Command::Hold(scope, reason.to_owned(), until))
}

/// Lifts a hold.
pub fn lift(global: &Global, hold: u32, reason: &str) -> Ended {
    once(global, "lift", |_| Ok(Command::Lift(hold, reason.to_owned())))
}

/// A hold on what is not there would stop nothing, and nobody would notice.
fn known(session: &Session, scope: &Scope) -> Result<(), Failure> {
    match scope {
        Scope::All => Ok(()),
        Scope::Run(run) | Scope::Step(run, _) => session.run(*run).map(drop),
        Scope::Target(service, environment) => {
            let there = &session.workspace;
            let services = there.services.keys().map(ServiceName::as_str);
            let environments = there.environments.keys().map(EnvironmentName::as_str);
            context::known(there.services.contains_key(service), "service", service.as_str(), services)?;
            let known = there.environments.contains_key(environment);
            context::known(known, "environment", environment.as_str(), environments)
        }
    }
}

fn parse_scope(text: &str) -> Result<Scope, Failure> {
    if text == "all" {
        return Ok(Scope::All);
    }
    if let Ok(run) = text.parse() {
        return Ok(Scope::Run(RunId(run)));
    }
    match text.split_once('@') {
        Some((service, environment)) => Ok(Scope::Target(service.into(), environment.into())),
        None => Err(Failure::usage(format!("{text:?} is no scope; write all, a run's number, or SERVICE@ENV"))),
    }
}
