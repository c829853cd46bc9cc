//! The rules that raise alerts, as their system tells them: how many, and which of them cannot be relied on.
//!
//! A rule that is not evaluated raises nothing, whatever is wrong: without it "no alerts" says
//! less than it seems to.

use super::name::{EnvironmentName, ServiceName};
use serde::{Deserialize, Serialize};

/// What is known of a backend's alerting rules; why not, where they could not be read.
pub type ToldRules = Result<AlertRules, String>;

/// The alerting rules of a backend.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertRules {
    /// How many there are.
    pub all: usize,
    /// How many of them fire.
    pub firing: usize,
    /// How many are about to.
    pub pending: usize,
    /// Those that cannot be relied on, in the backend's order.
    pub ailing: Vec<AilingRule>,
}

/// A rule that cannot be relied on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AilingRule {
    /// What its alert is called.
    pub name: String,
    /// The group that it is in.
    pub group: String,
    /// The service that its own label names.
    pub service: Option<ServiceName>,
    /// The environment that its own label names.
    pub environment: Option<EnvironmentName>,
    /// Why it cannot be relied on, made harmless.
    pub why: String,
}

impl AlertRules {
    /// All of them in one line: `12 alerting rules, 1 firing, 2 pending`.
    pub fn line(&self) -> String {
        match self.all {
            0 => "no alerting rules, so no alert can come from here".to_owned(),
            all => {
                let rules = if all == 1 { "rule" } else { "rules" };
                format!("{all} alerting {rules}, {} firing, {} pending", self.firing, self.pending)
            }
        }
    }
}

impl AilingRule {
    /// The rule in one line: `rule Slow of group web cannot be relied on: its evaluation fails: …`.
    pub fn line(&self) -> String {
        format!("rule {} of group {} cannot be relied on: {}", self.name, self.group, self.why)
    }

    /// Whether it may be about a service in an environment: what its labels leave open may be anything.
    pub fn may_be_about(&self, service: &ServiceName, environment: &EnvironmentName) -> bool {
        self.service.as_ref().is_none_or(|s| s == service) && self.environment.as_ref().is_none_or(|e| e == environment)
    }
}
