//! Signals that nobody is asked for: they follow from what is seen anyway, as it is seen.
//!
//! One place, and pure: whatever takes in what watches saw takes it in through here, and passes on
//! what followed. A reading is as old as what it follows from and comes no more often than that, so a
//! source that is frozen freezes it too; where that is unknown there is no reading, never a zero.

mod alerts;
mod burn;
pub mod outdated;
mod remaining;
mod reporting;
pub(super) mod rollout;

use crate::domain::name::{BackendName, EnvironmentName, ServiceName, SignalName};
use crate::domain::observed::{Observation, Observed, Stamped};
use crate::domain::series::Reading;
use crate::domain::signal::{Query, Signal, SignalAt};
use crate::domain::span::Span;
use crate::domain::topic::Topic;
use std::collections::BTreeMap;

/// A reading, or why there is none.
type Told = Result<Reading, String>;

/// A derived signal, and how many events what it follows from must rest on.
type Of<'a> = (&'a Signal, u64);

/// The derived signals by what they follow from, so that what is seen meets no more of them than it may concern.
#[derive(Default)]
struct Index<'a> {
    /// By source and service, those that follow from what it deploys or which alerts it tells.
    source: BTreeMap<&'a BackendName, BTreeMap<&'a ServiceName, Vec<Of<'a>>>>,
    /// Those that follow from another signal.
    signal: BTreeMap<&'a SignalName, Vec<Of<'a>>>,
    /// Those that follow from what is live as well, whoever tells it, by service.
    live: BTreeMap<&'a ServiceName, Vec<Of<'a>>>,
}

impl<'a> Index<'a> {
    fn of(signals: &'a BTreeMap<SignalName, Signal>) -> Self {
        let mut index = Self::default();
        for signal in signals.values().filter(|signal| signal.query.derived()) {
            let all = match signal.query.of() {
                Some(of) => index.signal.entry(of).or_default(),
                None => index.source.entry(&signal.source).or_default().entry(&signal.service).or_default(),
            };
            all.push((signal, least(signals, signal)));
            if matches!(signal.query, Query::Reporting { .. }) {
                index.live.entry(&signal.service).or_default().push((signal, 0));
            }
        }
        index
    }

    fn about(&self, seen: &Stamped) -> impl Iterator<Item = &Of<'a>> {
        let (mut whole, mut some) = (None, None);
        let (mut lives, mut live) = (None, None);
        match &seen.what {
            Ok(Observation::Deployment(of, _) | Observation::DeploymentGone(of)) => {
                some = self.source.get(&seen.source).and_then(|all| all.get(&of.0));
                live = self.live.get(&of.0);
            }
            Ok(Observation::Deployments(_)) => {
                whole = self.source.get(&seen.source);
                lives = Some(&self.live);
            }
            Ok(
                Observation::Reading(at, _)
                | Observation::NoReading(at, _)
                | Observation::Past(at, _)
                | Observation::Long(at, _)
                | Observation::Whole(at, _)
                | Observation::Versions(at, _),
            ) => some = self.signal.get(&at.signal),
            _ => whole = self.source.get(&seen.source),
        }
        whole.into_iter().chain(lives).flat_map(BTreeMap::values).chain(some).chain(live).flatten()
    }
}

/// Takes in what watches saw, in order, each with what follows from it; all of that, as it is to be passed on.
pub fn take_in(observed: &mut Observed, signals: &BTreeMap<SignalName, Signal>, batch: Vec<Stamped>) -> Vec<Stamped> {
    let derived = Index::of(signals);
    let mut all = Vec::with_capacity(batch.len());
    for seen in batch {
        observed.apply(&seen);
        let follows: Vec<Stamped> = derived.about(&seen).flat_map(|of| of_signal(observed, *of, &seen)).collect();
        follows.iter().for_each(|follows| observed.apply(follows));
        all.push(seen);
        all.extend(follows);
    }
    all
}

/// How many events the signal that one follows from must rest on: a rate of fewer says as little.
fn least(signals: &BTreeMap<SignalName, Signal>, signal: &Signal) -> u64 {
    match &signal.query {
        Query::Burn { signal: of, .. } => signals.get(of).map_or(0, |of| of.min_events),
        _ => 0,
    }
}

/// What follows for a signal, place by place; `least` events in what it follows from.
fn of_signal(observed: &Observed, (signal, least): Of<'_>, seen: &Stamped) -> Vec<Stamped> {
    if !concerns(signal, seen) {
        return Vec::new();
    }
    let only = only(seen);
    let places = signal.environments.iter().filter(|place| only.is_none_or(|only| only == *place));
    let each = places.filter_map(|place| {
        let at = SignalAt { signal: signal.name.clone(), environment: place.clone() };
        let told = match &seen.what {
            Err(fault) | Ok(Observation::Unheard(_, fault)) => Err(fault.clone()),
            Ok(_) => read(observed, (signal, least), place, seen),
        };
        let every = every(observed, signal, place, seen);
        new(observed, &at, &told, every).then(|| Stamped {
            at: seen.at,
            source: signal.source.clone(),
            every,
            what: Ok(Observation::Derived(at, told)),
        })
    });
    each.collect()
}

/// Whether what was seen may change what a signal says, or confirms it.
fn concerns(signal: &Signal, seen: &Stamped) -> bool {
    let ours = seen.source == signal.source;
    match (&signal.query, &seen.what) {
        (Query::Rollout { .. } | Query::Alerts { .. }, Err(_))
        | (Query::Rollout { .. }, Ok(Observation::Deployments(_) | Observation::Heartbeat))
        | (Query::Rollout { .. }, Ok(Observation::Unheard(Topic::Deployments, _)))
        | (Query::Alerts { .. }, Ok(Observation::Alerts(_) | Observation::Unheard(Topic::Alerts, _))) => ours,
        (Query::Rollout { .. }, Ok(Observation::Deployment(of, _) | Observation::DeploymentGone(of))) => {
            ours && of.0 == signal.service
        }
        (Query::Reporting { signal: of, .. }, Ok(Observation::Versions(at, _))) => at.signal == *of,
        (Query::Reporting { .. }, Ok(Observation::Deployments(_))) => true,
        (Query::Reporting { .. }, Ok(Observation::Deployment(of, _) | Observation::DeploymentGone(of))) => {
            of.0 == signal.service
        }
        (Query::Reporting { .. }, Ok(_)) => false,
        (query, Ok(seen)) => query.of().is_some_and(|of| seen.measured().is_some_and(|at| at.signal == *of)),
        _ => false,
    }
}

/// The one place that what was seen is about; none where it is about all of its source's.
fn only(seen: &Stamped) -> Option<&EnvironmentName> {
    match &seen.what {
        Ok(Observation::Deployment(of, _) | Observation::DeploymentGone(of)) => Some(&of.1),
        Ok(Observation::Versions(at, _)) => Some(&at.environment),
        Ok(seen) => seen.measured().map(|at| &at.environment),
        Err(_) => None,
    }
}

fn read(observed: &Observed, (signal, least): Of<'_>, place: &EnvironmentName, seen: &Stamped) -> Told {
    match &signal.query {
        Query::Rollout { of } => {
            let deployed = observed.deployment(&(signal.service.clone(), place.clone()));
            let deployed = deployed.filter(|deployed| *deployed.source == signal.source);
            rollout::read(deployed.ok_or("nothing is known to be deployed there")?, *of)
        }
        Query::Alerts { .. } => {
            let alerts = observed.alerts.get(&signal.source).ok_or("no alerts have been told yet")?;
            alerts::read(alerts, signal, place)
        }
        Query::Burn { signal: of, objective, window, .. } => {
            let at = SignalAt { signal: of.clone(), environment: place.clone() };
            burn::read(&at, observed.series.get(&at), (*objective, *window, least), seen.at)
        }
        Query::Remaining { signal: of, objective, period, .. } => {
            let at = SignalAt { signal: of.clone(), environment: place.clone() };
            remaining::read(signal, (&at, observed.series.get(&at)), (*objective, *period), seen.at)
        }
        Query::Reporting { signal: of, within } => {
            let at = SignalAt { signal: of.clone(), environment: place.clone() };
            reporting::read(observed, &at, &(signal.service.clone(), place.clone()), *within, seen.at)
        }
        _ => Err("it does not follow from anything".to_owned()),
    }
}

/// How often a reading is due: as often as what it follows from.
fn every(observed: &Observed, signal: &Signal, place: &EnvironmentName, seen: &Stamped) -> Span {
    let Some(of) = signal.query.of() else { return seen.every };
    let at = SignalAt { signal: of.clone(), environment: place.clone() };
    observed.series.get(&at).map_or(seen.every, |series| series.every)
}

/// Whether it says something new. The same number again is told twice in an interval at most: a
/// burst of events must not push out the readings that guard times and soaks look back at.
fn new(observed: &Observed, at: &SignalAt, told: &Told, every: Span) -> bool {
    let (Ok(reading), Some(series)) = (told, observed.series.get(at)) else { return true };
    let Some(last) = series.last().filter(|_| series.fault.is_none()) else { return true };
    // A clock that was set back begins anew.
    let back = reading.at < last.at;
    last.value != reading.value || back || Span::between(last.at, reading.at).times(2) >= every
}

/// A number that is not counted from events.
fn number(at: crate::domain::Timestamp, value: f64) -> Told {
    Ok(Reading { at, value, events: u64::MAX })
}
