//! The verbs: what is read, what is sent in its order, each once, and read back.
//!
//! Whatever goes wrong before the first request is *not done*. After it, what is certain is
//! *partly done*, and everything else *unknown*, until the effect itself is seen.

mod gather;
mod permission;
mod preview;
mod probe;
mod readback;

pub use permission::denied;
pub use preview::preview;
pub use probe::probe;

use super::super::record::Record;
use super::super::{Done, Fault, Sink};
use super::Declared;
use super::goal::{Look, look};
use super::plan::{Call, Plan, Step};
use super::{api, app};
use crate::domain::backend::ArgoCdSpec;
use crate::domain::journal_id::Key;
use crate::domain::operation::{Operation, Verb};
use crate::domain::report::{Output, Receipt};
use crate::domain::span::Span;
use crate::fault;
pub use gather::{Application, gather};
use readback::until_seen;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// How long one of several requests may take to be seen, before the next one is sent.
const BETWEEN: Duration = Duration::from_secs(60);

const LATE: &str = "looking at the application took all of its limit; nothing more was sent";

/// Does it: every request once.
pub async fn perform(declared: &Declared, operation: &Operation, key: &Key, out: Sink) -> Result<Done, Fault> {
    let until = Instant::now() + limit(operation).std();
    // What was decided that long ago is not sent any more.
    let late = |_| Fault::Unreachable(LATE.to_owned());
    let looked = tokio::time::timeout_at(until, gather(declared, operation)).await.map_err(late)?;
    let found = looked.map_err(before)?;
    let mut record = Record::new(out);
    if operation.verb == Verb::Snapshot {
        let summary = super::snapshot::take(&found, &mut record).await?;
        return Ok(Done::Whole(Receipt { summary, detail: BTreeMap::new(), output: record.finish() }));
    }
    let ended = change(&found, operation, key, until, &mut record).await;
    let output = record.finish();
    match ended {
        Ok(done) => Ok(with(done, output)),
        Err(Fault::Refused { why, .. }) => Err(Fault::Refused { why, output }),
        Err(Fault::Lost { why, .. }) => Err(Fault::Lost { why, output }),
        Err(fault) => Err(fault),
    }
}

async fn change(
    found: &Application,
    operation: &Operation,
    key: &Key,
    until: Instant,
    record: &mut Record,
) -> Result<Done, Fault> {
    let refused = |why: String| Fault::Refused { why: format!("{}: {why}", found.place.words()), output: None };
    let plan = found.plan(operation, Some(key)).map_err(refused)?;
    if !plan.blocks.is_empty() && !plan.steps.is_empty() {
        return Err(refused(plan.blocks.join("; ")));
    }
    plan.effects.iter().for_each(|effect| record.say(effect));
    let mut seen = String::new();
    let all = plan.steps.len();
    for (n, step) in plan.steps.iter().enumerate() {
        let last = n + 1 == all;
        let late = |_| Err(Fault::Unreachable(LATE.to_owned()));
        let now = tokio::time::timeout_at(until, unmoved(found, &plan, n)).await.unwrap_or_else(late);
        if let (Ok(now), false) = (&now, last)
            && let Look::Seen(words) = look(&step.goal, &found.place, now, None)
        {
            // It has come about by itself, as when what was to be ended has failed meanwhile.
            record.say(&words);
            seen = words;
            continue;
        }
        let sent = match now {
            Ok(now) => send(found, step, until, record).await.map(|()| app::began(&now).to_owned()),
            Err(fault) => Err(before(fault)),
        };
        let began = match sent {
            Ok(began) => began,
            Err(fault) if n == 0 => return Err(fault),
            Err(Fault::Lost { why, .. }) => return Err(lost(format!("{seen}; {why}"))),
            Err(certain) => return Ok(partly(n, all, &seen, &certain.to_string())),
        };
        let until = if last { until } else { until.min(Instant::now() + BETWEEN) };
        seen = match until_seen(found, &step.goal, Some(&began), until, record).await {
            Err(Fault::Lost { why, .. }) if n > 0 => return Err(lost(format!("{seen}; {why}"))),
            ended => ended?,
        };
    }
    if plan.steps.is_empty() {
        seen = until_seen(found, &plan.goal, None, until, record).await?;
    }
    let mut detail = BTreeMap::from([("previous".to_owned(), plan.previous.clone())]);
    detail.retain(|_, text| !text.is_empty());
    if let Some(banner) = app::banner(&found.again().await.unwrap_or_default()) {
        seen = format!("{seen}; {banner}");
        detail.insert("auto-sync".to_owned(), "off".to_owned());
    }
    Ok(Done::Whole(Receipt { summary: seen, detail, output: None }))
}

/// Sends one request.
async fn send(found: &Application, step: &Step, until: Instant, record: &mut Record) -> Result<(), Fault> {
    let client = found.reach.acting()?;
    fault::at("backend.spawn.before").map_err(|e| Fault::Unreachable(format!("nothing was sent: {e}")))?;
    let left = until.saturating_duration_since(Instant::now()).max(Duration::from_secs(1));
    let answer = api::send(&client, &found.place, found.project(), &step.call, left).await;
    fault::at("backend.spawn.after").map_err(|e| lost(format!("after sending it: {e}")))?;
    answer?;
    record.say("accepted; reading back until it has happened");
    Ok(())
}

/// The application right before a request, when it has not moved since the plan was made. No
/// request says what it expects, so this is all that keeps two operators apart.
async fn unmoved(found: &Application, plan: &Plan, sent: usize) -> Result<Value, Fault> {
    let now = found.again().await?;
    let moved = |why: String| Err(Fault::Refused { why: format!("{}: {why}", found.place.words()), output: None });
    let newest = |app: &Value| super::past::past(app, None).first().map(|entry| entry.id);
    if newest(&now) != newest(&found.app) {
        return moved("its history has moved meanwhile; look again and decide anew".to_owned());
    }
    // What is under way was planned for until it is ended; after that there must be nothing.
    let ends = plan.steps.get(sent..).unwrap_or_default().iter().any(|step| step.call == Call::Terminate);
    match app::running(&now) {
        Some(running) if !ends => moved(format!("something has begun meanwhile: {}", running.told())),
        _ => Ok(now),
    }
}

fn partly(done: usize, of: usize, seen: &str, why: &str) -> Done {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let summary = format!("{seen}; the rest was certainly not done: {why}");
    Done::Partly(number(done), number(of), Receipt { summary, ..Receipt::default() })
}

fn with(done: Done, output: Option<Output>) -> Done {
    match done {
        Done::Whole(receipt) => Done::Whole(Receipt { output, ..receipt }),
        Done::Partly(done, of, receipt) => Done::Partly(done, of, Receipt { output, ..receipt }),
    }
}

/// How long the operation may take.
fn limit(operation: &Operation) -> Span {
    let usual = ArgoCdSpec::VERBS.into_iter().find(|(verb, _)| *verb == operation.verb);
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
