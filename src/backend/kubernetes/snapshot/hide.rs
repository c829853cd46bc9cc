//! Manifests as a snapshot keeps them: without what looks like a secret.
//!
//! Pure but for the record that it writes to.

use super::super::super::record::Record;
use super::super::answer::line;
use crate::domain::text::visible_lines;
use serde_json::Value;

/// Names that say their value is a secret.
const SECRET: [&str; 7] = ["SECRET", "TOKEN", "PASS", "PWD", "KEY", "CREDENTIAL", "AUTH"];

/// Keeps an object, without what looks like a secret.
pub fn keep(record: &mut Record, what: &str, object: &Value) {
    let mut object = object.clone();
    if let Some(meta) = object.pointer_mut("/metadata").and_then(Value::as_object_mut) {
        meta.remove("managedFields");
    }
    hide(&mut object);
    let pretty = serde_json::to_string_pretty(&object).unwrap_or_default();
    record.keep(&format!("--- {}\n{}\n", line(what), visible_lines(&pretty)));
}

/// Takes out what looks like a secret: `env` values by their names, wherever they stand.
fn hide(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let secret = map.get("name").and_then(Value::as_str).is_some_and(|name| {
                let name = name.to_uppercase();
                SECRET.iter().any(|word| name.contains(word))
            });
            if let Some(value) = map.get_mut("value").filter(|_| secret) {
                *value = Value::from("(hidden)");
            }
            // The same manifest again, as one text.
            map.remove("kubectl.kubernetes.io/last-applied-configuration");
            map.values_mut().for_each(hide);
        }
        Value::Array(all) => all.iter_mut().for_each(hide),
        _ => {}
    }
}
