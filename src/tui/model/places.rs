//! Every service in every environment with how it stands, trouble first.
//!
//! One change moves one place; only the clock, a snapshot or another workspace
//! looks at all of them. What a place's row says is the pane's to format.

use crate::domain::Timestamp;
use crate::domain::name::{EnvironmentName, ServiceName, SignalName};
use crate::domain::observed::{Observation, Observed, Quality, Stamped};
use crate::domain::signal::SignalAt;
use crate::domain::verdict::Level;
use crate::domain::workspace::Workspace;
use crate::engine::signal;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// A service in an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The service.
    pub service: ServiceName,
    /// The environment.
    pub environment: EnvironmentName,
    /// The signals that tell about it.
    pub signals: Vec<SignalName>,
    /// The worst of what is known of it.
    pub level: Level,
}

/// Every place, in the order of trouble.
#[derive(Clone, Debug, Default)]
pub struct Places {
    all: Vec<Place>,
    by_name: BTreeMap<(ServiceName, EnvironmentName), usize>,
    by_signal: BTreeMap<SignalAt, usize>,
    order: BTreeSet<(Reverse<Level>, usize)>,
    /// Signals that are measured where their service is not deployed.
    apart: Vec<SignalAt>,
}

impl Places {
    /// The places that a workspace declares; nothing is known of them yet.
    pub fn of(workspace: &Workspace) -> Self {
        let mut places = Self::default();
        for service in workspace.services.values() {
            for environment in service.deployed_by.keys() {
                let here = workspace.signals.values();
                let here = here.filter(|s| s.service == service.name && s.environments.contains(environment));
                let signals: Vec<_> = here.map(|s| s.name.clone()).collect();
                let n = places.all.len();
                for signal in &signals {
                    let at = SignalAt { signal: signal.clone(), environment: environment.clone() };
                    places.by_signal.insert(at, n);
                }
                places.by_name.insert((service.name.clone(), environment.clone()), n);
                places.order.insert((Reverse(Level::Unknown), n));
                let (service, environment) = (service.name.clone(), environment.clone());
                places.all.push(Place { service, environment, signals, level: Level::Unknown });
            }
        }
        let all = workspace.signals.values().flat_map(|s| s.environments.iter().map(move |e| (s, e)));
        let all = all.map(|(s, e)| SignalAt { signal: s.name.clone(), environment: e.clone() });
        places.apart = all.filter(|at| !places.by_signal.contains_key(at)).collect();
        places
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// How many signals there are, each place on its own.
    pub fn signal_count(&self) -> usize {
        self.by_signal.len() + self.apart.len()
    }

    /// Every signal with where it is measured, those of places in trouble first.
    pub fn signals(&self) -> impl Iterator<Item = (&SignalName, &EnvironmentName)> {
        let of_places = self.iter().flat_map(|p| p.signals.iter().map(move |name| (name, &p.environment)));
        of_places.chain(self.apart.iter().map(|at| (&at.signal, &at.environment)))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Every place, trouble first, else as the workspace declares them.
    pub fn iter(&self) -> impl Iterator<Item = &Place> {
        self.order.iter().filter_map(|(_, n)| self.all.get(*n))
    }

    /// Every place as its position among those declared, trouble first.
    pub fn order(&self) -> impl Iterator<Item = usize> + '_ {
        self.order.iter().map(|(_, n)| *n)
    }

    /// A place by its position among those declared.
    pub fn at(&self, n: usize) -> Option<&Place> {
        self.all.get(n)
    }

    /// Judges what a change is about; whether it was one place or none.
    pub fn changed(&mut self, seen: &Stamped, workspace: &Workspace, observed: &Observed) {
        let one = match &seen.what {
            Ok(Observation::Deployment(key, _) | Observation::DeploymentGone(key)) => self.by_name.get(key),
            Ok(Observation::Reading(at, _) | Observation::NoReading(at, _)) => self.by_signal.get(at),
            Ok(Observation::Deployments(_) | Observation::Heartbeat) => {
                return self.judge_all(workspace, observed, seen.at);
            }
            Ok(Observation::Approvals(_)) | Err(_) => None,
        };
        if let Some(n) = one.copied() {
            self.judge(n, workspace, observed, seen.at);
        }
    }

    /// Judges every place anew, because time has passed or much has changed.
    pub fn judge_all(&mut self, workspace: &Workspace, observed: &Observed, now: Timestamp) {
        (0..self.all.len()).for_each(|n| self.judge(n, workspace, observed, now));
    }

    fn judge(&mut self, n: usize, workspace: &Workspace, observed: &Observed, now: Timestamp) {
        let Some(place) = self.all.get_mut(n) else { return };
        let level = level(place, workspace, observed, now);
        if level != place.level {
            self.order.remove(&(Reverse(place.level), n));
            self.order.insert((Reverse(level), n));
            place.level = level;
        }
    }
}

/// The worst of a place's deployment and signals.
fn level(place: &Place, workspace: &Workspace, observed: &Observed, now: Timestamp) -> Level {
    let seen = observed.deployments.get(&(place.service.clone(), place.environment.clone()));
    let lost = seen.is_none_or(|s| s.quality(now) != Quality::Fresh);
    let unwell = seen.is_some_and(|s| !s.value.trouble.is_empty());
    let deployed = match (lost, unwell) {
        (true, _) => Level::Unknown,
        (_, true) => Level::Fail,
        _ => Level::Pass,
    };
    let judged = place.signals.iter().map(|name| {
        let at = SignalAt { signal: name.clone(), environment: place.environment.clone() };
        signal::judge(observed, workspace.signals.get(name), &at, now).0.level
    });
    judged.chain([deployed]).max().unwrap_or_default()
}
