//! Evidence before it goes: the application, its resources as a tree, events, and what
//! differs from git. Kept in the operation's output; its digest is journaled.

use super::super::hide::hide;
use super::super::record::Record;
use super::super::{Done, Fault};
use super::act::Application;
use super::api;
use super::diff;
use super::json::list;
use crate::domain::text::visible_lines;
use futures_util::future::join_all;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

/// What is read beside the application.
const PARTS: [&str; 3] = ["resource-tree", "events", "managed-resources"];

/// Takes it, until `until` at the latest: what leads back waits for it. What cannot be read is noted
/// in it, and it is saved in part then.
///
/// # Errors
/// That nothing can be kept.
pub async fn take(found: &Application, until: Instant, mut record: Record) -> Result<Done, Fault> {
    if let Some(why) = record.lost() {
        let why = format!("nothing is saved: the operation's output cannot be kept: {why}");
        return Err(Fault::Refused { why, output: None });
    }
    let mut whole = vec![keep(&mut record, &found.place.words(), &found.app)];
    let (mut held, mut missing) = (vec![found.place.words()], Vec::new());
    // At once: one that is not answered takes no time from the others.
    for (part, said) in PARTS.into_iter().zip(join_all(PARTS.map(|part| read(found, part, until))).await) {
        match said {
            Ok(said) if part == "managed-resources" => {
                // The differences, not the manifests: those may hold what is secret.
                let all = diff::changes(list(&said, "/items"));
                held.push(format!("{} differences", all.len()));
                whole.push(record.keep(&format!("--- differences\n{}\n", all.join("\n"))));
            }
            Ok(said) => {
                let items = list(&said, "/items").len() + list(&said, "/nodes").len();
                held.push(format!("{part} ({items})"));
                whole.push(keep(&mut record, part, &said));
            }
            Err(why) => {
                record.say(&format!("{part} cannot be read: {why}"));
                missing.push(format!("{part} ({why})"));
            }
        }
    }
    let mut summary = format!("saved {}", held.join(", "));
    if !missing.is_empty() {
        summary = format!("partly {summary}; not saved: {}", missing.join(", "));
    }
    record.say(&summary);
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let saved = whole.iter().filter(|whole| **whole).count();
    record.saved(summary, count(saved), count(whole.len() + missing.len()))
}

/// A part, or why it cannot be had.
async fn read(found: &Application, part: &str, until: Instant) -> Result<Value, String> {
    let client = found.reach.acting().map_err(|fault| fault.to_string())?;
    let said = timeout_at(until, api::part(&client, &found.place, found.project(), part)).await;
    said.map_err(|_| "its time was up".to_owned())?.map_err(|fault| fault.to_string())
}

fn keep(record: &mut Record, what: &str, object: &Value) -> bool {
    let mut object = object.clone();
    if let Some(meta) = object.pointer_mut("/metadata").and_then(Value::as_object_mut) {
        meta.remove("managedFields");
    }
    hide(&mut object);
    let pretty = serde_json::to_string_pretty(&object).unwrap_or_default();
    record.keep(&format!("--- {what}\n{}\n", visible_lines(&pretty)))
}
