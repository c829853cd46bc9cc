//! Why a command is refused: every reason at once, and when it opens.
//!
//! It is an answer to a person, so every reason says what would have to change.

use super::Timestamp;
use super::verdict::{Level, Reason, Rule, Verdict};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A refusal. It is journaled, shown and never half-applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// Every reason; never empty.
    pub reasons: Vec<Reason>,
    /// Whether waiting or a person can open it, as opposed to a plain no.
    pub held: bool,
}

impl Refusal {
    /// A refusal for one reason that nothing but a different command can mend.
    pub fn one(rule: Rule, text: impl Into<String>) -> Self {
        Self { reasons: vec![Reason::new(rule, text)], held: false }
    }

    /// What the operator saw has changed since; look again.
    pub fn moved(what: impl fmt::Display) -> Self {
        Self::one(Rule::Moved, format!("{what} has changed since it was shown; look again"))
    }

    /// Turns a verdict that does not pass into a refusal.
    pub fn from_verdict(verdict: Verdict) -> Result<(), Self> {
        match verdict.level {
            Level::Pass | Level::Warn => Ok(()),
            level => Err(Self { reasons: verdict.reasons, held: level != Level::Fail }),
        }
    }

    /// When the last reason goes away by itself, if all have a known end.
    pub fn opens(&self) -> Option<Timestamp> {
        Verdict { level: Level::Hold, reasons: self.reasons.clone() }.opens()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, reason) in self.reasons.iter().enumerate() {
            write!(f, "{}{reason}", if n == 0 { "" } else { " · " })?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}
