//! How a backend is declared in `holdpoint.toml`.
//!
//! What a backend is asked at run time is `crate::backend`; here are only words of a file.

use super::alert::AlertLabels;
use super::endpoint::Endpoint;
use super::feed::FeedSpec;
use super::name::BackendName;
use super::operation::Verb;
use super::parameter::Takes;
use super::secret::SecretRef;
use super::span::Span;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

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
    /// A Kubernetes cluster.
    Kubernetes(KubernetesSpec),
    /// A program that speaks our protocol.
    Plugin(PluginSpec),
    /// Signals and alerts of a Prometheus, or of what speaks like one.
    Prometheus(PrometheusSpec),
    /// Alerts and silences of an Alertmanager.
    Alertmanager(AlertmanagerSpec),
    /// Applications of an Argo CD.
    ArgoCd(ArgoCdSpec),
    /// A calendar that is read by its address.
    Feed(Box<FeedSpec>),
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
    /// Labels with values: alerts that have one of them are never silenced.
    pub never: Vec<(String, String)>,
}

/// An Argo CD.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArgoCdSpec {
    /// Where its API is.
    pub endpoint: Endpoint,
    /// The project that its applications are of; all that the token may see when absent.
    pub project: Option<String>,
    /// The namespace of applications that do not say; Argo CD's own when absent.
    pub namespace: Option<String>,
    /// Labels that the applications have, as a selector writes them.
    pub selector: Option<String>,
}

impl ArgoCdSpec {
    /// What it can be asked for, and how long it may take.
    pub const VERBS: [(Verb, Span); 7] = [
        (Verb::Deploy, Span::mins(15)),
        (Verb::RollBack, Span::mins(15)),
        (Verb::Abort, Span::mins(2)),
        (Verb::Pause, Span::secs(30)),
        (Verb::Resume, Span::secs(30)),
        (Verb::Action, Span::mins(1)),
        (Verb::Snapshot, Span::mins(1)),
    ];

    /// The arguments that a verb takes.
    pub const fn arguments(verb: Verb) -> &'static [(&'static str, Takes)] {
        match verb {
            Verb::RollBack => &[("to", Takes::Text), ("prune", Takes::Flag)],
            Verb::Deploy => &[("version", Takes::Text), ("revision", Takes::Text), ("prune", Takes::Flag)],
            Verb::Resume => &[("prune", Takes::Flag), ("self-heal", Takes::Flag)],
            // Empty is said too: the core's group, and what lies in no namespace.
            Verb::Action => &[
                ("action", Takes::Text),
                ("kind", Takes::Text),
                ("name", Takes::Text),
                ("namespace", Takes::Free),
                ("group", Takes::Free),
                ("parameter-", Takes::Many),
            ],
            _ => &[],
        }
    }
}

impl AlertmanagerSpec {
    /// The arguments that a silence takes.
    pub const ARGUMENTS: [(&str, Takes); 4] =
        [("duration", Takes::Time), ("comment", Takes::Text), ("alert", Takes::Text), ("end", Takes::One(&["now"]))];
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

/// A verb of a fixed list, which twice is not known to be the same as once.
fn once(verbs: &[(Verb, Span)], verb: Verb) -> Option<Offer<'static>> {
    let (_, limit) = verbs.iter().find(|(offered, _)| *offered == verb)?;
    Some(Offer { limit: *limit, idempotent: false, script: None })
}

impl BackendKind {
    /// What it offers by a verb, if it does.
    pub fn offer(&self, verb: Verb) -> Option<Offer<'_>> {
        match self {
            Self::Files | Self::Probe | Self::Prometheus(_) | Self::Feed(_) => None,
            // Its key is in its comment, so that a second one finds the first.
            Self::Alertmanager(_) if verb == Verb::Silence => {
                Some(Offer { limit: SILENCE, idempotent: true, script: None })
            }
            Self::Alertmanager(_) => None,
            Self::Plugin(spec) => {
                let Granted { limit, idempotent } = *spec.verbs.get(&verb)?;
                Some(Offer { limit, idempotent, script: None })
            }
            Self::Command(spec) => {
                let script = spec.verbs.get(&verb)?;
                Some(Offer { limit: script.limit, idempotent: script.idempotent, script: Some(script) })
            }
            Self::Kubernetes(_) => once(&KubernetesSpec::VERBS, verb),
            Self::ArgoCd(_) => once(&ArgoCdSpec::VERBS, verb),
        }
    }

    /// The verbs it offers.
    pub fn verbs(&self) -> impl Iterator<Item = Verb> + '_ {
        Verb::ALL.into_iter().filter(|verb| self.offer(*verb).is_some())
    }

    /// Whether it may be what deploys a service somewhere.
    pub fn deploys(&self) -> bool {
        matches!(self, Self::Command(_) | Self::Kubernetes(_) | Self::ArgoCd(_) | Self::Plugin(_))
    }

    /// Whether it runs programs that a runbook names.
    pub fn runs(&self) -> bool {
        match self {
            Self::Command(_) => true,
            Self::Plugin(spec) => spec.verbs.contains_key(&Verb::Run),
            Self::Files | Self::Probe | Self::Kubernetes(_) | Self::ArgoCd(_) => false,
            Self::Prometheus(_) | Self::Alertmanager(_) | Self::Feed(_) => false,
        }
    }

    /// Whether signals can come from it.
    pub fn measures(&self) -> bool {
        match self {
            Self::Probe | Self::Prometheus(_) => true,
            Self::Plugin(spec) => spec.signals,
            Self::Files | Self::Command(_) | Self::Kubernetes(_) | Self::ArgoCd(_) => false,
            Self::Alertmanager(_) | Self::Feed(_) => false,
        }
    }

    /// The feed that it is, if it is one.
    pub fn feed(&self) -> Option<&FeedSpec> {
        match self {
            Self::Feed(spec) => Some(spec),
            _ => None,
        }
    }

    /// Whether it tells of alerts.
    pub fn alerts(&self) -> bool {
        match self {
            Self::Alertmanager(_) | Self::Prometheus(PrometheusSpec { alerts: Some(_), .. }) => true,
            Self::Plugin(spec) => spec.alerts,
            _ => false,
        }
    }

    /// Whether it tells of windows in which it takes changes.
    pub fn windows(&self) -> bool {
        match self {
            Self::ArgoCd(_) => true,
            Self::Plugin(spec) => spec.windows,
            _ => false,
        }
    }

    /// Whether it tells the rules that raise its alerts.
    pub fn rules(&self) -> bool {
        matches!(self, Self::Prometheus(PrometheusSpec { alerts: Some(_), .. }))
    }

    /// Whether something may be off in it because of us, which it tells.
    pub fn leaves_off(&self) -> bool {
        matches!(self, Self::ArgoCd(_))
    }

    /// Whether it tells what is live where.
    pub fn tells(&self) -> bool {
        match self {
            Self::Command(spec) => spec.status.is_some(),
            Self::Plugin(spec) => spec.deployments,
            Self::Kubernetes(_) | Self::ArgoCd(_) => true,
            Self::Files | Self::Probe | Self::Prometheus(_) | Self::Alertmanager(_) | Self::Feed(_) => false,
        }
    }
}

/// A program that speaks our protocol, and what it is let do. Nothing is granted that is not named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginSpec {
    /// Program and arguments; never a shell line. A relative program is looked for in the workspace.
    pub argv: Vec<String>,
    /// What it is told of its own, a JSON object as text.
    pub config: String,
    /// Whether it may tell what is live where.
    pub deployments: bool,
    /// Whether it may tell readings of signals.
    pub signals: bool,
    /// Whether it may tell alerts.
    #[serde(default)]
    pub alerts: bool,
    /// Whether it may tell windows of the places that it deploys to.
    #[serde(default)]
    pub windows: bool,
    /// Whether it is asked what became of an operation in doubt.
    pub probes: bool,
    /// What it may be asked to do.
    pub verbs: BTreeMap<Verb, Granted>,
    /// Names of environment variables that it may see, besides the usual ones.
    pub pass_env: Vec<String>,
    /// Secrets that it may ask for over the wire, by name.
    pub secrets: BTreeMap<String, SecretRef>,
    /// How many bytes of addresses it may have, it and each program that it starts; [`Self::MEMORY`] when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<u64>,
}

impl PluginSpec {
    /// Far more than a program needs that is well: many reserve more than they ever use.
    pub const MEMORY: u64 = 1 << 40;
}

/// A verb that a plugin may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    /// How long it may take.
    pub limit: Span,
    /// Whether twice is declared to be the same as once.
    pub idempotent: bool,
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

/// A cluster, and how it is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KubernetesSpec {
    /// The kubeconfig; `KUBECONFIG`, `~/.kube/config` or the pod's own account when absent.
    pub kubeconfig: Option<PathBuf>,
    /// The context in it; its current one when absent.
    pub context: Option<String>,
    /// Where services lie that do not say; the context's when absent.
    pub namespace: Option<String>,
    /// The label of the pod template that holds the version; the image's tag when absent.
    pub version_label: Option<String>,
}

impl KubernetesSpec {
    /// What a cluster can be asked for, and how long it may take.
    pub const VERBS: [(Verb, Span); 11] = [
        (Verb::Deploy, Span::mins(10)),
        (Verb::RollBack, Span::mins(10)),
        (Verb::Promote, Span::mins(10)),
        (Verb::Abort, Span::mins(2)),
        (Verb::Pause, Span::secs(30)),
        (Verb::Resume, Span::secs(30)),
        (Verb::Scale, Span::mins(5)),
        (Verb::Restart, Span::mins(10)),
        (Verb::Shift, Span::mins(2)),
        (Verb::Mend, Span::mins(10)),
        (Verb::Snapshot, Span::mins(1)),
    ];
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
