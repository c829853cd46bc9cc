//! `holdpoint.toml` as it is written.
//!
//! Shapes only; references are checked where they are read.

use super::super::spot::{Named, Spot};
use super::super::words::{Placeholder, ZoneName};
use super::secret::Secret;
use super::{Belongs, depend_on};
use crate::domain::catalogue::{Confirmation, Tier};
use crate::domain::name::{BackendName, CohortName, EnvironmentName, PersonName, RoleName};
use crate::domain::operation::Verb;
use crate::domain::person::Proof;
use crate::domain::span::Span;
use schemars::{JsonSchema, Schema};
use serde::Deserialize;

/// The workspace: who, where, and through which systems.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkspaceFile {
    /// What the workspace is.
    pub workspace: About,
    /// Where the state lies when several Unix users share it.
    pub state: Option<State>,
    /// Where heads of the journal are published.
    pub anchor: Option<Anchor>,
    /// Who is told how a release goes, and how often, by name.
    #[serde(default)]
    pub comms: Named<String, Audience>,
    /// The people, by name.
    #[serde(default)]
    pub people: Named<PersonName, Person>,
    /// The roles that people fill, by name.
    #[serde(default)]
    pub roles: Named<RoleName, Role>,
    /// Who may declare an emergency, in which no rule, freeze or window holds a run back; nobody when absent.
    pub emergency: Option<Emergency>,
    /// Where runs are rehearsed.
    pub rehearsal: Option<Rehearsal>,
    /// The named places that are deployed to.
    #[serde(default)]
    pub environments: Named<EnvironmentName, Environment>,
    /// The systems that are observed and asked to act.
    #[serde(default)]
    pub backends: Named<BackendName, Backend>,
}

/// Where runs are rehearsed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rehearsal {
    /// Which environment stands for which.
    pub environments: Named<EnvironmentName, Spot<EnvironmentName>>,
    /// The backends that do in a rehearsal, as they are, what is done in no environment; none when empty.
    #[serde(default)]
    pub shared: Vec<Spot<BackendName>>,
}

/// Who may declare an emergency, and what it takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Emergency {
    /// Who may declare one.
    pub declared_by: Spot<Vec<Spot<RoleName>>>,
    /// Whose word it needs beside that; when empty it holds at once.
    #[serde(default)]
    pub second: Vec<Spot<RoleName>>,
    /// Who reviews it afterwards, within a day of its end.
    pub reviewed_by: Spot<Vec<Spot<RoleName>>>,
    /// The longest that one lasts, up to a day; two hours when absent.
    pub longest: Option<Spot<Span>>,
}

/// What the workspace is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Its random id, written by `holdpoint init`; names the state directory.
    pub id: Spot<String>,
    /// What it is called.
    pub name: String,
    /// The zone shown beside UTC.
    pub zone: ZoneName,
    /// How seriously it is to be taken; `real` when absent.
    #[serde(default)]
    pub purpose: Purpose,
    /// Dial-in and the like.
    #[serde(default)]
    pub bridge: Vec<String>,
}

/// How seriously a workspace is to be taken.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Purpose {
    /// For real.
    #[default]
    Real,
    /// For rehearsals.
    Rehearsal,
    /// The demo.
    Demo,
}

/// Where the state lies.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// An absolute directory, owned by the people's Unix group.
    pub dir: Spot<String>,
}

/// Where heads of the journal are published.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// A git remote.
    pub git: Spot<String>,
}

/// People who are kept informed together.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Audience {
    /// How long at most between two updates of a live run; 30m when absent.
    pub every: Option<Spot<Span>>,
    /// The same while an incident is open; 15m when absent.
    pub in_incident: Option<Spot<Span>>,
    /// Where the update goes.
    #[serde(default)]
    pub contacts: Vec<String>,
}

/// A person.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// How the person is called; the key when absent.
    pub title: Option<String>,
    /// Unix login names that are this person.
    #[serde(default)]
    pub logins: Vec<Spot<String>>,
    /// SSH public keys or fingerprints that are this person.
    #[serde(default)]
    pub keys: Vec<Spot<String>>,
    /// Telephone, chat or mail, in the order to try.
    #[serde(default)]
    pub contacts: Vec<String>,
}

/// A role: a duty that named people can fill.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// How the role is called; the key when absent.
    pub title: Option<String>,
    /// The holder, then deputies in order.
    #[schemars(length(min = 1))]
    pub people: Vec<Spot<PersonName>>,
    /// The least proof of identity its decisions need; `login` when absent.
    pub proof: Option<Proof>,
    /// Whether a spoken decision counts; not when absent.
    #[serde(default)]
    pub spoken: bool,
    /// Whether it may decide a rollback and disarm its triggers; not when absent.
    #[serde(default)]
    pub rollback: bool,
    /// How to reach whoever fills it.
    #[serde(default)]
    pub contacts: Vec<String>,
}

/// A named place that is deployed to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// How it is called; the key when absent.
    pub title: Option<String>,
    /// How close to users it is.
    pub tier: Tier,
    /// Where it is.
    #[serde(default)]
    pub region: String,
    /// The zone its people live by; the workspace's when absent.
    pub zone: Option<ZoneName>,
    /// What it takes to act there; `challenge` in production, else `confirm`.
    pub confirm: Option<Spot<Confirmation>>,
    /// The colour that sets it apart on screens: `#rrggbb`, one of the sixteen, or a role of the theme.
    pub accent: Option<Spot<String>>,
    /// The group of environments that it gets a version together with; of none when absent.
    pub cohort: Option<Spot<CohortName>>,
}

/// A system that is observed and asked to act.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = by_kind)]
pub struct Backend {
    /// What it is.
    pub kind: Spot<BackendWord>,
    /// How often it is asked; 10s when absent.
    pub every: Option<Spot<Span>>,
    /// Environment variables that its programs may see.
    #[serde(default)]
    pub pass_env: Vec<String>,
    /// Prints deployments as JSON.
    pub status: Option<Script>,
    /// Prints what became of an operation as JSON.
    pub probe: Option<Script>,
    /// The script behind each verb.
    #[serde(default)]
    pub verbs: Named<Verb, Script>,
    /// The kubeconfig of a cluster, absolute or in the workspace.
    pub kubeconfig: Option<Spot<String>>,
    /// The context in the kubeconfig; its current one when absent.
    pub context: Option<Spot<String>>,
    /// The namespace of services that do not say; the context's, or Argo CD's own, when absent.
    pub namespace: Option<Spot<String>>,
    /// The Argo CD project of its applications; all that the token may see when absent.
    pub project: Option<Spot<String>>,
    /// Labels that its applications have, as a selector writes them.
    pub selector: Option<Spot<String>>,
    /// The label of the pod template that holds the version; the image's tag when absent.
    pub version_label: Option<Spot<String>>,
    /// The plugin's program and its arguments.
    #[schemars(length(min = 1))]
    pub argv: Option<Vec<Spot<String>>>,
    /// What the plugin is told of its own; no secrets.
    #[serde(default)]
    pub config: serde_json::Map<String, serde_json::Value>,
    /// What the plugin may do: `watch:` and a topic, `probe`, `act:` and a verb.
    #[serde(default)]
    pub grant: Vec<Spot<String>>,
    /// Secrets that the plugin may ask for, by name.
    #[serde(default)]
    pub secrets: Named<Placeholder, Secret>,
    /// How long each granted verb may take; 10m when absent.
    #[serde(default)]
    pub limits: Named<Verb, Spot<Span>>,
    /// Granted verbs that are the same twice as once.
    #[serde(default)]
    pub idempotent: Vec<Spot<Verb>>,
    /// How much memory the plugin may map, such as `4GiB`; 1TiB when absent.
    pub memory: Option<Spot<String>>,
    /// Where it is: scheme, host, and a path prefix where there is one.
    pub url: Option<Spot<String>>,
    /// Where the token is kept that it wants.
    pub token: Option<Secret>,
    /// The certificates that its own must be signed by, as PEM; the system's when absent.
    pub ca: Option<Spot<String>>,
    /// Our certificate with its chain, as PEM, where it wants one.
    pub certificate: Option<Spot<String>>,
    /// The key of that certificate, as PEM, mode 0600.
    pub key: Option<Spot<String>>,
    /// The proxy that every request goes through; none when absent.
    pub proxy: Option<Spot<String>>,
    /// The tenant, sent as `X-Scope-OrgID`.
    pub tenant: Option<Spot<String>>,
    /// Whether its alerts are watched; not when absent.
    #[serde(default)]
    pub alerts: bool,
    /// The label of alerts that names the service; `service` when absent.
    pub service_label: Option<Spot<String>>,
    /// The label of alerts that names the environment; `environment` when absent.
    pub environment_label: Option<Spot<String>>,
    /// Addresses of the other members of its cluster.
    #[serde(default)]
    pub peers: Vec<Spot<String>>,
    /// The longest silence; 2h when absent.
    pub longest: Option<Spot<Span>>,
    /// Labels of alerts that no silence covers, such as `severity=critical`.
    #[serde(default)]
    pub never: Vec<Spot<String>>,
    /// The user that it is asked as; `token` is the password then.
    pub user: Option<Spot<String>>,
}

/// The kinds of backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum BackendWord {
    /// Scripts of the team.
    Command,
    /// HTTP, TCP, command and scrape signals.
    Probe,
    /// The workspace's own files.
    Files,
    /// A Kubernetes cluster.
    Kubernetes,
    /// A program that speaks our protocol.
    Plugin,
    /// A Prometheus, or what speaks like one.
    Prometheus,
    /// An Alertmanager.
    Alertmanager,
    /// An Argo CD.
    #[serde(rename = "argocd")]
    ArgoCd,
}

const KINDS: &[Belongs] = &[
    ("command", &[], &["pass_env", "status", "probe", "verbs"]),
    ("probe", &[], &[]),
    ("files", &[], &[]),
    ("kubernetes", &[], &["kubeconfig", "context", "namespace", "version_label"]),
    ("plugin", &["argv", "grant"], &["pass_env", "config", "secrets", "limits", "idempotent", "memory"]),
    (
        "prometheus",
        &["url"],
        &[
            "token",
            "user",
            "ca",
            "certificate",
            "key",
            "proxy",
            "tenant",
            "alerts",
            "service_label",
            "environment_label",
        ],
    ),
    (
        "alertmanager",
        &["url"],
        &[
            "token",
            "user",
            "ca",
            "certificate",
            "key",
            "proxy",
            "service_label",
            "environment_label",
            "peers",
            "longest",
            "never",
        ],
    ),
    ("argocd", &["url"], &["token", "ca", "certificate", "key", "proxy", "namespace", "project", "selector"]),
];

fn by_kind(schema: &mut Schema) {
    depend_on(schema, "kind", KINDS);
}

/// A program with a template for its arguments; never a shell line.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Program and arguments; `{…}` is filled element by element.
    #[schemars(length(min = 1))]
    pub argv: Vec<Spot<String>>,
    /// How long it may take; 10m for verbs, 10s for status and probe.
    pub limit: Option<Spot<Span>>,
    /// Exit codes that mean: certainly nothing was done.
    #[serde(default)]
    pub not_applied: Vec<Spot<u8>>,
    /// Whether twice is the same as once.
    #[serde(default)]
    pub idempotent: bool,
}

/// A table of texts by the name they stand for in braces.
pub type Texts = Named<Placeholder, Spot<String>>;
