//! What a canary's status says: its phase, its shares, what it waits for.
//!
//! Pure. While Flagger asks at its first gate the phase flickers between Waiting and
//! Progressing, so that Progressing alone proves nothing; `pass` knows what does.

use super::super::answer::line;
use super::super::object::{condition, count, list, name, owner, text};
use super::super::status::Progress;
use serde_json::Value;

/// The phase, as Flagger writes it.
pub fn phase(canary: &Value) -> &str {
    text(canary, "/status/phase")
}

/// The same in words, made harmless.
pub fn shown(canary: &Value) -> String {
    line(&phase(canary).to_lowercase())
}

/// Whether an analysis is under way, or waits to begin or end.
pub fn under_way(canary: &Value) -> bool {
    matches!(phase(canary), "Waiting" | "Progressing" | "WaitingPromotion" | "Promoting" | "Finalising")
}

/// Whether nothing is on its way and all is well.
pub fn idle(canary: &Value) -> bool {
    matches!(phase(canary), "Initialized" | "Succeeded")
}

/// The workload that is released: its kind and name.
pub fn target(canary: &Value) -> (&str, &str) {
    (text(canary, "/spec/targetRef/kind"), text(canary, "/spec/targetRef/name"))
}

/// The name of what serves.
pub fn primary(target: &str) -> String {
    format!("{target}-primary")
}

/// Whether somebody suspended it.
pub fn suspended(canary: &Value) -> bool {
    canary.pointer("/spec/suspend") == Some(&Value::Bool(true))
}

/// A count that its schema calls a number.
pub fn number(canary: &Value, pointer: &str) -> u64 {
    let value = canary.pointer(pointer);
    let whole = value.and_then(Value::as_u64);
    whole.or_else(|| value?.as_f64().filter(|n| n.is_finite() && *n >= 0.0).map(|n| n as u64)).unwrap_or(0)
}

/// The share of traffic on the new version; none where Flagger writes a 0 that is not meant.
pub fn weight(canary: &Value) -> Option<u8> {
    let known = matches!(phase(canary), "Waiting" | "Progressing" | "Failed");
    known.then(|| u8::try_from(number(canary, "/status/canaryWeight").min(100)).unwrap_or(100))
}

/// Which step it is at, from 1, and how many there are.
pub fn step(canary: &Value) -> Option<(u32, u32)> {
    let of = |at: &str| number(canary, &format!("/spec/analysis/{at}"));
    let small = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    let iterations = of("iterations");
    if iterations > 0 {
        return Some((small(number(canary, "/status/iterations").min(iterations)), small(iterations)));
    }
    let now = number(canary, "/status/canaryWeight");
    let weights: Vec<u64> = list(canary, "/spec/analysis/stepWeights").iter().filter_map(Value::as_u64).collect();
    if !weights.is_empty() {
        let n = weights.iter().filter(|weight| **weight <= now).count();
        return Some((
            small(u64::try_from(n).unwrap_or(u64::MAX)),
            small(u64::try_from(weights.len()).unwrap_or(u64::MAX)),
        ));
    }
    let most = if of("maxWeight") > 0 { of("maxWeight") } else { 100 };
    let all = most.div_ceil(of("stepWeight").max(1));
    (of("stepWeight") > 0).then(|| (small(now.div_ceil(of("stepWeight")).min(all)), small(all)))
}

/// What its own condition says.
pub fn message(canary: &Value) -> String {
    condition(canary, "Promoted").map(|c| line(text(c, "/message"))).unwrap_or_default()
}

/// How far it is, in its words.
pub fn status(canary: &Value) -> Progress {
    let (name, said) = (name(canary), message(canary));
    let words = line(&format!("canary {name:?} is {}: {said}", phase(canary).to_lowercase()));
    match phase(canary) {
        "Initialized" | "Succeeded" => Progress::Done(words),
        "Failed" => Progress::Failed(words),
        _ => Progress::Going(words),
    }
}

/// How many checks failed, and how many may.
pub fn failures(canary: &Value) -> (u64, u64) {
    (number(canary, "/status/failedChecks"), number(canary, "/spec/analysis/threshold"))
}

/// Whether an object is one of a canary's workloads, or kept by one, or one of their pods.
pub fn belongs(target: &str, resource: &str, object: &Value) -> bool {
    let mine = |name: &str| name == target || name == primary(target);
    if resource == "deployments" {
        return mine(name(object));
    }
    let Some(owner) = owner(object) else { return false };
    let (kind, by) = (text(owner, "/kind"), text(owner, "/name"));
    match resource {
        "replicasets" => kind == "Deployment" && mine(by),
        // The set's name is the deployment's and a hash without a dash.
        "pods" => kind == "ReplicaSet" && by.rsplit_once('-').is_some_and(|(of, _)| mine(of)),
        _ => false,
    }
}

/// How many replicas a workload is to have; none where it does not say.
pub fn replicas(workload: &Value) -> Option<u64> {
    workload.pointer("/spec/replicas").map(|_| count(workload, "/spec/replicas"))
}
