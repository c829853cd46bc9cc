//! What must be seen of a rollout for a verb to be done.
//!
//! Pure. That the controller took a flag away again is not yet what was asked for.

use super::super::act::Look;
use super::super::place::Place;
use super::state::{self, Phase, flag, hash, phase, stable};
use super::steps;
use serde_json::Value;

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// This version has left a step, and stands at a later one or at the end.
    Beyond {
        /// The step, from 0.
        from: usize,
        /// The version's hash.
        hash: String,
    },
    /// This version is what is stable.
    Full {
        /// Its hash.
        hash: String,
    },
    /// This version is given up.
    Aborted {
        /// Its hash.
        hash: String,
    },
    /// This version is tried again.
    Going {
        /// Its hash.
        hash: String,
    },
}

impl Goal {
    fn hash(&self) -> &str {
        match self {
            Goal::Beyond { hash, .. } | Goal::Full { hash } | Goal::Aborted { hash } | Goal::Going { hash } => hash,
        }
    }
}

/// What a rollout shows of a goal.
pub fn look(goal: &Goal, place: &Place, object: &Value) -> Look {
    let words = place.words();
    if hash(object) != goal.hash() {
        return Look::Over(format!("{words} rolls out something else meanwhile"));
    }
    let (phase, message) = phase(object);
    let aborted = flag(object, "/status/abort");
    match goal {
        Goal::Aborted { .. } => match aborted && phase == Phase::Degraded && !shifted(object) {
            true => Look::Seen(format!("{words} is aborted: what was stable serves")),
            false => Look::Not(format!("{words} is not back at what was stable yet: {message}")),
        },
        Goal::Going { .. } => match !aborted && matches!(phase, Phase::Progressing | Phase::Paused | Phase::Healthy) {
            true => {
                Look::Seen(format!("{words} is on its way again, at {}", steps::words(object, steps::index(object))))
            }
            false => Look::Not(format!("{words} is not on its way again yet: {message}")),
        },
        Goal::Beyond { .. } | Goal::Full { .. } if aborted || phase == Phase::Degraded => {
            Look::Over(format!("{words} was let go on, and failed: {message}"))
        }
        Goal::Beyond { .. } | Goal::Full { .. } if stable(object) == hash(object) && phase == Phase::Healthy => {
            Look::Seen(format!("{words} is promoted in full"))
        }
        Goal::Full { .. } => Look::Not(format!("{words} is not promoted in full yet: {message}")),
        Goal::Beyond { from, .. } => {
            let now = steps::index(object);
            match now > *from && stands(object) {
                true => Look::Seen(format!("{words} is at {}", steps::words(object, now))),
                false => Look::Not(format!("{words} is at {}: {message}", steps::words(object, now))),
            }
        }
    }
}

/// Whether it stands at a step that takes its time by design, and has the share that it means.
pub fn stands(object: &Value) -> bool {
    let step = steps::at(object);
    let lasts = step.is_some_and(steps::lasts);
    let paused = step.is_none_or(|step| step.get("pause").is_none()) || phase(object).0 == Phase::Paused;
    lasts && paused && !state::unverified(object) && super::super::status::observed(object)
}

/// Whether traffic still goes to the new version, where that is told.
fn shifted(object: &Value) -> bool {
    object.pointer("/status/canary/weights/canary/weight").and_then(Value::as_u64).is_some_and(|weight| weight > 0)
}
