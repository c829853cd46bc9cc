//! The service catalogue and the environments: declared once, referred to by name.
//!
//! An environment is a place that is deployed to; cluster or project is the backend's affair.

use super::accent::Accent;
use super::name::{BackendName, CohortName, EnvironmentName, RoleName, ServiceName};
use super::operation::Operation;
use super::span::Span;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How close to users an environment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// A developer's.
    Development,
    /// For tests.
    Testing,
    /// Like production, without users.
    Staging,
    /// Users.
    Production,
}

impl Tier {
    /// The word of the files.
    pub const fn word(self) -> &'static str {
        match self {
            Tier::Development => "development",
            Tier::Testing => "testing",
            Tier::Staging => "staging",
            Tier::Production => "production",
        }
    }
}

/// What a person must do before an operation in an environment leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confirmation {
    /// Nothing.
    None,
    /// See what it does and press a key.
    Confirm,
    /// Type the environment's name; forward also a fresh code.
    Challenge,
    /// As before, and a second person approves.
    TwoPerson,
}

/// A named place that is deployed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// Its name.
    pub name: EnvironmentName,
    /// How it is called on screens.
    pub title: String,
    /// How close to users it is.
    pub tier: Tier,
    /// Where it is.
    pub region: String,
    /// The IANA time zone that its people live by.
    pub zone: String,
    /// What it takes to act there.
    pub confirm: Confirmation,
    /// The colour that sets it apart on screens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accent: Option<Accent>,
    /// The environments that it gets a version together with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cohort: Option<CohortName>,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Its name.
    pub name: ServiceName,
    /// How it is called on screens.
    pub title: String,
    /// The role that answers for it.
    pub owner: Option<RoleName>,
    /// 1 is what the business stands on.
    pub tier: u8,
    /// The kinds of data that it holds: `pii`, `cards`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<String>,
    /// The regions where those data may be; anywhere when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// Services it needs: deployed before it, rolled back after it.
    pub depends_on: Vec<ServiceName>,
    /// Telephone, chat or mail.
    pub contacts: Vec<String>,
    /// Title and address of dashboards, logs, repositories.
    pub links: BTreeMap<String, String>,
    /// Which backend deploys it where.
    pub deployed_by: BTreeMap<EnvironmentName, BackendName>,
    /// Where it lies in that backend, where that is said; only the backend reads it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scopes: BTreeMap<EnvironmentName, String>,
    /// How long after trouble began it must be well again, where somebody has promised that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rto: Option<Span>,
    /// How long after a change going back must be over, for what is written meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_within: Option<Span>,
    /// What is done after a rollback, in order: validation and reconciliation.
    pub after_rollback: Vec<AfterRollback>,
    /// Schema changes by version: whether an older version can live with them.
    pub reversible: BTreeMap<String, Reversible>,
}

/// Whether going back from a version loses something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reversible {
    /// Whether the older version works with what this one wrote.
    pub ok: bool,
    /// What is lost or must be reconciled, in words.
    pub note: String,
}

/// A step that every rollback of a service ends with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AfterRollback {
    /// What it is, in one line.
    pub title: String,
    /// Who does it, when it is done by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<RoleName>,
    /// The program to run; done by hand when empty. May name `{environment}`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub argv: Vec<String>,
    /// How long it may take.
    pub limit: Span,
}

/// The operation that returns `service` in `environment` to `version`.
pub fn roll_back(
    backend: &BackendName,
    service: &ServiceName,
    environment: &EnvironmentName,
    version: &str,
    limit: Span,
) -> Operation {
    Operation {
        backend: backend.clone(),
        verb: super::operation::Verb::RollBack,
        service: Some(service.clone()),
        environment: Some(environment.clone()),
        args: [("to".to_owned(), version.to_owned())].into(),
        argv: Vec::new(),
        limit,
        idempotent: false,
    }
}
