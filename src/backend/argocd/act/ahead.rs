//! Whether an application could be led back to what it is now, once something else was synced: the token, its history
//! and how much of that is kept, and who else writes it. Only reads.
//!
//! Windows are no matter here: what closes them closes the sync as well.

use super::super::super::Fault;
use super::super::Declared;
use super::super::app;
use super::super::past::find;
use super::super::there::is_coming;
use super::gather::{Asks, gather};
use super::preview::{begun, owners};
use crate::domain::operation::{Operation, Verb};
use crate::domain::report::Preview;
use serde_json::Value;

/// How many entries are kept where nothing says how many, that of what is there included.
const KEPT: i64 = 10;

/// Says what would be in the way, once so many changes have been made.
pub async fn ahead(declared: &Declared, operation: &Operation, changes: u32) -> Result<Preview, Fault> {
    let found = gather(declared, operation, Asks::Nobody).await?;
    let client = found.client()?;
    let mut preview = begun(&found, &client, operation.verb).await;
    if app::deleting(&found.app) {
        preview.refuse("it is being deleted");
    }
    if operation.verb != Verb::RollBack {
        return Ok(preview);
    }
    let to = operation.args.get("to").map(String::as_str).unwrap_or_default();
    match find(&found.past, to) {
        Err(why) => preview.refuse(why),
        Ok(entry) if entry.sources.is_empty() => {
            preview.refuse(format!("history {} is too old to return to", entry.id));
        }
        Ok(entry) => {
            let whole = is_coming(&found.app, &found.past, entry, found.place.image.as_deref());
            let odd = || format!("what runs may not be all of history {}: it returns to that", entry.id);
            preview.obstacles.extend((!whole && changes <= 1).then(odd));
        }
    }
    let limit = found.app.pointer("/spec/revisionHistoryLimit").and_then(Value::as_i64).unwrap_or(KEPT);
    if limit <= i64::from(changes) {
        let entries = if limit == 1 { "1 entry".to_owned() } else { format!("{limit} entries") };
        preview.refuse(format!("history keeps {entries} (revisionHistoryLimit {limit}): {to} is gone by then"));
    }
    preview.obstacles.extend(owners(&found, operation.verb));
    Ok(preview)
}
