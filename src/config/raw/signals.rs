//! `signals.toml`: what is measured, and its thresholds.
//!
//! Shapes only; the query is the domain's own, so its schema is written here.

use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// signals.toml
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Signals by name.
    #[serde(default)]
    pub signals: BTreeMap<String, Signal>,
}

/// A signal.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// How it is called on screens.
    pub title: Option<String>,
    /// The service it tells about.
    pub service: String,
    /// Where it is measured.
    pub environments: Vec<String>,
    /// A backend of kind probe.
    pub source: String,
    /// What the number counts.
    pub unit: Unit,
    /// Which side is bad.
    pub bad: Bad,
    /// Beyond this it warns.
    pub warn: Option<f64>,
    /// Beyond this it fails.
    pub fail: Option<f64>,
    /// How long beyond it before it counts.
    #[serde(rename = "for")]
    pub hold_for: Option<String>,
    /// Fewer events in one reading say nothing.
    #[serde(default)]
    pub min_events: u64,
    /// How often it is read.
    pub every: Option<String>,
    /// What to measure.
    pub query: Query,
}

/// What a number counts.
#[derive(Deserialize, JsonSchema, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// A share between 0 and 1.
    Ratio,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
    /// Events a second.
    PerSecond,
    /// A plain number.
    Count,
}

/// Which side is bad.
#[derive(Deserialize, JsonSchema, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
pub enum Bad {
    /// When it rises above.
    Above,
    /// When it falls below.
    Below,
}

/// What to measure.
#[derive(Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Query {
    /// Ask a URL.
    Http {
        /// May name {environment} and {service}.
        url: String,
        /// The status that is well.
        status: Option<u16>,
        /// Text that the body must hold.
        body: Option<String>,
        /// Give seconds taken in place of 1 or 0.
        #[serde(default)]
        latency: bool,
    },
    /// Connect.
    Tcp {
        /// host:port
        address: String,
    },
    /// Run a program.
    Command {
        /// Program and arguments.
        argv: Vec<String>,
    },
    /// Read an OpenMetrics endpoint.
    Scrape {
        /// May name {environment} and {service}.
        url: String,
        /// What to compute.
        compute: Compute,
    },
}

/// How a scraped number comes about.
#[derive(Deserialize, JsonSchema)]
#[serde(tag = "of", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Compute {
    /// The sum of matching gauges.
    Gauge {
        /// Metric and labels.
        metric: String,
    },
    /// Increase a second.
    Rate {
        /// Metric and labels.
        metric: String,
    },
    /// Increase over increase.
    Ratio {
        /// Metric and labels of the part.
        part: String,
        /// Metric and labels of the whole.
        whole: String,
    },
    /// A quantile of a histogram.
    Quantile {
        /// Metric and labels.
        metric: String,
        /// Between 0 and 1.
        q: f64,
    },
}
