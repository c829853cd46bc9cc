//! Alerts of other systems, linked to what they tell about.
//! It decides nothing: signals and gates do.

use super::Timestamp;
use super::name::{EnvironmentName, ServiceName};
use serde::{Deserialize, Serialize};

/// An alert as its system tells it; every text made harmless.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// What it is called.
    pub name: String,
    /// How bad it is, in the system's words; empty when it does not say.
    pub severity: String,
    /// The service that its label names.
    pub service: Option<ServiceName>,
    /// The environment that its label names.
    pub environment: Option<EnvironmentName>,
    /// How it stands.
    pub state: AlertState,
    /// Since when; long before anything that there is where the system does not say: see [`Alert::began`].
    pub since: Timestamp,
    /// What it says, in one line.
    pub summary: String,
}

/// How an alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlertState {
    /// People are told of it.
    Firing,
    /// It has not lasted long enough.
    Pending,
    /// Another alert stands for it.
    Inhibited,
    /// Somebody asked for quiet, until then where that is known.
    Silenced {
        /// When the last of its silences ends.
        until: Option<Timestamp>,
    },
}

impl Alert {
    /// Whether it is about a service in an environment; without an environment of its
    /// own it is about all of them.
    pub fn is_about(&self, service: &ServiceName, environment: &EnvironmentName) -> bool {
        self.service.as_ref() == Some(service) && self.may_tell_of(environment)
    }

    /// Whether it is about an environment, or names none.
    pub fn may_tell_of(&self, environment: &EnvironmentName) -> bool {
        self.environment.as_ref().is_none_or(|e| e == environment)
    }

    /// Whether its condition is met for as long as it must be, told to people or not.
    pub fn fires(&self) -> bool {
        self.state != AlertState::Pending
    }

    /// When it began, by its system's clock; none where that does not say.
    pub fn began(&self) -> Option<Timestamp> {
        Some(self.since).filter(|at| at.timestamp() > 0)
    }

    /// The alert in one line: `InstanceDown critical, silenced until 13:00Z: instance x is down`.
    pub fn line(&self) -> String {
        let severity = if self.severity.is_empty() { String::new() } else { format!(" {}", self.severity) };
        let state = match self.state {
            AlertState::Firing => "firing".to_owned(),
            AlertState::Pending => "pending".to_owned(),
            AlertState::Inhibited => "inhibited".to_owned(),
            AlertState::Silenced { until: Some(until) } => format!("silenced until {}", until.format("%H:%MZ")),
            AlertState::Silenced { until: None } => "silenced".to_owned(),
        };
        let summary = if self.summary.is_empty() { String::new() } else { format!(": {}", self.summary) };
        let since = self.began().map(|at| format!(" since {}", at.format("%H:%MZ"))).unwrap_or_default();
        format!("{}{severity}, {state}{since}{summary}", self.name)
    }
}

/// How bad an alert is, by the words that rules of Prometheus use, from the mildest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// To be known.
    Info,
    /// To be looked at.
    Warning,
    /// To be acted on at once.
    Critical,
}

impl Severity {
    /// Whether a severity in an alert's own words is this one or worse; none where the word is not known, and may be.
    pub fn reached(self, word: &str) -> Option<bool> {
        let known = match word.to_ascii_lowercase().as_str() {
            "none" | "info" => Severity::Info,
            "warning" | "warn" => Severity::Warning,
            "critical" => Severity::Critical,
            // There is nothing milder.
            _ => return (self == Severity::Info).then_some(true),
        };
        Some(known >= self)
    }
}

/// The labels by which alerts are linked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertLabels {
    /// Names the service.
    pub service: String,
    /// Names the environment.
    pub environment: String,
}

impl Default for AlertLabels {
    fn default() -> Self {
        Self { service: "service".to_owned(), environment: "environment".to_owned() }
    }
}
