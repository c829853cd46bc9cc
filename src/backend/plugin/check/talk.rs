//! Trials of the wire itself: greeting, framing, ids, garbage, the end.
//!
//! Each starts a process of its own, so that none spoils another.

use super::super::code::{NO_METHOD, NO_PROTOCOL};
use super::super::handshake;
use super::super::introduced;
use super::super::message::{Range, Welcome, notification, request};
use super::bench::{Bench, code, short};
use super::fuzz::answered;
use super::{Came, SOON, Trial, greeted};
use serde_json::json;
use std::time::Duration;

/// How long it has to end.
const ENDING: Duration = Duration::from_secs(3);

/// Greets it as a host does.
pub async fn greeting(trial: &Trial) -> Result<(Bench, Welcome, String), String> {
    let mut bench = Bench::start(trial, true).await?;
    let hello = json!(bench.hello);
    let mut answer = bench.ask(0, "initialize", hello, handshake::LIMIT).await?;
    let welcome = handshake::read(&mut answer, &bench.hello.cookie.clone())?;
    bench.send(&notification("initialized", &json!({}))).await?;
    let can = welcome.capabilities.keys().cloned().collect::<Vec<_>>().join(", ");
    let (_, who) = introduced::of(&welcome).line(chrono::Utc::now());
    let can = crate::domain::text::visible(&can);
    let came = crate::domain::text::shortened(&format!("{who}: {can}"), 400);
    Ok((bench, welcome, came))
}

pub async fn by_hand(trial: &Trial) -> Came {
    let mut bench = Bench::start(trial, false).await?;
    match bench.next(ENDING).await {
        Ok(message) => return Err(format!("it said {}", short(&message))),
        Err(why) if why.starts_with("it ended") => {}
        Err(why) => return Err(why),
    }
    let end = bench.end(ENDING).await?;
    if end.contains("exit 64") { Ok(end) } else { Err(end) }
}

pub async fn no_protocol(trial: &Trial) -> Came {
    let mut bench = Bench::start(trial, true).await?;
    bench.hello.protocol = Range { min: 999, max: 999 };
    let hello = json!(bench.hello);
    let answer = bench.ask(0, "initialize", hello, SOON).await?;
    let data = answer.get("error").and_then(|error| error.get("data"));
    let ranges = data.is_some_and(|data| data["min"].is_u64() && data["max"].is_u64());
    if code(&answer) == Some(NO_PROTOCOL) && ranges { Ok(short(&answer)) } else { Err(short(&answer)) }
}

pub async fn no_method(trial: &Trial) -> Came {
    let mut bench = greeted(trial).await?;
    let answer = bench.ask(1, "no/such-method", json!({ "a": [1, null] }), SOON).await?;
    bench.send(&notification("no/such-notification", &json!({}))).await?;
    bench.well(2).await?;
    if code(&answer) == Some(NO_METHOD) { Ok(short(&answer)) } else { Err(short(&answer)) }
}

pub async fn more_keys(trial: &Trial) -> Came {
    let mut bench = greeted(trial).await?;
    let deep = json!({ "id": 99, "method": "x", "more": [{ "deep": ["\u{1f680} \u{202e} \\ \" \n", 1.5e300, null] }] });
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping", "params": deep, "x-nobody": deep, "zz": 1 });
    bench.send(&message).await?;
    let answer = bench.answer(&json!(1), SOON).await?;
    answer.get("result").map(|_| "answered".to_owned()).ok_or_else(|| short(&answer))
}

pub async fn ids(trial: &Trial) -> Came {
    let mut bench = greeted(trial).await?;
    for id in [json!(9_007_199_254_740_991u64), json!(0), json!("a text, with: signs"), json!("\u{fc}")] {
        bench.send(&json!({ "jsonrpc": "2.0", "id": id, "method": "ping", "params": {} })).await?;
        bench.answer(&id, SOON).await?;
    }
    Ok("sent back".to_owned())
}

pub async fn byte_by_byte(trial: &Trial) -> Came {
    let mut bench = greeted(trial).await?;
    let line = super::super::frame::line(&request(1, "ping", &json!({ "x": "\u{fc}\u{1f680}" })))?;
    for byte in line {
        bench.write(&[byte]).await?;
        tokio::task::yield_now().await;
    }
    bench.answer(&json!(1), SOON).await.map(|_| "answered".to_owned())
}

pub async fn merged(trial: &Trial) -> Came {
    let mut bench = greeted(trial).await?;
    let lines = (1..=50).map(|id| super::super::frame::line(&request(id, "ping", &json!({}))));
    let mut all = lines.collect::<Result<Vec<_>, _>>()?.concat();
    // The last one is cut in the middle, and its end comes later.
    let rest = all.split_off(all.len() - 20);
    bench.write(&all).await?;
    tokio::time::sleep(Duration::from_millis(100)).await;
    bench.write(&rest).await?;
    answered(&mut bench, 50).await.map(|()| "50 answers".to_owned())
}

pub async fn garbage(trial: &Trial) -> Came {
    let mut bench = greeted(trial).await?;
    let long = "x".repeat(60_000);
    for line in ["this is no message", "{", "[]", "null", "{}", "\"\\ud800\"", "{\"id\":", &long, "", "  "] {
        bench.write(format!("{line}\n").as_bytes()).await?;
    }
    bench.write(b"\xff\xfe\xc3(\n").await?;
    bench.well(7).await?;
    Ok("it went on".to_owned())
}

pub async fn late(trial: &Trial) -> Came {
    let mut bench = greeted(trial).await?;
    for id in 1..=300 {
        bench.send(&request(id, "ping", &json!({}))).await?;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    for heard in 0..300 {
        bench.next(SOON).await.map_err(|why| format!("only {heard} answers: {why}"))?;
    }
    Ok("300 answers".to_owned())
}

pub async fn shutdown(trial: &Trial) -> Came {
    let mut bench = greeted(trial).await?;
    bench.ask(1, "shutdown", json!({}), SOON).await?;
    let end = bench.end(ENDING).await?;
    if end.contains("exit 0") { Ok(end) } else { Err(end) }
}

pub async fn hang_up(trial: &Trial) -> Came {
    let mut bench = greeted(trial).await?;
    bench.hang_up();
    bench.end(ENDING).await
}
