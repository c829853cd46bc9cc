//! Steps that start by themselves, and what keeps ready ones from starting.

use crate::domain::catalogue::Confirmation;
use crate::domain::fact::Fact;
use crate::domain::plan::{Start, Step, Work};
use crate::domain::session::SessionId;
use crate::domain::verdict::Level;
use crate::engine::announce::announce;
use crate::engine::run::{Run, State};
use crate::engine::{Given, consent, readiness};

/// Starts the first step that is ready, marks milestones, leaves out branches
/// not taken, and writes down what a ready step's gate says when that changes.
pub(super) fn advance(given: &Given<'_>, run: &Run, me: SessionId) -> Vec<Fact> {
    let pending = run.plan.steps.iter().filter(|step| *run.state(&step.name) == State::Pending);
    pending.map(|step| of_step(given, run, step, me)).find(|facts| !facts.is_empty()).unwrap_or_default()
}

fn of_step(given: &Given<'_>, run: &Run, step: &Step, me: SessionId) -> Vec<Fact> {
    let (id, name) = (run.id, step.name.clone());
    if let Some(reason) = not_taken(run, step) {
        return vec![Fact::StepSkipped { run: id, step: name, reason }];
    }
    if !readiness::needs_met(given, run, step) {
        return Vec::new();
    }
    let ready = readiness::judge(given, run, step);
    if !ready.verdict.passes() {
        return held(run, step, ready);
    }
    match &step.work {
        Work::Mark => vec![Fact::StepDone { run: id, step: name, note: String::new(), evidence: ready.evidence }],
        Work::Do(op) if by_itself(run, step, consent::needed(given, op)) => {
            vec![announce(given, run, step, op, me, None)]
        }
        Work::Watch { .. } | Work::Ask(_) if step.start == Start::Auto => {
            vec![Fact::StepStarted { run: id, step: name }]
        }
        _ => Vec::new(),
    }
}

/// An operation starts by itself when its file says so and no confirmation is
/// missing, or when a person agreed to it in advance. A rollback was agreed to whole.
fn by_itself(run: &Run, step: &Step, needed: Confirmation) -> bool {
    if run.takes_back() {
        return true;
    }
    let agreed = run.steps.get(&step.name).and_then(|s| s.consent.as_ref());
    let consented = consent::check(needed, agreed, consent::digest(run, step), "").is_ok();
    match step.start {
        Start::Auto => consented,
        Start::Person => agreed.is_some() && consented,
    }
}

/// The branch of a decision that was not chosen is left out.
fn not_taken(run: &Run, step: &Step) -> Option<String> {
    let (decision, wanted) = step.branch.as_ref()?;
    let chosen = run.steps.get(decision)?.chosen.as_ref()?;
    (chosen != wanted).then(|| format!("decision {decision} chose {chosen}"))
}

fn held(run: &Run, step: &Step, ready: readiness::Readiness) -> Vec<Fact> {
    let before = run.steps.get(&step.name).and_then(|s| s.verdict.as_ref()).map(|v| v.level);
    if before == Some(ready.verdict.level) || ready.verdict.level == Level::Warn {
        return Vec::new();
    }
    let (verdict, evidence) = (ready.verdict, ready.evidence);
    vec![Fact::Judged { run: run.id, step: step.name.clone(), verdict, evidence }]
}
