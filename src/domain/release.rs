//! A release: a declared bill of materials and where it goes.
//!
//! It says what is to be live, by version and digest, and never how it gets there.

use super::Timestamp;
use super::name::{EnvironmentName, ReleaseName, RunbookName, ServiceName};
use serde::{Deserialize, Serialize};

/// One line of a release's bill of materials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// The service.
    pub service: ServiceName,
    /// The version it gets.
    pub version: String,
    /// Digest of the artifact, as its registry writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The commit it was built from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Schema or configuration that comes with it, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Known issues, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known_issues: Vec<String>,
}

/// A release of the calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Its name, such as `train-2026.47`.
    pub name: ReleaseName,
    /// What it is, in one line.
    pub title: String,
    /// Planned start.
    pub starts: Timestamp,
    /// Planned end.
    pub ends: Timestamp,
    /// Where it goes.
    pub environments: Vec<EnvironmentName>,
    /// What it is made of.
    pub bill: Vec<Item>,
    /// The runbook that carries it out.
    pub runbook: Option<RunbookName>,
    /// `low`, `medium` or `high`.
    pub impact: Impact,
    /// Tickets and changes, as links or ids.
    pub tickets: Vec<String>,
}

/// How much a release can hurt; two high ones at once are a conflict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Impact {
    /// Little.
    Low,
    /// Some.
    #[default]
    Medium,
    /// Much.
    High,
}

impl Impact {
    /// The word of the file.
    pub fn text(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}
