//! The stream of changes: opened, read, and opened anew when it ends.
//!
//! It never says that nothing has changed. A call of `next` may be dropped: nothing is lost.

use super::super::super::http::{Client, Lines, Request};
use super::super::super::{Fault, pace};
use crate::domain::span::Span;
use futures_util::future::{BoxFuture, FutureExt};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The shortest time between two openings.
pub const LEAST: Duration = Duration::from_millis(500);
/// How long one that is refused is not asked for: it will be again.
const REFUSED: Duration = Duration::from_secs(60);
/// From when on a stream is opened anew though it has not ended: a dead one does not say so.
const OLD: Duration = Duration::from_secs(290);

/// A change of an application.
pub struct Event {
    /// Whether it is gone.
    pub gone: bool,
    /// The application.
    pub application: Value,
}

/// The stream of changes of all applications.
pub struct Feed {
    client: Arc<Client>,
    request: Request,
    state: State,
    began: Instant,
    faults: u32,
}

enum State {
    Resting(Instant),
    // The head may come with the first change only.
    Opening(BoxFuture<'static, Result<Lines, Fault>>),
    Open(Lines),
}

impl Feed {
    /// One that is opened when it is first asked.
    pub fn new(client: Arc<Client>, request: Request) -> Self {
        let now = Instant::now();
        Self { client, request, state: State::Resting(now), began: now, faults: 0 }
    }

    /// Whether it has been open for so long that it may be dead.
    pub fn is_old(&self) -> bool {
        !matches!(self.state, State::Resting(_)) && self.began.elapsed() > OLD
    }

    /// Opens it anew from another version on, unless it waits to be anyway.
    pub fn renew(&mut self, request: Request) {
        self.request = request;
        if !matches!(self.state, State::Resting(_)) {
            self.state = State::Resting(self.began + LEAST);
        }
    }

    /// The next change; none when the stream has ended, so that something may have been missed.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            match &mut self.state {
                State::Resting(until) => {
                    tokio::time::sleep_until(*until).await;
                    let (client, request) = (Arc::clone(&self.client), self.request.clone());
                    self.began = Instant::now();
                    self.state = State::Opening(async move { client.stream(&request).await }.boxed());
                }
                State::Opening(opening) => match opening.await {
                    Ok(lines) => self.state = State::Open(lines),
                    Err(Fault::Refused { .. }) => self.state = State::Resting(Instant::now() + REFUSED),
                    Err(_) => self.ended(),
                },
                State::Open(lines) => {
                    let Ok(Some(line)) = lines.next().await else {
                        self.ended();
                        return None;
                    };
                    match event(line) {
                        Ok(Some(event)) => {
                            self.faults = 0;
                            return Some(event);
                        }
                        Ok(None) => {}
                        Err(()) => {
                            self.ended();
                            return None;
                        }
                    }
                }
            }
        }
    }

    fn ended(&mut self) {
        self.faults = self.faults.saturating_add(1);
        let rest = pace::next(Instant::now(), Span::secs(5), self.faults).min(Instant::now() + OLD);
        // One that lasted is opened at once.
        let lasted = self.began.elapsed() > LEAST * 4;
        self.state = State::Resting(if lasted { self.began + LEAST * 4 } else { rest });
    }
}

/// What a line says: a change, or nothing. An error ends the stream, as does what is no JSON.
fn event(line: &[u8]) -> Result<Option<Event>, ()> {
    let line = line.trim_ascii();
    // Of an event stream, or of bare JSON where the server does not know the other.
    let body = line.strip_prefix(b"data:").unwrap_or(line).trim_ascii();
    if !body.starts_with(b"{") {
        return Ok(None);
    }
    if super::super::super::http::answer::depth(body) > 64 {
        return Err(());
    }
    let mut said: Value = serde_json::from_slice(body).map_err(drop)?;
    if said.get("error").is_some_and(|error| !error.is_null()) {
        return Err(());
    }
    let word = said.pointer("/result/type").and_then(Value::as_str).unwrap_or_default();
    let gone = word == "DELETED";
    if !gone && !matches!(word, "ADDED" | "MODIFIED") {
        // A word of a newer server: the next list says what it was.
        return Ok(None);
    }
    let application = said.pointer_mut("/result/application").map(Value::take).unwrap_or_default();
    Ok(Some(Event { gone, application }))
}
