//! Whether a runbook goes on watching once it has brought its last change to production.
//!
//! One that does not is no mistake, for people may watch. It is said where something is measured
//! there: what a change breaks often shows only minutes after it, and then nothing would stop.

use super::Reading;
use crate::config::raw::runbook::RunbookFile;
use crate::domain::catalogue::Tier;
use crate::domain::gate::Gate;
use crate::domain::name::{EnvironmentName, ServiceName, StepName};
use crate::domain::operation::Verb;
use crate::domain::plan::{Need, Step, Work};
use crate::domain::workspace::Workspace;
use std::collections::{BTreeMap, BTreeSet};

/// Notes the last step that changes production, where neither it nor what follows from it watches for a time.
pub fn unwatched(r: &mut Reading<'_>, raw: &RunbookFile, steps: &[Step]) {
    let workspace = r.workspace;
    let before = before(steps, |step| brings(workspace, step).is_some() || gates(step).any(soaks));
    let open = |step: &&Step| !before.contains(&step.name) && !step.verify.iter().any(soaks);
    let last = steps.iter().rev().filter(open).find_map(|step| Some((step, brings(workspace, step)?)));
    let Some((step, (service, environment))) = last else { return };
    let here = workspace.signals.values().filter(|signal| signal.environments.contains(environment));
    let Some(signal) = here.min_by_key(|signal| signal.service != *service) else { return };
    let Some(raw) = raw.steps.iter().find(|raw| raw.id.value == step.name) else { return };
    let soak = format!("{{ soak = {{ signals = [\"{}@{environment}\"], for = \"1h\" }} }}", signal.name);
    let what = format!("nothing is watched after step {}, the last that changes production", step.name);
    r.warning(&raw.id.at, what, &format!("add `verify = {soak}` to it, or a step of the kind soak behind it"));
}

/// Where a step changes production.
fn brings<'a>(workspace: &Workspace, step: &'a Step) -> Option<(&'a ServiceName, &'a EnvironmentName)> {
    let operation = step.operation().filter(|it| matches!(it.verb, Verb::Deploy | Verb::Promote | Verb::Shift))?;
    let declared = |name: &EnvironmentName| workspace.environments.get(name);
    operation.target().filter(|(_, name)| declared(name).is_some_and(|it| it.tier == Tier::Production))
}

fn gates(step: &Step) -> impl Iterator<Item = &Gate> {
    let watch = match &step.work {
        Work::Watch { gate, .. } => Some(gate),
        _ => None,
    };
    step.gate.iter().chain(&step.verify).chain(watch)
}

/// Whether a gate passes only after its signals were well for a time.
fn soaks(gate: &Gate) -> bool {
    match gate {
        Gate::All(parts) => parts.iter().any(soaks),
        Gate::Any(parts) => parts.iter().all(soaks),
        Gate::Soak { .. } => true,
        _ => false,
    }
}

/// Every step that has to be done before one of these.
fn before(steps: &[Step], these: impl Fn(&Step) -> bool) -> BTreeSet<&StepName> {
    let by_name: BTreeMap<&StepName, &Step> = steps.iter().map(|step| (&step.name, step)).collect();
    let (mut found, mut left) = (BTreeSet::new(), steps.iter().filter(|step| these(step)).collect::<Vec<_>>());
    while let Some(step) = left.pop() {
        for need in &step.needs {
            if let Need::Step(name) = need
                && found.insert(name)
            {
                left.extend(by_name.get(name));
            }
        }
    }
    found
}
