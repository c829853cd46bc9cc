//! What a sync would change, as Argo CD itself compares it: paths with old and new values.
//!
//! Pure. It is the comparison with what git held when Argo CD last looked.

use super::json::{line, text};
use serde_json::Value;

/// The most changes that are told of one resource.
const MOST: usize = 8;
/// How much of a value is told.
const LONG: usize = 60;

/// What differs, a line a change; `items` are those of `…/managed-resources`.
pub fn changes(items: &[Value]) -> Vec<String> {
    items.iter().flat_map(resource).collect()
}

fn resource(item: &Value) -> Vec<String> {
    if item.get("hook") == Some(&Value::Bool(true)) {
        return Vec::new();
    }
    let name = format!("{} {}/{}", text(item, "/kind"), text(item, "/namespace"), text(item, "/name"));
    let state = |key: &str| -> Value { serde_json::from_str(text(item, key)).unwrap_or_default() };
    let (live, target) = (state("/normalizedLiveState"), state("/predictedLiveState"));
    match (live.is_null(), target.is_null()) {
        (true, false) => return vec![line(&format!("creates {name}"))],
        (false, true) => return vec![line(&format!("{name} is no longer in git; it stays unless it is pruned"))],
        _ => {}
    }
    let mut found = Vec::new();
    compare(&mut Vec::new(), &live, &target, &mut found);
    let more = found.len().saturating_sub(MOST);
    let told = found.into_iter().take(MOST).map(|change| line(&format!("{name}: {change}")));
    told.chain((more > 0).then(|| line(&format!("{name}: and {more} more")))).collect()
}

fn compare(path: &mut Vec<String>, old: &Value, new: &Value, found: &mut Vec<String>) {
    match (old, new) {
        _ if old == new => {}
        (Value::Object(before), Value::Object(after)) => {
            let keys: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for key in keys {
                path.push(key.clone());
                let of = |map: &serde_json::Map<String, Value>| map.get(key).cloned().unwrap_or_default();
                compare(path, &of(before), &of(after), found);
                path.pop();
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (n, (before, after)) in before.iter().zip(after).enumerate() {
                path.push(n.to_string());
                compare(path, before, after, found);
                path.pop();
            }
        }
        _ => found.push(format!("{} {} → {}", path.join("."), told(old), told(new))),
    }
}

fn told(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => crate::domain::text::shortened(text, LONG),
        other => crate::domain::text::shortened(&other.to_string(), LONG),
    }
}
