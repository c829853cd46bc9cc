//! `waiver` and `emergency`: a rule that does not hold a run back for some time, by somebody's word.
//!
//! Each word is one line of the journal; what is waived shows wherever the rule would have spoken.

use super::args::{EmergencyArgs, Global, WaiverVerb, WaiverWord};
use super::context::Context;
use super::outcome::{Ended, Exit, Failure};
use super::session::Session;
use super::{act, print, status};
use crate::domain::command::Command;
use crate::domain::name::RunId;
use crate::domain::waiver::{Answer, Waiver, Waives};
use crate::engine::Given;
use crate::report::waivers;
use crate::runtime::clock::now;
use serde_json::json;

/// Does what is asked of waivers.
pub fn waiver(global: &Global, verb: WaiverVerb) -> Ended {
    match verb {
        WaiverVerb::List => list(global),
        verb => act::once(global, "waiver", |session| said(session, verb)),
    }
}

/// What is said of a waiver, as a command.
pub fn said(session: &Session, verb: WaiverVerb) -> Result<Command, Failure> {
    let answer = |word: WaiverWord, answer| Ok(Command::AnswerWaiver(word.waiver, answer, word.reason));
    match verb {
        WaiverVerb::List => Err(Failure::usage("a list is no word on a waiver")),
        WaiverVerb::Ask { run, of, lasts, ticket, reason } => {
            session.run(RunId(run))?;
            let of = waivers::named(&session.workspace, &of).map_err(Failure::usage)?;
            Ok(Command::Waive { run: RunId(run), of, reason, ticket, lasts })
        }
        WaiverVerb::Grant(word) => answer(word, Answer::Grant),
        WaiverVerb::Refuse(word) => answer(word, Answer::Refuse),
        WaiverVerb::End(word) => answer(word, Answer::End),
        WaiverVerb::Review(word) => answer(word, Answer::Review),
    }
}

/// Declares an emergency for a run.
pub fn emergency(global: &Global, asked: EmergencyArgs) -> Ended {
    act::once(global, "emergency", |session| declared(session, asked))
}

/// An emergency, as a command.
pub fn declared(session: &Session, asked: EmergencyArgs) -> Result<Command, Failure> {
    let EmergencyArgs { run, lasts, ticket, reason } = asked;
    session.run(RunId(run))?;
    Ok(Command::Waive { run: RunId(run), of: Waives::Emergency, reason, ticket, lasts })
}

fn list(global: &Global) -> Ended {
    let context = Context::open(global)?;
    let ledger = status::ledger(&context)?;
    let observed = crate::domain::observed::Observed::default();
    let given = Given { ledger: &ledger, workspace: &context.workspace, observed: &observed, now: now() };
    let all: Vec<&Waiver> = ledger.waivers.values().collect();
    if global.json {
        let row = |waiver: &&Waiver| json!({ "waiver": waiver, "standing": waivers::told(&given, waiver), "roles": waivers::roles(&given, waiver) });
        print::json(&all.iter().map(row).collect::<Vec<_>>());
        return Ok(Exit::Done);
    }
    if all.is_empty() {
        print::words("nothing is waived, and nothing waits for a review");
    }
    for waiver in all {
        waivers::lines(&given, waiver).iter().for_each(|line| print::line(line));
    }
    Ok(Exit::Done)
}
