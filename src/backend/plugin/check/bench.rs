//! A started plugin under trial: bytes in as one likes, messages out, everything remembered
//! that was no message.

use super::super::code::FORBIDDEN;
use super::super::frame::{Frame, Frames, Message, line};
use super::super::handshake::hello;
use super::super::message::{Failure, Initialize, failure};
use super::super::meta::{KEY, Meta};
use super::super::process::{self, Home, Launched, NotOpen};
use super::Trial;
use super::tape::Noted;
use crate::backend::child::Companion;
use serde_json::Value;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout};
use tokio::sync::watch;
use tokio::time::Instant;

/// How much of what it complains is kept.
const KEPT: usize = 64 * 1024;

/// A plugin under trial.
pub struct Bench {
    /// The process.
    pub companion: Companion,
    /// The first message that fits it.
    pub hello: Initialize,
    input: Option<ChildStdin>,
    output: ChildStdout,
    complaints: watch::Receiver<Vec<u8>>,
    frames: Frames,
    heard: VecDeque<Message>,
    garbage: Option<String>,
    noted: Noted,
    _home: Home,
}

impl Bench {
    /// Starts the program; with the cookie, or as by hand.
    pub async fn start(trial: &Trial, cookie: bool) -> Result<Self, String> {
        let launch = &trial.launch;
        let why = |not_open| match not_open {
            NotOpen::Untrusted(why) | NotOpen::Failed(why) => why,
        };
        let Launched { mut companion, cookie, home } = process::launch(launch, cookie).await.map_err(why)?;
        let streams = companion.input.take().zip(companion.output.take());
        let (input, output) = streams.ok_or("it has no input and output")?;
        let (told, complaints) = watch::channel(Vec::new());
        if let Some(errors) = companion.errors.take() {
            tokio::spawn(drain(errors, told));
        }
        let (hello, frames) = (hello(launch, &cookie), Frames::default());
        let (heard, garbage) = (VecDeque::new(), None);
        let (input, noted) = (Some(input), trial.notes.begin());
        Ok(Self { companion, hello, input, output, complaints, frames, heard, garbage, noted, _home: home })
    }

    /// Writes bytes.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        let input = self.input.as_mut().ok_or("its input is closed")?;
        self.noted.wrote(bytes);
        let written = async {
            input.write_all(bytes).await?;
            input.flush().await
        };
        match tokio::time::timeout(super::SOON, written).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(format!("it cannot be written to: {error}")),
            Err(_) => Err("it does not read what it is told".to_owned()),
        }
    }

    /// Sends a message.
    pub async fn send(&mut self, message: &Value) -> Result<(), String> {
        self.write(&line(message)?).await
    }

    /// Closes its input.
    pub fn hang_up(&mut self) {
        self.input = None;
    }

    /// The next message within a time, or what came in its place.
    pub async fn next(&mut self, limit: Duration) -> Result<Message, String> {
        let until = Instant::now() + limit;
        loop {
            if let Some(garbage) = &self.garbage {
                return Err(format!("something on standard output that is no message: {garbage}"));
            }
            match self.heard.pop_front() {
                None => {}
                Some(message) => match message.get("id").filter(|_| asks_for_secret(&message)) {
                    None => return Ok(message),
                    // The kit has no secrets, and says so as a host does.
                    Some(id) => {
                        let said = "the kit has no secrets".to_owned();
                        let said = Failure { code: FORBIDDEN, message: said, data: serde_json::json!({}) };
                        self.send(&failure(id, &said)).await?;
                        continue;
                    }
                },
            }
            let mut buffer = vec![0; 64 * 1024];
            match tokio::time::timeout_at(until, self.output.read(&mut buffer)).await {
                Err(_) => return Err(format!("nothing within {limit:?}")),
                Ok(Err(_) | Ok(0)) => return Err(format!("it ended: {}", self.last_words().await)),
                Ok(Ok(length)) => {
                    let Self { frames, heard, garbage, noted, .. } = self;
                    frames.feed(buffer.get(..length).unwrap_or_default(), |frame| {
                        noted.said(&frame);
                        match frame {
                            Frame::Message(message) => heard.push_back(message),
                            Frame::Garbage(why) => *garbage = Some(why),
                        }
                    });
                }
            }
        }
    }

    /// The answer to a request within a time; what comes before it is passed over.
    pub async fn answer(&mut self, id: &Value, limit: Duration) -> Result<Message, String> {
        let until = Instant::now() + limit;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let message = self.next(left).await.map_err(|why| format!("no answer to request {id}: {why}"))?;
            if message.get("id") == Some(id) && !message.contains_key("method") {
                return Ok(message);
            }
        }
    }

    /// Asks, and waits for the answer.
    pub async fn ask(&mut self, id: u64, method: &str, params: Value, limit: Duration) -> Result<Message, String> {
        self.send(&super::super::message::request(id, method, &with_meta(params, limit))).await?;
        self.answer(&Value::from(id), limit).await
    }

    /// Whether it answers a ping.
    pub async fn well(&mut self, id: u64) -> Result<(), String> {
        let answer = self.ask(id, "ping", serde_json::json!({}), super::SOON).await?;
        answer.get("result").map(|_| ()).ok_or_else(|| format!("a ping was answered with {}", Value::Object(answer)))
    }

    /// What it says on standard error at its end.
    pub async fn last_words(&mut self) -> String {
        let all = async { while self.complaints.changed().await.is_ok() {} };
        let _ = tokio::time::timeout(Duration::from_millis(500), all).await;
        let said = self.complaints.borrow();
        let lines = said.split(|byte| *byte == b'\n').rev().find(|line| !line.trim_ascii().is_empty());
        lines.map_or("it says nothing on standard error".to_owned(), |line| {
            crate::domain::text::shortened(&crate::domain::text::visible_bytes(line), 200)
        })
    }

    /// How it ended, within a time.
    pub async fn end(&mut self, limit: Duration) -> Result<String, String> {
        let ended = tokio::time::timeout(limit, self.companion.end()).await;
        let how = ended.map_err(|_| format!("it still runs after {limit:?}"))?;
        self.noted.ended(&how);
        Ok(how)
    }
}

/// Parameters with what goes with each request, unless they have something in its place.
fn with_meta(params: Value, limit: Duration) -> Value {
    if params.get(KEY).is_some() { params } else { Meta::of(limit, None).put(params) }
}

/// Takes in what it complains, so that it never waits, and keeps the last of it.
async fn drain(mut errors: ChildStderr, told: watch::Sender<Vec<u8>>) {
    let mut buffer = vec![0; KEPT];
    while let Ok(length @ 1..) = errors.read(&mut buffer).await {
        told.send_modify(|kept| {
            kept.extend(buffer.get(..length).unwrap_or_default());
            kept.drain(..kept.len().saturating_sub(KEPT));
        });
    }
}

fn asks_for_secret(message: &Message) -> bool {
    message.get("method").and_then(Value::as_str) == Some("secret/get")
}

/// A message's error code, if it is an error.
pub fn code(message: &Message) -> Option<i64> {
    message.get("error").and_then(|error| error.get("code")).and_then(Value::as_i64)
}

/// A message in short.
pub fn short(message: &Message) -> String {
    let text = Value::Object(message.clone()).to_string();
    crate::domain::text::shortened(&crate::domain::text::visible(&text), 160)
}
