//! The patch that leads a rollout back: the plugin's, and a lock that it lacks.
//!
//! Pure.

use super::super::cause::marking;
use super::super::history::{Revision, is_current};
use super::super::lock;
use super::super::undo::{Patch, goes_on, is_paused};
use super::state::stable;
use super::steps;
use serde_json::{Value, json};

/// The patch that leads a rollout to a revision; none when it is there already.
///
/// # Errors
/// Why it cannot be led there now.
pub fn patch(object: &Value, to: &Revision, cause: &str) -> Result<Option<Patch>, String> {
    if is_current(to, object) && !is_paused(object) {
        return Ok(None);
    }
    if !to.template.is_object() {
        return Err(format!("revision {} holds no pod template", to.number));
    }
    let mut steps = lock::same(object);
    steps.push(json!({ "op": "replace", "path": "/spec/template", "value": to.template }));
    steps.extend(marking(object, cause));
    steps.extend(is_paused(object).then(goes_on));
    Ok(Some(Patch::new(steps)))
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
