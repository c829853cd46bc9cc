//! Trials of watches: the first picture, numbers in order, credit, the end.
//!
//! Signals are asked for by names that no plugin can know.

use super::super::super::Topic;
use super::super::message::{Asked, CREDIT, Op, WatchAck, WatchEvent, WatchStart, WatchStop, notification};
use super::super::pictures::Telling;
use super::super::rows::PlaceRow;
use super::bench::{Bench, short};
use super::{Came, SOON, Trial, greeted};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;

/// How often the kit asks to be told something.
const EVERY: u64 = 200;

fn start(topic: &str, watch: &str, every_ms: u64) -> Value {
    let ask = |signal: &str| Asked {
        signal: signal.to_owned(),
        environment: "check".to_owned(),
        service: "check".to_owned(),
        ask: "check".to_owned(),
        every_ms,
    };
    let signals = if topic == "signals" { vec![ask("check")] } else { Vec::new() };
    let place = || PlaceRow { service: "check".to_owned(), environment: "check".to_owned() };
    let places = if topic == "windows" { vec![place()] } else { Vec::new() };
    json!(WatchStart { watch: watch.to_owned(), topic: topic.to_owned(), every_ms, credit: CREDIT, signals, places })
}

/// The next event of a watch.
async fn event(bench: &mut Bench, watch: &str, limit: Duration) -> Result<WatchEvent, String> {
    loop {
        let mut message = bench.next(limit).await?;
        if message.get("method") == Some(&json!("watch/event")) {
            let params = message.remove("params").unwrap_or_default();
            if params.get("watch") == Some(&json!(watch)) {
                return serde_json::from_value(params).map_err(|e| format!("an event cannot be read: {e}"));
            }
        }
    }
}

pub async fn watch(trial: &Trial, topic: &str) -> Came {
    let mut bench = greeted(trial).await?;
    let answer = bench.ask(1, "watch/start", start(topic, "one", EVERY), SOON).await?;
    if !answer.contains_key("result") {
        return Err(short(&answer));
    }
    // Alerts and windows are told in whole pictures alone, one after the other.
    let again = matches!(topic, "alerts" | "windows");
    let (mut seq, mut rows, mut after) = (0, 0u64, 0u64);
    let (mut picture, mut whole) = (false, topic == "signals");
    while after < 2 {
        let event = event(&mut bench, "one", SOON * 2).await.map_err(|why| format!("after {seq} events: {why}"))?;
        seq += 1;
        if event.seq != seq {
            return Err(format!("event {} where {seq} was due", event.seq));
        }
        if seq.is_multiple_of(CREDIT / 4) {
            bench.send(&notification("watch/ack", &WatchAck { watch: "one".to_owned(), seq })).await?;
        }
        match event.op {
            Op::Begin if !picture && (seq == 1 || again) => {
                if topic == Topic::Windows.name() {
                    Telling::begin(event.item)?;
                }
                picture = true;
            }
            Op::Upsert | Op::NoReading if picture => rows += u64::from(!whole),
            Op::End if picture => {
                after += u64::from(whole);
                (picture, whole) = (false, true);
            }
            Op::Error => return Err(format!("it cannot tell: {}", event.why)),
            Op::Begin | Op::End => return Err(format!("{:?} as event {seq}", event.op)),
            Op::Upsert | Op::Delete if again => return Err(format!("{:?} outside of a picture", event.op)),
            _ if whole && !picture => after += 1,
            op => return Err(format!("{op:?} before the picture was whole")),
        }
    }
    bench.send(&notification("watch/stop", &WatchStop { watch: "one".to_owned() })).await?;
    bench.well(2).await?;
    // What was on its way may still come; then it is quiet.
    tokio::time::sleep(Duration::from_millis(EVERY * 3)).await;
    while let Ok(event) = event(&mut bench, "one", Duration::from_millis(50)).await {
        seq = event.seq;
    }
    match event(&mut bench, "one", Duration::from_millis(EVERY * 6)).await {
        Ok(_) => Err("it goes on after watch/stop".to_owned()),
        Err(_) => bench.well(3).await.map(|()| format!("{rows} rows, {seq} events")),
    }
}

pub async fn credit(trial: &Trial, topic: &str) -> Came {
    let mut bench = greeted(trial).await?;
    bench.ask(1, "watch/start", start(topic, "flood", 1), SOON).await?;
    let (until, mut heard) = (Instant::now() + Duration::from_secs(2), 0);
    while Instant::now() < until {
        if event(&mut bench, "flood", Duration::from_millis(100)).await.is_ok() {
            heard += 1;
        }
    }
    bench.well(2).await?;
    if heard <= CREDIT { Ok(format!("{heard} events in 2 s")) } else { Err(format!("{heard} events in 2 s")) }
}
