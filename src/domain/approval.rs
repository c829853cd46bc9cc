//! Approvals: those of backends and our own are one type.
//!
//! An approval is bound to a digest of exactly what was shown. A decision on a
//! backend's approval is an operation with read-back; on our own it is a fact.

use super::Timestamp;
use super::digest::Digest;
use super::name::{PersonName, RoleName};
use super::person::Proof;
use super::signed::Signed;
use super::ssh_key::Fingerprint;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A named place in an approval that people of one role fill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// Whose approval it is.
    pub role: RoleName,
    /// How many distinct people it takes.
    pub need: u32,
}

/// Something that waits for people to approve it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// What is approved: `1/14` for step 14 of run 1, or the backend's id.
    pub subject: String,
    /// What it is about, in one line.
    pub title: String,
    /// Digest of exactly what is shown to the approver.
    pub digest: Digest,
    /// Who asked; never counts as an approver.
    pub requester: Option<PersonName>,
    /// Since when it waits.
    pub since: Timestamp,
    /// The places to fill.
    pub slots: Vec<Slot>,
    /// What has been decided, in order.
    pub decisions: Vec<Decision>,
}

/// One decision of one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Who decided.
    pub person: PersonName,
    /// For which role.
    pub role: RoleName,
    /// Whether it is a yes.
    pub yes: bool,
    /// Why; empty where policy does not ask for it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// How well the person was known.
    pub proof: Proof,
    /// When.
    pub at: Timestamp,
    /// The digest the person saw; the decision dies when the subject's differs.
    pub saw: Digest,
    /// Who said and who heard it, when it was spoken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spoken: Option<Spoken>,
    /// What was signed, when it was; without it a decision that is called signed counts for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<Box<Signed>>,
}

impl Decision {
    /// The key that signed it; none where nothing is signed, or the signature is not good.
    pub fn key(&self) -> Option<&Fingerprint> {
        self.signed.as_ref()?.key().as_ref().ok()
    }
}

/// A decision that was said, not typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spoken {
    /// Who said it.
    pub said_by: PersonName,
    /// Who else heard it; never the sayer.
    pub heard_by: PersonName,
    /// Who typed it.
    pub typed_by: PersonName,
    /// The exact words.
    pub words: String,
}

/// A vote of a go/no-go poll.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Vote {
    /// Go.
    Go,
    /// No go.
    NoGo,
    /// Go once the condition is met; holds until its author marks it met.
    GoIf {
        /// The condition in the voter's words.
        condition: String,
        /// Whether its author has marked it met.
        met: bool,
    },
}

impl fmt::Display for Vote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Go => f.write_str("GO"),
            Self::NoGo => f.write_str("NO-GO"),
            Self::GoIf { condition, met: false } => write!(f, "GO-IF {condition}"),
            Self::GoIf { condition, met: true } => write!(f, "GO, condition met: {condition}"),
        }
    }
}

impl Vote {
    /// Go on a condition that is not met yet; what `text` says before it (`go if`, `if`) is left out,
    /// because whoever shows the vote says that.
    pub fn go_if(text: &str) -> Self {
        let text = text.trim();
        let after = |head: &&str| {
            let (said, rest) = text.split_at_checked(head.len())?;
            (said.eq_ignore_ascii_case(head) && rest.starts_with([' ', ',', ':'])).then_some(rest)
        };
        let heads = ["go-if", "go, if", "go if", "if"];
        let condition = heads.iter().find_map(after).map_or(text, |rest| rest.trim_start_matches([' ', ',', ':']));
        Self::GoIf { condition: condition.to_owned(), met: false }
    }

    /// The same with its condition marked met; any other vote as it is.
    pub fn met(self) -> Self {
        match self {
            Self::GoIf { condition, .. } => Self::GoIf { condition, met: true },
            other => other,
        }
    }
}

/// A vote as it was cast.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cast {
    /// Who voted.
    pub person: PersonName,
    /// How.
    pub vote: Vote,
    /// How well the person was known.
    pub proof: Proof,
    /// When.
    pub at: Timestamp,
    /// Digest of the evidence the voter saw; the vote is stale when it differs.
    pub saw: Digest,
    /// Who said and heard it, when it was spoken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spoken: Option<Spoken>,
}
