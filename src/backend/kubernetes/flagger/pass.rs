//! Whether Flagger has passed a gate, as only its status can show.
//!
//! Pure. What flickers proves nothing: it takes traffic, a count, a scaled workload or a later phase.

use super::gate::Gate;
use super::state::{number, phase, shown};
use serde_json::Value;

/// How a canary stands to a gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stand {
    /// It waits there.
    Waits,
    /// It has passed.
    Passed,
    /// It may be either, and shows neither.
    Unclear,
    /// It is elsewhere; why.
    Elsewhere(String),
}

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Sight<'a> {
    /// The canary.
    pub canary: &'a Value,
    /// Whether its workload was scaled up from nothing since it was first looked at.
    pub scaled: bool,
    /// The share that is asked for, at the gate of more traffic.
    pub weight: u64,
}

/// How a canary stands to a gate.
pub fn stand(gate: Gate, sight: &Sight<'_>) -> Stand {
    let canary = sight.canary;
    let status = |at: &str| number(canary, &format!("/status/{at}"));
    let begun = || sight.scaled || status("canaryWeight") > 0 || status("iterations") > 0 || status("failedChecks") > 0;
    let elsewhere = || Stand::Elsewhere(format!("it is {}", shown(canary)));
    match (gate, phase(canary)) {
        (Gate::Rollout, "Waiting") => Stand::Waits,
        (Gate::Rollout, "Progressing") => {
            if begun() {
                Stand::Passed
            } else {
                Stand::Unclear
            }
        }
        (Gate::Rollout, "WaitingPromotion" | "Promoting" | "Finalising") => Stand::Passed,
        (Gate::Increase, "Progressing") if status("canaryWeight") >= sight.weight => Stand::Passed,
        (Gate::Increase, "Progressing") => Stand::Waits,
        (Gate::Increase, "WaitingPromotion" | "Promoting" | "Finalising") => Stand::Passed,
        (Gate::Promotion, "WaitingPromotion") => Stand::Waits,
        (Gate::Promotion, "Promoting" | "Finalising") => Stand::Passed,
        (Gate::Back, "WaitingPromotion") => Stand::Waits,
        (Gate::Back, "Progressing") if begun() => Stand::Waits,
        (Gate::Back, "Progressing") => Stand::Unclear,
        (Gate::Back, "Failed") => Stand::Passed,
        (Gate::Back, "Waiting") => Stand::Elsewhere(
            "it has not begun: Flagger asks nobody before its first gate; leave that closed".to_owned(),
        ),
        (Gate::Back, "Promoting" | "Finalising") => {
            Stand::Elsewhere("Flagger is putting it in place already; wait, then roll back".to_owned())
        }
        _ => elsewhere(),
    }
}
