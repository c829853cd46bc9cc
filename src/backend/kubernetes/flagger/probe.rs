//! What became of a verb on a canary that is in doubt. It reads only: what it finds open it says.
//!
//! Nothing marks a gate with a key, so what is seen is told as seen, not as done by this key.

use super::super::plan::Goal;
use super::gate::Gate;
use super::gather::Ground;
use super::pass::{Sight, Stand, stand};
use super::plan::{Plan, plan};
use super::preview::left_open;
use super::state::{self, phase};
use crate::domain::journal_id::Key;
use crate::domain::operation::Operation;
use crate::domain::report::{Found, Receipt};

/// Finds out what became of it. Reads only, so what it finds open it can only say.
pub async fn probe(ground: &Ground, operation: &Operation, key: &Key) -> Found {
    let words = ground.place.words();
    let open = left_open(ground).await.all();
    if !open.is_empty() {
        return Found::Unknown { why: format!("{}; sent again it is closed", open.join("; ")) };
    }
    let settled = state::idle(&ground.canary) || matches!(phase(&ground.canary), "Failed" | "Waiting");
    let applied = |summary: String| Found::Applied(Receipt { summary, ..Receipt::default() });
    match plan(ground, operation, Some(key)) {
        Err(why) => Found::Unknown { why: format!("{words}: {why}") },
        Ok(Plan::There(said, _)) => applied(said),
        Ok(Plan::Suspend(wanted, None)) => {
            applied(format!("{words} is {}", if wanted { "suspended" } else { "resumed" }))
        }
        Ok(Plan::Suspend(..) | Plan::Skip(_)) => {
            Found::NotApplied { r#final: false, why: format!("{words} shows nothing of it") }
        }
        Ok(Plan::BackOut(..)) => {
            Found::NotApplied { r#final: false, why: format!("{words} analyses {} still", ground.newer()) }
        }
        Ok(Plan::Target(plan)) => match (plan.patch.is_some(), &plan.goal) {
            (true, _) => Found::NotApplied { r#final: false, why: format!("{words} shows nothing of it") },
            (false, Goal::Rollout { wants, version, .. }) if settled && ground.serves(wants) => {
                applied(format!("{words} serves {version}"))
            }
            (false, Goal::Rollout { version, stop: true, .. })
                if matches!(phase(&ground.canary), "Waiting" | "Progressing" | "WaitingPromotion") =>
            {
                applied(format!("{words} analyses {version}"))
            }
            _ => Found::Unknown { why: format!("{words} has taken it and is {}", state::shown(&ground.canary)) },
        },
        Ok(Plan::Gate { gate, weight, .. }) => {
            match stand(gate, &Sight { canary: &ground.canary, scaled: false, weight }) {
                // It takes over, and is done once it serves.
                Stand::Passed if gate == Gate::Promotion => {
                    Found::Unknown { why: format!("{words} is {}", state::shown(&ground.canary)) }
                }
                Stand::Passed => applied(format!("{words} has passed {}, though not by this key", gate.word())),
                Stand::Waits => Found::NotApplied { r#final: false, why: format!("{words} waits at {}", gate.word()) },
                Stand::Unclear | Stand::Elsewhere(_) => {
                    Found::Unknown { why: format!("{words} is {}", state::shown(&ground.canary)) }
                }
            }
        }
    }
}
