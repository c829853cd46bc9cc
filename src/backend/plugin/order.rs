//! What the calls of a backend ask of the thread that keeps its plugin.
//!
//! Orders go one way over one channel; each carries where its answer goes.

use super::super::{Fault, Sink};
use super::message::{WatchEvent, WatchStart};
use crate::domain::report::Output;
use serde_json::Value;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// The answer to a call, with the output that was kept of it.
pub type Answered = Result<(Value, Option<Output>), Fault>;

/// A request to the plugin.
pub struct Call {
    /// Which call it is, among all of this backend.
    pub ticket: u64,
    /// The method.
    pub method: &'static str,
    /// The capability that it needs.
    pub capability: String,
    /// Its parameters.
    pub params: Value,
    /// How long it may take.
    pub limit: Duration,
    /// Where its progress goes, if anyone looks.
    pub sink: Option<Sink>,
    /// Where its answer goes.
    pub reply: oneshot::Sender<Answered>,
}

/// Something that is asked of the plugin's thread.
pub enum Order {
    /// Send a request.
    Call(Box<Call>),
    /// Have it greet, if it does not run yet; for somebody who wants to know who it is.
    Greet(oneshot::Sender<Result<(), Fault>>),
    /// Nobody waits for a call any longer.
    Abandon(u64),
    /// Begin a watch.
    Watch(WatchStart, mpsc::Sender<Result<WatchEvent, Fault>>),
    /// Events of a watch were taken in.
    Ack(String, u64),
    /// A watch is over.
    Stop(String),
}

impl Order {
    /// Says that it could not be carried out. Certainly nothing was sent.
    pub fn refuse(self, fault: Fault) {
        match self {
            Self::Call(call) => drop(call.reply.send(Err(fault))),
            Self::Greet(reply) => drop(reply.send(Err(fault))),
            Self::Watch(_, events) => drop(events.try_send(Err(fault))),
            Self::Abandon(_) | Self::Ack(..) | Self::Stop(_) => {}
        }
    }

    /// Whether nobody waits for its answer any longer.
    pub fn is_over(&self) -> bool {
        match self {
            Self::Call(call) => call.reply.is_closed(),
            Self::Greet(reply) => reply.is_closed(),
            Self::Watch(_, events) => events.is_closed(),
            Self::Abandon(_) | Self::Ack(..) | Self::Stop(_) => true,
        }
    }

    /// Whether someone waits for it, rather than a watch that comes again by itself.
    pub fn is_call(&self) -> bool {
        matches!(self, Self::Call(_) | Self::Greet(_))
    }
}
