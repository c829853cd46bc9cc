//! Intents: an operation about to be sent, announced in the journal before it is.
//!
//! The intent is what lets an effect out; what became of it is a report.

use super::Timestamp;
use super::name::{PolicyName, RunId, StepName};
use super::operation::Operation;
use super::session::SessionId;
use serde::{Deserialize, Serialize};

/// An operation about to be sent, as its line announces it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    /// The run.
    pub run: RunId,
    /// The step.
    pub step: StepName,
    /// Counts tries of the step from 1.
    pub attempt: u32,
    /// What to do.
    pub operation: Operation,
    /// The session that will send it.
    pub session: SessionId,
    /// The conn's epoch it was decided under.
    pub epoch: u64,
    /// Too old to be sent after this.
    pub not_after: Timestamp,
    /// The line whose key is used again, for a re-send of an idempotent operation in doubt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resend_of: Option<u64>,
    /// The version that the place was last seen to have, where it is to leave that; none where it was not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What was known when it was let out: warnings, waivers, and what was approved beforehand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub knowing: Vec<String>,
    /// The rules that approved it beforehand: those that lifted another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approved: Vec<PolicyName>,
}
