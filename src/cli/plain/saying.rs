//! An entry of the journal as it is said aloud: who did it, and what, without
//! numbers of lines, digests and what programs are called with.
//!
//! What is left out stands in the journal; `journal show` tells all of it.

use super::back;
use crate::cli::print;
use crate::cli::session::Session;
use crate::domain::Timestamp;
use crate::domain::approval::Cast;
use crate::domain::entry::Entry;
use crate::domain::fact::Fact;
use crate::domain::name::{RunId, StepName};
use crate::domain::operation::{Operation, Verb};
use crate::domain::plan::{Step, Work};
use crate::domain::report::Report;
use crate::domain::text::harmless;
use crate::domain::verdict::{Level, Verdict};
use crate::report::{holds, part, story};

/// An entry as it comes: the time, who, what.
pub fn news(session: &Session, entry: &Entry) -> Vec<String> {
    let (at, who) = (print::clock(entry.at), who(session, entry));
    of(session, entry).into_iter().map(|text| format!("{at} {who}: {text}.")).collect()
}

/// What an entry says, a sentence without its point for each fact.
pub fn of(session: &Session, entry: &Entry) -> Vec<String> {
    if let Some(refusal) = &entry.refusal {
        let reasons: Vec<_> = refusal.reasons.iter().map(ToString::to_string).collect();
        return vec![harmless(&format!("refused: {}: {}", entry.cause, reasons.join("; "))).into_owned()];
    }
    let said = entry.facts.iter().filter_map(|fact| said(session, fact, entry.at));
    said.map(|text| harmless(&text).into_owned()).collect()
}

/// Whose doing it is: what a trigger or the run itself does is nobody's hand.
fn who(session: &Session, entry: &Entry) -> String {
    let by_itself = ["advance", "recover"].contains(&entry.cause.as_str()) || entry.cause.starts_with("report ");
    if !by_itself || entry.refusal.is_some() {
        return entry.by.person.to_string();
    }
    let fired = entry.facts.iter().find_map(|fact| match fact {
        Fact::TriggerFired { trigger, .. } => Some(format!("trigger {trigger}")),
        _ => None,
    });
    let begun = || {
        let started = entry.facts.iter().find_map(|fact| match fact {
            Fact::RunStarted { run, .. } => Some(*run),
            _ => None,
        });
        let begun = session.ledger.run(started?)?;
        Some(format!("trigger {}", back::by_trigger(session, begun)?))
    };
    fired.or_else(begun).unwrap_or_else(|| "by itself".to_owned())
}

fn said(session: &Session, fact: &Fact, at: Timestamp) -> Option<String> {
    Some(match fact {
        Fact::SamplesKept { .. } => return None,
        Fact::RunStarted { run, plan, .. } => format!("run {run} started: {}, {} steps", plan.title, plan.steps.len()),
        Fact::RunCompleted { run } => completed(session, *run),
        Fact::ConnTaken { run, reason, .. } => {
            let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
            format!("took the conn of run {run}{why}")
        }
        Fact::Announced(intent) => format!("step {} sends {}", intent.step, operation(&intent.operation)),
        // It is told again when the step is done, which is at once.
        Fact::Settled { intent, report: Report::Done(_) } if !verified(session, *intent) => return None,
        Fact::Settled { intent, .. }
        | Fact::InDoubt { intent, .. }
        | Fact::ProbeAsked { intent, .. }
        | Fact::Probed { intent, .. }
        | Fact::Resolved { intent, .. } => {
            let number = format!("#{intent}");
            let step =
                session.ledger.sent.get(intent).map(|sent| format!("the operation of step {}", sent.intent.step));
            let text = story::fact(fact, at)?;
            text.replacen(&number, &step.unwrap_or_else(|| "an operation".to_owned()), 1)
        }
        Fact::Voted { step, role, cast, .. } => format!("poll {step}, {role}: {}", vote(cast)),
        Fact::Decided { step, decision, .. } => {
            let verb = if decision.yes { "approved" } else { "REJECTED" };
            let why = if decision.reason.is_empty() { String::new() } else { format!(": {}", decision.reason) };
            let heard = decision.spoken.as_ref().map(|s| format!(", spoken, heard by {}", s.heard_by));
            format!("step {step} {verb} by {} for {}{}{why}", decision.person, decision.role, heard.unwrap_or_default())
        }
        // Who is awaited is told by name, once.
        Fact::Judged { run, step, .. }
            if planned(session, *run, step).is_some_and(|s| matches!(s.work, Work::Ask(_))) =>
        {
            return None;
        }
        Fact::StepDone { step, evidence, .. } if !evidence.is_empty() => {
            let bad: Vec<_> = evidence.iter().filter(|e| e.level > Level::Pass).map(|e| e.signal.to_string()).collect();
            let bad = if bad.is_empty() { ", all well".to_owned() } else { format!(", not well: {}", bad.join(", ")) };
            format!("step {step} done: {} readings{bad}", evidence.len())
        }
        Fact::Judged { step, verdict, .. } => format!("step {step} {}", judged(verdict)),
        Fact::TriggerArmed { run, trigger } => {
            let found =
                session.ledger.run(*run).and_then(|r| Some((r, r.plan.triggers.iter().find(|t| t.name == *trigger)?)));
            found.map_or_else(|| format!("trigger {trigger} watches from now on"), |(run, t)| back::watches(run, t))
        }
        Fact::TriggerTripped { trigger, evidence, .. } => {
            let bad: Vec<_> = evidence.iter().filter(|e| e.level > Level::Pass).map(|e| e.signal.to_string()).collect();
            format!("TRIGGER {trigger} has tripped: {}", bad.join(", "))
        }
        Fact::TriggerFired { run, trigger, by } => {
            let found =
                session.ledger.run(*run).and_then(|r| Some((r, r.plan.triggers.iter().find(|t| t.name == *trigger)?)));
            let what = found.map(|(run, t)| format!(" rolls {}", back::what(run, &t.rolls_back))).unwrap_or_default();
            format!("run {by}{what}, which answers trigger {trigger}")
        }
        _ => return story::fact(fact, at),
    })
}

fn planned<'a>(session: &'a Session, run: RunId, step: &StepName) -> Option<&'a Step> {
    session.ledger.run(run)?.plan.step(step)
}

/// Whether what this operation did is still verified before its step is done.
fn verified(session: &Session, intent: u64) -> bool {
    let sent = session.ledger.sent.get(&intent);
    sent.and_then(|s| planned(session, s.intent.run, &s.intent.step)).is_none_or(|step| step.verify.is_some())
}

fn completed(session: &Session, run: RunId) -> String {
    let back = session.ledger.run(run).filter(|r| r.takes_back());
    match back {
        Some(back) => {
            let lacks = part::evidence(back).map(|what| format!("; {what}")).unwrap_or_default();
            format!("run {run} completed. ROLLBACK FINISHED: {}{lacks}", back.plan.title)
        }
        None => {
            let stands = holds::standing(&session.ledger).map(|what| format!("; {what}: `status` names what is held"));
            format!("run {run} completed{}", stands.unwrap_or_default())
        }
    }
}

/// How a step was judged: what it waits for is no hold.
fn judged(verdict: &Verdict) -> String {
    let texts: Vec<_> = verdict.reasons.iter().map(ToString::to_string).collect();
    let word = match verdict.level {
        Level::Pass => "passes",
        Level::Warn => "passes with a warning",
        Level::Hold => "waits",
        Level::Unknown => "cannot be judged yet",
        Level::Fail => "does NOT pass",
    };
    if texts.is_empty() { word.to_owned() } else { format!("{word}: {}", texts.join("; ")) }
}

fn vote(cast: &Cast) -> String {
    let vote = &cast.vote;
    match &cast.spoken {
        Some(s) => format!("{vote} by {}, spoken, heard by {}: \"{}\"", cast.person, s.heard_by, s.words),
        None => format!("{vote} by {}", cast.person),
    }
}

/// An operation in words; of a program what it is called, not with what.
pub fn operation(op: &Operation) -> String {
    let place = op.environment.as_ref().map(|e| format!(" in {e}")).unwrap_or_default();
    let service = op.service.as_ref().map(|s| format!(" {s}")).unwrap_or_default();
    if let Some((program, rest)) = op.argv.split_first() {
        let program = program.rsplit('/').next().unwrap_or(program);
        let named: Vec<_> = rest.iter().take_while(|word| !word.starts_with('-') && word.len() < 30).cloned().collect();
        let verb = if op.verb == Verb::Run { "the program" } else { "a snapshot by" };
        return [&[verb.to_owned(), program.to_owned()], named.as_slice()].concat().join(" ");
    }
    let args = op.args.iter().map(|(name, value)| format!(", {name} {value}")).collect::<String>();
    format!("{}{service}{place}{args}", op.verb)
}
