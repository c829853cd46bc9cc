//! The fold of facts about triggers.
//!
//! Only the newest state of a trigger is kept; the journal keeps all.

use super::run_mut;
use crate::domain::entry::Entry;
use crate::domain::fact::Fact;
use crate::engine::ledger::Ledger;
use crate::engine::run::TriggerState;

/// Folds a fact about a trigger in.
pub(super) fn fold(ledger: &mut Ledger, entry: &Entry, fact: &Fact) -> Result<(), String> {
    let (run, trigger, state) = match fact {
        Fact::TriggerArmed { run, trigger } => (run, trigger, TriggerState::Armed),
        Fact::TriggerTripped { run, trigger, acts_at, evidence } => {
            let tripped = TriggerState::Tripped { at: entry.at, acts_at: *acts_at, evidence: evidence.clone() };
            (run, trigger, tripped)
        }
        Fact::TriggerPostponed { run, trigger, until, reason } => {
            (run, trigger, TriggerState::Postponed { until: *until, reason: reason.clone() })
        }
        Fact::TriggerDisarmed { run, trigger, reason } => {
            (run, trigger, TriggerState::Disarmed(entry.by.person.clone(), reason.clone()))
        }
        Fact::TriggerProposed { run, trigger, why } => {
            (run, trigger, TriggerState::Proposed { at: entry.at, why: why.clone() })
        }
        Fact::TriggerFired { run, trigger, by } => (run, trigger, TriggerState::Fired(*by)),
        _ => return Err("is no fact of a trigger".to_owned()),
    };
    let run = run_mut(ledger, *run)?;
    if !run.plan.triggers.iter().any(|t| t.name == *trigger) {
        return Err(format!("run {} has no trigger {trigger}", run.id));
    }
    run.triggers.insert(trigger.clone(), state);
    Ok(())
}
