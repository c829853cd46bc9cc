//! The old version of a service beside the new one: how both are counted, by which rule
//! they are compared, and what a comparison came to.
//!
//! Values only; the test itself is `engine::versions`.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The label that names the version when nothing else is declared.
pub const LABEL: &str = "version";
/// The fewest events of a side that say anything, when nothing else is declared.
pub const LEAST: u64 = 100;
/// How often chance may be taken for a difference, when nothing else is declared.
pub const ALPHA: f64 = 0.01;
/// The difference of shares that matters to nobody, when nothing else is declared.
pub const MARGIN: f64 = 0.01;

/// The largest count that can be counted with. There the test is exact to 2 parts in 10,000 and adds up some
/// 300,000 terms, in a millisecond; at a thousand times as many it is off by a third, and takes a tenth of a second.
pub const MOST: u64 = 10_000_000_000;

/// How a signal's source counts version by version, and the rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Versions {
    /// The label that names the version, as deployments tell it.
    pub label: String,
    /// What is counted.
    pub count: Count,
    /// By what they are judged.
    pub rule: Rule,
}

/// What is counted; each expression gives one series a version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Count {
    /// Events that went wrong, and all.
    Share {
        /// Gives the bad events; may name `{environment}` and `{service}`.
        bad: String,
        /// Gives all events.
        all: String,
    },
    /// Requests that took longer than a bound.
    Slower {
        /// Gives the buckets of a histogram, by version and `le`.
        buckets: String,
        /// The bound in seconds: one of the buckets' own.
        than: f64,
    },
}

/// The rule that compares two versions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The fewest events of each side that say anything.
    pub least: u64,
    /// How often chance may be taken for a difference.
    pub alpha: f64,
    /// The difference of shares that matters to nobody.
    pub margin: f64,
}

impl Default for Rule {
    fn default() -> Self {
        Self { least: LEAST, alpha: ALPHA, margin: MARGIN }
    }
}

impl fmt::Display for Rule {
    /// The rule in words, as it stands beside a verdict.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { least, alpha, margin } = self;
        let (sure, margin) = ((1.0 - alpha) * 100.0, margin * 100.0);
        write!(
            f,
            "worse: Fisher's exact test, one-sided, p < {alpha}; no worse: at most +{margin} points with {sure} % \
             confidence (Newcombe); from {least} of each"
        )
    }
}

/// Events of one version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Those that went wrong.
    pub bad: u64,
    /// All of them.
    pub all: u64,
}

impl Counts {
    /// The share that went wrong; none of nothing.
    pub fn share(self) -> Option<f64> {
        (self.all > 0).then(|| self.bad.min(self.all) as f64 / self.all as f64)
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = self.share().map(|share| format!(" ({:.2} %)", share * 100.0)).unwrap_or_default();
        write!(f, "{} of {}{share}", self.bad, self.all)
    }
}

/// How a comparison came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// No worse.
    Pass,
    /// Worse.
    Fail,
    /// Too little is known.
    Inconclusive,
}

impl Outcome {
    /// The word as screens write it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Inconclusive => "INCONCLUSIVE",
        }
    }
}

/// Two versions, compared: all that is needed to reckon it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compared {
    /// The version that served before, and what was counted of it.
    pub old: (String, Counts),
    /// The version that is being rolled out, and what was counted of it.
    pub new: (String, Counts),
    /// The share of the new one less that of the old one.
    pub effect: f64,
    /// The most that the difference is, with the rule's confidence.
    pub at_most: f64,
    /// How likely so many bad ones of the new version are, were both alike.
    pub p: f64,
    /// By which rule.
    pub rule: Rule,
    /// What that says.
    pub outcome: Outcome,
}

impl fmt::Display for Compared {
    /// `4.2.0 12 of 400 (3.00 %) against 4.1.9 8 of 1600 (0.50 %): +2.50 points, at most +5.26, p 0.0001`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { old: (old, before), new: (new, after), .. } = self;
        let (effect, at_most) = (self.effect * 100.0, self.at_most * 100.0);
        let p = if self.p < 0.0001 { "p < 0.0001".to_owned() } else { format!("p {:.4}", self.p) };
        write!(f, "{new} {after} against {old} {before}: {effect:+.2} points, at most {at_most:+.2}, {p}")
    }
}
