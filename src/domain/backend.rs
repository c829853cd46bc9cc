//! How a backend is declared in `holdpoint.toml`.
//!
//! What a backend is asked at run time is `crate::backend`; here are only words of a file.

use super::alert::AlertLabels;
use super::endpoint::Endpoint;
use super::name::BackendName;
use super::operation::Verb;
use super::span::Span;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A declared backend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackendSpec {
    /// Its name.
    pub name: BackendName,
    /// How often it is asked.
    pub every: Span,
    /// What it is.
    pub kind: BackendKind,
}

/// The kinds of backend that ship inside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BackendKind {
    /// Calendar and catalogue from the workspace's own files.
    Files,
    /// HTTP, TCP, command and scrape signals.
    Probe,
    /// Scripts of the team.
    Command(CommandSpec),
    /// Signals and alerts of a Prometheus, or of what speaks like one.
    Prometheus(PrometheusSpec),
    /// Alerts and silences of an Alertmanager.
    Alertmanager(AlertmanagerSpec),
}

/// A Prometheus.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrometheusSpec {
    /// Where it is.
    pub endpoint: Endpoint,
    /// The labels that link its alerts; none when its alerts are not watched.
    pub alerts: Option<AlertLabels>,
}

/// An Alertmanager, or several that gossip.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertmanagerSpec {
    /// The one that is asked.
    pub endpoint: Endpoint,
    /// Addresses of the others, which must show a silence too before it counts.
    pub peers: Vec<String>,
    /// The labels that link its alerts and that its silences match.
    pub labels: AlertLabels,
    /// The longest silence.
    pub longest: Span,
}

/// How long a silence may take to be seen everywhere.
const SILENCE: Span = Span::secs(30);

/// What a backend can be asked for by a verb, as it is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer<'a> {
    /// How long it may take.
    pub limit: Span,
    /// Whether twice is declared to be the same as once.
    pub idempotent: bool,
    /// The script behind it, where that is what does it.
    pub script: Option<&'a Script>,
}

impl BackendKind {
    /// What it offers by a verb, if it does.
    pub fn offer(&self, verb: Verb) -> Option<Offer<'_>> {
        match self {
            Self::Files | Self::Probe | Self::Prometheus(_) => None,
            // Its key is in its comment, so that a second one finds the first.
            Self::Alertmanager(_) if verb == Verb::Silence => {
                Some(Offer { limit: SILENCE, idempotent: true, script: None })
            }
            Self::Alertmanager(_) => None,
            Self::Command(spec) => {
                let script = spec.verbs.get(&verb)?;
                Some(Offer { limit: script.limit, idempotent: script.idempotent, script: Some(script) })
            }
        }
    }

    /// The verbs it offers.
    pub fn verbs(&self) -> impl Iterator<Item = Verb> + '_ {
        Verb::ALL.into_iter().filter(|verb| self.offer(*verb).is_some())
    }

    /// Whether it may be what deploys a service somewhere.
    pub fn deploys(&self) -> bool {
        matches!(self, Self::Command(_))
    }

    /// Whether it runs programs that a runbook names.
    pub fn runs(&self) -> bool {
        matches!(self, Self::Command(_))
    }

    /// Whether signals can come from it.
    pub fn measures(&self) -> bool {
        matches!(self, Self::Probe | Self::Prometheus(_))
    }

    /// Whether it tells of alerts.
    pub fn alerts(&self) -> bool {
        matches!(self, Self::Alertmanager(_) | Self::Prometheus(PrometheusSpec { alerts: Some(_), .. }))
    }

    /// Whether it tells what is live where.
    pub fn tells(&self) -> bool {
        matches!(self, Self::Command(CommandSpec { status: Some(_), .. }))
    }
}

/// Scripts of the team as a backend.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandSpec {
    /// The script behind each verb.
    pub verbs: BTreeMap<Verb, Script>,
    /// Prints deployments as JSON; asked every interval.
    pub status: Option<Script>,
    /// Prints what became of an operation as JSON; asked when one is in doubt.
    pub probe: Option<Script>,
    /// Names of environment variables that scripts may see, besides `PATH`, `HOME`, `LANG` and `TZ`.
    pub pass_env: Vec<String>,
}

/// One program with a template for its arguments.
///
/// Each element is filled on its own and stays one argument whatever it holds:
/// `{service}`, `{environment}`, `{key}`, `{verb}` and the operation's arguments by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Program and arguments; never a shell line. A relative program with a
    /// slash is looked for in the workspace.
    pub argv: Vec<String>,
    /// How long it may take.
    pub limit: Span,
    /// Exit codes that mean: certainly nothing was done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_applied: Vec<i32>,
    /// Whether running it twice is declared to be the same as once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub idempotent: bool,
}
