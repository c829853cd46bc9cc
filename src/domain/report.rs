//! What comes back from a backend: receipts, reports and findings.
//!
//! The words keep apart what is certain from what is not. *Not done* is a
//! certain failure; *unknown* is a lost answer and leaves the step in doubt.

use super::catalogue::Reversible;
use super::digest::Digest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a backend says it did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// One line in the backend's words, made harmless.
    pub summary: String,
    /// Named results, such as `version` or `previous`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub detail: BTreeMap<String, String>,
    /// The output that was kept, if there was any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Output>,
}

/// Output of a command, kept in a file named by the operation's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// Bytes that were kept.
    pub bytes: u64,
    /// Bytes that were dropped because the cap was reached.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub dropped: u64,
    /// SHA-256 of the bytes that were kept.
    pub digest: Digest,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// How an operation ended, as far as its sender knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Report {
    /// It was done.
    Done(Receipt),
    /// It was certainly not done.
    NotDone {
        /// The cause, verbatim from the system.
        why: String,
        /// The output that was kept, if there was any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        output: Option<Output>,
    },
    /// It was done to some of what it names, certainly.
    Partly {
        /// How many were changed.
        done: u32,
        /// Of how many.
        of: u32,
        /// What the system says of it.
        receipt: Receipt,
    },
    /// Whether it was done is not known.
    Unknown {
        /// What was lost: a time-out, a broken connection, a killed process.
        why: String,
        /// The output that was kept, if there was any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        output: Option<Output>,
    },
    /// It never left: the sender refused it because it was too old.
    NotSent {
        /// Why it was not sent.
        why: String,
    },
}

/// What a probe found out about an operation in doubt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Found {
    /// It took effect.
    Applied(Receipt),
    /// It took effect on some of what it names.
    Partly {
        /// How many were changed.
        done: u32,
        /// Of how many.
        of: u32,
        /// What the system says of it.
        receipt: Receipt,
    },
    /// It has had no effect so far.
    NotApplied {
        /// Whether it can no longer take effect.
        r#final: bool,
        /// What the system says of it.
        why: String,
    },
    /// The probe could not tell.
    Unknown {
        /// Why not.
        why: String,
    },
}

/// What an operation would do, asked before it is sent; reads only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preview {
    /// What stands in the way, in the system's words.
    pub obstacles: Vec<String>,
    /// Those of the obstacles for which it would certainly be refused, as things stand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<String>,
    /// What could not be found out, and why: `whether it is there: you may not look`. It forbids nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
    /// What will happen, in order.
    pub effects: Vec<String>,
    /// What cannot be taken back or is lost.
    pub loses: Vec<String>,
    /// How long it took the last time, or is expected to take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes: Option<super::span::Span>,
    /// Whether it is said without a look at the system: what is in the way there is not known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub blind: bool,
    /// Whether it can be taken back and how, or why not, where its backend says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversible: Option<Reversible>,
}

impl Preview {
    /// Notes an obstacle for which it would certainly be refused.
    pub fn refuse(&mut self, why: impl Into<String>) {
        let why = why.into();
        self.refused.push(why.clone());
        self.obstacles.push(why);
    }
}

/// One thing that a backend says of itself when it is looked over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// Whether it is as it should be.
    pub ok: bool,
    /// What it is, in words.
    pub text: String,
}

impl Remark {
    /// Something that is as it should be.
    pub fn well(text: impl Into<String>) -> Self {
        Self { ok: true, text: text.into() }
    }

    /// Something that is not.
    pub fn wrong(text: impl Into<String>) -> Self {
        Self { ok: false, text: text.into() }
    }
}
