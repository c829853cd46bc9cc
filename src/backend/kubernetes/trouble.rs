//! Why something does not run: what pods, sets and conditions say of it.
//!
//! Pure. Unknown words of a newer server are shown as they are.

use super::answer::line;
use super::object::{condition, count, list, text};
use serde_json::Value;
use std::collections::BTreeMap;

/// The most reasons that are told.
const MOST: usize = 8;
/// What a container waits for when all is well.
const USUAL: [&str; 2] = ["ContainerCreating", "PodInitializing"];
/// What is said of a pod that has started and was never ready since.
const NOT_YET: &str = "runs and is not ready yet: its readiness probe has not passed since it started";

/// Why a workload is not well, the commonest first; empty when nothing says so.
/// `sets` are its replica sets, `pods` its pods.
pub fn trouble<'a>(
    object: &Value,
    sets: impl Iterator<Item = &'a Value>,
    pods: impl Iterator<Item = &'a Value>,
) -> Vec<String> {
    let reasons: Vec<String> = pods.filter_map(reason).collect();
    told(object, sets, reasons.iter().map(String::as_str))
}

/// Why a pod is not well, if it is not; one that is on its way out is not asked.
pub fn reason(of: &Value) -> Option<String> {
    if text(of, "/metadata/deletionTimestamp").is_empty() { pod(of) } else { None }
}

/// Whether a reason is only that a pod has just started: nothing is known to be wrong with it.
pub fn begins(reason: &str) -> bool {
    reason == NOT_YET
}

/// The same as [`trouble`], from the reasons of those pods that have one.
pub fn told<'a, 'b>(
    object: &Value,
    sets: impl Iterator<Item = &'a Value>,
    pods: impl Iterator<Item = &'b str>,
) -> Vec<String> {
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    pods.for_each(|reason| *counted.entry(reason).or_default() += 1);
    let mut pods: Vec<(usize, &str)> = counted.into_iter().map(|(reason, n)| (n, reason)).collect();
    pods.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    let pods = pods.into_iter().map(|(n, reason)| match n {
        1 => reason.to_owned(),
        n => format!("{n} pods: {reason}"),
    });
    let mut all: Vec<String> = Vec::new();
    if let Some(c) = condition(object, "Progressing").filter(|c| text(c, "/status") == "False") {
        all.push(said(text(c, "/reason"), text(c, "/message")));
    }
    let of_set = |set: &'a Value| condition(set, "ReplicaFailure");
    let failures = condition(object, "ReplicaFailure").into_iter().chain(sets.filter_map(of_set));
    for c in failures.filter(|c| text(c, "/status") == "True") {
        let word = if text(c, "/message").contains("exceeded quota") { "quota" } else { text(c, "/reason") };
        all.push(said(word, text(c, "/message")));
    }
    all.extend(pods);
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|reason| seen.insert(reason.clone()));
    all.truncate(MOST);
    all
}

/// Why a pod is not ready, if it is not.
fn pod(pod: &Value) -> Option<String> {
    if condition(pod, "Ready").is_some_and(|c| text(c, "/status") == "True") {
        return None;
    }
    if let Some(c) = condition(pod, "PodScheduled").filter(|c| text(c, "/status") == "False") {
        return Some(said(text(c, "/reason"), text(c, "/message")));
    }
    let containers = || list(pod, "/status/initContainerStatuses").iter().chain(list(pod, "/status/containerStatuses"));
    if let Some(reason) = containers().find_map(container) {
        return Some(reason);
    }
    match text(pod, "/status/phase") {
        "Failed" => Some(said(text(pod, "/status/reason"), text(pod, "/status/message"))),
        "Running" => {
            let unready: Vec<&Value> = containers().filter(|c| c.get("ready") == Some(&Value::Bool(false))).collect();
            let words = "runs and is not ready: its readiness probe fails, or has not passed yet";
            let words = if is_new(pod, &unready) { NOT_YET } else { words };
            (!unready.is_empty()).then(|| words.to_owned())
        }
        _ => None,
    }
}

/// Whether what is not ready of a pod was never restarted, and has not been ready since it started.
fn is_new(pod: &Value, unready: &[&Value]) -> bool {
    let time = |text: &str| chrono::DateTime::parse_from_rfc3339(text).ok();
    let Some(turned) = condition(pod, "Ready").and_then(|c| time(text(c, "/lastTransitionTime"))) else { return false };
    let started = |c: &&Value| time(text(c, "/state/running/startedAt")).is_some_and(|started| turned <= started);
    unready.iter().all(|c| count(c, "/restartCount") == 0 && started(c))
}

fn container(status: &Value) -> Option<String> {
    let name = text(status, "/name");
    let restarts = match count(status, "/restartCount") {
        0 => String::new(),
        n => format!(", restarted {n} times"),
    };
    let waiting = text(status, "/state/waiting/reason");
    if !waiting.is_empty() && !USUAL.contains(&waiting) {
        let last = text(status, "/lastState/terminated/reason");
        let last = if last.is_empty() { String::new() } else { format!(", last ended as {last}") };
        let why = raw(waiting, text(status, "/state/waiting/message"));
        return Some(line(&format!("{why} (container {name}{restarts}{last})")));
    }
    let ended = text(status, "/state/terminated/reason");
    if !ended.is_empty() && ended != "Completed" {
        return Some(line(&format!(
            "{} (container {name}{restarts})",
            raw(ended, text(status, "/state/terminated/message"))
        )));
    }
    None
}

fn said(reason: &str, message: &str) -> String {
    line(&raw(reason, message))
}

/// The same, not yet harmless.
fn raw(reason: &str, message: &str) -> String {
    match (reason, message) {
        ("", message) => message.to_owned(),
        (reason, "") => reason.to_owned(),
        (reason, message) => format!("{reason}: {message}"),
    }
}
