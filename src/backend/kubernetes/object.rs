//! Reading objects of the API that are kept as JSON, so that no field of a newer
//! server is lost on the way back. What is missing reads as empty or 0.

use crate::domain::Timestamp;
use serde_json::{Map, Value};

/// What lies at a pointer. Much of what is read is read by these, and nothing is allocated for it.
pub fn at<'a>(object: &'a Value, pointer: &str) -> Option<&'a Value> {
    // What is escaped has to be written anew first.
    if pointer.contains('~') {
        return object.pointer(pointer);
    }
    pointer.split('/').skip(1).try_fold(object, |at, key| match at {
        Value::Object(map) => map.get(key),
        Value::Array(all) => all.get(key.parse::<usize>().ok()?),
        _ => None,
    })
}

/// A text by its pointer, such as `/metadata/name`.
pub fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    at(object, pointer).and_then(Value::as_str).unwrap_or_default()
}

/// A count by its pointer.
pub fn count(object: &Value, pointer: &str) -> u64 {
    at(object, pointer).and_then(Value::as_u64).unwrap_or(0)
}

/// A time by its pointer; none where there is none that can be read.
pub fn time(object: &Value, pointer: &str) -> Option<Timestamp> {
    chrono::DateTime::parse_from_rfc3339(text(object, pointer)).ok().map(|at| at.to_utc())
}

/// A list by its pointer.
pub fn list<'a>(object: &'a Value, pointer: &str) -> &'a [Value] {
    at(object, pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A map by its pointer.
pub fn map(object: &Value, pointer: &str) -> Map<String, Value> {
    at(object, pointer).and_then(Value::as_object).cloned().unwrap_or_default()
}

/// An annotation.
pub fn annotation<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.get("metadata")?.get("annotations")?.get(key)?.as_str()
}

/// A label.
pub fn label<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.get("metadata")?.get("labels")?.get(key)?.as_str()
}

/// The name.
pub fn name(object: &Value) -> &str {
    text(object, "/metadata/name")
}

/// The resource version: opaque, only ever compared for being the same.
pub fn version(object: &Value) -> &str {
    text(object, "/metadata/resourceVersion")
}

/// How many replicas are wanted; one where nothing is said, as the API has it.
pub fn wanted(object: &Value) -> u64 {
    at(object, "/spec/replicas").and_then(Value::as_u64).unwrap_or(1)
}

/// What controls an object, if something does.
pub fn owner(object: &Value) -> Option<&Value> {
    list(object, "/metadata/ownerReferences").iter().find(|owner| owner.get("controller") == Some(&Value::Bool(true)))
}

/// Whether `owner` controls `object`.
pub fn owns(owner: &Value, object: &Value) -> bool {
    let uid = text(owner, "/metadata/uid");
    !uid.is_empty() && self::owner(object).is_some_and(|by| text(by, "/uid") == uid)
}

/// A condition of the status by its type.
pub fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    list(object, "/status/conditions").iter().find(|condition| text(condition, "/type") == kind)
}

/// The selector as a query writes it; none when it is more than labels that must be equal.
pub fn selector(object: &Value) -> Option<String> {
    let labels = map(object, "/spec/selector/matchLabels");
    if labels.is_empty() || !list(object, "/spec/selector/matchExpressions").is_empty() {
        return None;
    }
    let pairs = labels.iter().map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()));
    Some(pairs.collect::<Vec<_>>().join(","))
}
