//! A request that waits for its answer: who is told, how long it may take, what is kept of it.
//!
//! It sends nothing; when it is late, and what its answer means, is the session's.

use super::super::child::Kept;
use super::super::{Fault, Sink};
use super::order::{Answered, Call};
use crate::domain::text;
use serde_json::Value;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// How long a watch may take to begin.
pub const BEGIN: Duration = Duration::from_secs(10);
/// The longest that anything is waited for.
const LONGEST: Duration = Duration::from_secs(366 * 86_400);

/// A request on its way.
pub struct Pending {
    /// Which call it is, among all of the backend.
    pub ticket: u64,
    /// The method.
    pub method: &'static str,
    /// What is asked for, in a word: the verb of an operation.
    pub what: String,
    /// What a preview or an operation is of, as JSON.
    pub about: String,
    /// When it is cancelled, or given up.
    pub deadline: Instant,
    /// Whether it was cancelled.
    pub cancelled: bool,
    /// How long it was given.
    pub limit: Duration,
    /// The watch that it is to begin.
    pub watch: Option<String>,
    reply: Option<oneshot::Sender<Answered>>,
    sink: Option<Sink>,
    kept: Option<Kept>,
}

impl Pending {
    /// A call that is sent now.
    pub fn of_call(call: Call, about: String) -> Self {
        let Call { ticket, method, capability, limit, sink, reply, .. } = call;
        Self {
            ticket,
            method,
            what: capability.replace("act:", ""),
            about,
            kept: sink.as_ref().and_then(|sink| Kept::create(sink.file.as_ref()?).ok()),
            deadline: Instant::now() + limit.min(LONGEST),
            cancelled: false,
            limit,
            watch: None,
            reply: Some(reply),
            sink,
        }
    }

    /// A watch that is to begin.
    pub fn of_watch(watch: &str) -> Self {
        Self {
            ticket: 0,
            method: "watch/start",
            what: "watch".to_owned(),
            about: String::new(),
            deadline: Instant::now() + BEGIN,
            cancelled: false,
            limit: BEGIN,
            watch: Some(watch.to_owned()),
            reply: None,
            sink: None,
            kept: None,
        }
    }

    /// Whether someone waits for it.
    pub fn awaited(&self) -> bool {
        self.reply.is_some()
    }

    /// Nobody waits for it any longer.
    pub fn forget(&mut self) {
        self.reply = None;
    }

    /// Passes on a line for whoever looks on.
    pub fn progress(&mut self, line: &str) {
        if let Some(kept) = &mut self.kept {
            kept.add(format!("{line}\n").as_bytes());
        }
        if let Some(Ok(place)) = self.sink.as_ref().map(|sink| sink.lines.try_reserve()) {
            let shown = line.get(..2000).unwrap_or(line);
            place.send(text::shortened(&text::visible(shown), 500));
        }
    }

    /// Tells whoever waits what came of it, with the output that was kept.
    pub fn finish(self, answer: Result<Value, Fault>) {
        let output = self.kept.map(Kept::finish);
        let answer = match answer {
            Ok(value) => Ok((value, output)),
            Err(Fault::Refused { why, .. }) => Err(Fault::Refused { why, output }),
            Err(Fault::Lost { why, .. }) => Err(Fault::Lost { why, output }),
            Err(other) => Err(other),
        };
        if let Some(reply) = self.reply {
            let _ = reply.send(answer);
        }
    }
}
