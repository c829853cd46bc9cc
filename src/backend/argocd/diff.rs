//! What a sync would change, as Argo CD itself compares it: paths with old and new values.
//!
//! Pure. It is the comparison with what git held when Argo CD last looked.

use super::super::compare::{compare, difference};
use super::json::line;
use super::managed::Managed;
use crate::domain::text::shortened;
use serde_json::Value;

/// The most changes that are told of one resource.
const MOST: usize = 8;

/// What differs, a line a change; `items` are those of `…/managed-resources`.
pub fn changes(items: &[Value]) -> Vec<String> {
    items.iter().filter_map(Managed::read).flat_map(resource).collect()
}

fn resource(Managed { name, live, wanted }: Managed) -> Vec<String> {
    match (live.is_null(), wanted.is_null()) {
        (true, false) => return vec![line(&format!("creates {name}"))],
        (false, true) => return vec![line(&format!("{name} is no longer in git; it stays unless it is pruned"))],
        _ => {}
    }
    let found = compare(&live, &wanted);
    let more = found.len().saturating_sub(MOST);
    let told = found.iter().take(MOST).map(|found| {
        let one = difference(&name, found, &live, &[]);
        shortened(&format!("{name}: {} {} → {}", one.path, one.live, one.declared), 300)
    });
    told.chain((more > 0).then(|| line(&format!("{name}: and {more} more")))).collect()
}
