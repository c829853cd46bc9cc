//! What follows from a report or a finding: facts, never effects.
//!
//! A lost answer becomes *in doubt*. A late report is written down and changes
//! no state. Only what is certain ends a doubt.

use super::Given;
use super::ledger::Ledger;
use super::run::{Fate, Run, Sent};
use crate::domain::command::Resolution;
use crate::domain::fact::Fact;
use crate::domain::name::RunId;
use crate::domain::operation::Verb;
use crate::domain::plan::Step;
use crate::domain::report::{Found, Receipt, Report};

/// What follows from a sender's report on the operation that line `intent` announced.
pub fn settle(given: &Given<'_>, intent: u64, report: &Report) -> Vec<Fact> {
    let Some(sent) = given.ledger.sent.get(&intent) else { return Vec::new() };
    let settled = Fact::Settled { intent, report: report.clone() };
    let Some((run, step)) = context(given, sent) else { return vec![settled] };
    if sent.fate != Fate::Open {
        return vec![settled];
    }
    let (id, name) = (run.id, step.name.clone());
    let mut facts = match report {
        Report::Unknown { why, .. } => return vec![settled, Fact::InDoubt { intent, why: why.clone() }],
        Report::Done(receipt) => done(given.ledger, run, step, sent, receipt),
        Report::Partly { done, of, receipt } => {
            vec![failed(id, step, receipt.summary.clone(), Some((*done, *of)))]
        }
        Report::NotDone { why, .. } | Report::NotSent { why } if sent.intent.resend_of.is_some() => {
            // That the second sending did not happen says nothing of the first.
            let why = format!("the re-send was not done ({why}); what became of the first is not known");
            return vec![settled, Fact::InDoubt { intent, why }];
        }
        Report::NotDone { why, .. } => vec![failed(id, step, why.clone(), None)],
        Report::NotSent { .. } => vec![Fact::StepRetried { run: id, step: name }],
    };
    facts.insert(0, settled);
    facts
}

/// What follows from a probe of the operation that line `intent` announced.
pub fn found(given: &Given<'_>, intent: u64, found: &Found) -> Vec<Fact> {
    let Some(sent) = given.ledger.sent.get(&intent) else { return Vec::new() };
    let mut facts = vec![Fact::Probed { intent, found: found.clone() }];
    let (Fate::InDoubt(_), Some((run, step))) = (&sent.fate, context(given, sent)) else { return facts };
    match found {
        Found::Applied(receipt) => facts.extend(done(given.ledger, run, step, sent, receipt)),
        Found::Partly { done, of, receipt } => {
            facts.push(failed(run.id, step, receipt.summary.clone(), Some((*done, *of))));
        }
        Found::NotApplied { r#final: true, why } => {
            facts.push(failed(run.id, step, format!("certainly not done: {why}"), None));
        }
        Found::NotApplied { .. } | Found::Unknown { .. } => {}
    }
    facts
}

/// What follows from a person's decision about an operation in doubt.
pub(super) fn resolved(
    ledger: &Ledger,
    (run, step, sent): (&Run, &Step, &Sent),
    resolution: Resolution,
    reason: &str,
) -> Vec<Fact> {
    let mut facts = vec![Fact::Resolved { intent: sent.seq, resolution, reason: reason.to_owned() }];
    match resolution {
        Resolution::Succeeded => facts.extend(done(ledger, run, step, sent, &Receipt::default())),
        Resolution::Failed => facts.push(failed(run.id, step, reason.to_owned(), None)),
        Resolution::NotApplied => {
            facts.push(failed(run.id, step, format!("certainly not done: {reason}"), None));
        }
    }
    facts
}

/// The step whose newest operation this is, if it still is.
fn context<'a>(given: &Given<'a>, sent: &'a Sent) -> Option<(&'a Run, &'a Step)> {
    let run = given.ledger.run(sent.intent.run)?;
    let step = run.plan.step(&sent.intent.step)?;
    (run.steps.get(&step.name)?.intent == Some(sent.seq)).then_some((run, step))
}

fn done(ledger: &Ledger, run: &Run, step: &Step, sent: &Sent, receipt: &Receipt) -> Vec<Fact> {
    let mut facts = vec![match step.verify {
        Some(_) => Fact::Verifying { run: run.id, step: step.name.clone() },
        None => {
            Fact::StepDone { run: run.id, step: step.name.clone(), note: receipt.summary.clone(), evidence: Vec::new() }
        }
    }];
    facts.extend(taken_back(ledger, run, sent));
    facts
}

/// A way back that is done takes back what the other run changed, or, as a step
/// of an ordinary run, what that run has changed itself.
fn taken_back(ledger: &Ledger, run: &Run, sent: &Sent) -> Option<Fact> {
    let op = &sent.intent.operation;
    let (service, environment) = op.target()?;
    // The other run may have been forgotten meanwhile; its locks stand all the same.
    let reverted = ledger.run(run.plan.reverts.unwrap_or(run.id))?;
    let mut stands = reverted.standing(service, environment).peekable();
    let whole = match op.verb {
        Verb::RollBack => reverted.id != run.id || stands.peek().is_some(),
        // Traffic that goes back takes back what shifted it, and no version.
        Verb::Abort => stands.peek().is_some() && stands.all(|change| change.weights.is_some()),
        _ => false,
    };
    whole.then(|| Fact::TakenBack {
        run: reverted.id,
        service: service.clone(),
        environment: environment.clone(),
        to: op.args.get("to").cloned().unwrap_or_default(),
        by: run.id,
    })
}

fn failed(run: RunId, step: &Step, why: String, partly: Option<(u32, u32)>) -> Fact {
    Fact::StepFailed { run, step: step.name.clone(), why, partly, evidence: Vec::new() }
}
