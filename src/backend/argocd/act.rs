//! The verbs: what is read, what is sent in its order, each once, and read back.
//!
//! Whatever goes wrong before the first request is *not done*. After it, what is certain is
//! *partly done*, and everything else *unknown*, until the effect itself is seen.

mod action;
mod ahead;
mod gather;
mod permission;
mod preview;
mod probe;
mod readback;

pub use ahead::ahead;
pub use permission::denied;
pub use preview::preview;
pub use probe::probe;

use super::super::record::Record;
use super::super::{Done, Fault, Sink};
use super::Declared;
use super::goal::{Look, look};
use super::plan::{Call, Plan, Step};
use super::shown::Seen;
use super::{anew, api, app};
use crate::domain::backend::ArgoCdSpec;
use crate::domain::journal_id::Key;
use crate::domain::operation::{Operation, Verb};
use crate::domain::report::{Output, Receipt};
use crate::domain::span::Span;
use crate::fault;
pub use gather::{Application, Asks, application, gather};
use readback::{Ended, until_seen};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// How long one of several requests may take to be seen, before the next one is sent.
const BETWEEN: Duration = Duration::from_secs(60);

/// How long the last look, whether auto-sync is off, may take.
const LEFT: Duration = Duration::from_secs(2);

const LATE: &str = "looking at the application took all of its limit; nothing more was sent";

/// Does it: every request once.
pub async fn perform(declared: &Declared, operation: &Operation, key: &Key, out: Sink) -> Result<Done, Fault> {
    let until = Instant::now() + limit(operation).std();
    // What was decided that long ago is not sent any more.
    let late = |_| Fault::Unreachable(LATE.to_owned());
    let asks = Asks::Anew(anew::before_sending(operation.limit, out.not_after));
    let seen = if operation.verb == Verb::Deploy { declared.shown.take(operation) } else { None };
    let looked = tokio::time::timeout_at(until, gather(declared, operation, asks)).await.map_err(late)?;
    let found = looked.map_err(before)?;
    let mut record = Record::new(out);
    if let Some(words) = anew::words(&declared.reach, &found.app, &found.anew) {
        record.say(&words);
    }
    if operation.verb == Verb::Snapshot {
        return super::snapshot::take(&found, until, record).await;
    }
    let ended = match operation.verb {
        Verb::Action => action::run(&found, operation, until, &mut record).await,
        _ => change(&found, operation, key, seen, until, &mut record).await,
    };
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
    seen: Option<Seen>,
    until: Instant,
    record: &mut Record,
) -> Result<Done, Fault> {
    let refused = |why: String| Fault::Refused { why: format!("{}: {why}", found.place.words()), output: None };
    let plan = found.plan(operation, Some(key)).map_err(refused)?;
    if !plan.blocks.is_empty() && !plan.steps.is_empty() {
        return Err(refused(plan.blocks.join("; ")));
    }
    if let Some(why) = seen.and_then(|seen| seen.moved(operation, found, &plan)) {
        return Err(refused(format!("{why}; look again and decide anew")));
    }
    plan.effects.iter().for_each(|effect| record.say(effect));
    // What was seen of each request, in words: whatever comes later, it has happened.
    let mut seen: Vec<String> = Vec::new();
    let all = plan.steps.len();
    let mut begun = false;
    for (n, step) in plan.steps.iter().enumerate() {
        let last = n + 1 == all;
        let late = |_| Err(Fault::Unreachable(LATE.to_owned()));
        let now = tokio::time::timeout_at(until, unmoved(found, &plan, n)).await.unwrap_or_else(late);
        if let (Ok(now), false) = (&now, last)
            && let Look::Seen(words) = look(&step.goal, &found.place, now, None)
        {
            // It has come about by itself, as when what was to be ended has failed meanwhile.
            record.say(&words);
            seen.push(words);
            continue;
        }
        let first = !std::mem::replace(&mut begun, true);
        let sent = match now {
            // Of several the first that leaves is what was decided on; what has begun goes on.
            Ok(now) => match if first { record.in_time() } else { Ok(()) } {
                Ok(()) => send(found, step, until, record).await.map(|()| app::began(&now).to_owned()),
                late => late.map(|()| String::new()),
            },
            Err(fault) => Err(before(fault)),
        };
        if !last
            && refused_end(step, &sent)
            && let Ok(Ok(now)) = tokio::time::timeout_at(until, unmoved(found, &plan, n)).await
            && let Look::Seen(words) = look(&step.goal, &found.place, &now, None)
        {
            // It came about between the look and the request, which therefore did nothing.
            begun = !first;
            record.say(&words);
            seen.push(words);
            continue;
        }
        let began = match sent {
            Ok(began) => began,
            Err(fault) if first && !matches!(fault, Fault::Lost { .. }) => return Err(fault),
            Err(fault) => return halfway(found, (n, all), seen, fault).await,
        };
        let until = if last { until } else { until.min(Instant::now() + BETWEEN) };
        match until_seen(found, &step.goal, Some(&began), until, record).await {
            Ok(Ended::Whole(words)) => seen.push(words),
            Ok(Ended::Part(words)) => return Ok(part(found, &plan, (n, all), seen, words).await),
            Err(fault) => return halfway(found, (n, all), seen, fault).await,
        }
    }
    if plan.steps.is_empty() {
        match until_seen(found, &plan.goal, None, until, record).await? {
            Ended::Whole(words) => seen.push(words),
            Ended::Part(words) => return Ok(part(found, &plan, (0, 1), seen, words).await),
        }
    }
    let last = seen.pop().unwrap_or_default();
    Ok(Done::Whole(left_off(found, receipt(&plan, last)).await))
}

/// Whether a request to end what is under way was refused, which it is when nothing is.
fn refused_end<T>(step: &Step, sent: &Result<T, Fault>) -> bool {
    step.call == Call::Terminate && matches!(sent, Err(Fault::Refused { .. }))
}

fn receipt(plan: &Plan, summary: String) -> Receipt {
    let mut detail = BTreeMap::from([("previous".to_owned(), plan.previous.clone())]);
    detail.retain(|_, text| !text.is_empty());
    Receipt { summary, detail, output: None }
}

/// What became of requests of which the newest was taken, and is certainly not there in whole.
async fn part(found: &Application, plan: &Plan, n: (usize, usize), mut seen: Vec<String>, words: String) -> Done {
    seen.push(words);
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Done::Partly(number(n.0), number(n.1), left_off(found, receipt(plan, seen.join("; "))).await)
}

/// What became of several requests of which not all were done: everything that was seen, why the
/// rest was not, and that auto-sync is off where it is.
async fn halfway(
    found: &Application,
    (done, of): (usize, usize),
    mut seen: Vec<String>,
    fault: Fault,
) -> Result<Done, Fault> {
    let mut receipt = |why: String| {
        seen.push(why);
        Receipt { summary: seen.join("; "), ..Receipt::default() }
    };
    match fault {
        Fault::Lost { why, .. } => Err(lost(left_off(found, receipt(why)).await.summary)),
        certain => {
            let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            let receipt = receipt(format!("the rest was certainly not done: {certain}"));
            Ok(Done::Partly(number(done), number(of), left_off(found, receipt).await))
        }
    }
}

/// A receipt with the word that auto-sync is off because we switched it off, where it is.
async fn left_off(found: &Application, receipt: Receipt) -> Receipt {
    let now = tokio::time::timeout(LEFT, found.again()).await;
    let Some(banner) = now.ok().and_then(Result::ok).and_then(|now| app::banner(&found.place, &now)) else {
        return receipt;
    };
    let mut detail = receipt.detail;
    detail.insert("auto-sync".to_owned(), "off".to_owned());
    Receipt { summary: format!("{}; {banner}", receipt.summary), detail, ..receipt }
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
    // A sync that names no revision brings what git holds by then.
    let open =
        matches!(plan.steps.get(sent), Some(Step { call: Call::Sync(body), .. }) if body.get("revision").is_none());
    let git = |app: &Value| app::revision(app, "/status/sync");
    if open && git(&now) != git(&found.app) {
        return moved("git has moved meanwhile; look again and decide anew".to_owned());
    }
    // What is under way was planned for until it is ended; after that there must be nothing.
    let ends = plan.steps.get(sent..).unwrap_or_default().iter().any(|step| step.call == Call::Terminate);
    match (app::running(&now), app::running(&found.app)) {
        (Some(running), _) if !ends => moved(format!("something has begun meanwhile: {}", running.told())),
        (Some(running), Some(planned)) if !running.is(&planned) => {
            moved(format!("something else has begun meanwhile: {}", running.told()))
        }
        _ => Ok(now),
    }
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
