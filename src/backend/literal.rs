//! Variables of containers whose values stand in the object itself, in place of a ConfigMap or Secret.
//!
//! Pure. It only collects; `engine::hard_coded` says which of them should not stand there.

use super::hide::says;
use crate::domain::drift::Literal;
use crate::domain::text::visible;
use serde_json::Value;

/// Where the pods of an object are described.
const PODS: [&str; 3] = ["/spec/template/spec", "/spec/jobTemplate/spec/template/spec", "/spec"];

/// The variables of an object whose pods it describes; `object` as people write it.
pub fn literals(object: &str, live: &Value) -> Vec<Literal> {
    let Some(pods) = PODS.iter().find_map(|at| live.pointer(at).filter(|pods| pods.get("containers").is_some())) else {
        return Vec::new();
    };
    let all = ["initContainers", "containers"].into_iter().filter_map(|kind| pods.get(kind)?.as_array());
    all.flatten().flat_map(|container| of(object, container)).collect()
}

fn of(object: &str, container: &Value) -> impl Iterator<Item = Literal> {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let within = format!("{object} containers[{}]", visible(&text(container, "name")));
    let all = container.get("env").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    all.iter()
        .map(move |variable| (text(variable, "name"), text(variable, "value")))
        .filter(|(_, value)| !value.is_empty())
        .map(move |(name, value)| Literal { within: within.clone(), secret: says(&name), name, value })
}
