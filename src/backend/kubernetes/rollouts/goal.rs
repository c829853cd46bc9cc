//! What must be seen of a rollout for a verb to be done.
//!
//! Pure. That the controller took a flag away again is not yet what was asked for.

use super::super::act::Look;
use super::super::object::{count, text, wanted};
use super::super::place::Place;
use super::state::{self, Phase, flag, hash, phase, stable};
use super::steps;
use serde_json::Value;

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// This version has left a step, and stands where it is to stop next for a person, or at the end.
    Beyond {
        /// The step, from 0.
        from: usize,
        /// Where it is to stop, from 0; as many as there are steps for the end.
        stop: usize,
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
    let all = u32::try_from(steps::all(object).len().max(1)).unwrap_or(u32::MAX);
    match goal {
        Goal::Aborted { .. } => match aborted && phase == Phase::Degraded && returned(object) {
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
            Look::Failed(0, all, format!("{words} was let go on, and failed: {message}"))
        }
        Goal::Beyond { .. } | Goal::Full { .. } if stable(object) == hash(object) && phase == Phase::Healthy => {
            Look::Seen(format!("{words} is promoted in full"))
        }
        Goal::Full { .. } => Look::Not(format!("{words} is not promoted in full yet: {message}")),
        Goal::Beyond { from, stop, .. } => {
            let now = steps::index(object);
            if let (true, Some(why)) = (now > *from, state::doubt(object)) {
                let done = u32::try_from(now).unwrap_or(u32::MAX);
                return Look::Failed(done.min(all), all, format!("{words} is at {}: {why}", steps::words(object, now)));
            }
            match now > *stop || now == *stop && waits(object) {
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

/// Whether it waits for a person where it was planned to: at a pause without an end, or before the
/// switch of blue-green.
pub fn waits(object: &Value) -> bool {
    let person = match state::blue_green(object) {
        true => {
            let itself = count(object, "/spec/strategy/blueGreen/autoPromotionSeconds") > 0;
            let switch = state::reasons(object).any(|reason| reason == "BlueGreenPause");
            switch && !itself && phase(object).0 == Phase::Paused
        }
        false => steps::at(object).is_some_and(steps::person) && stands(object),
    };
    person && state::doubt(object).is_none()
}

/// Whether a deploy has come as far as it was to go: to a pause, of whatever length. What is being
/// measured has not come anywhere yet.
pub fn stopped(object: &Value) -> bool {
    let pause = steps::at(object).is_some_and(|step| step.get("pause").is_some());
    waits(object) || pause && stands(object) && state::doubt(object).is_none()
}

/// Whether what was stable serves again: as its router of traffic was told and has confirmed; as
/// its service selects; or, where pods alone share the traffic, once none of the new ones is left.
fn returned(object: &Value) -> bool {
    if state::blue_green(object) {
        return text(object, "/status/blueGreen/activeSelector") == stable(object);
    }
    match object.pointer("/status/canary/weights/canary/weight") {
        Some(weight) => weight.as_u64() == Some(0) && !state::unverified(object),
        None => {
            let of = |key: &str| count(object, &format!("/status/{key}"));
            of("updatedReplicas") == 0 && of("availableReplicas") >= wanted(object)
        }
    }
}
