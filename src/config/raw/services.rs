//! `services.toml`: the service catalogue.
//!
//! Shapes only; what refers to what is checked where it is resolved.

use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// services.toml
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Services by name.
    #[serde(default)]
    pub services: BTreeMap<String, Service>,
}

/// A service.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// How it is called on screens.
    pub title: Option<String>,
    /// The role that answers for it.
    pub owner: Option<String>,
    /// 1 is what the business stands on.
    #[serde(default = "three")]
    pub tier: u8,
    /// Deployed before it, rolled back after it.
    #[serde(default)]
    pub depends_on: Vec<String>,
    /// Telephone, chat or mail.
    #[serde(default)]
    pub contacts: Vec<String>,
    /// Title and address.
    #[serde(default)]
    pub links: BTreeMap<String, String>,
    /// Which backend deploys it where.
    #[serde(default)]
    pub deployed_by: BTreeMap<String, String>,
    /// What going back from a version loses.
    #[serde(default)]
    pub reversible: BTreeMap<String, Reversible>,
    /// What every rollback of it ends with.
    #[serde(default)]
    pub after_rollback: Vec<AfterRollback>,
}

fn three() -> u8 {
    3
}

/// What going back from a version loses.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reversible {
    /// Whether the older version works with what this one wrote.
    pub ok: bool,
    /// What is lost or must be reconciled.
    #[serde(default)]
    pub note: String,
}

/// A step that every rollback ends with.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AfterRollback {
    /// What it is.
    pub title: String,
    /// Who does it by hand.
    pub owner: Option<String>,
    /// The program to run.
    #[serde(default)]
    pub argv: Vec<String>,
    /// How long it may take.
    pub limit: Option<String>,
}
