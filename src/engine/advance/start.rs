//! Steps that start by themselves, and what keeps ready ones from starting.
//!
//! It asks `readiness` and `consent` and never judges on its own.

use super::watch::{restarted, unwell};
use crate::domain::fact::Fact;
use crate::domain::gate::Gate;
use crate::domain::plan::{Start, Step, Work};
use crate::domain::session::SessionId;
use crate::engine::announce::announce;
use crate::engine::run::{Run, State, StepState};
use crate::engine::{Given, consent, gate, readiness};

/// Starts the first step that is ready, marks milestones, leaves out branches
/// not taken; and when nothing starts, writes down of all ready steps at once
/// what keeps them, where that has changed.
pub(super) fn advance(given: &Given<'_>, run: &Run, me: SessionId) -> Vec<Fact> {
    let mut held = Vec::new();
    for step in &run.plan.steps {
        let Some(state) = run.steps.get(&step.name).filter(|s| s.state == State::Pending) else { continue };
        match of_step(given, run, step, state, me) {
            Next::Nothing => {}
            Next::Held(facts) => held.extend(facts),
            Next::Begins(facts) => return facts,
        }
    }
    held
}

/// What comes next of a pending step.
enum Next {
    Nothing,
    Held(Vec<Fact>),
    Begins(Vec<Fact>),
}

fn of_step(given: &Given<'_>, run: &Run, step: &Step, state: &StepState, me: SessionId) -> Next {
    let (id, name) = (run.id, step.name.clone());
    if let Some(reason) = not_taken(run, step) {
        return Next::Begins(vec![Fact::StepSkipped { run: id, step: name, reason }]);
    }
    if !readiness::needs_met(given, run, step) {
        return Next::Nothing;
    }
    let ready = readiness::judge(given, run, step);
    let again = step.gate.as_ref().and_then(|gate| restarted(run, step, state, gate, &ready.evidence));
    if again.is_some() || !ready.verdict.passes() {
        return Next::Held(held(run, step, state, ready, again));
    }
    match &step.work {
        Work::Mark => {
            Next::Begins(vec![Fact::StepDone { run: id, step: name, note: String::new(), evidence: ready.evidence }])
        }
        Work::Do(op) if consent::starts_by_itself(given, run, step) => {
            Next::Begins(vec![announce(given, run, step, op, me, None)])
        }
        Work::Watch { .. } | Work::Ask(_) if step.start == Start::Auto => {
            Next::Begins(vec![Fact::StepStarted { run: id, step: name }])
        }
        _ => Next::Nothing,
    }
}

/// The branch of a decision that was not chosen is left out.
fn not_taken(run: &Run, step: &Step) -> Option<String> {
    let (decision, wanted) = step.branch.as_ref()?;
    let chosen = run.steps.get(decision)?.chosen.as_ref()?;
    (chosen != wanted).then(|| format!("decision {decision} chose {chosen}"))
}

fn held(run: &Run, step: &Step, state: &StepState, ready: readiness::Readiness, again: Option<Fact>) -> Vec<Fact> {
    let before = state.verdict.as_ref().map(|v| v.level);
    let soaks = |gate: &Gate| unwell(state, gate) == gate::unwell(gate, &ready.evidence);
    let same = before == Some(ready.verdict.level) && step.gate.as_ref().is_none_or(soaks);
    if again.is_none() && same {
        return Vec::new();
    }
    let (verdict, evidence) = (ready.verdict, ready.evidence);
    again.into_iter().chain([Fact::Judged { run: run.id, step: step.name.clone(), verdict, evidence }]).collect()
}
