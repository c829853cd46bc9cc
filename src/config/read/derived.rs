//! Derived signals: what they follow from must be told by their source, and be about the same service.
//!
//! Unit and bad side are a matter of the query: another one would turn a gate round unseen.

use super::Reading;
use super::script::positive;
use super::signals::USUAL;
use crate::config::names::Noun;
use crate::config::raw::signals::{self as raw, QueryKind, SignalsFile};
use crate::config::spot::Spot;
use crate::domain::backend::{BackendKind, BackendSpec};
use crate::domain::name::{ServiceName, SloName};
use crate::domain::series::MINUTES;
use crate::domain::signal::{Bad, Query, Rollout, Unit};
use crate::domain::slo::{PAIRS, PERIOD};
use crate::domain::span::Span;

/// How long what is read by ourselves is kept.
const READ: Span = Span::mins(MINUTES as u64);

/// How long a version has to report, when nothing is said.
const WITHIN: Span = Span::mins(5);

/// Whether nobody is asked for a query: it follows from what is seen anyway.
pub fn is(kind: QueryKind) -> bool {
    matches!(
        kind,
        QueryKind::Rollout | QueryKind::Alerts | QueryKind::Burn | QueryKind::Remaining | QueryKind::Reporting
    )
}

/// Reads a derived query, and how often it is read; none where it makes no sense, which is noted.
pub fn query(r: &mut Reading<'_>, file: &SignalsFile, raw: &raw::Signal) -> Option<(Query, Span)> {
    let spec = r.workspace.backends.get(&raw.source.value).cloned();
    let of_source = spec.as_ref().map_or(USUAL, |spec| spec.every);
    let read = match raw.query.kind {
        QueryKind::Rollout => rollout(r, raw, spec.as_ref()).map(|query| (query, of_source)),
        QueryKind::Alerts => Some((alerts(r, raw, spec.as_ref()), of_source)),
        QueryKind::Burn => burn(r, file, raw, spec.as_ref()),
        QueryKind::Remaining => remaining(r, file, raw, spec.as_ref()),
        QueryKind::Reporting => reporting(r, file, raw, of_source),
        _ => None,
    };
    if let Some(every) = &raw.every {
        let help = "leave `every` out";
        r.mistake(&every.at, "nobody asks for it: it comes with what it follows from", help);
    }
    if let Some(least) = &raw.min_events {
        let help = "leave it out; a burn rate rests on as many events as the signal of its objective needs, and nothing else on any";
        r.mistake(&least.at, "this query counts no events", help);
    }
    read
}

/// The unit and the bad side that a query has.
fn counts(r: &mut Reading<'_>, raw: &raw::Signal, unit: Unit, bad: Bad) {
    if raw.unit.value != unit {
        r.mistake(&raw.unit.at, "this query does not count that", format!("write unit = {:?}", unit.word()));
    }
    if raw.bad.value != bad {
        r.mistake(&raw.bad.at, "that side is the good one here", format!("write bad = {:?}", bad.word()));
    }
}

fn rollout(r: &mut Reading<'_>, raw: &raw::Signal, spec: Option<&BackendSpec>) -> Option<Query> {
    let of = raw.query.of?;
    match of {
        Rollout::Ready => counts(r, raw, Unit::Ratio, Bad::Below),
        Rollout::Trouble => counts(r, raw, Unit::Count, Bad::Above),
    }
    if let Some(spec) = spec {
        let source = spec.name.as_str();
        if !spec.kind.tells() {
            let help = "name the backend that deploys the service there and tells what is live";
            r.mistake(&raw.source.at, format!("the backend {source:?} tells nothing of rollouts"), help);
        } else if matches!(spec.kind, BackendKind::ArgoCd(_)) && of != Rollout::Trouble {
            let what = format!("the Argo CD {source:?} counts no instances");
            r.mistake(&raw.source.at, what, "write of = \"trouble\", or name the cluster that runs it");
        } else {
            deployed(r, raw, spec);
        }
    }
    Some(Query::Rollout { of })
}

/// Whether the source is what deploys the service in each of the environments.
fn deployed(r: &mut Reading<'_>, raw: &raw::Signal, spec: &BackendSpec) {
    let Some(service) = r.workspace.services.get(&raw.service.value) else { return };
    let (name, source) = (service.name.clone(), &spec.name);
    let by = |environment| service.deployed_by.get(environment).cloned();
    let all: Vec<_> = raw.environments.iter().map(|environment| (environment, by(&environment.value))).collect();
    for (environment, by) in all.into_iter().filter(|(_, by)| by.as_ref() != Some(source)) {
        let what = format!("{source} does not deploy {name} in {environment}", environment = environment.value);
        let help = match by {
            Some(by) => format!("{by} does: declare a signal for it"),
            None => format!("nothing does; leave it out, or say so in `deployed_by` of {name}"),
        };
        r.mistake(&environment.at, what, help);
    }
}

fn alerts(r: &mut Reading<'_>, raw: &raw::Signal, spec: Option<&BackendSpec>) -> Query {
    counts(r, raw, Unit::Count, Bad::Above);
    if let Some(spec) = spec.filter(|spec| !spec.kind.alerts()) {
        let what = format!("the backend {:?} tells no alerts", spec.name.as_str());
        r.mistake(&raw.source.at, what, "name one of kind `alertmanager`, or a `prometheus` with alerts = true");
    }
    if let (Some(fail), None) = (&raw.fail, &raw.query.watchdog) {
        let help = "name an alert that always fires: watchdog = \"Watchdog\"";
        r.warning(&fail.at, "alerts that do not arrive look like none", help);
    }
    Query::Alerts { severity: raw.query.severity, watchdog: raw.query.watchdog.clone() }
}

fn burn(
    r: &mut Reading<'_>,
    file: &SignalsFile,
    raw: &raw::Signal,
    spec: Option<&BackendSpec>,
) -> Option<(Query, Span)> {
    let (slo, window) = raw.query.slo.as_ref().zip(raw.query.window.as_ref())?;
    counts(r, raw, Unit::Times, Bad::Above);
    paired(r, window, spec);
    let (objective, every) = objective(r, file, raw, slo, spec)?;
    let query = Query::Burn {
        slo: slo.value.clone(),
        signal: objective.signal.value.clone(),
        objective: objective.objective.value,
        window: window.value,
    };
    Some((query, every))
}

/// The objective of this file that a query names, checked against it, and how often its signal is read.
fn objective<'f>(
    r: &mut Reading<'_>,
    file: &'f SignalsFile,
    raw: &raw::Signal,
    slo: &Spot<SloName>,
    spec: Option<&BackendSpec>,
) -> Option<(&'f raw::Slo, Span)> {
    let known = r.known(Noun::Slo, slo);
    let objective = file.slos.0.iter().find(|(name, _)| name.value == slo.value).map(|(_, slo)| slo)?;
    let rests = file.signals.0.iter().find(|(name, _)| name.value == objective.signal.value).map(|(_, s)| s);
    if let Some(rests) = rests.filter(|_| known) {
        same(r, file, raw, slo, rests);
    }
    let own = rests.and_then(|rests| rests.every.as_ref()).map(|every| every.value);
    Some((objective, own.or(spec.map(|spec| spec.every)).unwrap_or(USUAL)))
}

/// What is left of a budget: only a source that remembers tells it of more than hours.
fn remaining(
    r: &mut Reading<'_>,
    file: &SignalsFile,
    raw: &raw::Signal,
    spec: Option<&BackendSpec>,
) -> Option<(Query, Span)> {
    let slo = raw.query.slo.as_ref()?;
    counts(r, raw, Unit::Ratio, Bad::Below);
    let (objective, every) = objective(r, file, raw, slo, spec)?;
    let period = objective.period.as_ref().map_or(PERIOD, |period| period.value);
    let remembers = spec.is_none_or(|spec| matches!(spec.kind, BackendKind::Prometheus(_)));
    if period > READ && !remembers {
        let what = format!("its source does not remember the {} of {:?}", period.to_text(), slo.as_str());
        r.mistake(&slo.at, what, "ask a prometheus, or give the objective a period of at most 6h");
    }
    let query = Query::Remaining {
        slo: slo.value.clone(),
        signal: objective.signal.value.clone(),
        objective: objective.objective.value,
        period,
    };
    Some((query, every))
}

/// Whether a version reports: what is counted by version must be about the same service, and come from the same source.
fn reporting(r: &mut Reading<'_>, file: &SignalsFile, raw: &raw::Signal, of_source: Span) -> Option<(Query, Span)> {
    let of = raw.query.signal.as_ref()?;
    counts(r, raw, Unit::Count, Bad::Below);
    if let Some(fail) = raw.fail.iter().chain(&raw.warn).find(|limit| !(limit.value > 0.0 && limit.value <= 1.0)) {
        r.mistake(&fail.at, "it is 1 where the version reports, and 0 where it does not", "write fail = 1");
    }
    let within = raw.query.within.as_ref().map_or(WITHIN, |within| positive(r, within));
    let known = r.known(Noun::Signal, of);
    let rests = file.signals.0.iter().find(|(name, _)| name.value == of.value).map(|(_, signal)| signal);
    if let Some(rests) = rests.filter(|_| known) {
        let named = of.value.as_str();
        if rests.query.versions.is_none() {
            let help = "give its query `versions`, so that its source counts by version";
            r.mistake(&of.at, format!("{named:?} does not count by version"), help);
        }
        if rests.service.value != raw.service.value {
            let what = format!("{named:?} is about {}, not about {}", rests.service.value, raw.service.value);
            r.mistake(&of.at, what, "name a signal of the same service");
        }
        if rests.source.value != raw.source.value {
            let what = format!("{named:?} does not come from {:?}", raw.source.as_str());
            r.mistake(&raw.source.at, what, format!("write source = {:?}", rests.source.as_str()));
        }
        let measured = |place: &str| rests.environments.iter().any(|other| other.as_str() == place);
        for place in raw.environments.iter().filter(|place| !measured(place.as_str())) {
            let what = format!("{named:?} is not measured in {}", place.value);
            r.mistake(&place.at, what, "leave it out, or measure it there too");
        }
    }
    let own = rests.and_then(|rests| rests.every.as_ref()).map(|every| every.value);
    Some((Query::Reporting { signal: of.value.clone(), within }, own.unwrap_or(of_source)))
}

/// Whether a window has a short one beside it, and its source remembers as much.
fn paired(r: &mut Reading<'_>, window: &Spot<Span>, spec: Option<&BackendSpec>) {
    if !PAIRS.iter().any(|(long, _)| *long == window.value) {
        let pair = |(long, short): &(Span, Span)| format!("{} (with {})", long.to_text(), short.to_text());
        let help = format!("write one of {}", PAIRS.iter().map(pair).collect::<Vec<_>>().join(", "));
        r.mistake(&window.at, format!("{} is none of the long windows", window.value.to_text()), help);
    }
    let remembers = spec.is_none_or(|spec| matches!(spec.kind, BackendKind::Prometheus(_)));
    if window.value >= Span::mins(24 * 60) && !remembers {
        r.mistake(&window.at, "its source does not remember days", "write 1h or 6h, or ask a prometheus");
    }
}

/// Whether an objective is about the same service, in the same environments, and from the same source.
fn same(r: &mut Reading<'_>, file: &SignalsFile, raw: &raw::Signal, slo: &Spot<SloName>, rests: &raw::Signal) {
    let service = &raw.service.value;
    if rests.service.value != *service {
        let what = format!("the objective {:?} is one of {}, not of {service}", slo.as_str(), rests.service.value);
        return r.mistake(&slo.at, what, others(file, service));
    }
    if rests.source.value != raw.source.value {
        let what = format!("what {:?} rests on does not come from {:?}", slo.as_str(), raw.source.as_str());
        r.mistake(&raw.source.at, what, format!("write source = {:?}", rests.source.as_str()));
    }
    let measured = |place: &str| rests.environments.iter().any(|other| other.as_str() == place);
    for place in raw.environments.iter().filter(|place| !measured(place.as_str())) {
        let what = format!("what {:?} rests on is not measured in {}", slo.as_str(), place.value);
        r.mistake(&place.at, what, "leave it out, or measure it there too");
    }
}

/// The objectives that a service has, in words.
fn others(file: &SignalsFile, service: &ServiceName) -> String {
    let about = |slo: &raw::Slo| {
        file.signals.0.iter().any(|(name, s)| name.value == slo.signal.value && s.service.value == *service)
    };
    let names: Vec<&str> = file.slos.0.iter().filter(|(_, slo)| about(slo)).map(|(name, _)| name.as_str()).collect();
    match names.is_empty() {
        true => format!("{service} has none; declare one in [slos]"),
        false => format!("objectives of {service}: {}", names.join(", ")),
    }
}
