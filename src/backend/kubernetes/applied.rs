//! What was last applied to an object by `kubectl apply`, which is what was declared of it.
//!
//! Pure. What was applied in any other way leaves no such note, and nothing is known then.

use super::super::Fault;
use super::super::compare::{Found, Part};
use super::answer::line;
use super::object::text;
use super::place::Place;
use serde_json::Value;
use std::collections::BTreeSet;

/// The annotation that holds what was applied.
const APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// The name of whoever only compares, which nothing that is live ever has.
const DRY_WRITER: &str = "holdpoint-drift";
/// What a body is that is applied.
pub const APPLY: &str = "application/apply-patch+yaml";

/// What was last applied, as it can be applied again.
///
/// # Errors
/// Why that is not known.
pub fn applied(live: &Value) -> Result<Value, String> {
    let noted = live.pointer("/metadata/annotations").and_then(|all| all.get(APPLIED)?.as_str());
    let Some(noted) = noted else { return Err(undeclared(live)) };
    let read = serde_json::from_str::<Value>(noted).ok().filter(Value::is_object);
    let mut wanted = read.ok_or("what was last applied cannot be read: it is no JSON object")?;
    for key in ["/kind", "/metadata/name"] {
        if text(&wanted, key) != text(live, key) {
            return Err("what is noted as last applied is of another object".to_owned());
        }
    }
    if let Some(meta) = wanted.get_mut("metadata").and_then(Value::as_object_mut) {
        meta.retain(|key, _| matches!(key.as_str(), "name" | "namespace" | "labels" | "annotations"));
    }
    if let Some(map) = wanted.as_object_mut() {
        map.remove("status");
    }
    Ok(wanted)
}

/// That nothing says what was declared, and who wrote it in place of `kubectl apply`.
fn undeclared(live: &Value) -> String {
    let fields = live.pointer("/metadata/managedFields").and_then(Value::as_array);
    let writes = |entry: &&Value| text(entry, "/subresource").is_empty();
    let all: BTreeSet<&str> = fields.into_iter().flatten().filter(writes).map(|one| text(one, "/manager")).collect();
    let who = if all.is_empty() {
        String::new()
    } else {
        format!("; it was written by {}", all.into_iter().collect::<Vec<_>>().join(", "))
    };
    format!("what was declared is not known: nothing was applied to it by `kubectl apply`{who}")
}

/// Whether people declare what stands there: not what the API server notes of itself.
pub fn declared(found: &Found) -> bool {
    match found.path.as_slice() {
        [Part::Key(first), ..] if first == "status" => false,
        [Part::Key(first), Part::Key(second), ..] if first == "metadata" => {
            matches!(second.as_str(), "labels" | "annotations")
        }
        _ => true,
    }
}

/// Whether a dry run was not dry: what is live names it among those who wrote it.
pub fn is_kept(live: &Value) -> bool {
    let fields = live.pointer("/metadata/managedFields").and_then(Value::as_array);
    fields.into_iter().flatten().any(|one| text(one, "/manager") == DRY_WRITER)
}

/// That it was not dry, just now or earlier; it is not sent again.
pub fn stays(place: &Place, now: bool) -> Fault {
    let words = line(&place.words());
    if now {
        let why = format!(
            "THE DRY RUN WAS KEPT: the API server changed {words} back to what was last applied, though it was asked to \
             change nothing; look at it now, and ask for no drift in this cluster"
        );
        return Fault::Lost { why, output: None };
    }
    let why = format!(
        "{words} was written by {DRY_WRITER}: an earlier dry run was kept by this API server, so that none is sent; look \
         whether it is as it should be, then apply it by kubectl"
    );
    Fault::Refused { why, output: None }
}
