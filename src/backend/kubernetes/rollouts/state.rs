//! What a rollout's own status says: its phase, what it waits for, and its shares of traffic.
//!
//! Pure. A phase that the controller wrote before it saw the last change is not believed.

use super::super::answer::line;
use super::super::object::{annotation, condition, count, label, list, text};
use super::super::status::observed;
use super::steps;
use serde_json::Value;

/// The label of a replica set and its pods that says which template they are of.
pub const HASH: &str = "rollouts-pod-template-hash";

/// The annotation that says which generation of the workload that holds its template its controller has looked at.
pub const WORKLOAD: &str = "rollout.argoproj.io/workload-generation";

/// How a rollout stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// All of it runs.
    Healthy,
    /// On its way.
    Progressing,
    /// It waits for someone, or for a time.
    Paused,
    /// It failed or was aborted.
    Degraded,
    /// A word that is not known, made harmless.
    Other(String),
}

/// The phase of a rollout, and its message: as the plugin reads them.
pub fn phase(object: &Value) -> (Phase, String) {
    if !observed(object) {
        return (Phase::Progressing, "waiting for rollout spec update to be observed".to_owned());
    }
    if flag(object, "/status/controllerPause") && list(object, "/status/pauseConditions").is_empty() {
        return (Phase::Progressing, "waiting for rollout to unpause".to_owned());
    }
    if !followed(object) {
        let why = "waiting for rollout spec update to be observed for the reference workload";
        return (Phase::Progressing, why.to_owned());
    }
    let message = line(text(object, "/status/message"));
    match text(object, "/status/phase") {
        "Healthy" => (Phase::Healthy, message),
        "Progressing" => (Phase::Progressing, message),
        "Paused" => (Phase::Paused, message),
        "Degraded" => (Phase::Degraded, message),
        "" => (Phase::Other("unknown".to_owned()), "it has no phase yet".to_owned()),
        other => (Phase::Other(line(other)), message),
    }
}

/// Whether the controller has seen what the workload says now that holds the template; where the
/// template is the rollout's own, or no number is told, there is nothing to see.
pub fn followed(object: &Value) -> bool {
    let wanted = annotation(object, WORKLOAD).and_then(|n| n.parse::<i32>().ok());
    let seen = text(object, "/status/workloadObservedGeneration").parse::<i32>().ok();
    object.pointer("/spec/workloadRef").is_none() || wanted.zip(seen).is_none_or(|(wanted, seen)| wanted == seen)
}

/// Whether a flag is set.
pub fn flag(object: &Value, pointer: &str) -> bool {
    object.pointer(pointer) == Some(&Value::Bool(true))
}

/// Whether something is being rolled out: what is wanted is not what is stable.
pub fn updating(object: &Value) -> bool {
    hash(object) != stable(object)
}

/// The hash of what is wanted.
pub fn hash(object: &Value) -> &str {
    text(object, "/status/currentPodHash")
}

/// The hash of what is stable; empty when nothing has ever been.
pub fn stable(object: &Value) -> &str {
    text(object, "/status/stableRS")
}

/// The replica set of a hash.
pub fn of_hash<'a>(sets: &[&'a Value], hash: &str) -> Option<&'a Value> {
    sets.iter().copied().find(|set| !hash.is_empty() && label(set, HASH) == Some(hash))
}

/// Whether it is blue-green.
pub fn blue_green(object: &Value) -> bool {
    object.pointer("/spec/strategy/blueGreen").is_some()
}

/// Why it waits, in its controller's words for it.
pub fn reasons(object: &Value) -> impl Iterator<Item = &str> {
    list(object, "/status/pauseConditions").iter().map(|condition| text(condition, "/reason"))
}

/// Why nobody can say whether the new version is well; a person has to.
pub fn doubt(object: &Value) -> Option<&'static str> {
    reasons(object).find_map(|reason| match reason {
        "InconclusiveAnalysisRun" => Some("its analysis is inconclusive, and a person has to judge"),
        "InconclusiveExperiment" => Some("its experiment is inconclusive, and a person has to judge"),
        _ => None,
    })
}

/// Whether a step's analysis came out inconclusive.
pub fn inconclusive(object: &Value) -> bool {
    text(object, "/status/canary/currentStepAnalysisRunStatus/status") == "Inconclusive"
}

/// What it waits for, in words; none when it goes on by itself or is at its end.
pub fn waits(object: &Value) -> Option<String> {
    if flag(object, "/spec/paused") {
        return Some("somebody paused it by hand: resume it".to_owned());
    }
    let first = list(object, "/status/pauseConditions").first()?;
    let since = line(text(first, "/startTime"));
    let since = if since.is_empty() { since } else { format!(", since {since}") };
    let duration = steps::at(object).and_then(steps::duration);
    Some(match (text(first, "/reason"), duration) {
        ("CanaryPauseStep", Some(time)) => format!("its pause of {time}{since}"),
        ("CanaryPauseStep", None) => format!("a person to promote it{since}"),
        ("BlueGreenPause", _) => format!("a person to switch it over{since}"),
        ("InconclusiveAnalysisRun", _) => format!("a person: its analysis is inconclusive{since}"),
        ("InconclusiveExperiment", _) => format!("a person: its experiment is inconclusive{since}"),
        (other, _) => format!("{}{since}", line(other)),
    })
}

/// The share of traffic that the new version really has, in percent; none when nobody knows.
/// `sets` are the rollout's replica sets. Without a router of traffic it is its share of what is available.
pub fn weight(object: &Value, sets: &[&Value]) -> Option<u8> {
    let share = match object.pointer("/status/canary/weights/canary/weight") {
        Some(weight) => weight.as_u64()?,
        None if blue_green(object) || object.pointer("/spec/strategy/canary/trafficRouting").is_some() => return None,
        None => {
            let mine = count(of_hash(sets, hash(object))?, "/status/availableReplicas");
            mine.saturating_mul(100).checked_div(count(object, "/status/availableReplicas"))?
        }
    };
    u8::try_from(share.min(100)).ok()
}

/// Whether its router of traffic has yet to confirm the share that it was told.
pub fn unverified(object: &Value) -> bool {
    object.pointer("/status/canary/weights/verified") == Some(&Value::Bool(false))
}

/// Why it is not well, where its own words say so.
pub fn trouble(object: &Value) -> Option<String> {
    let invalid = condition(object, "InvalidSpec").map(|c| line(text(c, "/message")));
    let degraded = || match phase(object) {
        (Phase::Degraded, message) => Some(if message.is_empty() { "it is degraded".to_owned() } else { message }),
        _ => None,
    };
    invalid.filter(|why| !why.is_empty()).or_else(degraded)
}
