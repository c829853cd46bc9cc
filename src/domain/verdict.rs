//! One verdict for everything that is judged: gates, windows, signals, plans.
//!
//! In order of weight: fail, unknown, hold, warn, pass. `all` of several is the
//! heaviest, `any` the lightest; there is no `not`. Unknown is never success.

use super::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The weight of a verdict, lightest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Go.
    #[default]
    Pass,
    /// Go, knowing this.
    Warn,
    /// Not yet: something or someone opens it.
    Hold,
    /// Cannot be told: evidence is missing, stale or ambiguous.
    Unknown,
    /// No.
    Fail,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Level::Pass => "PASS",
            Level::Warn => "WARN",
            // A hold is placed by someone; this is only not yet.
            Level::Hold => "WAIT",
            Level::Unknown => "UNKNOWN",
            Level::Fail => "FAIL",
        })
    }
}

/// What kind of rule gave a reason, for filters and for scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// A step that this one needs is not done.
    Needs,
    /// A change window is closed.
    Window,
    /// A freeze is in force.
    Freeze,
    /// The planned or earliest time has not come.
    Time,
    /// A signal is beyond its threshold, or within it.
    Signal,
    /// Evidence is missing, late or lost.
    Evidence,
    /// A rule of `policy/` speaks.
    Policy,
    /// An approval is missing.
    Approval,
    /// A poll is open or went against.
    Poll,
    /// Someone must say so.
    Person,
    /// A hold is in force.
    Hold,
    /// The conn is someone else's, or nobody's.
    Conn,
    /// Another operation on the same service and environment is open.
    Busy,
    /// The actor may not do this.
    Authority,
    /// Separation of duties.
    Separation,
    /// The confirmation that the environment demands is missing.
    Consent,
    /// The step or run is not in a state that allows it.
    State,
    /// The backend cannot do it.
    Capability,
    /// The calendar has a conflict.
    Conflict,
    /// What was shown has changed since.
    Moved,
    /// A needed text is missing.
    Reason,
    /// Something is left open.
    LeftOpen,
}

/// One reason of a verdict or a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// The rule that gave it.
    pub rule: Rule,
    /// The reason in words: what, and with which numbers.
    pub text: String,
    /// When this reason goes away by itself, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens: Option<Timestamp>,
}

impl Reason {
    /// A reason without a known end.
    pub fn new(rule: Rule, text: impl Into<String>) -> Self {
        Self { rule, text: text.into(), opens: None }
    }
    /// In words, as of `now`: a time of the same day goes without its date.
    pub fn told(&self, now: Timestamp) -> String {
        match self.opens {
            Some(at) if at.date_naive() == now.date_naive() => {
                format!("{} (opens {})", self.text, at.format("%H:%M:%SZ"))
            }
            _ => self.to_string(),
        }
    }
    /// A reason that goes away at a known time.
    pub fn until(rule: Rule, text: impl Into<String>, opens: Option<Timestamp>) -> Self {
        Self { rule, text: text.into(), opens }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        match self.opens {
            Some(at) => write!(f, " (opens {})", at.format("%a %Y-%m-%d %H:%M:%SZ")),
            None => Ok(()),
        }
    }
}

/// A judgement and its reasons; the reasons of a pass say what was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// How heavy it is.
    pub level: Level,
    /// Why, heaviest first where several rules spoke.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
}

impl Verdict {
    /// A verdict with one reason.
    pub fn new(level: Level, reason: Reason) -> Self {
        Self { level, reasons: vec![reason] }
    }

    /// A pass with nothing to say.
    pub fn pass() -> Self {
        Self::default()
    }

    /// The heaviest of several; of none at all, a pass. What stands in the way
    /// keeps the reasons of all that do, so that they say when it opens; a warning
    /// those of all warnings, and a pass those of every part as evidence.
    pub fn all(parts: impl IntoIterator<Item = Verdict>) -> Self {
        Self::heaviest(parts.into_iter().collect())
    }

    fn heaviest(mut parts: Vec<Self>) -> Self {
        let level = parts.iter().map(|v| v.level).max().unwrap_or_default();
        let least = level.min(Level::Hold);
        parts.retain(|v| v.level >= least);
        parts.sort_by_key(|v| std::cmp::Reverse(v.level));
        Self { level, reasons: parts.into_iter().flat_map(|v| v.reasons).collect() }
    }

    /// The lightest of several with its reasons; of none at all, unknown,
    /// because nothing has spoken for it.
    pub fn any(parts: impl IntoIterator<Item = Verdict>) -> Self {
        let mut parts: Vec<_> = parts.into_iter().collect();
        let Some(level) = parts.iter().map(|v| v.level).min() else {
            return Self::new(Level::Unknown, Reason::new(Rule::Evidence, "nothing to judge by"));
        };
        parts.retain(|v| level > Level::Pass || v.level == level);
        Self { level, reasons: parts.into_iter().flat_map(|v| v.reasons).collect() }
    }

    /// Whether it lets a thing go ahead.
    pub fn passes(&self) -> bool {
        self.level <= Level::Warn
    }

    /// Whether somebody's approval is among what it waits for.
    pub fn waits_for_people(&self) -> bool {
        !self.passes() && self.reasons.iter().any(|reason| reason.rule == Rule::Approval)
    }

    /// When the last of its known reasons goes away; none if one has no known end.
    pub fn opens(&self) -> Option<Timestamp> {
        self.reasons.iter().map(|r| r.opens).collect::<Option<Vec<_>>>()?.into_iter().max()
    }
}
