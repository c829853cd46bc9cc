//! The verbs: what is read, what is sent once, what is read back.
//!
//! Whatever goes wrong before the one request is *not done*; whatever goes wrong after
//! it is *unknown*, until the effect itself is seen.

mod ahead;
mod gather;
mod permission;
mod preview;
pub mod probe;
mod readback;
mod subject;
mod there;

pub use ahead::ahead;
pub use permission::{Asked, may};
pub use preview::{one as preview_one, preview, trapped, tried};
pub use readback::Look;

use super::super::record::Record;
use super::super::{Done, Fault, Sink};
use super::Declared;
use super::cause::marked;
use super::client::Cluster;
use super::flagger;
use super::place::Kind;
use super::route;
use super::undo::Patch;
use crate::domain::backend::KubernetesSpec;
use crate::domain::journal_id::Key;
use crate::domain::operation::{Operation, Verb};
use crate::domain::report::Receipt;
use crate::domain::span::Span;
use crate::fault;
pub use gather::{Workload, gather, reach, reach_to};
use serde_json::Value;
use subject::subject;
use tokio::time::Instant;

/// Does it, once.
pub async fn perform(declared: &Declared, operation: &Operation, key: &Key, out: Sink) -> Result<Done, Fault> {
    match super::set::items(operation).map_err(refused)? {
        Some(items) => super::set::perform(declared, items, key, out).await,
        None => one(declared, operation, key, Record::new(out)).await,
    }
}

/// Does it to one service.
pub async fn one(declared: &Declared, operation: &Operation, key: &Key, mut record: Record) -> Result<Done, Fault> {
    let until = Instant::now() + limit(operation).std();
    let (cluster, place) = looked(until, reach(declared, operation)).await?;
    if operation.verb == Verb::Snapshot {
        let (workload, canary) = looked(until, subject(declared, cluster, place)).await?;
        return super::snapshot::take(&workload, canary.as_ref(), until, record).await;
    }
    let ended = if route::act::concerns(&place, operation.verb) {
        let ground = looked(until, route::act::gather(cluster, place, operation)).await?;
        route::act::perform(&ground, operation, key, until, &mut record).await
    } else if place.kind == Kind::Canary {
        let mut ground = looked(until, flagger::gather(declared, cluster, place)).await?;
        ground.workload.by = record.by().cloned();
        match operation.verb {
            Verb::Restart => primary(ground, operation, key, until, &mut record).await,
            _ => flagger::perform(declared, ground, operation, key, until, &mut record).await,
        }
    } else {
        let workload = looked(until, gather(declared, cluster, place)).await?;
        // A dry run that was kept is no look: what came of it is not known, and is told as it is.
        let compared = tokio::time::timeout_at(until, workload.compared(operation)).await;
        let mut workload = compared.unwrap_or_else(|_| Err(late()))?;
        workload.by = record.by().cloned();
        change(&workload, operation, key, until, &mut record).await
    };
    let output = record.finish();
    let told = |mut receipt: Receipt| {
        receipt.detail.extend(declared.pinned.get().map(|at| ("cluster".to_owned(), at.words())));
        Receipt { output: output.clone(), ..receipt }
    };
    match ended {
        Ok(Done::Whole(receipt)) => Ok(Done::Whole(told(receipt))),
        Ok(Done::Partly(done, of, receipt)) => Ok(Done::Partly(done, of, told(receipt))),
        Err(Fault::Refused { why, .. }) => Err(Fault::Refused { why, output }),
        Err(Fault::Lost { why, .. }) => Err(Fault::Lost { why, output }),
        Err(fault) => Err(fault),
    }
}

/// Restarts what serves of a canary.
async fn primary(
    ground: flagger::Ground,
    operation: &Operation,
    key: &Key,
    until: Instant,
    record: &mut Record,
) -> Result<Done, Fault> {
    let (words, rests) = (ground.place.words(), flagger::rests(&ground));
    let workload = looked(until, flagger::serving(ground)).await?;
    match rests {
        Err(why) if !workload.taken(operation.verb, key) => Err(refused(format!("{words}: {why}"))),
        _ => change(&workload, operation, key, until, record).await,
    }
}

async fn change(
    workload: &Workload,
    operation: &Operation,
    key: &Key,
    until: Instant,
    record: &mut Record,
) -> Result<Done, Fault> {
    let Workload { place, cluster, .. } = workload;
    let version = previous(workload, operation.verb);
    // A restart keeps the version, so that there is none before it to return to.
    let named = if operation.verb == Verb::Restart { "version" } else { "previous" };
    // The same key again: it was taken before, so only the effect is waited for.
    let sent = workload.taken(operation.verb, key);
    let plan = workload.plan(operation, Some(key)).map_err(|why| match sent {
        true => lost(format!("{}: it was taken before, and now {why}", place.words())),
        false => refused(format!("{}: {why}", place.words())),
    })?;
    if !sent {
        workload.meant(operation).map_err(|why| refused(format!("{}: {why}", place.words())))?;
    }
    plan.effects.iter().for_each(|effect| record.say(effect));
    if let Some(patch) = plan.patch.as_ref().filter(|_| !sent) {
        let what = format!("{} of {}", operation.verb, place.words());
        record.in_time()?;
        let (at, _) = workload.holder(operation.verb);
        send(cluster, &format!("{}{}", at.path(), plan.sub), patch, &what).await?;
        record.say("accepted; reading back until it has happened");
    }
    let ours = |object: &Value| marked(object, operation.verb, key);
    let mut done = readback::until_seen(workload, &plan.goal, ours, until, record).await?;
    let (Done::Whole(receipt) | Done::Partly(_, _, receipt)) = &mut done;
    // What is mended without another version has none before it; and what was taken before is what was found now.
    let none = operation.verb == Verb::Mend && !operation.args.contains_key("version");
    if none || (sent && operation.verb != Verb::Restart) {
        return Ok(done);
    }
    receipt.detail.extend([(named.to_owned(), version)].into_iter().filter(|(_, v)| !v.is_empty()));
    Ok(done)
}

/// The version that a way back would lead to: what is wanted now or, of what is let go on, what serves beside it.
fn previous(workload: &Workload, verb: Verb) -> String {
    let Workload { place, object, revisions, at, .. } = workload;
    if place.kind == Kind::Rollout && matches!(verb, Verb::Promote | Verb::Resume) {
        let of = format!("-{}", super::rollouts::state::stable(object));
        let stable = revisions.iter().find(|revision| of.len() > 1 && revision.name.ends_with(&of));
        return stable.map(|revision| revision.version.clone()).unwrap_or_default();
    }
    super::answer::line(&at.version(object.pointer("/spec/template").unwrap_or(&Value::Null)))
}

/// Whether it could be done now, as far as a look can say.
pub async fn ready(declared: &Declared, operation: &Operation) -> Result<(), Fault> {
    let (cluster, place) = reach(declared, operation).await.map_err(before)?;
    if route::act::concerns(&place, operation.verb) {
        return route::act::gather(cluster, place, operation).await.map(drop).map_err(before);
    }
    if place.kind == Kind::Canary {
        let ground = flagger::gather(declared, cluster, place).await.map_err(before)?;
        return flagger::ready(&ground, operation).await.map_err(refused);
    }
    let workload = gather(declared, cluster, place).await.map_err(before)?;
    let workload = workload.compared(operation).await.map_err(before)?;
    workload.plan(operation, None).map(drop).map_err(refused)
}

/// Sends a patch, once. `what` is it in words.
pub async fn send(cluster: &Cluster, path: &str, patch: &Patch, what: &str) -> Result<(), Fault> {
    fault::at("backend.spawn.before").map_err(|e| Fault::Unreachable(format!("nothing was sent: {e}")))?;
    let answer = cluster.change("PATCH", path, patch.kind, &patch.body).await;
    fault::at("backend.spawn.after").map_err(|e| lost(format!("after sending it: {e}")))?;
    answer.map(drop).map_err(|error| error.of_change(what))
}

/// What was looked at in time: what was decided that long ago is not sent any more.
async fn looked<T>(until: Instant, look: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    tokio::time::timeout_at(until, look).await.map_err(|_| late())?.map_err(before)
}

fn late() -> Fault {
    Fault::Unreachable("looking at the cluster took all of its limit; nothing was sent".to_owned())
}

/// How long the operation may take.
fn limit(operation: &Operation) -> Span {
    let usual = KubernetesSpec::VERBS.into_iter().find(|(verb, _)| *verb == operation.verb);
    if operation.limit == Span::ZERO { usual.map_or(Span::secs(30), |(_, limit)| limit) } else { operation.limit }
}

/// A fault before anything was sent: whatever it was, nothing is done.
pub fn before(fault: Fault) -> Fault {
    match fault {
        Fault::Lost { why, .. } => Fault::Unreachable(format!("{why}; nothing was sent")),
        fault => fault,
    }
}

fn lost(why: String) -> Fault {
    Fault::Lost { why, output: None }
}

fn refused(why: String) -> Fault {
    Fault::Refused { why, output: None }
}
