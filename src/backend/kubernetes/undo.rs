//! The patch that leads back: `kubectl rollout undo`'s, and a lock that it lacks.
//!
//! Pure. `kubernetes.io/change-cause` says what did it, by key. A deployment's revision number is written
//! back as it was read, as `kubectl` does it, and is not locked: its controller writes it anew after the way back.

use super::cause::marking;
use super::history::{CAUSE, REVISION, Revision, is_current, plain};
use super::lock;
use super::object::map;
use super::place::Kind;
use super::rollouts;
use serde_json::{Value, json};

/// A patch, ready to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Patch {
    /// Its content type.
    pub kind: &'static str,
    /// Its body.
    pub body: Value,
}

impl Patch {
    /// These steps, one after the other, all of them or none.
    pub fn new(steps: Vec<Value>) -> Self {
        Self { kind: JSON_PATCH, body: Value::Array(steps) }
    }
}

/// RFC 6902.
pub const JSON_PATCH: &str = "application/json-patch+json";

/// Annotations that stay the deployment's own on the way back.
const OWN: [&str; 6] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
];

/// The patch that leads a workload to a revision; none when it is there already.
///
/// # Errors
/// Why it cannot be led there now.
pub fn patch(kind: Kind, object: &Value, to: &Revision, cause: &str) -> Result<Option<Patch>, String> {
    if kind == Kind::Rollout {
        return rollouts::undo::patch(object, to, cause);
    }
    if is_current(to, object) && !is_paused(object) {
        return Ok(None);
    }
    if !to.template.is_object() {
        return Err(format!("revision {} holds no pod template", to.number));
    }
    Ok(Some(match kind {
        Kind::Deployment | Kind::Rollout | Kind::Canary => deployment(object, to, cause),
        Kind::StatefulSet | Kind::DaemonSet => revised(object, to, cause),
    }))
}

/// Whether nothing is rolled out there for now, because somebody said so.
pub fn is_paused(object: &Value) -> bool {
    object.pointer("/spec/paused") == Some(&Value::Bool(true))
}

/// That it goes on, in the same request: on its own that would bring more of what is led back from.
pub fn goes_on() -> Value {
    json!({ "op": "replace", "path": "/spec/paused", "value": false })
}

fn deployment(object: &Value, to: &Revision, cause: &str) -> Patch {
    let own = map(object, "/metadata/annotations");
    // The API refuses to replace what is not there.
    let op = if own.is_empty() { "add" } else { "replace" };
    let mut annotations: serde_json::Map<String, Value> =
        own.into_iter().filter(|(key, _)| OWN.contains(&key.as_str())).collect();
    annotations.extend(to.annotations.clone().into_iter().filter(|(key, _)| !OWN.contains(&key.as_str())));
    annotations.insert(CAUSE.to_owned(), Value::from(cause));
    let mut steps = lock::same(object);
    steps.push(json!({ "op": "replace", "path": "/spec/template", "value": to.template }));
    steps.push(json!({ "op": op, "path": "/metadata/annotations", "value": annotations }));
    steps.extend(is_paused(object).then(goes_on));
    Patch::new(steps)
}

/// What `kubectl` sends of a set's revision replaces the template as a whole; a strategic patch cannot be locked
/// to a generation.
fn revised(object: &Value, to: &Revision, cause: &str) -> Patch {
    let template = plain(to.data.pointer("/spec/template").unwrap_or(&Value::Null));
    let mut steps = lock::same(object);
    steps.push(json!({ "op": "replace", "path": "/spec/template", "value": template }));
    steps.extend(marking(object, cause));
    Patch::new(steps)
}
