//! Names of declared things, one type each, so that a role cannot be passed
//! where a service is meant. A name is what the person wrote in a file:
//! `[a-z0-9][a-z0-9_.-]*`, at most 64 bytes; `config` checks that once.
//! Copies share one text: names are keys everywhere.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Declares one name type; they differ in nothing but what they name.
macro_rules! names {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the name as written; `config` has checked its form.
            pub fn new(name: impl AsRef<str>) -> Self {
                Self(name.as_ref().into())
            }
            /// The name as written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self(name.into())
            }
        }
        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )+};
}

names! {
    /// A declared backend of the workspace, such as `routers`.
    BackendName,
    /// A group of environments that get a version together, such as `early`.
    CohortName,
    /// A named place that is deployed to, such as `eu-west`.
    EnvironmentName,
    /// A person of `[people]`, such as `ana`.
    PersonName,
    /// A rule of `policy/`, such as `no-friday-evening`.
    PolicyName,
    /// A release of the calendar, such as `train-2026.47`.
    ReleaseName,
    /// A role of `[roles]`, such as `release-manager`.
    RoleName,
    /// A runbook file's name without `.toml`.
    RunbookName,
    /// A service of the catalogue, such as `payments`.
    ServiceName,
    /// A signal of `signals.toml`, such as `failed-requests`.
    SignalName,
    /// An objective of `signals.toml`, such as `payments-accepted`.
    SloName,
    /// A step of a runbook, unique in it, such as `14` or `shift-west-25`.
    StepName,
    /// A trigger of a runbook, such as `T2`.
    TriggerName,
}

/// A run: its number in the journal, counted from 1 (`run 118`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub u32);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
