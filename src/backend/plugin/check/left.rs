//! Trials of `_meta`: keys that nobody knows do no harm, and a request is answered by its deadline.
//!
//! The kit is a host: what is not answered by then it cancels, and only what is left without an answer
//! even so is not as the page says.

use super::super::message::{Cancel, Deed, ProbeAsk, Welcome, notification, request};
use super::super::meta::{KEY, Meta};
use super::bench::{Bench, short};
use super::deeds::{key, nowhere, perform_ask};
use super::{Came, SOON, Trial, greeted};
use crate::domain::operation::Verb;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;

/// How little time an operation is given.
const LITTLE: Duration = Duration::from_millis(700);
/// How little time a question is given.
const MOMENT: Duration = Duration::from_secs(2);
/// How long an answer may take after it was cancelled, with the time that a busy machine takes.
const GRACE: Duration = Duration::from_secs(3);

/// `_meta` as a host of another day may send it.
fn strange() -> Value {
    let deep = json!([{ "deep": [{ "deadlineMs": "none" }, null, 1.5e300, "\u{202e}\u{1b}[2J \\ \" \n"] }]);
    json!({ "deadlineMs": 5000, "by": "\u{fc}\u{202e}\u{1b}[2J", "reason": "x".repeat(4000), "x-nobody": deep, "session": {} })
}

/// Keys of `_meta` that nobody knows.
pub async fn more_meta(trial: &Trial) -> Came {
    let mut bench = greeted(trial).await?;
    let strange = strange();
    let answer = bench.ask(1, "ping", json!({ KEY: strange }), SOON).await?;
    answer.get("result").ok_or_else(|| short(&answer))?;
    // Of no harm to what comes after it either.
    bench.well(2).await?;
    Ok("answered".to_owned())
}

/// An operation that is given less time than it may need.
pub async fn late(trial: &Trial, deed: &Deed) -> Came {
    let ask = perform_ask(deed, &key(7), LITTLE);
    by_deadline(&mut greeted(trial).await?, "perform", ask, LITTLE).await
}

/// A question that is given little time.
pub async fn probe(trial: &Trial, welcome: &Welcome) -> Came {
    let offered = Verb::ALL.into_iter().find(|verb| welcome.capabilities.contains_key(&format!("act:{verb}")));
    let deed = trial.operation.clone().unwrap_or_else(|| nowhere(offered.unwrap_or(Verb::Deploy)));
    let ask = json!(ProbeAsk { operation: deed, key: key(8) });
    by_deadline(&mut greeted(trial).await?, "probe", ask, MOMENT).await
}

/// Whether it answers in time, or when it hears that nobody waits any longer.
async fn by_deadline(bench: &mut Bench, method: &str, params: Value, left: Duration) -> Came {
    let began = Instant::now();
    bench.send(&request(1, method, &Meta::of(left, None).put(params))).await?;
    if let Ok(answer) = bench.answer(&json!(1), left).await {
        let came = format!("by the deadline, after {} ms: {}", began.elapsed().as_millis(), short(&answer));
        bench.well(2).await?;
        return Ok(came);
    }
    bench.send(&notification("$/cancel", &Cancel { id: 1 })).await?;
    let answer = bench.answer(&json!(1), GRACE).await?;
    bench.well(2).await?;
    Ok(format!("only when it was cancelled at the deadline: {}", short(&answer)))
}
