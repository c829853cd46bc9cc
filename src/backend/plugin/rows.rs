//! The items of watches over the wire: deployments, numbers, alerts, windows.
//!
//! As with messages, every comment here is for authors of plugins, and keys that are not known
//! are ignored.

use crate::domain::Timestamp;
use crate::domain::observed::Placed;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A deployment: the item of `upsert`. For `delete` service and environment are enough.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// The service.
    pub service: String,
    /// The environment.
    pub environment: String,
    /// The version that serves, or most of it.
    #[serde(default)]
    pub version: String,
    /// The version that is being rolled out.
    #[serde(default)]
    pub candidate: Option<String>,
    /// Share of traffic on the candidate, in percent.
    #[serde(default)]
    #[schemars(range(max = 100))]
    pub weight: Option<u8>,
    /// `stable`, `canary`, `rolling`, `paused`, `degraded`, or other words.
    #[serde(default)]
    pub state: String,
    /// Instances ready.
    #[serde(default)]
    pub ready: Option<u32>,
    /// Instances wanted.
    #[serde(default)]
    pub wanted: Option<u32>,
    /// Who brought it there.
    #[serde(default)]
    pub by: Option<String>,
    /// Since when, RFC 3339.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub since: Option<Timestamp>,
    /// What is wrong with it, in words.
    #[serde(default)]
    pub trouble: Vec<String>,
    /// Versions before, newest first.
    #[serde(default)]
    pub history: Vec<String>,
    /// Who else holds it and has a way back of its own: `argocd-application/NAME` or with a namespace before the
    /// name, `flux-kustomization/NAMESPACE/NAME`, `flux-helmrelease/NAMESPACE/NAME`, `helm-release/NAMESPACE/NAME`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<String>,
    /// Whether it undoes by itself what is changed behind its back in what it holds, as self-heal does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reverts: bool,
}

/// The item of `reading` and `no-reading` of signals.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Number {
    /// The signal.
    pub signal: String,
    /// Where.
    pub environment: String,
    /// The number, in base units; not for `no-reading`.
    #[serde(default)]
    pub value: Option<f64>,
    /// How many events it rests on; as many as one likes when absent.
    #[serde(default)]
    pub events: Option<u64>,
}

/// An alert: the item of `upsert` of a watch of alerts.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct AlertRow {
    /// What it is called.
    pub name: String,
    /// How bad it is, in the system's words.
    #[serde(default)]
    pub severity: String,
    /// The service that it is about, if it says so.
    #[serde(default)]
    pub service: Option<String>,
    /// The environment that it is about, if it says so; without one it is about all of them.
    #[serde(default)]
    pub environment: Option<String>,
    /// How it stands.
    pub state: AlertWord,
    /// Since when, RFC 3339.
    #[schemars(with = "String")]
    pub since: Timestamp,
    /// For `silenced`: when the last of its silences ends, RFC 3339.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub until: Option<Timestamp>,
    /// What it says, in one line.
    #[serde(default)]
    pub summary: String,
}

/// How an alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AlertWord {
    /// People are told of it.
    Firing,
    /// It has not lasted long enough.
    Pending,
    /// Another alert stands for it.
    Inhibited,
    /// Somebody asked for quiet.
    Silenced,
}

/// A service in an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlaceRow {
    /// The service.
    pub service: String,
    /// The environment.
    pub environment: String,
}

impl PlaceRow {
    /// A place as it is said.
    pub fn of((service, environment): &Placed) -> Self {
        Self { service: service.to_string(), environment: environment.to_string() }
    }
}

/// The item of `begin` of a watch of windows: what the picture is of.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct WindowsHead {
    /// From when on windows are told, RFC 3339, and not later than now; a span that is on begins there or later.
    #[schemars(with = "String")]
    pub from: Timestamp,
    /// Until when, and later than now; nothing is known beyond, and a picture that has ended ends the watch.
    #[schemars(with = "String")]
    pub until: Timestamp,
    /// The places that were looked at: one of them without a window is open. Of any other nothing is known.
    pub places: Vec<PlaceRow>,
}

/// A window: the item of `upsert` of a watch of windows.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct WindowRow {
    /// What it is called.
    pub title: String,
    /// What it does while it is on.
    pub kind: WindowWord,
    /// Whether it lets through what a person starts, at any time. Not, when absent.
    #[serde(default)]
    pub people: bool,
    /// What it is about.
    pub places: Vec<PlaceRow>,
    /// When it is on: spans in order, none touching the next.
    pub spans: Vec<SpanRow>,
}

/// What a window does while it is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WindowWord {
    /// It lets changes in; outside of all that are about a place nothing gets in.
    Allow,
    /// It keeps changes out, whatever else lets them in.
    Deny,
}

/// A span of time.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SpanRow {
    /// Its start, RFC 3339.
    #[schemars(with = "String")]
    pub from: Timestamp,
    /// Its end, exclusive.
    #[schemars(with = "String")]
    pub to: Timestamp,
}
