//! What backends say of operations that are about to be sent: asked for people to read.
//!
//! Nothing rests on it: what is decided, journaled and sent is the same with it, without
//! it, and while it is still awaited.

use super::Timestamp;
use super::operation::Operation;
use super::report::Preview;
use super::span::Span;
use serde::Serialize;

/// How long a person who is about to agree waits for all that is asked at once.
pub const PATIENCE: Span = Span::secs(10);

/// An operation that would be sent, and what is foreseen of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Foreseen {
    /// What would be sent.
    pub operation: Operation,
    /// What its backend says.
    pub said: Foresight,
}

/// What would lead something back that is still ahead, and what is foreseen of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returning {
    /// What would be sent, and what its backend says.
    pub it: Foreseen,
    /// How many changes of its place would lie between what it leads to and what is there then.
    pub changes: u32,
}

/// What a backend says of an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Foresight {
    /// It is being asked.
    Awaited,
    /// It has answered, and when.
    Told(Timestamp, Preview),
    /// It could not be asked; why.
    Untold(String),
}

impl Foreseen {
    /// An operation of which nothing is known yet.
    pub fn awaited(operation: Operation) -> Self {
        Self { operation, said: Foresight::Awaited }
    }

    /// Whether its backend is still being asked.
    pub fn is_awaited(&self) -> bool {
        self.said == Foresight::Awaited
    }
}
