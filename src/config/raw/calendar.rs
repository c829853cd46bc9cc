//! `calendar/*.toml`: releases, change windows, freezes and the rest.
//!
//! Shapes only; times and recurrence are resolved where zones are known.

use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// calendar/*.toml
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Releases by name.
    #[serde(default)]
    pub releases: BTreeMap<String, Release>,
    /// Changes only inside.
    #[serde(default)]
    pub windows: BTreeMap<String, Event>,
    /// No forward change.
    #[serde(default)]
    pub freezes: BTreeMap<String, Event>,
    /// Ours or a vendor's work.
    #[serde(default)]
    pub maintenance: BTreeMap<String, Event>,
    /// The environment is someone's.
    #[serde(default)]
    pub reservations: BTreeMap<String, Event>,
    /// Worth knowing.
    #[serde(default)]
    pub notices: BTreeMap<String, Event>,
}

/// A release.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// What it is.
    pub title: Option<String>,
    /// Planned start.
    pub starts: String,
    /// Planned end.
    pub ends: String,
    /// Where it goes.
    #[serde(default)]
    pub environments: Vec<String>,
    /// How much it can hurt.
    #[serde(default)]
    pub impact: Impact,
    /// The runbook that carries it out.
    pub runbook: Option<String>,
    /// Tickets and changes.
    #[serde(default)]
    pub tickets: Vec<String>,
    /// What it is made of.
    #[serde(default)]
    pub bill: Vec<Item>,
}

/// How much a release can hurt.
#[derive(Deserialize, JsonSchema, Clone, Copy, Default)]
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

/// One line of the bill of materials.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// The service.
    pub service: String,
    /// The version it gets.
    pub version: String,
    /// Digest of the artifact.
    pub digest: Option<String>,
    /// The commit it was built from.
    pub commit: Option<String>,
    /// Schema or configuration that comes with it.
    pub schema: Option<String>,
    /// Known issues.
    #[serde(default)]
    pub known_issues: Vec<String>,
}

/// A window, freeze or the like.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// How it is called on screens.
    pub title: Option<String>,
    /// Which services; all when empty.
    #[serde(default)]
    pub services: Vec<String>,
    /// Which environments; all when empty.
    #[serde(default)]
    pub environments: Vec<String>,
    /// Who answers for it.
    #[serde(default)]
    pub contact: String,
    /// The first start.
    pub starts: String,
    /// The first end.
    pub ends: Option<String>,
    /// Its length, in place of an end.
    pub lasts: Option<String>,
    /// An RFC 5545 rule, daily or longer.
    pub repeat: Option<String>,
    /// Whether a freeze stops the way back too.
    #[serde(default)]
    pub stops_rollback: bool,
}
