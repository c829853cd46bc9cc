//! Ways out of an incident that the team declared beforehand: a switch that can
//! be thrown, a fix that can be brought, data that can be put right.
//!
//! They are words to decide by; holdpoint sends none of them by itself.

use super::span::Span;
use serde::{Deserialize, Serialize};

/// What kind of way out it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WayKind {
    /// Turn what hurts off, and leave the version.
    KillSwitch,
    /// Put right what was written, and leave the version.
    Compensate,
    /// Bring a newer version.
    FixForward,
}

impl WayKind {
    /// The kind in words.
    pub const fn words(self) -> &'static str {
        match self {
            WayKind::KillSwitch => "kill switch",
            WayKind::Compensate => "compensate",
            WayKind::FixForward => "fix forward",
        }
    }
}

/// A way out as it was declared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// What kind it is.
    pub kind: WayKind,
    /// What is thrown, put right or brought, in a few words; may be empty.
    pub title: String,
    /// How long it takes.
    pub takes: Option<Span>,
    /// What it still lacks, in words; ready when empty.
    pub lacks: String,
    /// What it costs, in words; empty where nobody said.
    pub loses: String,
    /// Where it is done, or the command that does it; for people.
    pub how: String,
}
