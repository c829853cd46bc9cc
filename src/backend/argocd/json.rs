//! Reading JSON of the API; what is missing reads as empty.
//! `line` is where foreign text is made harmless.

use crate::domain::Timestamp;
use crate::domain::text::{shortened, visible};
use serde_json::Value;

/// A text by its pointer, such as `/metadata/name`.
pub fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// A list by its pointer.
pub fn list<'a>(object: &'a Value, pointer: &str) -> &'a [Value] {
    object.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A number by its pointer; some gateways write large ones as text.
pub fn number(object: &Value, pointer: &str) -> Option<i64> {
    let value = object.pointer(pointer)?;
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// An instant by its pointer.
pub fn time(object: &Value, pointer: &str) -> Option<Timestamp> {
    chrono::DateTime::parse_from_rfc3339(text(object, pointer)).ok().map(|at| at.to_utc())
}

/// A resource as people write it, `Deployment shop/api`, from its `kind`, `namespace` and `name`.
pub fn named(of: &Value) -> String {
    object(text(of, "/kind"), text(of, "/namespace"), text(of, "/name"))
}

/// The same from its parts; of what lies in no namespace, `ClusterRole api`.
pub fn object(kind: &str, namespace: &str, name: &str) -> String {
    let gap = if namespace.is_empty() { "" } else { "/" };
    line(&format!("{kind} {namespace}{gap}{name}"))
}

/// One line of foreign text: visible, at most 300 characters.
pub fn line(said: &str) -> String {
    shortened(&visible(said.trim()), 300)
}
