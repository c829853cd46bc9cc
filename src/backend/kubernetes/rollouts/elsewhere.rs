//! A rollout whose template a Deployment holds (`workloadRef`): a version is written there, as the plugin's undo
//! writes it, and is seen at the rollout.
//!
//! Pure. The rollout is read as if the template were its own; until its controller has taken it from there, the
//! last change is not observed.

use super::super::answer::line;
use super::super::cause::Asker;
use super::super::history::Revision;
use super::super::object::{count, text};
use super::super::place::{Kind, Place};
use super::super::plan::{Plan, plan as usual};
use super::super::undo::is_paused;
use super::super::version::Where;
use super::state::WORKLOAD;
use crate::domain::operation::{Operation, Verb};
use serde_json::{Value, json};

/// What holds the template of a rollout.
pub struct Held {
    /// Where it lies.
    pub place: Place,
    /// What it is.
    pub object: Value,
}

/// What it is, in words, where it is not the rollout itself.
pub fn elsewhere(rollout: &Value) -> Option<String> {
    rollout.pointer("/spec/workloadRef")?;
    let text = |at| line(text(rollout, at));
    Some(format!("{} {}", text("/spec/workloadRef/kind"), text("/spec/workloadRef/name")))
}

/// Where that lies; none where the rollout holds its template itself.
///
/// # Errors
/// That it is of a kind that is not written to.
pub fn place(place: &Place, rollout: &Value) -> Option<Result<Place, String>> {
    let words = elsewhere(rollout).filter(|_| place.kind == Kind::Rollout)?;
    let name = text(rollout, "/spec/workloadRef/name").to_owned();
    Some(match text(rollout, "/spec/workloadRef/kind") {
        "Deployment" => Ok(Place { kind: Kind::Deployment, name, ..place.clone() }),
        _ => Err(format!("its template lies in {words} (workloadRef); lead that back: kubectl argo rollouts undo")),
    })
}

/// By which generation of the workload a rollout's controller goes.
const OBSERVED: &str = "workloadObservedGeneration";

/// A rollout as if the template were its own.
pub fn joined(mut rollout: Value, held: &Value) -> Value {
    let generation = count(held, "/metadata/generation").to_string();
    let meta = rollout.get_mut("metadata").and_then(Value::as_object_mut);
    let annotations = meta.map(|meta| meta.entry("annotations").or_insert_with(|| json!({})));
    if let Some(annotations) = annotations.and_then(Value::as_object_mut) {
        annotations.insert(WORKLOAD.to_owned(), generation.into());
    }
    if let Some(spec) = rollout.get_mut("spec").and_then(Value::as_object_mut) {
        let of = |at: &str| held.pointer(at).cloned().unwrap_or_default();
        spec.insert("template".to_owned(), of("/spec/template"));
        spec.entry("selector").or_insert_with(|| of("/spec/selector"));
    }
    // Where no number is told, nobody knows that its controller has taken what the workload says.
    if let Some(status) = rollout.get_mut("status").and_then(Value::as_object_mut) {
        let told = status.get(OBSERVED).and_then(Value::as_str).is_some_and(|n| n.parse::<i32>().is_ok());
        if !told {
            status.insert(OBSERVED.to_owned(), "0".into());
        }
    }
    rollout
}

/// The plan for a new version or the way back, which is written to what holds the template.
///
/// # Errors
/// Why it cannot be done now.
pub fn plan(
    operation: &Operation,
    asker: Asker<'_>,
    place: &Place,
    rollout: &Value,
    held: &Held,
    all: &[Revision],
    at: &Where,
) -> Result<Plan, String> {
    let (mut object, paused) = (rollout.clone(), is_paused(rollout));
    if let (Some(whole), Some(meta)) = (object.as_object_mut(), held.object.get("metadata")) {
        whole.insert("metadata".to_owned(), meta.clone());
    }
    // One request cannot also let the rollout go on.
    if operation.verb == Verb::RollBack
        && let Some(spec) = object.get_mut("spec").and_then(Value::as_object_mut)
    {
        spec.remove("paused");
    }
    let mut plan = usual(operation, asker, place, &object, all, at)?;
    let words = held.place.words();
    if plan.patch.is_some() {
        plan.effects.push(format!("it is written to {words}, which holds its template"));
        let own = count(&held.object, "/spec/replicas");
        if own > 0 {
            plan.loses.push(format!("{words} has {own} replicas of its own: they get it at once, without any steps"));
        }
    }
    if paused {
        plan.effects.push("it is paused by hand, and stays so: resume it afterwards".to_owned());
    }
    Ok(plan)
}
