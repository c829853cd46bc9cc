//! The story of a journal: each entry as lines a person can read aloud.
//!
//! A word for every kind of fact; trouble in capitals. What a fact does is in
//! the engine's fold, not here.

use crate::domain::Timestamp;
use crate::domain::approval::{Cast, Decision};
use crate::domain::entry::Entry;
use crate::domain::fact::{Evidence, Fact};
use crate::domain::name::{StepName, TriggerName};
use crate::domain::person::Proof;
use crate::domain::report::{Found, Report};
use crate::domain::text::{harmless, shortened};
use crate::domain::verdict::{Level, Verdict};
use crate::domain::waiver::{Answer, Answered, Waiver, Waives};

/// One line a fact, or the refusal; empty for entries that say nothing to people.
pub fn lines(entry: &Entry) -> Vec<String> {
    if let Some(refusal) = &entry.refusal {
        return vec![harmless(&format!("refused: {} · {refusal}", entry.cause)).into_owned()];
    }
    // Words that people typed are theirs, and a journal has more readers than writers.
    entry.facts.iter().filter_map(|fact| self::fact(fact, entry.at)).map(|text| harmless(&text).into_owned()).collect()
}

/// The trigger that acts in an entry; none when no trigger does.
pub fn trigger(entry: &Entry) -> Option<&TriggerName> {
    entry.facts.iter().find_map(|fact| match fact {
        Fact::TriggerArmed { trigger, .. }
        | Fact::TriggerTripped { trigger, .. }
        | Fact::TriggerProposed { trigger, .. }
        | Fact::TriggerFired { trigger, .. } => Some(trigger),
        _ => None,
    })
}

/// Who acts in an entry: the person, unless the program went on by itself; then the
/// trigger that acted, else `holdpoint`. Who drove it is the entry's `by`.
pub fn who(entry: &Entry) -> &str {
    match by_itself(entry) {
        true => trigger(entry).map_or("holdpoint", TriggerName::as_str),
        false => entry.by.person.as_str(),
    }
}

/// Whether the program went on by itself in an entry.
pub fn by_itself(entry: &Entry) -> bool {
    entry.cause == "advance"
}

/// An entry in one line: its facts joined, cut to `max` characters.
pub fn one_line(entry: &Entry, max: usize) -> String {
    shortened(&lines(entry).join(" · "), max)
}

/// A fact of an entry of that instant in one line; none for what says nothing to people.
/// What opens on the same day is told without a date: the entry has one.
pub fn fact(fact: &Fact, at: Timestamp) -> Option<String> {
    Some(match fact {
        Fact::Genesis { journal, .. } => format!("journal {journal} begins"),
        Fact::FormatRaised { format } => format!("journal format raised to {format}"),
        Fact::Carried(_) => "a new segment of the journal begins".to_owned(),
        Fact::SessionOpened(o) => {
            let from = o.ssh_client.as_deref().map(|c| format!(" from {c}")).unwrap_or_default();
            let tty = o.tty.as_deref().map_or(", no tty".to_owned(), |tty| format!(" {tty}"));
            format!("{} opened a session: {} as {} ({}) on {}{tty}{from}", o.person, o.program, o.user, o.proof, o.host)
        }
        Fact::SessionClosed { session, how } => format!("session {session} ended: {how}"),
        Fact::SessionLost { session } => format!("session {session} was lost"),
        Fact::RunStarted { run, plan, digest, .. } => {
            format!("run {run} started: {} · {} steps · plan {}", plan.title, plan.steps.len(), digest.short())
        }
        Fact::ConnTaken { run, session, reason, .. } => {
            format!("session {session} took the conn of run {run}{}", because(reason))
        }
        Fact::ConnOffered { run, to } => format!("the conn of run {run} was offered to {to}"),
        Fact::ConnGiven { run } => format!("the conn of run {run} was given back"),
        Fact::Consented { step, consent, .. } => format!("agreed to step {step}: {}", consent.how),
        Fact::StepStarted { step, .. } => format!("step {step} started"),
        Fact::Announced(intent) => {
            let again = intent.resend_of.map(|seq| format!(" again under the key of #{seq}")).unwrap_or_default();
            let knowing = because(&intent.knowing.join(" · "));
            format!("step {} sends {}{again}{knowing}", intent.step, intent.operation)
        }
        Fact::Settled { intent, report } => format!("#{intent} {}", reported(report)),
        Fact::InDoubt { intent, why } => format!("#{intent} is IN DOUBT: {why}"),
        Fact::ProbeAsked { intent, .. } => format!("#{intent} is being probed"),
        Fact::Probed { intent, found } => format!("#{intent} probed: {}", found_words(found)),
        Fact::Resolved { intent, resolution, reason } => format!("#{intent} decided {resolution:?}: {reason}"),
        Fact::Verifying { step, .. } => format!("step {step} is being verified"),
        Fact::StepDone { step, note, evidence, .. } => format!("step {step} done{}{}", because(note), seen(evidence)),
        Fact::StepFailed { step, why, partly: Some((k, n)), .. } => {
            format!("step {step} PARTLY DONE, {k} of {n}: {why}")
        }
        Fact::StepFailed { step, why, .. } => format!("step {step} FAILED: {why}"),
        Fact::StepSkipped { step, reason, .. } => format!("step {step} skipped: {reason}"),
        Fact::StepRetried { step, .. } => format!("step {step} begins anew"),
        Fact::StepReopened { step, .. } => format!("step {step} was taken back"),
        Fact::Assigned { step, to, .. } => format!("step {step} given to {to}"),
        Fact::StepAdded { step, reason, .. } => format!("DEVIATION: step {} {} added: {reason}", step.name, step.title),
        Fact::Judged { step, verdict, .. } => judged(step, verdict, at),
        Fact::SoakRestarted { step, why, .. } => format!("the soak of step {step} counts anew: {why}"),
        Fact::Waived { step, reason, .. } => format!("the verification of step {step} was waived: {reason}"),
        Fact::Chosen { step, branch, .. } => format!("step {step} chose {branch}"),
        Fact::Noted { step, text, .. } => {
            step.as_ref().map_or_else(|| format!("note: {text}"), |s| format!("note on step {s}: {text}"))
        }
        Fact::Voted { step, role, cast, .. } => format!("step {step} {role}: {}", vote(cast)),
        Fact::PollClosed { step, go: true, .. } => format!("poll {step}: GO"),
        Fact::PollClosed { step, reasons, .. } => {
            let texts: Vec<_> = reasons.iter().map(ToString::to_string).collect();
            format!("poll {step}: NO-GO · {}", texts.join(" · "))
        }
        Fact::Decided { step, decision, .. } => {
            let verb = if decision.yes { "approved" } else { "REJECTED" };
            format!(
                "step {step} {verb} by {} ({}, {}) seen {}{}",
                decision.person,
                decision.role,
                known_by(decision),
                decision.saw.short(),
                because(&decision.reason)
            )
        }
        Fact::Released { step, reason, .. } => format!("hold point {step} released{}", because(reason)),
        Fact::HoldPlaced(hold) => {
            let what = if hold.lock { "LOCK" } else { "HOLD" };
            format!("{what} {} on {}: {}", hold.id, hold.scope, hold.reason)
        }
        Fact::HoldOverdue { hold, to } => {
            let to = to.as_ref().map(|role| format!(", escalated to {role}")).unwrap_or_default();
            format!("hold {hold} is PAST ITS TIME{to}; it stays until someone lifts it")
        }
        Fact::HoldLifted { hold, reason } => format!("hold {hold} lifted: {reason}"),
        Fact::Escalated { step, to, why, .. } => format!("step {step} escalated to {to}: {why}"),
        Fact::TriggerArmed { trigger, .. } => format!("trigger {trigger} armed"),
        Fact::TriggerTripped { trigger, acts_at, evidence, .. } => {
            let acts =
                acts_at.map_or_else(|| "proposes".to_owned(), |at| format!("acts at {}", at.format("%H:%M:%SZ")));
            format!("TRIGGER {trigger} tripped, {acts}{}", seen(evidence))
        }
        Fact::TriggerPostponed { trigger, until, reason, .. } => {
            format!("trigger {trigger} postponed until {}: {reason}", until.format("%H:%M:%SZ"))
        }
        Fact::TriggerDisarmed { trigger, reason, .. } => format!("trigger {trigger} disarmed: {reason}"),
        Fact::TriggerProposed { trigger, why, .. } => format!("trigger {trigger} proposes a rollback: {why}"),
        Fact::TriggerFired { trigger, by, .. } => format!("trigger {trigger} is answered by run {by}"),
        Fact::TakenBack { run, service, environment, to, .. } => {
            format!("{service} {environment} of run {run} taken back to {to}")
        }
        Fact::Symptom { run, text } => format!("run {run} rolls back because: {text}"),
        Fact::RootCause { run, text, category } => format!("cause of run {run}: {text} ({category})"),
        Fact::TakenOver { what, reason, .. } => format!("left open and taken over: {what}: {reason}"),
        Fact::Trusted(policy, reason) => format!("policy {policy} is trusted again: {reason}"),
        Fact::WaiverAsked(waiver) => waiver_asked(waiver),
        Fact::WaiverAnswered(answered) => {
            let Answered { waiver, answer, word } = &**answered;
            let what = match answer {
                Answer::Grant => "granted",
                Answer::Refuse => "REFUSED",
                Answer::End => "ended",
                Answer::Review => "reviewed",
            };
            format!("waiver {waiver} {what} by {}{}", word.by, because(&word.text))
        }
        Fact::RunParked { run, reason } => format!("run {run} parked: {reason}"),
        Fact::RunUnparked { run } => format!("run {run} goes on"),
        Fact::RunAborted { run, reason } => format!("run {run} ABORTED: {reason}"),
        Fact::RunCompleted { run } => format!("run {run} completed"),
        Fact::RulesRead { loosened, .. } if loosened.is_empty() => return None,
        Fact::RulesRead { loosened, .. } => {
            format!("the files LOOSENED the rules, and someone must adopt that: {}", loosened.join("; "))
        }
        Fact::RulesAdopted { loosened, reason, .. } => {
            format!("loosened rules adopted: {}: {reason}", loosened.join("; "))
        }
        Fact::SamplesKept { run, kept } => {
            format!("the signals of run {run} are kept: {} bytes, digest {}", kept.bytes, kept.digest.short())
        }
        Fact::WorkspaceChanged { what } => format!("the workspace changed: {what}"),
    })
}

fn judged(step: &StepName, verdict: &Verdict, at: Timestamp) -> String {
    let texts: Vec<_> = verdict.reasons.iter().map(|reason| reason.told(at)).collect();
    format!("step {step} {}: {}", verdict.level, texts.join(" · "))
}

/// How it is known whose decision it is.
fn known_by(decision: &Decision) -> String {
    if let Some(spoken) = &decision.spoken {
        return format!("{}, spoken, heard by {}", decision.proof, spoken.heard_by);
    }
    match decision.signed.as_ref().map(|signed| signed.key()) {
        Some(Ok(key)) => format!("signed with {key}"),
        Some(Err(why)) => format!("said to be signed, and {why}"),
        None if decision.proof == Proof::Signed => "said to be signed, without a signature".to_owned(),
        None => decision.proof.to_string(),
    }
}

fn because(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {text}") }
}

fn seen(evidence: &[Evidence]) -> String {
    let worst: Vec<_> = evidence.iter().filter(|e| e.level > Level::Pass).map(|e| e.signal.to_string()).collect();
    match (evidence.len(), worst.is_empty()) {
        (0, _) => String::new(),
        (n, true) => format!(" · {n} readings well"),
        (n, false) => format!(" · {n} readings, not well: {}", worst.join(", ")),
    }
}

fn reported(report: &Report) -> String {
    match report {
        Report::Done(receipt) => format!("done: {}", receipt.summary),
        Report::NotDone { why, .. } => format!("certainly not done: {why}"),
        Report::Partly { done, of, receipt } => format!("done to {done} of {of}: {}", receipt.summary),
        Report::Unknown { why, .. } => format!("outcome unknown: {why}"),
        Report::NotSent { why } => format!("was not sent: {why}"),
    }
}

fn found_words(found: &Found) -> String {
    match found {
        Found::Applied(receipt) => format!("it was done: {}", receipt.summary),
        Found::Partly { done, of, .. } => format!("it was done to {done} of {of}"),
        Found::NotApplied { r#final: true, why } => format!("it was certainly not done: {why}"),
        Found::NotApplied { why, .. } => format!("it has not been done so far: {why}"),
        Found::Unknown { why } => format!("cannot tell: {why}"),
    }
}

fn vote(cast: &Cast) -> String {
    let how = match &cast.spoken {
        Some(s) => format!("spoken, typed by {}, heard by {}: \"{}\"", s.typed_by, s.heard_by, s.words),
        None => cast.proof.to_string(),
    };
    format!("{} by {} ({how}) on {}", cast.vote, cast.person, cast.saw.short())
}

fn waiver_asked(waiver: &Waiver) -> String {
    let until = waiver.until.format("%H:%M:%SZ");
    let ticket = if waiver.ticket.is_empty() { String::new() } else { format!(" · {}", waiver.ticket) };
    let (by, run) = (&waiver.asked.by, waiver.run);
    match (&waiver.of, &waiver.granted) {
        (Waives::Emergency, Some(_)) => {
            format!("EMERGENCY for run {run} until {until}, by {by}: {}{ticket}", waiver.reason)
        }
        (Waives::Emergency, None) => {
            format!(
                "waiver {} asked by {by}: an EMERGENCY for run {run} until {until}: {}{ticket}",
                waiver.id, waiver.reason
            )
        }
        (of, _) => {
            format!("waiver {} of {of} asked by {by} for run {run} until {until}: {}{ticket}", waiver.id, waiver.reason)
        }
    }
}
