//! The three streams of a running plugin: messages in and out, complaints into a ring.
//!
//! It knows frames and bytes, and no methods. A plugin that does not read is noticed, never
//! waited for; one that says garbage is ended.

use super::super::child::Companion;
use super::frame::{self, Frame, Frames, MOST_GARBAGE, Message};
use super::process::{Home, Launched};
use crate::domain::text;
use serde_json::Value;
use std::collections::VecDeque;
use std::future::pending;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout};
use tokio::sync::mpsc;

/// How many messages may wait for a plugin that does not read.
const WAITING: usize = 1024;
/// How much is read at once.
const CHUNK: usize = 64 * 1024;
/// How much of its complaints is kept.
const RING: usize = 1024 * 1024;
/// How long its end is waited for once it has closed its output.
const ENDING: Duration = Duration::from_millis(500);

/// A plugin that is talked to.
pub struct Connection {
    companion: Companion,
    input: Option<mpsc::Sender<Vec<u8>>>,
    output: ChildStdout,
    errors: Option<ChildStderr>,
    frames: Frames,
    garbage: u32,
    ring: VecDeque<u8>,
    /// Messages that were read and not yet taken.
    kept: Vec<Message>,
    heard: Vec<u8>,
    complained: Vec<u8>,
    _home: Home,
}

impl Connection {
    /// Takes over a started plugin.
    pub fn new(launched: Launched) -> Result<Self, String> {
        let Launched { mut companion, home, .. } = launched;
        let streams = companion.input.take().zip(companion.output.take());
        let (stdin, output) = streams.ok_or("a plugin without input and output")?;
        let (input, lines) = mpsc::channel(WAITING);
        tokio::spawn(write(stdin, lines));
        Ok(Self {
            errors: companion.errors.take(),
            companion,
            input: Some(input),
            output,
            frames: Frames::default(),
            garbage: 0,
            ring: VecDeque::new(),
            kept: Vec::new(),
            heard: vec![0; CHUNK],
            complained: vec![0; CHUNK],
            _home: home,
        })
    }

    /// Sends a message; never waits.
    ///
    /// # Errors
    /// It does not read, or the message is too long for the wire.
    pub fn send(&mut self, message: &Value) -> Result<(), String> {
        let line = frame::line(message)?;
        let input = self.input.as_ref().ok_or("its input is closed")?;
        input.try_send(line).map_err(|_| "it no longer reads what it is told".to_owned())
    }

    /// A way to send a message later, for as long as it reads.
    pub fn sender(&self) -> Option<mpsc::Sender<Vec<u8>>> {
        self.input.clone()
    }

    /// Closes its input once everything is written.
    pub fn hang_up(&mut self) {
        self.input = None;
    }

    /// Keeps messages that belong to whoever reads next.
    pub fn keep(&mut self, messages: impl IntoIterator<Item = Message>) {
        self.kept.extend(messages);
    }

    /// Waits for its next messages. May be dropped and called again.
    ///
    /// # Errors
    /// It has ended, or says only garbage; in words.
    pub async fn next(&mut self) -> Result<Vec<Message>, String> {
        if !self.kept.is_empty() {
            return Ok(std::mem::take(&mut self.kept));
        }
        loop {
            let Self { output, errors, heard, complained, .. } = self;
            let complaint = async {
                match errors {
                    Some(errors) => errors.read(complained).await.unwrap_or(0),
                    None => pending().await,
                }
            };
            tokio::select! {
                read = output.read(heard) => {
                    let length = read.unwrap_or(0);
                    if length == 0 {
                        return Err(self.why_ended().await);
                    }
                    let messages = self.messages(length)?;
                    if !messages.is_empty() {
                        return Ok(messages);
                    }
                }
                length = complaint => self.complaint(length),
            }
        }
    }

    fn messages(&mut self, length: usize) -> Result<Vec<Message>, String> {
        let Self { frames, heard, garbage, .. } = self;
        let (mut messages, mut last) = (Vec::new(), None);
        frames.feed(heard.get(..length).unwrap_or_default(), |frame| match frame {
            Frame::Message(message) => {
                *garbage = 0;
                messages.push(message);
            }
            Frame::Garbage(why) => {
                *garbage += 1;
                last = (*garbage >= MOST_GARBAGE).then_some(why).or(last.take());
            }
        });
        match last {
            Some(why) => Err(format!("{MOST_GARBAGE} lines in a row were no messages; the last is {why}")),
            None => Ok(messages),
        }
    }

    fn complaint(&mut self, length: usize) {
        if length == 0 {
            self.errors = None;
        }
        self.ring.extend(self.complained.get(..length).unwrap_or_default());
        let over = self.ring.len().saturating_sub(RING);
        self.ring.drain(..over);
    }

    /// Why it has ended, with the last thing that it complained of.
    async fn why_ended(&mut self) -> String {
        let ended = tokio::time::timeout(ENDING, async {
            while let Some(errors) = &mut self.errors {
                let length = errors.read(&mut self.complained).await.unwrap_or(0);
                self.complaint(length);
            }
            self.companion.end().await
        });
        let how = ended.await.unwrap_or_else(|_| "it closed its output".to_owned());
        match self.complaints(1).pop() {
            Some(last) => format!("{how}: {last}"),
            None => how,
        }
    }

    /// The last lines of its complaints, made harmless, oldest first.
    pub fn complaints(&self, most: usize) -> Vec<String> {
        let (one, two) = self.ring.as_slices();
        let all = [one, two].concat();
        let lines = all.split(|byte| *byte == b'\n').rev().filter(|line| !line.trim_ascii().is_empty());
        let mut last: Vec<_> = lines.take(most).map(|line| text::shortened(&text::visible_bytes(line), 300)).collect();
        last.reverse();
        last
    }

    /// The process.
    pub fn companion(&mut self) -> &mut Companion {
        &mut self.companion
    }
}

async fn write(mut stdin: ChildStdin, mut lines: mpsc::Receiver<Vec<u8>>) {
    while let Some(line) = lines.recv().await {
        if stdin.write_all(&line).await.is_err() {
            return;
        }
    }
}
