//! Whether a backend can do what a step asks of it, as it is declared now.
//!
//! Asked before anything is journaled: when a run starts, when a step is added,
//! and again in the line that would announce the operation. It asks no system.

use super::Given;
use crate::domain::backend::BackendKind;
use crate::domain::operation::{Operation, Verb};
use crate::domain::plan::Plan;
use crate::domain::verdict::{Reason, Rule};

/// Whether the operation's backend is declared and has its verb, or runs its program.
pub fn able(given: &Given<'_>, operation: &Operation) -> Result<(), Reason> {
    let Operation { backend, verb, .. } = operation;
    let cannot = |text: String| Err(Reason::new(Rule::Capability, text));
    let Some(kind) = given.workspace.backends.get(backend).map(|declared| &declared.kind) else {
        return cannot(format!("there is no backend {backend}; declare it in holdpoint.toml"));
    };
    let own = matches!(verb, Verb::Run | Verb::Snapshot) && !operation.argv.is_empty();
    if kind.offer(*verb).is_some() || (own && kind.runs()) {
        return Ok(());
    }
    match kind {
        BackendKind::Files | BackendKind::Probe | BackendKind::Prometheus(_) | BackendKind::Feed(_) => {
            cannot(format!("{backend} only looks and cannot {verb}"))
        }
        BackendKind::Alertmanager(_) => cannot(format!("{backend} can only silence and cannot {verb}")),
        BackendKind::ArgoCd(_) => cannot(format!("{backend} is an Argo CD and cannot {verb}")),
        BackendKind::Kubernetes(_) => cannot(format!("{backend} is a cluster and cannot {verb}")),
        BackendKind::Plugin(_) => cannot(format!("{backend} is not granted act:{verb}; add it to its `grant`")),
        BackendKind::Command(_) => {
            cannot(format!("{backend} cannot {verb}; declare [backends.{backend}.verbs.{verb}]"))
        }
    }
}

/// Every operation of a plan that its backend cannot do, each with its step.
pub fn lacking(given: &Given<'_>, plan: &Plan) -> Vec<Reason> {
    let lacks = |step: &crate::domain::plan::Step| {
        let reason = able(given, step.operation()?).err()?;
        Some(Reason::new(reason.rule, format!("step {}: {}", step.name, reason.text)))
    };
    plan.steps.iter().filter_map(lacks).collect()
}
