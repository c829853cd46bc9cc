//! The random name of a journal and the keys of operations made from it.
//!
//! Both are only ever made from what the caller has drawn or written; nothing here is random.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A journal's random id: 16 hex digits, written in its genesis line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JournalId(String);

impl JournalId {
    /// Makes the id from random bytes that the caller drew.
    pub fn from_random(bytes: [u8; 8]) -> Self {
        Self(bytes.iter().map(|b| format!("{b:02x}")).collect())
    }
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JournalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The key of one operation: the journal and the line that announced it.
///
/// A re-send of an operation in doubt reuses its key; a new try after a certain
/// failure is a new line and so a new key. Backends pass it on as idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// The journal that announced the operation.
    pub journal: JournalId,
    /// The line's sequence number in it.
    pub seq: u64,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.journal, self.seq)
    }
}
