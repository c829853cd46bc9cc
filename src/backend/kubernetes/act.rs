//! The verbs: what is read, what is sent once, what is read back.
//!
//! Whatever goes wrong before the one request is *not done*; whatever goes wrong after
//! it is *unknown*, until the effect itself is seen.

mod gather;
mod permission;
mod preview;
mod probe;
mod readback;

pub use permission::{Asked, may};
pub use preview::{preview, trapped};
pub use probe::probe;

use super::super::{Done, Fault, Sink};
use super::Declared;
use super::plan::{marked, plan};
use super::record::Record;
use crate::domain::backend::KubernetesSpec;
use crate::domain::journal_id::Key;
use crate::domain::operation::{Operation, Verb};
use crate::domain::report::Receipt;
use crate::domain::span::Span;
use crate::fault;
pub use gather::Workload;
use gather::gather;
use tokio::time::Instant;

/// Does it, once.
pub async fn perform(declared: &Declared, operation: &Operation, key: &Key, out: Sink) -> Result<Done, Fault> {
    let until = Instant::now() + limit(operation).std();
    // What was decided that long ago is not sent any more.
    let late = |_| Fault::Unreachable("looking at the cluster took all of its limit; nothing was sent".to_owned());
    let looked = tokio::time::timeout_at(until, gather(declared, operation)).await.map_err(late)?;
    let workload = looked.map_err(before)?;
    let mut record = Record::new(out);
    if operation.verb == Verb::Snapshot {
        let summary = super::snapshot::take(&workload, &mut record).await.map_err(before)?;
        return Ok(Done::Whole(Receipt { summary, output: record.finish(), ..Receipt::default() }));
    }
    let ended = change(&workload, operation, key, until, &mut record).await;
    let output = record.finish();
    match ended {
        Ok(Done::Whole(receipt)) => Ok(Done::Whole(Receipt { output, ..receipt })),
        Ok(Done::Partly(done, of, receipt)) => Ok(Done::Partly(done, of, Receipt { output, ..receipt })),
        Err(Fault::Refused { why, .. }) => Err(Fault::Refused { why, output }),
        Err(Fault::Lost { why, .. }) => Err(Fault::Lost { why, output }),
        Err(fault) => Err(fault),
    }
}

async fn change(
    workload: &Workload,
    operation: &Operation,
    key: &Key,
    until: Instant,
    record: &mut Record,
) -> Result<Done, Fault> {
    let Workload { place, object, revisions, at, cluster } = workload;
    let previous =
        super::answer::line(&at.version(object.pointer("/spec/template").unwrap_or(&serde_json::Value::Null)));
    let refused = |why| Fault::Refused { why: format!("{}: {why}", place.words()), output: None };
    // The same key again: it was taken before, so only the effect is waited for.
    let sent = marked(object, operation.verb, key);
    let plan = plan(operation, Some(key), place, object, revisions, at).map_err(|why| match sent {
        true => lost(format!("{}: it was taken before, and now {why}", place.words())),
        false => refused(why),
    })?;
    plan.effects.iter().for_each(|effect| record.say(effect));
    if let Some(patch) = plan.patch.as_ref().filter(|_| !sent) {
        let what = format!("{} of {}", operation.verb, place.words());
        let path = format!("{}{}", place.path(), if plan.scale { "/scale" } else { "" });
        fault::at("backend.spawn.before").map_err(|e| Fault::Unreachable(format!("nothing was sent: {e}")))?;
        let answer = cluster.change("PATCH", &path, patch.kind, &patch.body).await;
        fault::at("backend.spawn.after").map_err(|e| lost(format!("after sending it: {e}")))?;
        answer.map_err(|error| error.of_change(&what))?;
        record.say("accepted; reading back until it has happened");
    }
    let mut seen = readback::until_seen(workload, &plan.goal, until, record).await?;
    let (Done::Whole(receipt) | Done::Partly(_, _, receipt)) = &mut seen;
    receipt.detail.extend(Some(("previous".to_owned(), previous)).filter(|(_, version)| !version.is_empty()));
    Ok(seen)
}

/// How long the operation may take.
fn limit(operation: &Operation) -> Span {
    let usual = KubernetesSpec::VERBS.into_iter().find(|(verb, _)| *verb == operation.verb);
    if operation.limit == Span::ZERO { usual.map_or(Span::secs(30), |(_, limit)| limit) } else { operation.limit }
}

/// A fault before anything was sent: whatever it was, nothing is done.
fn before(fault: Fault) -> Fault {
    match fault {
        Fault::Lost { why, .. } => Fault::Unreachable(format!("{why}; nothing was sent")),
        fault => fault,
    }
}

fn lost(why: String) -> Fault {
    Fault::Lost { why, output: None }
}
