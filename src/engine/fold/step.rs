//! The fold of facts about one step.
//!
//! A step only moves along the states that its facts allow.

use super::{run_mut, step_mut};
use crate::domain::approval::Decision;
use crate::domain::entry::Entry;
use crate::domain::fact::Fact;
use crate::domain::memo::Memo;
use crate::domain::name::{RunId, StepName};
use crate::engine::ledger::Ledger;
use crate::engine::run::{State, StepState};
use crate::engine::standard;
use std::sync::Arc;

/// Folds a fact about a step in.
pub(super) fn fold(ledger: &mut Ledger, entry: &Entry, fact: &Fact) -> Result<(), String> {
    match fact {
        Fact::Consented { run, step, consent } => {
            let state = step_mut(ledger, *run, step)?;
            state.consent = Some(consent.clone());
            state.consented_by = Some(entry.by.person.clone());
        }
        Fact::StepStarted { run, step } => {
            if sends(ledger, *run, step) {
                return Err(format!("step {step} sends an operation that was not announced"));
            }
            let state = step_mut(ledger, *run, step)?;
            expect(state, "start", |s| *s == State::Pending)?;
            state.attempt += 1;
            state.state = State::Running;
            (state.started, state.ended, state.soak_from) = (Some(entry.at), None, Some(entry.at));
            (state.by, state.verdict) = (Some(entry.by.person.clone()), None);
        }
        Fact::Verifying { run, step } => {
            let state = step_mut(ledger, *run, step)?;
            expect(state, "be verified", State::active)?;
            state.state = State::Verifying;
            (state.work_ended, state.soak_from, state.verdict) = (Some(entry.at), Some(entry.at), None);
        }
        Fact::StepDone { run, step, note, evidence } => {
            let state = step_mut(ledger, *run, step)?;
            expect(state, "be done", |s| !s.ended())?;
            end(state, entry, State::Done);
            state.note.clone_from(note);
            state.evidence.clone_from(evidence);
        }
        Fact::StepFailed { run, step, why, partly, evidence } => {
            standard::revoke(ledger, *run, step, false);
            let state = step_mut(ledger, *run, step)?;
            expect(state, "fail", |s| !s.ended())?;
            let failed = match partly {
                Some((done, of)) => State::Partly(*done, *of, why.clone()),
                None => State::Failed(why.clone()),
            };
            end(state, entry, failed);
            state.escalated = None;
            state.evidence.clone_from(evidence);
        }
        Fact::StepSkipped { run, step, reason } => {
            let state = step_mut(ledger, *run, step)?;
            expect(state, "be skipped", |s| !s.ended() && !matches!(s, State::InDoubt(_)))?;
            end(state, entry, State::Skipped(reason.clone()));
        }
        Fact::StepRetried { run, step } => {
            let sends = sends(ledger, *run, step);
            let state = step_mut(ledger, *run, step)?;
            expect(state, "be tried again", |s| !s.ended())?;
            let (attempt, intent, assigned) = (state.attempt, state.intent, state.assigned.take());
            // People approved what a step sends, not one try of it; an answer to a question is of one try, except
            // for a rejection, which stays until whoever made it takes it back.
            let no = |d: Decision| (!d.yes).then_some(d);
            let decisions = match sends {
                true => std::mem::take(&mut state.decisions),
                false => state.words().into_iter().cloned().filter_map(no).collect(),
            };
            let (taken, given) = (std::mem::take(&mut state.taken), std::mem::take(&mut state.given));
            let retried = Some(entry.at);
            *state = StepState { attempt, intent, assigned, given, decisions, taken, retried, ..StepState::default() };
        }
        Fact::StepReopened { run, step } => {
            let state = step_mut(ledger, *run, step)?;
            expect(state, "be reopened", |s| *s == State::Done)?;
            (state.state, state.ended) = (State::Running, None);
        }
        Fact::Assigned { run, step, to } => {
            let state = step_mut(ledger, *run, step)?;
            state.assigned = Some(to.clone());
            state.given.insert(to.clone());
        }
        Fact::StepAdded { run, step, .. } => {
            let run = run_mut(ledger, *run)?;
            if run.steps.insert(step.name.clone(), StepState::default()).is_some() {
                return Err(format!("run {} has a step {} already", run.id, step.name));
            }
            Arc::make_mut(&mut run.plan).steps.push((**step).clone());
            run.change = Memo::default();
        }
        Fact::Judged { run, step, verdict, evidence } => {
            let state = step_mut(ledger, *run, step)?;
            state.verdict = Some(verdict.clone());
            state.evidence.clone_from(evidence);
        }
        Fact::SoakRestarted { run, step, .. } => step_mut(ledger, *run, step)?.soak_from = Some(entry.at),
        Fact::Waived { run, step, reason } => step_mut(ledger, *run, step)?.waived = Some(reason.clone()),
        Fact::Chosen { run, step, branch } => step_mut(ledger, *run, step)?.chosen = Some(branch.clone()),
        Fact::Voted { run, step, role, cast } => {
            step_mut(ledger, *run, step)?.votes.insert(role.clone(), cast.clone());
        }
        Fact::Decided { run, step, decision } => {
            let state = step_mut(ledger, *run, step)?;
            state.taken.extend(decision.signed.as_ref().map(|signed| signed.digest()));
            state.decisions.push(decision.clone());
        }
        Fact::Escalated { run, step, to, .. } => step_mut(ledger, *run, step)?.escalated = Some(to.clone()),
        Fact::PollClosed { run, step, .. } | Fact::Released { run, step, .. } => {
            step_mut(ledger, *run, step)?;
        }
        _ => return Err("is no fact of a step".to_owned()),
    }
    Ok(())
}

fn sends(ledger: &Ledger, run: RunId, step: &StepName) -> bool {
    ledger.run(run).and_then(|r| r.plan.step(step)).is_some_and(|s| s.operation().is_some())
}

fn end(state: &mut StepState, entry: &Entry, how: State) {
    state.state = how;
    state.ended = Some(entry.at);
    state.by = Some(entry.by.person.clone());
}

fn expect(state: &StepState, what: &str, fits: impl Fn(&State) -> bool) -> Result<(), String> {
    if fits(&state.state) { Ok(()) } else { Err(format!("a step that is {:?} cannot {what}", state.state)) }
}
