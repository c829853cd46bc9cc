//! Whether a workload could be led back to what it is now, once something else was brought: permissions, owners, and
//! how many earlier versions its history keeps. Only reads.
//!
//! That it is there already, so that nothing would be sent now, answers nothing: what a look would clear for that stays.

use super::super::super::Fault;
use super::super::Declared;
use super::super::flagger;
use super::super::object::text;
use super::super::place::Kind;
use super::super::route;
use super::gather::{Workload, gather, glance};
use super::preview::{of, permissions};
use crate::domain::operation::{Operation, Verb};
use crate::domain::report::Preview;

/// How many earlier versions are kept where nothing says how many.
const KEPT: u64 = 10;

/// Says what would be in the way, once so many changes have been made.
pub async fn ahead(declared: &Declared, operation: &Operation, changes: u32) -> Result<Preview, Fault> {
    let (cluster, place) = glance(declared, operation).await?;
    let mut preview = Preview::default();
    if route::act::concerns(&place, operation.verb) {
        route::act::permitted(&cluster, &place, &mut preview).await;
        match route::act::gather(cluster, place, operation).await {
            Err(Fault::Refused { why, .. }) => preview.refuse(why),
            Err(fault) => return Err(fault),
            Ok(ground) => {
                let mut now = Preview::default();
                route::act::preview(&ground, operation, &mut now, false).await;
                joined(&mut preview, now);
            }
        }
        return Ok(preview);
    }
    if place.kind == Kind::Canary {
        permissions(&cluster, &place, operation, &mut preview).await;
        let ground = flagger::gather(declared, cluster, place).await?;
        let mut now = Preview::default();
        flagger::preview(&ground, operation, &mut now, false).await;
        joined(&mut preview, now);
        kept(&ground.workload, operation, changes, &mut preview);
        return Ok(preview);
    }
    let workload = gather(declared, cluster, place).await?;
    permissions(&workload.cluster, workload.holder(operation.verb).0, operation, &mut preview).await;
    joined(&mut preview, of(&workload, operation, Preview::default(), false).await);
    kept(&workload, operation, changes, &mut preview);
    Ok(preview)
}

/// What would be sent now is nothing, and so is what it does; what is in the way stays.
fn joined(preview: &mut Preview, now: Preview) {
    preview.refused.extend(now.refused);
    preview.obstacles.extend(now.obstacles);
    preview.unknown.extend(now.unknown);
    preview.loses = now.loses;
}

/// The controller drops the oldest beyond its limit as soon as what is new has come up.
fn kept(workload: &Workload, operation: &Operation, changes: u32, preview: &mut Preview) {
    let Workload { object, .. } = workload;
    let limit = object.pointer("/spec/revisionHistoryLimit").and_then(serde_json::Value::as_u64).unwrap_or(KEPT);
    if operation.verb == Verb::RollBack && limit < u64::from(changes) {
        let (versions, keeps) = match limit {
            0 => ("no earlier version".to_owned(), "is gone once something else is there"),
            1 => ("1 earlier version".to_owned(), "is gone by then"),
            n => (format!("{n} earlier versions"), "is gone by then"),
        };
        let to = operation.args.get("to").map(String::as_str).unwrap_or_else(|| text(object, "/metadata/name"));
        preview.refuse(format!("history keeps {versions} (revisionHistoryLimit {limit}): {to} {keeps}"));
    }
}
