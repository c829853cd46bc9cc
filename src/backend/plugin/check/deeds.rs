//! Trials of operations: what is not offered, once only, cancel, death and probe.
//!
//! Only the operation that was named for it is performed, besides one that nobody offers.

use super::super::code::{BAD_PARAMS, NO_METHOD, UNSUPPORTED};
use super::super::message::{Cancel, Deed, Finding, FoundWord, PerformAsk, ProbeAsk, Receipt};
use super::super::message::{Welcome, notification, request};
use super::super::meta::Meta;
use super::super::preview::{PreviewAnswer, PreviewAsk};
use super::bench::{Bench, code, short};
use super::{Came, SOON, Trial, greeted};
use crate::domain::operation::Verb;
use serde_json::{Value, json};
use std::time::Duration;

/// How long the operation that was named may take.
const LIMIT: Duration = Duration::from_secs(120);

/// The operation that was named, under a key and within a time.
pub fn perform_ask(deed: &Deed, key: &str, limit: Duration) -> Value {
    let limit_ms = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
    let ask = PerformAsk { operation: deed.clone(), key: key.to_owned(), limit_ms, expect: Value::Null };
    Meta::of(limit, None).put(json!(ask))
}

/// A key that no operation has had.
pub fn key(nth: u64) -> String {
    format!("{:016x}-{nth}", getrandom::u64().unwrap_or(nth))
}

/// A deed at a place that there is not.
pub fn nowhere(verb: Verb) -> Deed {
    let name = Some("holdpoint-check-nowhere".to_owned());
    Deed { verb, service: name.clone(), environment: name, args: Default::default(), argv: Vec::new() }
}

pub async fn not_offered(trial: &Trial, welcome: &Welcome) -> Came {
    let offered = |verb: &Verb| welcome.capabilities.contains_key(&format!("act:{verb}"));
    let Some(verb) = Verb::ALL.into_iter().find(|verb| !offered(verb)) else { return Ok("it offers all".to_owned()) };
    let mut bench = greeted(trial).await?;
    let answer = bench.ask(1, "perform", perform_ask(&nowhere(verb), &key(1), LIMIT), SOON).await?;
    match code(&answer) {
        Some(NO_METHOD | UNSUPPORTED | BAD_PARAMS) => Ok(format!("{verb}: {}", short(&answer))),
        _ => Err(format!("{verb}: {}", short(&answer))),
    }
}

/// What it finds of an operation.
async fn probe(bench: &mut Bench, id: u64, deed: &Deed, key: &str) -> Result<Finding, String> {
    let ask = json!(ProbeAsk { operation: deed.clone(), key: key.to_owned() });
    let mut answer = bench.ask(id, "probe", ask, SOON * 4).await?;
    let result = answer.remove("result").ok_or_else(|| short(&answer))?;
    serde_json::from_value(result).map_err(|e| format!("its finding cannot be read: {e}"))
}

pub async fn never_was(trial: &Trial, welcome: &Welcome) -> Came {
    let offered = Verb::ALL.into_iter().find(|verb| welcome.capabilities.contains_key(&format!("act:{verb}")));
    let deed = trial.operation.clone().unwrap_or_else(|| nowhere(offered.unwrap_or(Verb::Deploy)));
    let finding = probe(&mut greeted(trial).await?, 1, &deed, &key(2)).await;
    match finding {
        Ok(Finding { found: found @ (FoundWord::NotApplied | FoundWord::Unknown), .. }) => Ok(format!("{found:?}")),
        Ok(Finding { found, .. }) => Err(format!("{found:?}")),
        // An error is no finding, and so never a wrong one.
        Err(why) => Ok(why),
    }
}

pub async fn preview(trial: &Trial, deed: &Deed) -> Came {
    let mut bench = greeted(trial).await?;
    let mut answer = bench.ask(1, "preview", json!(PreviewAsk { operation: deed.clone() }), SOON * 4).await?;
    match (code(&answer), answer.remove("result")) {
        (Some(NO_METHOD), _) => Ok("it previews nothing".to_owned()),
        (None, Some(result)) => serde_json::from_value::<PreviewAnswer>(result)
            .map(|preview| format!("{:?}", preview.effects))
            .map_err(|e| format!("its preview cannot be read: {e}")),
        _ => Err(short(&answer)),
    }
}

pub async fn perform(trial: &Trial, deed: &Deed) -> Came {
    let mut bench = greeted(trial).await?;
    bench.send(&request(1, "perform", &perform_ask(deed, &key(3), LIMIT))).await?;
    bench.send(&request(2, "ping", &json!({}))).await?;
    let (mut pinged, mut done) = (false, None);
    while done.is_none() || !pinged {
        let limit = if pinged { LIMIT } else { SOON };
        let message = bench.next(limit).await.map_err(|why| if pinged { why } else { format!("the ping: {why}") })?;
        pinged |= message.get("id") == Some(&json!(2));
        if message.get("id") == Some(&json!(1)) {
            done = Some(message);
        }
    }
    receipt(done.unwrap_or_default()).map(|receipt| receipt.summary)
}

fn receipt(mut answer: super::super::frame::Message) -> Result<Receipt, String> {
    let result = answer.remove("result").filter(Value::is_object).ok_or_else(|| short(&answer))?;
    serde_json::from_value(result).map_err(|e| format!("its receipt cannot be read: {e}"))
}

pub async fn again(trial: &Trial, deed: &Deed) -> Came {
    let ask = perform_ask(deed, &key(4), LIMIT);
    let mut told = Vec::new();
    // A process each: what only one remembers is done again by the next.
    for _ in 0..2 {
        let mut bench = greeted(trial).await?;
        let receipt = json!(receipt(bench.ask(1, "perform", ask.clone(), LIMIT).await?)?);
        told.push(crate::domain::text::shortened(&crate::domain::text::visible(&receipt.to_string()), 2000));
    }
    match told.as_slice() {
        [first, second] if first == second => Ok(format!("two processes answered the same: {first}")),
        _ => Err(told.join("; then ")),
    }
}

pub async fn cancel(trial: &Trial, deed: &Deed) -> Came {
    let mut bench = greeted(trial).await?;
    bench.send(&request(1, "perform", &perform_ask(deed, &key(5), LIMIT))).await?;
    tokio::time::sleep(Duration::from_millis(100)).await;
    bench.send(&notification("$/cancel", &Cancel { id: 1 })).await?;
    let answer = bench.answer(&json!(1), Duration::from_secs(3)).await?;
    bench.well(2).await?;
    Ok(short(&answer))
}

pub async fn killed(trial: &Trial, deed: &Deed) -> Came {
    let mut bench = greeted(trial).await?;
    let key = key(6);
    bench.send(&request(1, "perform", &perform_ask(deed, &key, LIMIT))).await?;
    tokio::time::sleep(Duration::from_millis(100)).await;
    bench.companion.kill();
    let _ = bench.end(SOON).await;
    let finding = probe(&mut greeted(trial).await?, 1, deed, &key).await?;
    let counted = finding.receipt.done.is_some() == finding.receipt.of.is_some();
    let came = format!("{:?}: {}", finding.found, finding.receipt.summary);
    if counted { Ok(came) } else { Err(came) }
}
