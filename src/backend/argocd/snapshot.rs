//! Evidence before it goes: the application, its resources as a tree, events, and what
//! differs from git. Kept in the operation's output; its digest is journaled.

use super::super::record::Record;
use super::super::{Done, Fault};
use super::act::Application;
use super::api;
use super::diff;
use super::json::list;
use crate::domain::report::Receipt;
use crate::domain::text::visible_lines;
use serde_json::Value;

/// Names that say their value is a secret.
const SECRET: [&str; 7] = ["SECRET", "TOKEN", "PASS", "PWD", "KEY", "CREDENTIAL", "AUTH"];

/// The annotation that holds what was applied by hand, whole.
const APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
const HIDDEN: &str = "(hidden)";

/// Takes it. What cannot be read is noted in it, and it is saved in part then.
pub async fn take(found: &Application, mut record: Record) -> Result<Done, Fault> {
    if let Some(why) = record.lost() {
        let why = format!("nothing is saved: the operation's output cannot be kept: {why}");
        return Err(Fault::Refused { why, output: None });
    }
    keep(&mut record, &found.place.words(), &found.app);
    let (mut held, mut missing) = (vec![found.place.words()], Vec::new());
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
                keep(&mut record, part, &said);
            }
            Err(fault) => {
                record.say(&format!("{part} cannot be read: {fault}"));
                missing.push(format!("{part} ({fault})"));
            }
        }
    }
    let mut summary = format!("saved {}", held.join(", "));
    if !missing.is_empty() {
        summary = format!("partly {summary}; not saved: {}", missing.join(", "));
    }
    record.say(&summary);
    let receipt = Receipt { summary, output: record.finish(), ..Receipt::default() };
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    match missing.len() {
        0 => Ok(Done::Whole(receipt)),
        n => Ok(Done::Partly(count(held.len()), count(held.len() + n), receipt)),
    }
}

fn keep(record: &mut Record, what: &str, object: &Value) {
    let mut object = object.clone();
    if let Some(meta) = object.pointer_mut("/metadata").and_then(Value::as_object_mut) {
        meta.remove("managedFields");
    }
    hide(&mut object);
    let pretty = serde_json::to_string_pretty(&object).unwrap_or_default();
    record.keep(&format!("--- {what}\n{}\n", visible_lines(&pretty)));
}

/// Takes out what looks like a secret: values of parameters and of a chart by their names, a chart's
/// values that are one text, and the copy of everything that `kubectl apply` leaves.
fn hide(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let secret = map.get("name").and_then(Value::as_str).is_some_and(is_secret);
            for (key, value) in map.iter_mut() {
                match key.as_str() {
                    "value" | "string" | "array" | "map" if secret => *value = Value::from(HIDDEN),
                    APPLIED => *value = Value::from(HIDDEN),
                    // One text of YAML, in which nothing is told apart.
                    "values" if value.is_string() => *value = Value::from(HIDDEN),
                    "valuesObject" | "map" => hide_named(value),
                    _ => hide(value),
                }
            }
        }
        Value::Array(all) => all.iter_mut().for_each(hide),
        _ => {}
    }
}

/// Takes out what its own key names as a secret, however deep.
fn hide_named(value: &mut Value) {
    match value {
        Value::Object(map) => map.iter_mut().for_each(|(key, value)| match is_secret(key) {
            true => *value = Value::from(HIDDEN),
            false => hide_named(value),
        }),
        Value::Array(all) => all.iter_mut().for_each(|one| {
            // A list of names with values, as environments are written.
            hide(one);
            hide_named(one);
        }),
        _ => {}
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_uppercase();
    SECRET.iter().any(|word| name.contains(word))
}
