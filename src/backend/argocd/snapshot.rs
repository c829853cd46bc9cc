//! Evidence before it goes: the application, its resources as a tree, events, and what
//! differs from git. Kept in the operation's output; its digest is journaled.

use super::super::record::Record;
use super::act::Application;
use super::api;
use super::diff;
use super::json::list;
use crate::domain::text::visible_lines;
use serde_json::Value;

/// Takes it. What cannot be read is noted in it; gives back what it holds, in words.
pub async fn take(found: &Application, record: &mut Record) -> String {
    keep(record, &found.place.words(), &found.app);
    let mut held = vec![found.place.words()];
    for part in ["resource-tree", "events", "managed-resources"] {
        let said = match found.reach.acting() {
            Ok(client) => api::part(&client, &found.place, found.project(), part).await,
            Err(fault) => Err(fault),
        };
        match said {
            Ok(said) if part == "managed-resources" => {
                // The differences, not the manifests: those may hold what is secret.
                let all = diff::changes(list(&said, "/items"));
                held.push(format!("{} differences", all.len()));
                record.keep(&format!("--- differences\n{}\n", all.join("\n")));
            }
            Ok(said) => {
                let items = list(&said, "/items").len() + list(&said, "/nodes").len();
                held.push(format!("{part} ({items})"));
                keep(record, part, &said);
            }
            Err(fault) => {
                held.push(format!("no {part}"));
                record.say(&format!("{part} cannot be read: {fault}"));
            }
        }
    }
    let summary = format!("saved {}", held.join(", "));
    record.say(&summary);
    summary
}

fn keep(record: &mut Record, what: &str, object: &Value) {
    let mut object = object.clone();
    if let Some(meta) = object.pointer_mut("/metadata").and_then(Value::as_object_mut) {
        meta.remove("managedFields");
    }
    let pretty = serde_json::to_string_pretty(&object).unwrap_or_default();
    record.keep(&format!("--- {what}\n{}\n", visible_lines(&pretty)));
}
