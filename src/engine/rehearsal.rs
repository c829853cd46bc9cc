//! Rehearsals in the ledger, and whether what a rule wants rehearsed was.
//!
//! The newest of each runbook counts that came to its end. It has shown nothing of a step that people left out, nor of a
//! runbook that was changed since.

use super::Given;
use super::ledger::Ledger;
use super::run::{Phase, Run, State};
use crate::domain::name::{RunId, StepName};
use crate::domain::plan::{Mode, Plan};
use crate::domain::rehearsal::{Rehearsal, Rehearsed};

/// Takes in a run that has just ended.
pub(super) fn learn(ledger: &mut Ledger, id: RunId) {
    let Some(run) = ledger.run(id).filter(|run| matches!(run.phase, Phase::Completed(_))) else { return };
    if let Some(of) = run.plan.rehearses.filter(|_| run.plan.mode == Mode::Rehearsal && !run.takes_back()) {
        let done = Rehearsal { run: id, of, at: ledger.at, skipped: skipped(run), back: None };
        let runbook = run.plan.runbook.clone();
        ledger.rehearsals.insert(runbook, done);
    }
    let Ledger { rehearsals, runs, at, .. } = ledger;
    for done in rehearsals.values_mut().filter(|done| done.back.is_none()) {
        let back = |run: &Run| !run.changed.is_empty() && run.changed.iter().all(|change| change.taken_back.is_some());
        done.back = runs.get(&done.run).filter(|run| back(run)).map(|_| *at);
    }
}

/// The steps that people left out; those of a branch that was not taken are none of them.
fn skipped(run: &Run) -> Vec<StepName> {
    let left_out = |name: &StepName| matches!(run.steps.get(name).map(|step| &step.state), Some(State::Skipped(_)));
    let steps = run.plan.steps.iter().filter(|step| step.branch.is_none() && left_out(&step.name));
    steps.map(|step| step.name.clone()).collect()
}

/// What a rule wants rehearsed, and was not.
///
/// # Errors
/// What is missing, in words; nothing of a runbook is known where there is none.
pub(super) fn had(given: &Given<'_>, plan: Option<&Plan>, wants: Rehearsed) -> Result<(), String> {
    let lacks = |why: String| Err(format!("{wants}: {why}"));
    let Some(plan) = plan else { return lacks("which runbook it is for is not said".to_owned()) };
    // A rehearsal need not have been rehearsed. That a file calls itself one is not enough: it may name any place.
    if plan.rehearses.is_some() {
        return Ok(());
    }
    let Some(done) = given.ledger.rehearsals.get(&plan.runbook) else {
        return lacks(format!("{} was never rehearsed to its end", plan.runbook));
    };
    let when = |at: crate::domain::Timestamp| at.format("%d %b %H:%MZ").to_string();
    let on = format!("run {} of {}", done.run, when(done.at));
    if done.of != plan.rehearsable() {
        return lacks(format!("{on} rehearsed another {}, which was changed since", plan.runbook));
    }
    if let Some(step) = done.skipped.first() {
        return lacks(format!("{on} left out step {step}"));
    }
    if given.now - done.at > wants.within.delta() {
        return lacks(format!("{on} is too long ago"));
    }
    match done.back {
        Some(at) if !wants.back || given.now - at <= wants.within.delta() => Ok(()),
        Some(at) => lacks(format!("{on} was taken back on {}, too long ago", when(at))),
        None if !wants.back => Ok(()),
        None => lacks(format!("{on} was not taken back")),
    }
}
