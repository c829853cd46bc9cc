//! Waivers: one rule does not hold one run back, until a time, because somebody else said so.
//!
//! A rule of `policy/`, a freeze or a window says in its file whose word waives it. An emergency waives all of them
//! for its run. Whatever was waived is left open as debt until a further person has reviewed it.

use super::Timestamp;
use super::name::{PersonName, PolicyName, RoleName, RunId};
use super::person::Proof;
use super::session::SessionId;
use super::span::Span;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The longest that a waiver lasts; what is needed for longer is a change of the rule.
pub const LONGEST: Span = Span::secs(24 * 3600);
/// How long after its end a waiver should have been reviewed.
pub const REVIEW: Span = Span::secs(24 * 3600);

/// What is waived.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Waives {
    /// A rule of `policy/`.
    Policy(PolicyName),
    /// A freeze of the calendar's files, by name.
    Freeze(String),
    /// A change window of the calendar's files, by name: it counts as open.
    Window(String),
    /// Every rule, freeze and window, those that backends tell among them.
    Emergency,
}

/// A waiver of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// Its number in the journal, counted from 1.
    pub id: u32,
    /// The run that is not held back.
    pub run: RunId,
    /// By what.
    pub of: Waives,
    /// Why.
    pub reason: String,
    /// Where it is written down: a ticket, an incident; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ticket: String,
    /// Who asked for it.
    pub asked: Word,
    /// When it ends by itself.
    pub until: Timestamp,
    /// Who granted it; for an emergency that needs no second person, who declared it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted: Option<Word>,
    /// Who refused or withdrew it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Word>,
    /// Who reviewed it afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed: Option<Word>,
}

/// Somebody's word on a waiver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Word {
    /// Whose.
    pub by: PersonName,
    /// How well the person was known.
    pub proof: Proof,
    /// In which session.
    pub session: SessionId,
    /// When.
    pub at: Timestamp,
    /// In words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

/// What is said of a waiver after it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It holds.
    Grant,
    /// It does not.
    Refuse,
    /// It holds no longer.
    End,
    /// Somebody looked at it afterwards.
    Review,
}

/// A word on a waiver that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// The waiver's number.
    pub waiver: u32,
    /// What was said.
    pub answer: Answer,
    /// Whose word, and how it came.
    pub word: Word,
}

/// What becomes of rules in an emergency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Emergency {
    /// Who may declare one.
    pub declared_by: Vec<RoleName>,
    /// Whose word it needs beside that; none when empty, and it holds at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub second: Vec<RoleName>,
    /// Who reviews it afterwards.
    pub reviewed_by: Vec<RoleName>,
    /// The longest that one lasts.
    pub longest: Span,
}

impl Waiver {
    /// Whether it waits for somebody's word.
    pub fn waits(&self, now: Timestamp) -> bool {
        self.granted.is_none() && self.ended.is_none() && now < self.until
    }

    /// Whether somebody has granted it and nothing has ended it yet. Whether that somebody's word counts is the engine's.
    pub fn on(&self, at: Timestamp) -> bool {
        self.granted.is_some() && self.ended.is_none() && at < self.until
    }

    /// Whether it is left open: it was granted, is over, and nobody has reviewed it.
    pub fn debt(&self, now: Timestamp) -> bool {
        self.granted.is_some() && self.reviewed.is_none() && !self.on(now)
    }

    /// When it ended, or will.
    pub fn over(&self) -> Timestamp {
        self.ended.as_ref().map_or(self.until, |word| word.at.min(self.until))
    }

    /// When it should have been reviewed.
    pub fn review_by(&self) -> Timestamp {
        self.over().checked_add_signed(REVIEW.delta()).unwrap_or(self.over())
    }
}

impl Answer {
    /// The verb of it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Refuse => "refuse",
            Self::End => "end",
            Self::Review => "review",
        }
    }
}

impl fmt::Display for Waives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Policy(name) => write!(f, "policy {name}"),
            Self::Freeze(name) => write!(f, "freeze {name}"),
            Self::Window(name) => write!(f, "window {name}"),
            Self::Emergency => write!(f, "everything, in an emergency"),
        }
    }
}
