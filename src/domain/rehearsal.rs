//! Rehearsals: where runs are rehearsed, what was, and what a rule wants rehearsed.
//!
//! A rehearsal is the runbook itself, done in other environments. What it has shown holds for that runbook as it was.

use super::Timestamp;
use super::digest::Digest;
use super::name::{BackendName, EnvironmentName, RunId, StepName};
use super::span::Span;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Where runs are rehearsed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stage {
    /// What stands for which environment.
    pub environments: BTreeMap<EnvironmentName, EnvironmentName>,
    /// The backends that do in a rehearsal what is done in no environment.
    pub shared: BTreeSet<BackendName>,
}

/// What a rule wants rehearsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rehearsed {
    /// How long ago at most.
    pub within: Span,
    /// Whether the way back too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub back: bool,
}

impl fmt::Display for Rehearsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let back = if self.back { ", with its way back" } else { "" };
        write!(f, "a rehearsal within {}{back}", self.within.to_text())
    }
}

/// The newest rehearsal of a runbook that came to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rehearsal {
    /// Its run.
    pub run: RunId,
    /// What was rehearsed: [`crate::domain::plan::Plan::rehearsable`] of the real thing.
    pub of: Digest,
    /// When it ended.
    pub at: Timestamp,
    /// Steps that people left out, so that nothing is known of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<StepName>,
    /// When everything that it had changed was taken back, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back: Option<Timestamp>,
}
