//! The fold of facts about operations: announced, settled, in doubt, resolved.
//!
//! At most one operation a line, and at most one open on a target.

use super::step_mut;
use crate::domain::command::Resolution;
use crate::domain::entry::Entry;
use crate::domain::fact::{Fact, Intent};
use crate::domain::operation::{Direction, Operation, Verb};
use crate::domain::report::{Found, Receipt, Report};
use crate::engine::ledger::Ledger;
use crate::engine::left::Deed;
use crate::engine::rollback::TRAFFIC;
use crate::engine::run::{Changed, Fate, Run, Sent, State};
use crate::engine::standard;

/// Folds a fact about an operation in.
pub(super) fn fold(ledger: &mut Ledger, entry: &Entry, fact: &Fact) -> Result<(), String> {
    match fact {
        Fact::Announced(intent) => announce(ledger, entry, intent),
        Fact::Settled { intent, report } => {
            let sent = sent_mut(ledger, *intent)?;
            if sent.fate == Fate::Open {
                sent.fate = Fate::Settled(report.clone());
                if let Report::Done(receipt) | Report::Partly { receipt, .. } = report {
                    change(ledger, *intent, receipt);
                    leave(ledger, *intent, receipt, true);
                }
            }
            Ok(())
        }
        Fact::InDoubt { intent, why } => {
            let sent = sent_mut(ledger, *intent)?;
            if !doubtable(sent) {
                return Err(format!("operation #{intent} has ended"));
            }
            sent.fate = Fate::InDoubt(why.clone());
            let (run, step) = (sent.intent.run, sent.intent.step.clone());
            step_mut(ledger, run, &step)?.state = State::InDoubt(why.clone());
            Ok(())
        }
        Fact::ProbeAsked { intent, session } => {
            sent_mut(ledger, *intent)?.probing = Some(*session);
            Ok(())
        }
        Fact::Probed { intent, found } => {
            let sent = sent_mut(ledger, *intent)?;
            sent.probing = None;
            sent.probed = Some(words(found));
            let (in_doubt, receipt) = (matches!(sent.fate, Fate::InDoubt(_)), receipt(found));
            if let (true, Some(receipt)) = (in_doubt, receipt) {
                sent.fate = Fate::Resolved;
                change(ledger, *intent, receipt);
                leave(ledger, *intent, receipt, true);
            } else if in_doubt && matches!(found, Found::NotApplied { r#final: true, .. }) {
                sent_mut(ledger, *intent)?.fate = Fate::Resolved;
            }
            Ok(())
        }
        Fact::Resolved { intent, resolution, .. } => {
            let sent = sent_mut(ledger, *intent)?;
            if !matches!(sent.fate, Fate::InDoubt(_)) {
                return Err(format!("operation #{intent} is not in doubt"));
            }
            sent.fate = Fate::Resolved;
            if *resolution != Resolution::NotApplied {
                change(ledger, *intent, &Receipt::default());
                leave(ledger, *intent, &Receipt::default(), *resolution == Resolution::Succeeded);
            }
            Ok(())
        }
        _ => Err("is no fact of an operation".to_owned()),
    }
}

fn announce(ledger: &mut Ledger, entry: &Entry, intent: &Intent) -> Result<(), String> {
    if entry.facts.iter().filter(|f| matches!(f, Fact::Announced(_))).count() > 1 {
        return Err("announces two operations in one line".to_owned());
    }
    if let Some(first) = intent.resend_of {
        supersede(ledger, intent, first)?;
    }
    if let Some(other) = ledger.busy(&intent.operation) {
        return Err(format!("operation #{} on the same service and environment is open", other.seq));
    }
    let state = step_mut(ledger, intent.run, &intent.step)?;
    match (&state.state, intent.resend_of) {
        (State::Pending, None) | (State::InDoubt(_), Some(_)) => {}
        (other, _) => return Err(format!("step {} is {other:?}", intent.step)),
    }
    // What was sent before stays in the ledger: its report may still come.
    state.intent = Some(entry.seq);
    state.state = State::Running;
    state.attempt = intent.attempt;
    (state.started, state.ended) = (Some(entry.at), None);
    state.by = Some(entry.by.person.clone());
    let sent =
        Sent { seq: entry.seq, intent: intent.clone(), at: entry.at, fate: Fate::Open, probing: None, probed: None };
    ledger.sent.insert(entry.seq, sent);
    if intent.resend_of.is_none() {
        standard::used(ledger, intent);
    }
    Ok(())
}

/// A re-send takes over the doubt of the step's newest operation, under the key
/// of the first: however often it is sent, the backend sees one key.
fn supersede(ledger: &mut Ledger, intent: &Intent, first: u64) -> Result<(), String> {
    let newest = step_mut(ledger, intent.run, &intent.step)?.intent;
    let newest = newest.ok_or_else(|| format!("step {} was never sent", intent.step))?;
    let sent = sent_mut(ledger, newest)?;
    if !matches!(sent.fate, Fate::InDoubt(_)) || sent.intent.resend_of.unwrap_or(newest) != first {
        return Err(format!("operation #{first} is not in doubt"));
    }
    sent.fate = Fate::Resolved;
    Ok(())
}

/// Remembers which version an operation brought, or where it sent traffic, so that it can be taken back.
/// Flags, scales and programs are no versions and are taken back by hand; a restart needs no way back.
fn change(ledger: &mut Ledger, seq: u64, receipt: &Receipt) {
    let Some(sent) = ledger.sent.get(&seq) else { return };
    let op = &sent.intent.operation;
    let (Some((service, environment)), Direction::Forward) = (op.target(), op.direction()) else { return };
    let detail = |name: &str| receipt.detail.get(name).cloned();
    let (from, to, weights) = match op.verb {
        // What is mended without another version names none, and has none to return to.
        Verb::Mend if !op.args.contains_key("version") => return,
        Verb::Deploy | Verb::Mend | Verb::Promote | Verb::Resume => {
            (detail("previous"), detail("version").or_else(|| op.args.get("version").cloned()), None)
        }
        Verb::Shift => {
            let share = op.args.get("weight").map(|weight| format!("{weight} % of traffic"));
            (Some(TRAFFIC.to_owned()), share, Some(detail("weights").unwrap_or_default()))
        }
        _ => return,
    };
    let Some(run) = ledger.runs.get_mut(&sent.intent.run) else { return };
    run.changed.push(Changed {
        step: sent.intent.step.clone(),
        service: service.clone(),
        environment: environment.clone(),
        from,
        to,
        weights,
        taken_back: None,
    });
}

/// Remembers which version a way back left, so that none leads back to it; and that one was brought again.
fn leave(ledger: &mut Ledger, seq: u64, receipt: &Receipt, well: bool) {
    let Ledger { sent, runs, left, .. } = ledger;
    let Some(Sent { intent, .. }) = sent.get(&seq) else { return };
    // Where neither the backend nor a look tells it: what the run brought that it takes back, else what any did.
    let reverted = runs.get(&intent.run).and_then(|run| runs.get(&run.plan.reverts.unwrap_or(run.id)));
    let had = reverted.into_iter().chain(runs.values().rev()).find_map(|run| brought(run, &intent.operation));
    left.get_or_insert_default().learn(Deed { intent, receipt, had, well });
}

/// The version that a run brought last to the place of an operation, and that stands.
fn brought<'a>(run: &'a Run, operation: &Operation) -> Option<&'a str> {
    let (service, environment) = operation.target()?;
    run.standing(service, environment).filter(|c| c.weights.is_none()).last()?.to.as_deref()
}

/// Whether an operation may come into doubt: while it is open, or by a report
/// in the same line that leaves it so.
fn doubtable(sent: &Sent) -> bool {
    match &sent.fate {
        Fate::Open | Fate::Settled(Report::Unknown { .. }) => true,
        Fate::Settled(Report::NotDone { .. } | Report::NotSent { .. }) => sent.intent.resend_of.is_some(),
        _ => false,
    }
}

fn receipt(found: &Found) -> Option<&Receipt> {
    match found {
        Found::Applied(receipt) | Found::Partly { receipt, .. } => Some(receipt),
        Found::NotApplied { .. } | Found::Unknown { .. } => None,
    }
}

fn words(found: &Found) -> String {
    match found {
        Found::Applied(receipt) => format!("applied: {}", receipt.summary),
        Found::Partly { done, of, receipt } => format!("applied to {done} of {of}: {}", receipt.summary),
        Found::NotApplied { r#final: true, why } => format!("not applied, and never will be: {why}"),
        Found::NotApplied { why, .. } => format!("not applied so far: {why}"),
        Found::Unknown { why } => format!("cannot tell: {why}"),
    }
}

fn sent_mut(ledger: &mut Ledger, seq: u64) -> Result<&mut Sent, String> {
    ledger.sent.get_mut(&seq).ok_or_else(|| format!("line {seq} announced no operation"))
}
