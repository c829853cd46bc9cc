//! The patch that leads a rollout back: the plugin's, and a lock that it lacks.
//!
//! Pure. The lock is a `test` of the generation, which only a change of the spec moves.

use super::super::history::{Revision, is_current};
use super::super::object::text;
use super::super::plan::marking;
use super::super::undo::{JSON_PATCH, Patch, goes_on, is_paused};
use super::state::stable;
use super::steps;
use serde_json::{Value, json};

/// The patch that leads a rollout to a revision; none when it is there already.
///
/// # Errors
/// Why it cannot be led there now.
pub fn patch(object: &Value, to: &Revision, cause: &str) -> Result<Option<Patch>, String> {
    if let Some(at) = elsewhere(object) {
        return Err(format!("its template lies in {at} (workloadRef); lead that back: kubectl argo rollouts undo"));
    }
    if is_current(to, object) && !is_paused(object) {
        return Ok(None);
    }
    if !to.template.is_object() {
        return Err(format!("revision {} holds no pod template", to.number));
    }
    let test = |at: &str| json!({ "op": "test", "path": at, "value": object.pointer(at) });
    let template = json!({ "op": "replace", "path": "/spec/template", "value": to.template });
    let mut steps = vec![test("/metadata/uid"), test("/metadata/generation"), template, marking(object, cause)];
    steps.extend(is_paused(object).then(goes_on));
    Ok(Some(Patch { kind: JSON_PATCH, body: Value::Array(steps) }))
}

/// The workload that holds the template, where the rollout itself does not.
pub fn elsewhere(object: &Value) -> Option<String> {
    object.pointer("/spec/workloadRef")?;
    let text = |at| super::super::answer::line(text(object, at));
    Some(format!("{} {}", text("/spec/workloadRef/kind"), text("/spec/workloadRef/name")))
}

/// What the way back goes through, if it is not back to what is stable: all steps once more.
pub fn steps_again(object: &Value, to: &Revision) -> Option<String> {
    let stable = stable(object);
    let steps = steps::all(object).len();
    let returns = !stable.is_empty() && to.name.ends_with(&format!("-{stable}"));
    let again =
        format!("it goes through all {steps} steps once more, and waits where they do; promote it in full to be quick");
    (steps > 0 && !returns).then_some(again)
}
