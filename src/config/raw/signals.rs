//! `signals.toml` as it is written.
//!
//! Shapes only; queries and thresholds are checked where they are read.

use super::super::spot::{Named, Spot};
use super::{Belongs, depend_on};
use crate::domain::alert::Severity;
use crate::domain::name::{BackendName, EnvironmentName, ReleaseName, ServiceName, SignalName, SloName};
use crate::domain::result_file::Format;
use crate::domain::signal::{Bad, Rollout, Unit};
use crate::domain::span::Span;
use schemars::{JsonSchema, Schema};
use serde::Deserialize;

/// What is measured, and its thresholds.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignalsFile {
    /// The signals, by name.
    #[serde(default)]
    pub signals: Named<SignalName, Signal>,
    /// Service level objectives on those signals, by name.
    #[serde(default)]
    pub slos: Named<SloName, Slo>,
}

/// How much of a service must go well over a period.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Slo {
    /// How it is called; the key when absent.
    pub title: Option<String>,
    /// A signal of this file that is a ratio and bad above: the share that goes wrong.
    pub signal: Spot<SignalName>,
    /// The share that must go well, such as 0.999.
    pub objective: Spot<f64>,
    /// Over how long; 30d when absent.
    pub period: Option<Spot<Span>>,
}

/// A signal: one number with one meaning.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// How it is called; the key when absent.
    pub title: Option<String>,
    /// The service it tells about.
    pub service: Spot<ServiceName>,
    /// Where it is measured.
    #[schemars(length(min = 1))]
    pub environments: Vec<Spot<EnvironmentName>>,
    /// A backend that measures; of a derived query the one that it follows from.
    pub source: Spot<BackendName>,
    /// What the number counts.
    pub unit: Spot<Unit>,
    /// Which side is bad.
    pub bad: Spot<Bad>,
    /// Beyond this it warns.
    pub warn: Option<Spot<f64>>,
    /// Beyond this it fails.
    pub fail: Option<Spot<f64>>,
    /// How long beyond it before it counts; 0s when absent.
    #[serde(rename = "for")]
    pub hold_for: Option<Span>,
    /// Fewer events in one reading say nothing; 0 when absent.
    pub min_events: Option<Spot<u32>>,
    /// How often it is read; as its source when absent.
    pub every: Option<Spot<Span>>,
    /// What to measure.
    pub query: Query,
}

/// What to measure.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = by_kind)]
pub struct Query {
    /// How it is measured.
    pub kind: QueryKind,
    /// The address to ask; may name `{environment}` and `{service}`.
    pub url: Option<Spot<String>>,
    /// The status that is well; 200 when absent.
    #[schemars(range(min = 100, max = 599))]
    pub status: Option<u16>,
    /// Text that the body must hold.
    pub body: Option<String>,
    /// Whether to give the seconds taken in place of 1 or 0.
    #[serde(default)]
    pub latency: bool,
    /// `host:port`; may name `{environment}` and `{service}`.
    pub address: Option<Spot<String>>,
    /// Program and arguments; 1 when it exits with 0, else 0. Of a check, its value.
    #[schemars(length(min = 1))]
    pub argv: Option<Vec<Spot<String>>>,
    /// The label of a check's performance value; its exit status as a number when absent.
    pub field: Option<String>,
    /// A file that a pipeline leaves behind, from the workspace or absolute; may name `{environment}` and `{service}`.
    pub file: Option<Spot<String>>,
    /// What that file is.
    pub format: Option<Format>,
    /// Which number of it, such as failed; which there are is a matter of the format.
    pub value: Option<Spot<String>>,
    /// Older than this the file says nothing, such as 24h; by its own time, or else by when it was changed.
    pub max_age: Option<Spot<Span>>,
    /// The digest that an artefact must have: `sha256:` and 64 hex digits.
    pub digest: Option<Spot<String>>,
    /// The release of the calendar whose bill names that digest.
    pub release: Option<Spot<ReleaseName>>,
    /// A list of checksums that names an artefact, as sha256sum writes one; may name `{environment}` and `{service}`.
    pub checksums: Option<Spot<String>>,
    /// A signature over that list, or over the artefact without one; may name `{environment}` and `{service}`.
    pub signature: Option<Spot<String>>,
    /// Public keys, one of which must have made it: of OpenSSH, minisign, or on P-256 in PEM as cosign has them.
    #[schemars(length(min = 1))]
    pub keys: Option<Vec<Spot<String>>>,
    /// What a plugin is asked, in its own words; may name `{environment}` and `{service}`.
    pub ask: Option<Spot<String>>,
    /// What to compute from a scraped page.
    pub compute: Option<Compute>,
    /// PromQL that gives a scalar or exactly one series; may name `{environment}` and `{service}`.
    pub expr: Option<Spot<String>>,
    /// PromQL for how many events the number rests on.
    pub events: Option<Spot<String>>,
    /// The oldest sample that says anything; 5m when absent.
    pub stale: Option<Spot<Span>>,
    /// How long ago the number was as it should be, such as 7d; shown beside it.
    pub baseline: Option<Spot<Span>>,
    /// How the old version is told from the new one, and by which rule they are compared.
    pub versions: Option<Spot<Versions>>,
    /// Which number of a rollout.
    pub of: Option<Rollout>,
    /// The least severity of alerts that counts; every one when absent.
    pub severity: Option<Severity>,
    /// An alert that always fires while alerts arrive, such as Watchdog; without it nothing is known.
    pub watchdog: Option<String>,
    /// An objective of this file.
    pub slo: Option<Spot<SloName>>,
    /// The long window of a burn rate: 1h, 6h, 1d or 3d.
    pub window: Option<Spot<Span>>,
    /// A signal of this file that is counted by version.
    pub signal: Option<Spot<SignalName>>,
    /// How long after a version came nothing may be counted of it; 5m when absent.
    pub within: Option<Spot<Span>>,
}

/// The old version against the new one: `bad` and `all`, or `buckets` and `slower`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Versions {
    /// The label that names the version as deployments tell it; version when absent.
    pub label: Option<String>,
    /// PromQL for the bad events of each version.
    pub bad: Option<Spot<String>>,
    /// PromQL for all events of each version.
    pub all: Option<Spot<String>>,
    /// PromQL for the buckets of a histogram, by version and le.
    pub buckets: Option<Spot<String>>,
    /// What is too slow, in seconds: the bound of a bucket.
    pub slower: Option<Spot<f64>>,
    /// The fewest events of each version that say anything; 100 when absent.
    pub least: Option<u32>,
    /// How often chance may be taken for a difference, below 0.5; 0.01 when absent.
    pub alpha: Option<Spot<f64>>,
    /// The difference of shares that matters to nobody, between 0 and 1; 0.01 when absent.
    pub margin: Option<Spot<f64>>,
}

/// How a number is measured.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum QueryKind {
    /// Ask a URL.
    Http,
    /// Connect to a port.
    Tcp,
    /// Run a program.
    Command,
    /// Run a check of the Nagios kind.
    Check,
    /// Take a number of a file that a pipeline leaves behind.
    Report,
    /// How much of what is held against an artefact does not fit it.
    Artifact,
    /// Ask a plugin.
    Plugin,
    /// Read an OpenMetrics page.
    Scrape,
    /// Ask a Prometheus.
    Prometheus,
    /// How what is deployed stands: derived.
    Rollout,
    /// How many alerts fire: derived.
    Alerts,
    /// How fast a budget burns: derived.
    Burn,
    /// How much of a budget is left over its whole period: derived.
    Remaining,
    /// Whether the new version reports at all: derived.
    Reporting,
}

const KINDS: &[Belongs] = &[
    ("http", &["url"], &["status", "body", "latency"]),
    ("tcp", &["address"], &[]),
    ("command", &["argv"], &[]),
    ("check", &["argv"], &["field"]),
    ("report", &["file", "format", "value", "max_age"], &[]),
    ("artifact", &["file"], &["digest", "release", "checksums", "signature", "keys"]),
    ("plugin", &["ask"], &[]),
    ("scrape", &["url", "compute"], &[]),
    ("prometheus", &["expr"], &["events", "stale", "baseline", "versions"]),
    ("rollout", &["of"], &[]),
    ("alerts", &[], &["severity", "watchdog"]),
    ("burn", &["slo", "window"], &[]),
    ("remaining", &["slo"], &[]),
    ("reporting", &["signal"], &["within"]),
];

fn by_kind(schema: &mut Schema) {
    depend_on(schema, "kind", KINDS);
}

/// How a scraped number comes about.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = by_of)]
pub struct Compute {
    /// What is computed.
    pub of: ComputeOf,
    /// A metric, with label matchers where wanted.
    #[serde(default)]
    pub metric: String,
    /// The counter of the part.
    #[serde(default)]
    pub part: String,
    /// The counter of the whole.
    #[serde(default)]
    pub whole: String,
    /// Which quantile.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1))]
    pub q: f64,
}

/// What is computed.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum ComputeOf {
    /// The sum of gauges.
    Gauge,
    /// Increase a second of counters.
    Rate,
    /// Increase of a part over increase of the whole.
    Ratio,
    /// A quantile of a histogram.
    Quantile,
}

const OF: &[Belongs] = &[
    ("gauge", &["metric"], &[]),
    ("rate", &["metric"], &[]),
    ("ratio", &["part", "whole"], &[]),
    ("quantile", &["metric", "q"], &[]),
];

fn by_of(schema: &mut Schema) {
    depend_on(schema, "of", OF);
}
