//! Trials of what nobody means well: bytes in random pieces with rubbish between, and floods of
//! what is about nothing.
//!
//! What is random comes from a number that is told, so that it can be looked at again.

use super::super::frame::line;
use super::super::message::{Cancel, WatchAck, WatchStop, notification, request};
use super::bench::Bench;
use super::{Came, SOON, Trial, greeted};
use serde_json::{Value, json};
use std::time::Duration;

/// How many messages are cut up.
const PINGS: u64 = 40;
/// Where all of it begins; another number is another trial.
const SEED: u64 = 0x0068_6f6c_6470_7401;

/// Numbers in a row that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % most.max(1)
    }

    fn length(&mut self, most: usize) -> usize {
        usize::try_from(self.below(u64::try_from(most).unwrap_or(u64::MAX))).unwrap_or(0)
    }
}

/// A line that is no message: random bytes, the beginning of a message, or two in one.
fn rubbish(dice: &mut Dice, whole: &[u8]) -> Vec<u8> {
    let whole = whole.strip_suffix(b"\n").unwrap_or(whole);
    let mut bytes = match dice.below(3) {
        0 => (0..dice.below(200)).filter_map(|_| u8::try_from(dice.below(256)).ok()).collect(),
        1 => whole.get(..dice.length(whole.len())).unwrap_or_default().to_vec(),
        _ => [whole, whole].concat(),
    };
    bytes.retain(|byte| *byte != b'\n');
    bytes.push(b'\n');
    bytes
}

pub async fn pieces(trial: &Trial) -> Came {
    let (mut bench, mut dice) = (greeted(trial).await?, Dice(SEED));
    let mut all = Vec::new();
    for id in 1..=PINGS {
        // What is rubbish asks, if anything, under another number.
        let other = line(&request(1_000 + id, "ping", &json!({})))?;
        (0..dice.below(3)).for_each(|_| all.extend(rubbish(&mut dice, &other)));
        all.extend(line(&request(id, "ping", &json!({ "x": "\u{fc}\u{1f680}" })))?);
    }
    let mut rest = all.as_slice();
    while !rest.is_empty() {
        let most = if dice.below(4) == 0 { 400 } else { 30 };
        let (piece, after) = rest.split_at((dice.length(most) + 1).min(rest.len()));
        bench.write(piece).await?;
        rest = after;
        if dice.below(20) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    answered(&mut bench, PINGS).await.map(|()| format!("{PINGS} answers, from the number {SEED:#x}"))
}

/// Waits until everything from 1 on is answered.
pub async fn answered(bench: &mut Bench, most: u64) -> Result<(), String> {
    let mut open: Vec<u64> = (1..=most).collect();
    while !open.is_empty() {
        let answer = bench.next(SOON).await.map_err(|why| format!("{} of {most} not answered: {why}", open.len()))?;
        let id = answer.get("id").and_then(Value::as_u64);
        open.retain(|open| Some(*open) != id);
    }
    Ok(())
}

pub async fn about_nothing(trial: &Trial) -> Came {
    let mut bench = greeted(trial).await?;
    let watch = "never".to_owned();
    for seq in 1..=200 {
        bench.send(&notification("watch/ack", &WatchAck { watch: watch.clone(), seq })).await?;
    }
    for _ in 0..200 {
        bench.send(&notification("$/cancel", &Cancel { id: 900_000 })).await?;
    }
    for _ in 0..10 {
        bench.send(&notification("watch/stop", &WatchStop { watch: watch.clone() })).await?;
    }
    bench.well(1).await.map(|()| "it went on".to_owned())
}

/// Pieces of a message, with longer pauses than any one read waits.
pub async fn slowly(trial: &Trial) -> Came {
    let mut bench = greeted(trial).await?;
    let line = line(&request(1, "ping", &json!({ "x": "\u{fc}" })))?;
    for piece in line.chunks(line.len().div_ceil(4)) {
        bench.write(piece).await?;
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    answered(&mut bench, 1).await.map(|()| "answered".to_owned())
}
