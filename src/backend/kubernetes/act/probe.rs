//! What became of an operation in doubt: its key in the change-cause, or its effect.
//!
//! It reads only. What has not happened yet may still be on its way, so it is never final.

use super::super::super::Fault;
use super::super::Declared;
use super::super::flagger;
use super::super::place::Kind;
use super::super::plan::{Goal, Plan};
use super::super::route;
use super::gather::{Workload, gather, reach};
use super::readback::{Look, look};
use crate::domain::journal_id::Key;
use crate::domain::operation::{Operation, Verb};
use crate::domain::report::{Found, Receipt};

/// Finds out. Reads only.
pub async fn probe(declared: &Declared, operation: &Operation, key: &Key) -> Result<Found, Fault> {
    match super::super::set::items(operation).map_err(|why| Fault::Refused { why, output: None })? {
        Some(items) => super::super::set::probe(declared, items, key).await,
        None => one(declared, operation, key).await,
    }
}

/// Finds out about one service.
pub async fn one(declared: &Declared, operation: &Operation, key: &Key) -> Result<Found, Fault> {
    if operation.verb == Verb::Snapshot {
        return Ok(Found::NotApplied { r#final: true, why: "a snapshot changes nothing; take it again".to_owned() });
    }
    let (cluster, place) = reach(declared, operation).await?;
    if route::act::concerns(&place, operation.verb) {
        let ground = route::act::gather(cluster, place, operation).await?;
        return Ok(route::act::probe(&ground, operation, key));
    }
    if place.kind == Kind::Canary {
        let ground = flagger::gather(declared, cluster, place).await?;
        if operation.verb == Verb::Restart {
            return Ok(of(&flagger::serving(ground).await?, operation, key).await);
        }
        return Ok(flagger::probe(&ground, operation, key).await);
    }
    let workload = gather(declared, cluster, place).await?.compared(operation).await?;
    Ok(of(&workload, operation, key).await)
}

async fn of(workload: &Workload, operation: &Operation, key: &Key) -> Found {
    match workload.plan(operation, Some(key)) {
        Ok(plan) => found(workload, &plan, workload.taken(operation.verb, key)).await,
        Err(why) => Found::Unknown { why: format!("{}: {why}", workload.place.words()) },
    }
}

async fn found(workload: &Workload, plan: &Plan, mark: bool) -> Found {
    let there = plan.patch.is_none();
    let rolls = matches!(plan.goal, Goal::Rollout { .. } | Goal::Staged(_) | Goal::Fields(_));
    match look(workload, &plan.goal, &workload.object).await {
        Look::Seen(words) => {
            let summary = if mark || !rolls { words } else { format!("{words}, though not by this key") };
            Found::Applied(Receipt { summary, ..Receipt::default() })
        }
        Look::Partly(done, of, summary) => {
            Found::Partly { done, of, receipt: Receipt { summary, ..Receipt::default() } }
        }
        Look::Failed(done, of, summary) if mark => {
            Found::Partly { done, of, receipt: Receipt { summary, ..Receipt::default() } }
        }
        Look::Failed(_, _, why) | Look::Over(why) => Found::Unknown { why },
        Look::Going(_, _, why) | Look::Not(why) if mark || there => {
            Found::Unknown { why: format!("it was taken and is under way: {why}") }
        }
        // It may still be on its way to the API.
        Look::Going(_, _, why) | Look::Not(why) => Found::NotApplied { r#final: false, why },
    }
}
