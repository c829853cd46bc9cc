//! `services.toml` as it is written.
//!
//! Shapes only; references are checked where they are read.

use super::super::spot::{Named, Spot};
use super::deployed_by::DeployedBy;
use crate::domain::name::{EnvironmentName, RoleName, ServiceName};
use crate::domain::span::Span;
use crate::domain::way::WayKind;
use schemars::JsonSchema;
use serde::Deserialize;

/// The service catalogue.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServicesFile {
    /// The services, by name.
    #[serde(default)]
    pub services: Named<ServiceName, Service>,
}

/// A service.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// How it is called; the key when absent.
    pub title: Option<String>,
    /// The role that answers for it.
    pub owner: Option<Spot<RoleName>>,
    /// 1 is what the business stands on; 3 when absent.
    #[schemars(range(min = 1, max = 9))]
    pub tier: Option<u8>,
    /// The kinds of data that it holds, such as pii or cards, for rules of policy/.
    #[serde(default)]
    pub data: Vec<Spot<String>>,
    /// The regions where those data may be; anywhere when empty.
    #[serde(default)]
    pub regions: Vec<Spot<String>>,
    /// Services deployed before it and rolled back after it.
    #[serde(default)]
    pub depends_on: Vec<Spot<ServiceName>>,
    /// Telephone, chat or mail.
    #[serde(default)]
    pub contacts: Vec<String>,
    /// Addresses by title; may name `{environment}` and `{service}`.
    #[serde(default)]
    pub links: Named<String, Spot<String>>,
    /// Which backend deploys it where.
    #[serde(default)]
    pub deployed_by: Named<EnvironmentName, Spot<DeployedBy>>,
    /// How long after trouble began it must be well again.
    pub rto: Option<Spot<Span>>,
    /// How long after a change going back must be over, for what is written meanwhile.
    pub back_within: Option<Spot<Span>>,
    /// What going back from a version loses, by version.
    #[serde(default)]
    pub reversible: Named<String, Reversible>,
    /// What every rollback ends with, in order.
    #[serde(default)]
    pub after_rollback: Vec<AfterRollback>,
    /// What else leads out of an incident: switches, corrections, fixes.
    #[serde(default)]
    #[schemars(length(max = 20))]
    pub ways: Vec<Way>,
}

/// A way out of an incident; holdpoint tells of it and sends nothing.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Way {
    /// What kind it is.
    pub kind: WayKind,
    /// What is thrown, put right or brought.
    #[serde(default)]
    pub title: String,
    /// How long it takes.
    pub takes: Option<Span>,
    /// What it still lacks; ready when absent.
    #[serde(default)]
    pub lacks: String,
    /// What it costs.
    #[serde(default)]
    pub loses: String,
    /// Where it is done, or the command that does it.
    #[serde(default)]
    pub how: String,
}

/// Whether going back from a version loses something.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reversible {
    /// Whether the older version works with what this one wrote.
    pub ok: bool,
    /// What is lost or must be reconciled.
    #[serde(default)]
    pub note: String,
}

/// What a rollback ends with.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AfterRollback {
    /// What it is, in one line.
    pub title: Spot<String>,
    /// The role that does it by hand.
    pub owner: Option<Spot<RoleName>>,
    /// The program to run; by hand when absent.
    #[schemars(length(min = 1))]
    pub argv: Option<Vec<Spot<String>>>,
    /// How long it may take; 10m when absent.
    pub limit: Option<Span>,
}
