//! `signals.toml`: what is measured, and thresholds that make sense.
//!
//! Every reference is checked; what is wrong is noted and left out.

use super::script::{only, positive, program};
use super::{Reading, artifact, derived, result_file};
use crate::config::names::Noun;
use crate::config::raw::signals::{self as raw, ComputeOf, QueryKind, SignalsFile};
use crate::config::spot::Spot;
use crate::domain::backend::BackendKind;
use crate::domain::name::{BackendName, SignalName};
use crate::domain::signal::{Bad, Compute, Query, Rollout, Signal, Unit};
use crate::domain::span::Span;
use crate::domain::versions::{Count, LABEL, Rule, Versions};
use std::collections::BTreeMap;

const FILLED: [&str; 2] = ["environment", "service"];

/// How often something is read whose source is not known.
pub(super) const USUAL: Span = Span::secs(10);

/// Reads the signals.
pub fn signals(r: &mut Reading<'_>, raw: &SignalsFile) -> BTreeMap<SignalName, Signal> {
    raw.signals.0.iter().map(|(name, one)| (name.value.clone(), signal(r, raw, name, one))).collect()
}

fn signal(r: &mut Reading<'_>, file: &SignalsFile, name: &Spot<SignalName>, raw: &raw::Signal) -> Signal {
    thresholds(r, raw);
    let source = r.name(Noun::Backend, &raw.source);
    let (query, every) = match derived::is(raw.query.kind) {
        // What is wrong with it is noted; as what it is read then is of no matter.
        true => derived::query(r, file, raw).unwrap_or((Query::Rollout { of: Rollout::Ready }, USUAL)),
        false => (query(r, raw), asked(r, raw, &source)),
    };
    Signal {
        name: name.value.clone(),
        title: raw.title.clone().unwrap_or_else(|| name.to_string()),
        service: r.name(Noun::Service, &raw.service),
        environments: r.list(Noun::Environment, &raw.environments),
        source,
        query,
        unit: raw.unit.value,
        bad: raw.bad.value,
        warn: raw.warn.as_ref().map(|warn| warn.value),
        fail: raw.fail.as_ref().map(|fail| fail.value),
        hold_for: raw.hold_for.unwrap_or_default(),
        min_events: raw.min_events.as_ref().map_or(0, |least| u64::from(least.value)),
        every,
    }
}

/// Checks that a source can be asked a query; how often it is.
fn asked(r: &mut Reading<'_>, raw: &raw::Signal, source: &BackendName) -> Span {
    let spec = r.workspace.backends.get(source).cloned();
    if spec.as_ref().is_some_and(|spec| !spec.kind.measures()) {
        let what = format!("the backend {source:?} measures nothing", source = source.as_str());
        let help = "name one that does: of kind `probe` or `prometheus`, or a plugin that is granted watch:signals";
        r.mistake(&raw.source.at, what, help);
    }
    let asked = spec.as_ref().filter(|spec| spec.kind.measures()).map(|spec| &spec.kind);
    let fits = asked.is_none_or(|kind| match raw.query.kind {
        QueryKind::Prometheus => matches!(kind, BackendKind::Prometheus(_)),
        QueryKind::Plugin => matches!(kind, BackendKind::Plugin(_)),
        _ => matches!(kind, BackendKind::Probe),
    });
    if !fits {
        let help =
            "a query of kind `prometheus` or `plugin` needs a source of that kind, every other one of kind `probe`";
        r.mistake(&raw.source.at, format!("{:?} cannot answer this query", source.as_str()), help);
    }
    let usual = spec.map_or(USUAL, |spec| spec.every);
    raw.every.as_ref().map_or(usual, |every| positive(r, every))
}

fn thresholds(r: &mut Reading<'_>, raw: &raw::Signal) {
    if let (Some(warn), Some(fail)) = (&raw.warn, &raw.fail) {
        let wrong = match raw.bad.value {
            Bad::Above => warn.value > fail.value,
            Bad::Below => warn.value < fail.value,
        };
        if wrong {
            let side = raw.bad.value.word();
            let what = format!("it fails at {} before it warns at {}: bad is {side}", fail.value, warn.value);
            r.mistake(&warn.at, what, "exchange warn and fail, or turn `bad` round");
        }
    }
    for limit in raw.warn.iter().chain(&raw.fail) {
        if raw.unit.value == Unit::Ratio && !(0.0..=1.0).contains(&limit.value) {
            let help = format!("a ratio is between 0 and 1; {} % is {}", limit.value, limit.value / 100.0);
            r.warning(&limit.at, format!("{} is no share", limit.value), &help);
        }
    }
}

fn query(r: &mut Reading<'_>, signal: &raw::Signal) -> Query {
    let raw = &signal.query;
    let text = |text: &Option<Spot<String>>| text.as_ref().map(|text| text.value.clone()).unwrap_or_default();
    for template in
        [&raw.url, &raw.address, &raw.file, &raw.checksums, &raw.signature, &raw.ask, &raw.expr, &raw.events]
            .into_iter()
            .flatten()
    {
        only(r, std::slice::from_ref(template), &FILLED);
    }
    if let Some(url) = raw.url.as_ref().filter(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
        r.mistake(&url.at, format!("{:?} is no address to ask", url.value), "begin with http:// or https://");
    }
    if let Some(address) = raw.address.as_ref().filter(|address| !has_port(address)) {
        r.mistake(&address.at, format!("{:?} has no port", address.value), "write host:port");
    }
    let argv = raw.argv.as_deref().unwrap_or_default();
    program(r, argv);
    only(r, argv, &FILLED);
    match raw.kind {
        QueryKind::Http => {
            Query::Http { url: text(&raw.url), status: raw.status, body: raw.body.clone(), latency: raw.latency }
        }
        QueryKind::Tcp => Query::Tcp { address: text(&raw.address) },
        QueryKind::Command => Query::Command { argv: argv.iter().map(|word| word.value.clone()).collect() },
        QueryKind::Check => {
            let argv = argv.iter().map(|word| word.value.clone()).collect();
            Query::Check { argv, field: raw.field.clone() }
        }
        QueryKind::Report => result_file::query(r, signal),
        QueryKind::Artifact => artifact::query(r, signal),
        QueryKind::Plugin => Query::Plugin { ask: text(&raw.ask) },
        QueryKind::Prometheus => Query::Prometheus {
            expr: text(&raw.expr),
            events: raw.events.as_ref().map(|events| events.value.clone()),
            stale: raw.stale.as_ref().map(|stale| positive(r, stale)),
            baseline: raw.baseline.as_ref().map(|baseline| positive(r, baseline)),
            versions: raw.versions.as_ref().and_then(|raw| versions(r, raw)),
        },
        // Derived queries are read beside this.
        QueryKind::Scrape
        | QueryKind::Rollout
        | QueryKind::Alerts
        | QueryKind::Burn
        | QueryKind::Remaining
        | QueryKind::Reporting => Query::Scrape { url: text(&raw.url), compute: compute(raw.compute.as_ref()) },
    }
}

/// How versions are counted; what is missing or makes no sense is noted.
fn versions(r: &mut Reading<'_>, raw: &Spot<raw::Versions>) -> Option<Versions> {
    for template in raw.bad.iter().chain(&raw.all).chain(&raw.buckets) {
        only(r, std::slice::from_ref(template), &FILLED);
    }
    let usual = Rule::default();
    let within = |r: &mut Reading<'_>, raw: &Option<Spot<f64>>, usual: f64, below: f64| {
        let Some(raw) = raw else { return usual };
        if !(raw.value > 0.0 && raw.value < below) {
            r.mistake(&raw.at, format!("{} is not between 0 and {below}", raw.value), format!("{usual} when absent"));
        }
        raw.value
    };
    let rule = Rule {
        least: raw.least.map_or(usual.least, u64::from),
        alpha: within(r, &raw.alpha, usual.alpha, 0.5),
        margin: within(r, &raw.margin, usual.margin, 1.0),
    };
    let count = match (&raw.bad, &raw.all, &raw.buckets, &raw.slower) {
        (Some(bad), Some(all), None, None) => Count::Share { bad: bad.value.clone(), all: all.value.clone() },
        (None, None, Some(buckets), Some(than)) => Count::Slower { buckets: buckets.value.clone(), than: than.value },
        _ => {
            r.mistake(&raw.at, "what is counted?", "write `bad` and `all`, or `buckets` and `slower`");
            return None;
        }
    };
    Some(Versions { label: raw.label.clone().unwrap_or_else(|| LABEL.to_owned()), count, rule })
}

/// Whether an address ends in a port, or in something that will be filled.
fn has_port(address: &str) -> bool {
    address.rsplit_once(':').is_some_and(|(host, port)| {
        !host.is_empty() && (port.contains('{') || port.parse::<u16>().is_ok_and(|port| port > 0))
    })
}

/// The computation; its shape was checked, so absence cannot happen and computes nothing.
fn compute(raw: Option<&raw::Compute>) -> Compute {
    let Some(raw) = raw else { return Compute::Gauge { metric: String::new() } };
    match raw.of {
        ComputeOf::Gauge => Compute::Gauge { metric: raw.metric.clone() },
        ComputeOf::Rate => Compute::Rate { metric: raw.metric.clone() },
        ComputeOf::Ratio => Compute::Ratio { part: raw.part.clone(), whole: raw.whole.clone() },
        ComputeOf::Quantile => Compute::Quantile { metric: raw.metric.clone(), q: raw.q },
    }
}
