//! How far a staged rollout is: its step, the share it should have, what it waits for, and
//! what is judged of it on the way; and where its route sends traffic.
//!
//! Values only. What is not known is never a pass: every other verdict has a word of its own.

use super::traffic::Traffic;
use super::verdict::Level;
use serde::{Deserialize, Serialize};

/// How far a rollout in steps is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Stages {
    /// Which step it is at, from 1, and how many there are; none where nothing is counted.
    pub step: Option<(u32, u32)>,
    /// What that step does, such as `pause`.
    pub doing: String,
    /// The share of traffic it should have at this step, in percent; what it has is the deployment's weight.
    pub wanted: Option<u8>,
    /// What it waits for; none when it goes on by itself.
    pub waits: Option<String>,
    /// What is judged on the way, measure by measure.
    pub checks: Vec<Check>,
    /// Where its route sends traffic, rule by rule.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub traffic: Vec<Traffic>,
}

/// One measure that decides whether a rollout goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// What is measured.
    pub name: String,
    /// What it comes to.
    pub judged: Judged,
    /// Counts, the last value, and why; made harmless.
    pub detail: String,
}

/// What a measure comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judged {
    /// Still measuring.
    Running,
    /// Well.
    Passed,
    /// Not well.
    Failed,
    /// Measured, and neither well nor not: a person decides.
    Inconclusive,
    /// It could not be measured.
    Error,
    /// A word that is not known, or nothing at all.
    Unknown,
}

impl Judged {
    /// The verdict as screens and files write it.
    pub const fn word(self) -> &'static str {
        match self {
            Judged::Running => "running",
            Judged::Passed => "pass",
            Judged::Failed => "fail",
            Judged::Inconclusive => "inconclusive",
            Judged::Error => "error",
            Judged::Unknown => "unknown",
        }
    }

    /// How it weighs; only what has passed passes.
    pub const fn level(self) -> Level {
        match self {
            Judged::Passed => Level::Pass,
            Judged::Running => Level::Hold,
            Judged::Failed => Level::Fail,
            Judged::Inconclusive | Judged::Error | Judged::Unknown => Level::Unknown,
        }
    }
}

impl Check {
    /// In one line: `success-rate: inconclusive, 2 of 3, last 0.97`.
    pub fn line(&self) -> String {
        let comma = if self.detail.is_empty() { "" } else { ", " };
        format!("{}: {}{comma}{}", self.name, self.judged.word(), self.detail)
    }
}

impl Stages {
    /// In one line: `step 2 of 5: pause, 20 % wanted`.
    pub fn line(&self) -> String {
        let step = self.step.map(|(n, of)| format!("step {n} of {of}"));
        let doing = Some(self.doing.clone()).filter(|doing| !doing.is_empty());
        let wanted = self.wanted.map(|weight| format!("{weight} % wanted"));
        let head = step.into_iter().chain(doing).collect::<Vec<_>>().join(": ");
        [head].into_iter().filter(|head| !head.is_empty()).chain(wanted).collect::<Vec<_>>().join(", ")
    }

    /// The step, what it waits for, where traffic goes, and what is in doubt of it, each in a line of its own.
    pub fn told(&self) -> Vec<String> {
        let waits = self.waits.iter().map(|waits| format!("waits for {waits}"));
        let line = Some(self.line()).filter(|line| !line.is_empty());
        let traffic = self.traffic.iter().map(Traffic::line);
        line.into_iter().chain(waits).chain(traffic).chain(self.doubt().map(Check::line)).collect()
    }

    /// The heaviest check that is neither passed nor under way.
    pub fn doubt(&self) -> Option<&Check> {
        let known = |check: &&Check| !matches!(check.judged, Judged::Passed | Judged::Running);
        self.checks.iter().filter(known).max_by_key(|check| check.judged.level())
    }
}
