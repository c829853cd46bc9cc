//! The fold of one fact: dispatch by what it is about. Steps, operations and
//! triggers have files of their own.
//!
//! A fact that names something unknown, or cannot follow from the state it
//! meets, is an error. Nothing is skipped.

mod operation;
mod step;
mod trigger;
mod waiver;

use super::ledger::{ClosedRun, Ledger, Session};
use super::left::Left;
use super::run::{Conn, Phase, Run, StepState};
use super::{rehearsal, standard};
use crate::domain::entry::Entry;
use crate::domain::fact::{FORMAT, Fact};
use crate::domain::hold::{Hold, Scope};
use crate::domain::memo::Memo;
use crate::domain::name::{RunId, StepName};
use crate::domain::session::SessionId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many notes of a run the ledger keeps; the journal keeps all.
const NOTES: usize = 100;

/// How many times of being parked the ledger keeps of a run.
const PARKED: usize = 20;

/// Folds one fact in; the error says why it cannot follow.
pub(super) fn fact(ledger: &mut Ledger, entry: &Entry, fact: &Fact) -> Result<(), String> {
    match fact {
        Fact::Genesis { format, journal, workspace } => {
            if ledger.journal.is_some() {
                return Err("a second genesis".to_owned());
            }
            ledger.journal = Some(journal.clone());
            ledger.format = *format;
            ledger.workspace.clone_from(workspace);
            readable(*format)
        }
        Fact::FormatRaised { format } => {
            ledger.format = *format;
            readable(*format)
        }
        Fact::Carried(carried) => {
            let before = Ledger::carried(carried).map_err(|e| e.to_string())?;
            if before.seq + 1 != entry.seq {
                return Err(format!("carries line {}", before.seq));
            }
            // A program that did not keep it knew what its operations tell.
            let left = before.left.clone().unwrap_or_else(|| Left::of(before.sent.values()));
            *ledger = Ledger { seq: entry.seq, at: entry.at, left: Some(left), ..before };
            Ok(())
        }
        Fact::SessionOpened(origin) => {
            let session = Session { origin: (**origin).clone(), since: entry.at };
            ledger.sessions.insert(SessionId(entry.seq), session);
            Ok(())
        }
        Fact::SessionClosed { session, .. } | Fact::SessionLost { session } => {
            ledger.sessions.remove(session);
            ledger.sent.values_mut().filter(|s| s.probing == Some(*session)).for_each(|s| s.probing = None);
            Ok(())
        }
        Fact::HoldPlaced(hold) => place(ledger, hold),
        Fact::HoldOverdue { hold, to } => match ledger.holds.contains_key(hold) {
            true => {
                ledger.overdue.insert(*hold, to.clone());
                Ok(())
            }
            false => Err(format!("there is no hold {hold}")),
        },
        Fact::HoldLifted { hold, .. } => {
            ledger.overdue.remove(hold);
            ledger.holds.remove(hold).map(drop).ok_or_else(|| format!("there is no hold {hold}"))
        }
        Fact::RulesRead { rules, drops, .. } => {
            let mut place = 0u32;
            ledger.rules.retain(|_| {
                place += 1;
                !drops.contains(&(place - 1))
            });
            ledger.rules.push(rules.clone());
            Ok(())
        }
        Fact::RulesAdopted { rules, .. } => {
            ledger.rules = vec![rules.clone()];
            Ok(())
        }
        Fact::WaiverAsked(_) | Fact::WaiverAnswered(_) => waiver::fold(ledger, entry, fact),
        Fact::Trusted(policy, _) => {
            let standard = ledger.standards.get_mut(policy).and_then(|standard| standard.revoked.take());
            standard.map(drop).ok_or_else(|| format!("policy {policy} is not revoked"))
        }
        Fact::WorkspaceChanged { .. } => Ok(()),
        Fact::Announced(_)
        | Fact::Settled { .. }
        | Fact::InDoubt { .. }
        | Fact::ProbeAsked { .. }
        | Fact::Probed { .. }
        | Fact::Resolved { .. } => operation::fold(ledger, entry, fact),
        Fact::TriggerArmed { .. }
        | Fact::TriggerTripped { .. }
        | Fact::TriggerPostponed { .. }
        | Fact::TriggerDisarmed { .. }
        | Fact::TriggerProposed { .. }
        | Fact::TriggerFired { .. } => trigger::fold(ledger, entry, fact),
        Fact::RunStarted { .. }
        | Fact::ConnTaken { .. }
        | Fact::ConnGiven { .. }
        | Fact::ConnOffered { .. }
        | Fact::TakenBack { .. }
        | Fact::Symptom { .. }
        | Fact::RootCause { .. }
        | Fact::TakenOver { .. }
        | Fact::Noted { .. }
        | Fact::RunParked { .. }
        | Fact::RunUnparked { .. }
        | Fact::RunAborted { .. }
        | Fact::RunCompleted { .. }
        | Fact::SamplesKept { .. } => run(ledger, entry, fact),
        _ => step::fold(ledger, entry, fact),
    }
}

fn readable(format: u32) -> Result<(), String> {
    if format > FORMAT {
        return Err(format!("the journal has format {format}, this program knows {FORMAT}; use a newer holdpoint"));
    }
    Ok(())
}

fn place(ledger: &mut Ledger, hold: &Hold) -> Result<(), String> {
    if hold.id != ledger.last_hold + 1 {
        return Err(format!("hold {} follows hold {}", hold.id, ledger.last_hold));
    }
    ledger.last_hold = hold.id;
    ledger.holds.insert(hold.id, hold.clone());
    Ok(())
}

fn run(ledger: &mut Ledger, entry: &Entry, fact: &Fact) -> Result<(), String> {
    match fact {
        Fact::RunStarted { run, plan, digest, t0 } => {
            if run.0 != ledger.last_run + 1 {
                return Err(format!("run {run} follows run {}", ledger.last_run));
            }
            ledger.last_run = run.0;
            forget(ledger, |old| old.plan.runbook == plan.runbook && old.plan.mode == plan.mode);
            let steps: BTreeMap<_, _> =
                plan.steps.iter().map(|step| (step.name.clone(), StepState::default())).collect();
            if steps.len() != plan.steps.len() {
                return Err("two steps of one name".to_owned());
            }
            let started = Run {
                drove: BTreeSet::new(),
                change: Memo::default(),
                id: *run,
                plan: plan.clone(),
                digest: *digest,
                started: entry.at,
                by: entry.by.person.clone(),
                t0: *t0,
                phase: Phase::Live,
                parked: Vec::new(),
                conn: None,
                epoch: 0,
                offered: None,
                steps,
                triggers: BTreeMap::new(),
                changed: Vec::new(),
                taken_over: Vec::new(),
                symptom: None,
                root_cause: None,
                notes: Vec::new(),
                samples: None,
            };
            ledger.runs.insert(*run, started);
        }
        Fact::ConnTaken { run, session, epoch, .. } => {
            let person = ledger.sessions.get(session).map(|s| s.origin.person.clone());
            let person = person.ok_or_else(|| format!("session {session} is not open"))?;
            let run = run_mut(ledger, *run)?;
            if *epoch != run.epoch + 1 {
                return Err(format!("epoch {epoch} follows epoch {}", run.epoch));
            }
            run.epoch = *epoch;
            run.offered = None;
            run.drove.insert(person.clone());
            run.conn = Some(Conn { session: *session, person, since: entry.at });
            // What was watched by one driver says nothing of the time between two.
            run.steps.values_mut().filter(|s| s.state.active()).for_each(|s| s.soak_from = Some(entry.at));
        }
        Fact::ConnGiven { run } => {
            let run = run_mut(ledger, *run)?;
            (run.conn, run.offered) = (None, None);
        }
        Fact::ConnOffered { run, to } => run_mut(ledger, *run)?.offered = Some(to.clone()),
        Fact::TakenBack { run, service, environment, by, .. } => {
            let changed = ledger.run(*run).into_iter().flat_map(|run| &run.changed);
            let there = changed.filter(|c| c.service == *service && c.environment == *environment);
            for step in there.map(|change| change.step.clone()).collect::<Vec<_>>() {
                standard::revoke(ledger, *run, &step, true);
            }
            let run = run_mut(ledger, *run)?;
            for change in run.changed.iter_mut().filter(|c| c.service == *service && c.environment == *environment) {
                change.taken_back = Some(*by);
                if let Some(step) = run.steps.get_mut(&change.step) {
                    step.state = super::run::State::RolledBack;
                }
            }
        }
        Fact::Symptom { run, text } => run_mut(ledger, *run)?.symptom = Some(text.clone()),
        Fact::RootCause { run, text, category } => {
            run_mut(ledger, *run)?.root_cause = Some((text.clone(), category.clone()));
        }
        Fact::TakenOver { run, what, reason } => {
            let taken = (what.clone(), entry.by.person.clone(), reason.clone());
            run_mut(ledger, *run)?.taken_over.push(taken);
        }
        Fact::Noted { run, step, text } => {
            let note = (entry.at, entry.by.person.clone(), step.clone(), text.clone());
            let notes = &mut run_mut(ledger, *run)?.notes;
            if notes.len() >= NOTES {
                notes.remove(0);
            }
            notes.push(note);
        }
        Fact::RunParked { run, reason } => {
            let run = run_mut(ledger, *run)?;
            run.phase = Phase::Parked(reason.clone());
            if run.parked.len() >= PARKED {
                run.parked.remove(0);
            }
            run.parked.push((entry.at, None));
        }
        Fact::RunUnparked { run } => {
            let run = run_mut(ledger, *run)?;
            run.phase = Phase::Live;
            run.parked.last_mut().into_iter().for_each(|(_, until)| *until = until.or(Some(entry.at)));
            run.steps.values_mut().filter(|s| s.state.active()).for_each(|s| s.soak_from = Some(entry.at));
        }
        Fact::RunAborted { run, reason } => close(ledger, *run, Phase::Aborted(entry.at, reason.clone()), "aborted")?,
        // The run may have been forgotten meanwhile, because its runbook was started again.
        Fact::SamplesKept { run, .. } if run.0 > ledger.last_run => return Err(format!("there is no run {run}")),
        Fact::SamplesKept { run, kept } => {
            if let Some(run) = ledger.runs.get_mut(run) {
                run.samples = Some(kept.clone());
            }
        }
        Fact::RunCompleted { run } => close(ledger, *run, Phase::Completed(entry.at), "completed")?,
        _ => return Err("is no fact of a run".to_owned()),
    }
    Ok(())
}

/// Ends a run. It stays in the ledger until its runbook is started again, so
/// that screens can show it and a rollback can still take it back; a rehearsal until it is rehearsed again.
fn close(ledger: &mut Ledger, id: RunId, phase: Phase, how: &str) -> Result<(), String> {
    let at = ledger.at;
    let run = run_mut(ledger, id)?;
    run.phase = phase;
    let closed = ClosedRun { run: id, runbook: run.plan.runbook.clone(), digest: run.digest, at, how: how.to_owned() };
    ledger.closed.push(closed);
    if let Some(run) = ledger.runs.get(&id) {
        Arc::make_mut(&mut ledger.history).learn(run);
    }
    rehearsal::learn(ledger, id);
    // What was waived for it is over, and waits for its review.
    ledger.waivers.values_mut().filter(|w| w.run == id).for_each(|w| w.until = w.until.min(at));
    // What held only this run has nothing left to hold; locks on targets stand.
    ledger.holds.retain(|_, hold| !matches!(&hold.scope, Scope::Run(of) | Scope::Step(of, _) if *of == id));
    let Ledger { holds, overdue, runs, rules, .. } = ledger;
    overdue.retain(|hold, _| holds.contains_key(hold));
    // Rules are written down for runs; the next one starts under those of the files.
    if runs.values().all(Run::ended) {
        rules.clear();
    }
    Ok(())
}

/// Drops ended runs that `which` picks, with their operations.
fn forget(ledger: &mut Ledger, which: impl Fn(&Run) -> bool) {
    ledger.runs.retain(|_, run| !(run.ended() && which(run)));
    let Ledger { runs, sent, waivers, at, .. } = ledger;
    sent.retain(|_, sent| runs.contains_key(&sent.intent.run));
    waivers.retain(|_, waiver| runs.contains_key(&waiver.run) || waiver.debt(*at));
}

/// The run of this number that has not been forgotten.
fn run_mut(ledger: &mut Ledger, run: RunId) -> Result<&mut Run, String> {
    ledger.runs.get_mut(&run).ok_or_else(|| format!("there is no run {run}"))
}

/// A step of a run.
fn step_mut<'a>(ledger: &'a mut Ledger, run: RunId, step: &StepName) -> Result<&'a mut StepState, String> {
    run_mut(ledger, run)?.steps.get_mut(step).ok_or_else(|| format!("run {run} has no step {step}"))
}
