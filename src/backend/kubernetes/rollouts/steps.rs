//! The steps of a canary: what each does, which share it means, and where it stops.
//!
//! Pure. Steps are counted from 0 here and from 1 in words and arguments.

use super::super::answer::line;
use super::super::object::{count, list};
use super::state::flag;
use serde_json::Value;

/// Every step.
pub fn all(object: &Value) -> &[Value] {
    list(object, "/spec/strategy/canary/steps")
}

/// Which step it is at; as many as there are when all are done.
pub fn index(object: &Value) -> usize {
    usize::try_from(count(object, "/status/currentStepIndex")).unwrap_or(usize::MAX).min(all(object).len())
}

/// The step it is at; none when all are done.
pub fn at(object: &Value) -> Option<&Value> {
    all(object).get(index(object))
}

/// What a step does, in words.
pub fn word(step: &Value) -> String {
    if let Some(weight) = step.get("setWeight").and_then(Value::as_u64) {
        return format!("set weight {weight} %");
    }
    if step.get("pause").is_some() {
        return match duration(step) {
            Some(time) => format!("pause {time}"),
            None => "pause".to_owned(),
        };
    }
    let names = [
        ("analysis", "analysis"),
        ("experiment", "experiment"),
        ("setCanaryScale", "set scale"),
        ("setHeaderRoute", "set header route"),
        ("setMirrorRoute", "set mirror route"),
        ("plugin", "plugin"),
    ];
    let known = names.iter().find(|(key, _)| step.get(key).is_some()).map(|(_, word)| (*word).to_owned());
    let other = || step.as_object().and_then(|map| map.keys().next()).map(|key| line(key));
    known.or_else(other).unwrap_or_else(|| "nothing".to_owned())
}

/// How long a pause lasts; none when it waits for a person.
pub fn duration(step: &Value) -> Option<String> {
    match step.pointer("/pause/duration")? {
        Value::Number(seconds) => Some(format!("{seconds}s")),
        Value::String(text) => Some(line(text)),
        _ => None,
    }
}

/// Whether a step takes its time by design: whoever waits for the next stop has reached it.
pub fn lasts(step: &Value) -> bool {
    ["pause", "analysis", "experiment", "plugin"].iter().any(|key| step.get(key).is_some())
}

/// Whether a step waits for a person.
pub fn person(step: &Value) -> bool {
    step.get("pause").is_some() && duration(step).is_none()
}

/// The share that is wanted at a step: what the last one said that set any.
pub fn weight(object: &Value, n: usize) -> u8 {
    let steps = all(object);
    if n >= steps.len() || flag(object, "/status/promoteFull") {
        return 100;
    }
    let set = steps.iter().take(n + 1).rev().find_map(|step| step.get("setWeight").and_then(Value::as_u64));
    u8::try_from(set.unwrap_or(0).min(100)).unwrap_or(100)
}

/// Where it stops next for a person, after a step; as many as there are when it goes to the end.
pub fn next_stop(object: &Value, after: usize) -> usize {
    let steps = all(object);
    let later = steps.iter().enumerate().skip(after.saturating_add(1));
    later.filter(|(_, step)| person(step)).map(|(n, _)| n).next().unwrap_or(steps.len())
}

/// A step in words: `step 2 of 5 (pause, 20 %)`.
pub fn words(object: &Value, n: usize) -> String {
    let steps = all(object);
    match steps.get(n) {
        Some(step) => format!("step {} of {} ({}, {} %)", n + 1, steps.len(), word(step), weight(object, n)),
        None => format!("the end of its {} steps", steps.len()),
    }
}

/// The name of the strategy, for people.
pub fn strategy(object: &Value) -> &'static str {
    if super::state::blue_green(object) { "blue-green" } else { "canary" }
}
