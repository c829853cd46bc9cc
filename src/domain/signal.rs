//! Signals: one number, declared once, with one meaning.
//!
//! Gates, triggers, soaks and panes refer to a signal by name and place, so a
//! threshold is written in one file only.

use super::alert::Severity;
use super::artifact::Artifact;
use super::name::{BackendName, EnvironmentName, ServiceName, SignalName, SloName};
use super::result_file::{Figure, Format};
use super::span::Span;
use super::versions::Versions;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a signal's number counts; base units only, scaled on display.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// A share between 0 and 1, shown in percent.
    Ratio,
    /// Seconds, shown in ms or s.
    Seconds,
    /// Bytes.
    Bytes,
    /// Events a second; shown per minute when small.
    PerSecond,
    /// A plain number.
    Count,
    /// How many times what is allowed, such as a burn rate; shown as `1.4x`.
    Times,
}

/// On which side of its thresholds a signal is bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bad {
    /// Bad when it rises above.
    Above,
    /// Bad when it falls below.
    Below,
}

impl Bad {
    /// The word of the files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Above => "above",
            Self::Below => "below",
        }
    }
}

/// A signal of `signals.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signal {
    /// The key of `[signals]`.
    pub name: SignalName,
    /// How it is called on screens.
    pub title: String,
    /// The service it tells about.
    pub service: ServiceName,
    /// Where it is measured; one series each.
    pub environments: Vec<EnvironmentName>,
    /// Where it comes from.
    pub source: BackendName,
    /// What to measure, in the source's terms.
    pub query: Query,
    /// What the number counts.
    pub unit: Unit,
    /// Which side is bad.
    pub bad: Bad,
    /// Beyond this it warns.
    pub warn: Option<f64>,
    /// Beyond this it fails; a signal without it is only shown.
    pub fail: Option<f64>,
    /// How long it must be beyond a threshold to count: a guard against blips.
    pub hold_for: Span,
    /// Fewer events than this in one reading say nothing either way.
    pub min_events: u64,
    /// How often it is read.
    pub every: Span,
}

/// What to measure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Query {
    /// Ask a URL: 1 when status and body are as expected, else 0.
    Http {
        /// May name `{environment}` and `{service}`.
        url: String,
        /// The status that is well; 200 when not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        /// Text that the body must hold.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<String>,
        /// Give seconds taken in place of 1 or 0.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        latency: bool,
    },
    /// Connect to `host:port`: 1 when it accepts, else 0.
    Tcp {
        /// May name `{environment}` and `{service}`.
        address: String,
    },
    /// Run a program: 1 when it exits with 0, else 0.
    Command {
        /// Program and arguments; elements may name `{environment}` and `{service}`.
        argv: Vec<String>,
    },
    /// Run a check of the Nagios kind: its performance value, or its exit status as a number.
    Check {
        /// Program and arguments; elements may name `{environment}` and `{service}`.
        argv: Vec<String>,
        /// The label of the performance value; the status itself when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        field: Option<String>,
    },
    /// Take one number of a file that a pipeline left behind.
    Report {
        /// Its path, from the workspace or absolute; may name `{environment}` and `{service}`.
        file: String,
        /// What it is.
        format: Format,
        /// What is taken of it.
        value: Figure,
        /// Older than this it says nothing.
        max_age: Span,
    },
    /// How much of what is held against an artefact does not fit it.
    Artifact(Artifact),
    /// Ask a plugin for it.
    Plugin {
        /// What the plugin is asked, in its own words; may name `{environment}` and `{service}`.
        ask: String,
    },
    /// Read an OpenMetrics endpoint and compute one number from two readings.
    Scrape {
        /// May name `{environment}` and `{service}`.
        url: String,
        /// What to compute.
        compute: Compute,
    },
    /// Ask a Prometheus for one number.
    Prometheus {
        /// PromQL that gives a scalar or exactly one series; may name `{environment}` and `{service}`.
        expr: String,
        /// PromQL for how many events the number rests on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        events: Option<String>,
        /// The oldest sample that says anything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stale: Option<Span>,
        /// How long ago the number was as it should be: last week's is shown beside it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        baseline: Option<Span>,
        /// How versions are counted, where they are compared.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        versions: Option<Versions>,
    },
    /// Derived: how what its source deploys at the place stands.
    Rollout {
        /// Which of its numbers.
        of: Rollout,
    },
    /// Derived: how many of its source's alerts about the place fire, silenced and inhibited ones too.
    Alerts {
        /// The least severity that counts; every one when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        severity: Option<Severity>,
        /// An alert that always fires while alerts arrive: without it nothing is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        watchdog: Option<String>,
    },
    /// Derived: how fast an objective's budget burns, the smaller rate of a long window and its short one.
    Burn {
        /// The objective.
        slo: SloName,
        /// The share of bad events that it rests on.
        signal: SignalName,
        /// The share that must go well, between 0 and 1.
        objective: f64,
        /// The long window; the short one belongs to it.
        window: Span,
    },
    /// Derived: the share of an objective's budget that is left over its whole period.
    Remaining {
        /// The objective.
        slo: SloName,
        /// The share of bad events that it rests on.
        signal: SignalName,
        /// The share that must go well, between 0 and 1.
        objective: f64,
        /// Over how long.
        period: Span,
    },
    /// Derived: whether anything is counted of the version that is wanted at the place: 1, or 0.
    Reporting {
        /// The signal that is counted by version.
        signal: SignalName,
        /// How long after it came there it may take.
        within: Span,
    },
}

/// What is read of a rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rollout {
    /// The share of the wanted instances that are ready, once no version is on its way.
    Ready,
    /// How many things are wrong with it: what its system says, and measures that failed.
    Trouble,
}

impl Query {
    /// How versions are counted, where they are.
    pub fn versions(&self) -> Option<&Versions> {
        match self {
            Query::Prometheus { versions, .. } => versions.as_ref(),
            _ => None,
        }
    }

    /// Whether it still tells of what is over: alerts end late, and windows look back.
    pub fn lags(&self) -> bool {
        matches!(self, Query::Alerts { .. } | Query::Burn { .. } | Query::Remaining { .. })
    }

    /// Whether it follows from one thing that is seen: that it then says nothing is an answer too.
    pub fn tells_at_once(&self) -> bool {
        matches!(self, Query::Rollout { .. } | Query::Alerts { .. })
    }

    /// Whether nobody is asked for it: it follows from what is seen anyway.
    pub fn derived(&self) -> bool {
        matches!(self, Query::Rollout { .. } | Query::Alerts { .. }) || self.of().is_some()
    }

    /// The signal that it follows from, where it follows from one.
    pub fn of(&self) -> Option<&SignalName> {
        match self {
            Query::Burn { signal, .. } | Query::Remaining { signal, .. } | Query::Reporting { signal, .. } => {
                Some(signal)
            }
            _ => None,
        }
    }
}

/// How a scraped number comes about. Names are metric names with optional
/// label matchers, such as `requests_total{outcome="error"}`; matching series add up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Compute {
    /// The sum of matching gauges.
    Gauge {
        /// Metric and labels.
        metric: String,
    },
    /// Increase a second of matching counters.
    Rate {
        /// Metric and labels.
        metric: String,
    },
    /// Increase of `part` over increase of `whole`; events = increase of `whole`.
    Ratio {
        /// Metric and labels of the part.
        part: String,
        /// Metric and labels of the whole.
        whole: String,
    },
    /// A quantile of a histogram's increase, linear within a bucket.
    Quantile {
        /// Metric name without `_bucket`, and labels.
        metric: String,
        /// Between 0 and 1.
        q: f64,
    },
}

/// One series: a signal at a place. Written `failed-requests@eu-north`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalAt {
    /// The signal.
    pub signal: SignalName,
    /// The place.
    pub environment: EnvironmentName,
}

impl fmt::Display for SignalAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.signal, self.environment)
    }
}

impl Signal {
    /// Whether a value is beyond a threshold on the bad side.
    pub fn beyond(&self, value: f64, threshold: f64) -> bool {
        match self.bad {
            Bad::Above => value > threshold,
            Bad::Below => value < threshold,
        }
    }
}

impl Unit {
    /// The base unit as files write it: `ratio`, `per-second`.
    pub const fn word(self) -> &'static str {
        match self {
            Unit::Ratio => "ratio",
            Unit::Seconds => "seconds",
            Unit::Bytes => "bytes",
            Unit::PerSecond => "per-second",
            Unit::Count => "count",
            Unit::Times => "times",
        }
    }

    /// A value with its unit, three digits at most before the unit: `0.42 %`, `311 ms`.
    pub fn show(self, value: f64) -> String {
        self.at(value, value)
    }

    /// A value and what it is compared with, both in the unit of the smaller one:
    /// `1500/min` and `900/min`, never seconds beside minutes.
    pub fn beside(self, value: f64, limit: f64) -> (String, String) {
        let size = if value.abs() > 0.0 { value.min(limit) } else { limit };
        (self.at(value, size), self.at(limit, size))
    }

    /// A value in the unit that fits a number of this size.
    fn at(self, value: f64, size: f64) -> String {
        match self {
            Unit::Ratio => format!("{:.2} %", value * 100.0),
            Unit::Seconds if size < 1.0 => format!("{:.0} ms", value * 1000.0),
            Unit::Seconds => format!("{value:.2} s"),
            Unit::Bytes if size >= 1e9 => format!("{:.1} GB", value / 1e9),
            Unit::Bytes if size >= 1e6 => format!("{:.1} MB", value / 1e6),
            Unit::Bytes => format!("{:.1} kB", value / 1e3),
            Unit::PerSecond if size < 20.0 => format!("{:.0}/min", value * 60.0),
            Unit::PerSecond => format!("{value:.0}/s"),
            Unit::Count => format!("{value:.0}"),
            Unit::Times => format!("{value:.1}x"),
        }
    }
}
