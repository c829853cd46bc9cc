//! The end of a silence with another step: a step of its own that follows from `ends_with`.
//!
//! It stands in the plan like any other, behind the step that it waits for: what is shown is what runs.

use super::Reading;
use super::step::need;
use crate::config::raw::runbook as raw;
use crate::domain::name::{RunbookName, StepName};
use crate::domain::operation::{Operation, Verb};
use crate::domain::plan::{Need, Step, Work};

/// Adds the step that ends what a step silences; what is wrong with it is noted.
pub fn ends(r: &mut Reading<'_>, runbook: &RunbookName, raw: &raw::Step, steps: &mut Vec<Step>) {
    let Some(with) = &raw.ends_with else { return };
    let silence = steps.iter().find(|step| step.name == raw.id.value);
    let Some((step, operation)) = silence.and_then(|step| Some((step, step.operation()?))) else { return };
    if operation.verb != Verb::Silence || operation.args.contains_key("end") {
        r.mistake(&with.at, "only a silence that is made ends with a step", "remove this, or end it by a step");
        return;
    }
    let name = StepName::new(format!("{}-end", step.name));
    if steps.iter().any(|step| step.name == name) {
        let what = format!("there is a step {name} already, which is what ends the silence");
        r.mistake(&with.at, what, "give that step another id");
        return;
    }
    let mut end = ended(step, operation, name);
    let Some(need) = need(r, runbook, with) else { return };
    end.needs.push(need);
    let behind = |step: &Step| matches!(end.needs.last(), Some(Need::Step(last)) if *last == step.name);
    let at = steps.iter().position(behind).map_or(steps.len(), |at| at + 1);
    steps.insert(at, end);
}

/// The same silence, ended, once it has been made.
fn ended(step: &Step, operation: &Operation, name: StepName) -> Step {
    let mut args = operation.args.clone();
    args.retain(|name, _| name == "alert");
    args.insert("end".to_owned(), "now".to_owned());
    let ending = Operation { args, ..operation.clone() };
    Step {
        name,
        phase: step.phase.clone(),
        stream: step.stream.clone(),
        needs: vec![Need::Step(step.name.clone())],
        owner: step.owner.clone(),
        backup: step.backup.clone(),
        escalate: step.escalate.clone(),
        diagnose: step.diagnose,
        branch: step.branch.clone(),
        may_skip: step.may_skip,
        ..Step::plain(step.kind, format!("End what step {} silences", step.name), Work::Do(ending))
    }
}
