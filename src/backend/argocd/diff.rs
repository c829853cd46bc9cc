//! What a sync would change, as Argo CD itself compares it: paths with old and new values.
//!
//! Pure. It is the comparison with what git held when Argo CD last looked.

use super::super::compare::{compare, difference};
use super::json::{line, text};
use crate::domain::text::shortened;
use serde_json::Value;

/// The most changes that are told of one resource.
const MOST: usize = 8;

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
    let found = compare(&live, &target);
    let more = found.len().saturating_sub(MOST);
    let told = found.iter().take(MOST).map(|found| {
        let one = difference(&name, found, &live, &[]);
        shortened(&format!("{}: {} {} → {}", line(&name), one.path, one.live, one.declared), 300)
    });
    told.chain((more > 0).then(|| line(&format!("{name}: and {more} more")))).collect()
}
