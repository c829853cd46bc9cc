//! `waiver` and `emergency`: a rule that does not hold a run back for some time, by somebody's word.
//!
//! Each word is one line of the journal; what is waived shows wherever the rule would have spoken.

use super::args::{EmergencyArgs, Global, WaiverVerb, WaiverWord};
use super::context::Context;
use super::outcome::{Ended, Exit, Failure};
use super::session::Session;
use super::{act, print, status};
use crate::domain::Timestamp;
use crate::domain::calendar::EventKind;
use crate::domain::command::Command;
use crate::domain::name::RunId;
use crate::domain::waiver::{Answer, Waiver, Waives};
use crate::domain::workspace::Workspace;
use crate::engine::{Given, waivers};
use crate::runtime::clock::now;
use serde_json::json;

/// Does what is asked of waivers.
pub fn waiver(global: &Global, verb: WaiverVerb) -> Ended {
    match verb {
        WaiverVerb::List => list(global),
        WaiverVerb::Ask { run, of, lasts, ticket, reason } => act::once(global, "waiver", |session| {
            session.run(RunId(run))?;
            let of = named(&session.workspace, &of)?;
            Ok(Command::Waive { run: RunId(run), of, reason, ticket, lasts })
        }),
        WaiverVerb::Grant(word) => answer(global, word, Answer::Grant),
        WaiverVerb::Refuse(word) => answer(global, word, Answer::Refuse),
        WaiverVerb::End(word) => answer(global, word, Answer::End),
        WaiverVerb::Review(word) => answer(global, word, Answer::Review),
    }
}

/// Declares an emergency for a run.
pub fn emergency(global: &Global, asked: EmergencyArgs) -> Ended {
    act::once(global, "emergency", |session: &Session| {
        let EmergencyArgs { run, lasts, ticket, reason } = asked;
        session.run(RunId(run))?;
        Ok(Command::Waive { run: RunId(run), of: Waives::Emergency, reason, ticket, lasts })
    })
}

fn answer(global: &Global, word: WaiverWord, answer: Answer) -> Ended {
    act::once(global, "waiver", |_| Ok(Command::AnswerWaiver(word.waiver, answer, word.reason)))
}

/// What is waived, by the words of whoever asks.
fn named(workspace: &Workspace, of: &str) -> Result<Waives, Failure> {
    let (kind, name) = match of.split_once(':') {
        Some((kind @ ("policy" | "freeze" | "window"), name)) => (Some(kind), name),
        _ => (None, of),
    };
    let wanted = |word: &str| kind.is_none_or(|kind| kind == word);
    let rules = workspace.policy.keys().filter(|rule| wanted("policy") && rule.as_str() == name);
    let mut found: Vec<Waives> = rules.map(|rule| Waives::Policy(rule.clone())).collect();
    for event in workspace.calendar.events.iter().filter(|event| event.name == name || event.title == name) {
        match event.kind {
            EventKind::Freeze if wanted("freeze") => found.push(Waives::Freeze(event.name.clone())),
            EventKind::Window if wanted("window") => found.push(Waives::Window(event.name.clone())),
            _ => {}
        }
    }
    found.dedup();
    let several = || found.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(Failure::usage(format!("there is no rule, freeze or window {name:?}; {}", there(workspace)))),
        _ => Err(Failure::usage(format!("{name:?} is {}; write policy:, freeze: or window: before it", several()))),
    }
}

fn there(workspace: &Workspace) -> String {
    let events = workspace.calendar.events.iter().filter(|event| !event.waived_by.is_empty());
    let rules = workspace.policy.values().filter(|rule| !rule.waived_by.is_empty()).map(|rule| rule.name.to_string());
    let all: Vec<String> = rules.chain(events.map(|event| event.name.clone())).collect();
    if all.is_empty() { "nothing here can be waived".to_owned() } else { format!("waived can be {}", all.join(", ")) }
}

fn list(global: &Global) -> Ended {
    let context = Context::open(global)?;
    let ledger = status::ledger(&context)?;
    let observed = crate::domain::observed::Observed::default();
    let given = Given { ledger: &ledger, workspace: &context.workspace, observed: &observed, now: now() };
    let all: Vec<&Waiver> = ledger.waivers.values().collect();
    if global.json {
        let row = |waiver: &&Waiver| json!({ "waiver": waiver, "standing": standing(&given, waiver), "roles": roles(&given, waiver) });
        print::json(&all.iter().map(row).collect::<Vec<_>>());
        return Ok(Exit::Done);
    }
    if all.is_empty() {
        print::words("nothing is waived, and nothing waits for a review");
    }
    for waiver in all {
        let Waiver { id, run, of, reason, ticket, asked, .. } = waiver;
        let ticket = if ticket.is_empty() { String::new() } else { format!(" · {ticket}") };
        print::line(&format!("waiver {id} · run {run} · {of} · {}", standing(&given, waiver)));
        print::line(&format!("  asked by {}: {reason}{ticket}", asked.by));
        let words = [("granted", &waiver.granted), ("ended", &waiver.ended), ("reviewed", &waiver.reviewed)];
        for (what, word) in words.into_iter().filter_map(|(what, word)| Some((what, word.as_ref()?))) {
            let text = if word.text.is_empty() { String::new() } else { format!(": {}", word.text) };
            print::line(&format!("  {what} by {} at {}{text}", word.by, shown(word.at)));
        }
    }
    Ok(Exit::Done)
}

/// What becomes of a waiver next.
fn standing(given: &Given<'_>, waiver: &Waiver) -> String {
    let roles = || match roles(given, waiver) {
        roles if roles.is_empty() => "another person".to_owned(),
        roles => roles.join(" or "),
    };
    match () {
        () if waiver.waits(given.now) => format!("waits for {} until {}", roles(), shown(waiver.until)),
        () if waivers::in_force(given).any(|on| on.id == waiver.id) => {
            format!("IN FORCE until {}", shown(waiver.until))
        }
        () if waiver.on(given.now) => "granted, and does not count now".to_owned(),
        () if waiver.reviewed.is_some() => "reviewed".to_owned(),
        () if waiver.debt(given.now) && given.now > waiver.review_by() => {
            format!("OVERDUE: {} should have reviewed it by {}", roles(), shown(waiver.review_by()))
        }
        () if waiver.debt(given.now) => format!("to be reviewed by {} until {}", roles(), shown(waiver.review_by())),
        () if waiver.ended.is_some() => "refused".to_owned(),
        () => "never granted".to_owned(),
    }
}

fn roles(given: &Given<'_>, waiver: &Waiver) -> Vec<String> {
    let roles = match waiver.granted.is_some() {
        true => waivers::reviewed_by(given, &waiver.of),
        false => waivers::granted_by(given, &waiver.of),
    };
    roles.iter().map(ToString::to_string).collect()
}

fn shown(at: Timestamp) -> String {
    at.format("%a %Y-%m-%d %H:%MZ").to_string()
}
