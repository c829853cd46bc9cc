//! Evidence before it goes: the workload, its sets and pods, events, and the last lines
//! of the logs of what fails. Kept in the operation's output; its digest is journaled.

use super::super::Fault;
use super::act::Workload;
use super::answer::line;
use super::ask::encoded;
use super::object::{condition, list, name, selector, text};
use super::place::collection;
use super::record::Record;
use super::seen::belongs;
use crate::domain::text::visible_lines;
use serde_json::Value;

/// Of how many pods logs are kept.
const PODS: usize = 4;
/// How many lines of each container's log.
const LINES: u32 = 200;
/// Names that say their value is a secret.
const SECRET: [&str; 7] = ["SECRET", "TOKEN", "PASS", "PWD", "KEY", "CREDENTIAL", "AUTH"];

/// Takes it. What cannot be read is noted in it; gives back what it holds, in words.
pub async fn take(workload: &Workload, record: &mut Record) -> Result<String, Fault> {
    let place = &workload.place;
    if let Some(why) = record.lost() {
        let why = format!("nothing is saved: the operation's output cannot be kept: {why}");
        return Err(Fault::Refused { why, output: None });
    }
    keep(record, &place.words(), &workload.object);
    let query = selector(&workload.object).map(|s| format!("labelSelector={}", encoded(&s))).unwrap_or_default();
    let mut counts = Vec::new();
    let mut pods = Vec::new();
    for (resource, query) in [(place.kind.revisions(), query.as_str()), ("pods", query.as_str()), ("events", "")] {
        match workload.cluster.list(&collection(&place.namespace, resource), query).await {
            Ok(all) => {
                let mine: Vec<Value> =
                    all.items.into_iter().filter(|object| is_about(workload, resource, object)).collect();
                counts.push(format!("{} {resource}", mine.len()));
                mine.iter().for_each(|object| keep(record, &format!("{resource} {}", name(object)), object));
                if resource == "pods" {
                    pods = mine;
                }
            }
            Err(error) => {
                counts.push(format!("no {resource}"));
                record.say(&format!("{resource} cannot be read: {}", error.words()));
            }
        }
    }
    let logs = logs(workload, pods, record).await;
    let summary = format!("saved {} with {}, {logs} logs", place.words(), counts.join(", "));
    record.say(&summary);
    Ok(summary)
}

fn is_about(workload: &Workload, resource: &str, object: &Value) -> bool {
    let place = &workload.place;
    if resource != "events" {
        return belongs(place, resource, object);
    }
    let about = text(object, "/involvedObject/name");
    about == place.name || about.strip_prefix(&place.name).is_some_and(|rest| rest.starts_with('-'))
}

/// The last lines of each container, of pods that are not ready first.
async fn logs(workload: &Workload, mut pods: Vec<Value>, record: &mut Record) -> usize {
    let ready = |pod: &Value| condition(pod, "Ready").is_some_and(|c| text(c, "/status") == "True");
    pods.sort_by_key(ready);
    let mut taken = 0;
    for pod in pods.iter().take(PODS) {
        for container in list(pod, "/spec/containers") {
            let container = text(container, "/name");
            let path = format!("{}/{}/log", collection(&workload.place.namespace, "pods"), encoded(name(pod)));
            let path = format!("{path}?container={}&tailLines={LINES}", encoded(container));
            let what = line(&format!("{} {container}", name(pod)));
            match workload.cluster.read_bytes(&path).await {
                Ok(bytes) => {
                    taken += 1;
                    record.keep(&format!("--- log {what}\n{}\n", visible_lines(&String::from_utf8_lossy(&bytes))));
                }
                Err(error) => record.say(&format!("the log of {what} cannot be read: {}", error.words())),
            }
        }
    }
    taken
}

fn keep(record: &mut Record, what: &str, object: &Value) {
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
