//! What looks like a secret is taken out of an object before anybody is shown it or it is kept.
//!
//! Pure. By names alone: of an element of a list with its value, and of the key that a value stands
//! under. What refers to a secret by its name is none.

use serde_json::Value;

/// Names that say their value is a secret.
const SECRET: [&str; 7] = ["SECRET", "TOKEN", "PASS", "PWD", "KEY", "CREDENTIAL", "AUTH"];
/// Keys that hold such a word, and no secret.
const PLAIN: [&str; 5] = ["secretName", "secretKeyRef", "key", "topologyKey", "automountServiceAccountToken"];
/// The annotation that holds what was applied, whole.
const APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// What stands in the place of a secret.
pub const HIDDEN: &str = "(hidden)";

/// Whether a name says that its value is a secret.
pub fn says(name: &str) -> bool {
    let name = name.to_uppercase();
    SECRET.iter().any(|word| name.contains(word))
}

/// Whether what stands under this key is a secret.
pub fn is_key(key: &str) -> bool {
    !PLAIN.contains(&key) && says(key)
}

/// Takes out what looks like a secret, however deep; also a chart's values that are one text, and
/// the copy of everything that `kubectl apply` leaves.
pub fn hide(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let named = |by| map.get(by).and_then(Value::as_str).is_some_and(says);
            let secret = named("name") || named("key");
            for (key, value) in map.iter_mut() {
                match key.as_str() {
                    "value" | "string" | "array" | "map" if secret => *value = Value::from(HIDDEN),
                    APPLIED => *value = Value::from(HIDDEN),
                    // One text of YAML, in which nothing is told apart.
                    "values" if value.is_string() => *value = Value::from(HIDDEN),
                    "stringData" => match value {
                        Value::Object(all) => all.values_mut().for_each(whole),
                        other => whole(other),
                    },
                    "valuesObject" | "map" => deep(value),
                    key if is_key(key) => whole(value),
                    _ => hide(value),
                }
            }
        }
        Value::Array(all) => all.iter_mut().for_each(hide),
        _ => {}
    }
}

/// Takes out a value of a secret's name; what is an object tells its parts apart itself.
fn whole(value: &mut Value) {
    match value {
        Value::String(_) | Value::Number(_) => *value = Value::from(HIDDEN),
        Value::Array(all) => all.iter_mut().for_each(whole),
        other => hide(other),
    }
}

/// Takes out all of what its own key names as a secret.
fn deep(value: &mut Value) {
    match value {
        Value::Object(map) => map.iter_mut().for_each(|(key, value)| match says(key) {
            true => *value = Value::from(HIDDEN),
            false => deep(value),
        }),
        Value::Array(all) => all.iter_mut().for_each(|one| {
            // A list of names with values, as environments are written.
            hide(one);
            deep(one);
        }),
        _ => {}
    }
}
