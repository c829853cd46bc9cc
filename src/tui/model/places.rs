//! Every service in every environment with how it stands, trouble first.
//!
//! One change moves one place, and word that all is as it was moves none. Time is
//! looked up, not judged: a place is judged anew when what is known of it lapses.
//! What a place's row says is the pane's to format.

use crate::domain::Timestamp;
use crate::domain::name::{BackendName, CohortName, EnvironmentName, ServiceName, SignalName};
use crate::domain::observed::{Deployed, Deployment, Observation, Observed, Placed, Quality, Stamped};
use crate::domain::signal::SignalAt;
use crate::domain::span::Span;
use crate::domain::verdict::Level;
use crate::domain::workspace::Workspace;
use crate::engine::signal;
use crate::tui::filter;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How a place is, in one word.
pub fn word(level: Level) -> &'static str {
    match level {
        Level::Pass => "ok",
        Level::Warn => "warn",
        // Beyond its limit, and not yet for as long as it takes to count.
        Level::Hold => "failing",
        Level::Unknown => "unknown",
        Level::Fail => "DEGRADED",
    }
}

/// What of a place a filter searches.
pub const FIELDS: [&str; 5] = ["service", "env", "state", "version", "cohort"];

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
    /// Whether a live run touches it.
    pub touched: bool,
    /// What is deployed there, as it was last told.
    pub deployed: Option<Arc<Deployment>>,
    /// Which source told it.
    source: Option<usize>,
    /// Until when it is fresh by what was told of itself; none while nothing is known or
    /// what was known has lapsed.
    fresh: Option<Timestamp>,
    /// Whether it was seen before the clock was set back, so that time alone may make it fresh again.
    ahead: bool,
}

/// Until when everything that a source has told of deployments is fresh.
#[derive(Clone, Debug)]
struct Confirmed {
    source: BackendName,
    until: Option<Timestamp>,
}

/// Where a place stands among all: by trouble, then what a live run touches, then as declared.
type Rank = (Reverse<Level>, Reverse<bool>, usize);

/// Every place, in the order of trouble.
#[derive(Clone, Debug, Default)]
pub struct Places {
    all: Vec<Place>,
    /// What each says, as a filter searches it: side by side, for a filter looks at every one.
    rows: Vec<String>,
    by_name: BTreeMap<(ServiceName, EnvironmentName), usize>,
    by_signal: BTreeMap<SignalAt, usize>,
    order: BTreeSet<Rank>,
    confirmed: Vec<Confirmed>,
    /// When time was looked at last.
    passed: Option<Timestamp>,
    /// How often the clock had been set back when everything was judged last.
    set_back: u32,
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
                places.order.insert((Reverse(Level::Unknown), Reverse(false), n));
                let (service, environment) = (service.name.clone(), environment.clone());
                let cohort = cohort(workspace, &environment);
                places.rows.push(row([service.as_str(), environment.as_str(), word(Level::Unknown), "", cohort]));
                places.all.push(Place {
                    service,
                    environment,
                    signals,
                    level: Level::Unknown,
                    touched: false,
                    deployed: None,
                    source: None,
                    fresh: None,
                    ahead: false,
                });
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

    /// Every place, trouble first, among equals what a live run touches, else as the workspace declares them.
    pub fn iter(&self) -> impl Iterator<Item = &Place> {
        self.order.iter().filter_map(|(.., n)| self.all.get(*n))
    }

    /// Every place as its position among those declared, trouble first.
    pub fn order(&self) -> impl Iterator<Item = usize> + '_ {
        self.order.iter().map(|(.., n)| *n)
    }

    /// Where a place stands among those declared.
    pub fn position(&self, of: &Placed) -> Option<usize> {
        self.by_name.get(of).copied()
    }

    /// A place by its position among those declared.
    pub fn at(&self, n: usize) -> Option<&Place> {
        self.all.get(n)
    }

    /// What a place says in the order of [`FIELDS`], as `filter` searches it.
    pub fn row(&self, n: usize) -> &str {
        self.rows.get(n).map_or("", String::as_str)
    }

    /// Says which places live runs touch; those come first among equals.
    pub fn touch(&mut self, touched: &BTreeSet<(&ServiceName, &EnvironmentName)>) {
        for (n, place) in self.all.iter_mut().enumerate() {
            let is = touched.contains(&(&place.service, &place.environment));
            if is != place.touched {
                self.order.remove(&rank(place, n));
                place.touched = is;
                self.order.insert(rank(place, n));
            }
        }
    }

    /// Judges what a change is about: one place, or those of a whole source.
    pub fn changed(&mut self, seen: &Stamped, workspace: &Workspace, observed: &Observed) {
        if self.set_back != observed.set_back() {
            self.set_back = observed.set_back();
            self.confirmed.iter_mut().for_each(|c| c.until = None);
            return self.judge_all(workspace, observed, seen.at);
        }
        let one = match &seen.what {
            Ok(Observation::Deployment(key, _) | Observation::DeploymentGone(key)) => self.by_name.get(key),
            Ok(Observation::Reading(at, _) | Observation::NoReading(at, _) | Observation::Derived(at, _)) => {
                self.by_signal.get(at)
            }
            Ok(Observation::Deployments(all)) => return self.replaced(all, seen, workspace, observed),
            Ok(Observation::Heartbeat) => return self.confirm(seen, workspace, observed),
            Ok(
                Observation::Approvals(_)
                | Observation::Windows(_)
                | Observation::NoWindows(_)
                | Observation::Fetched(_)
                | Observation::Feed(_)
                | Observation::Unheard(..)
                | Observation::Introduced(_)
                | Observation::Clock(_)
                | Observation::Alerts(_)
                | Observation::Rules(_)
                | Observation::Baseline(..)
                | Observation::Past(..)
                | Observation::Long(..)
                | Observation::Whole(..)
                | Observation::Versions(..),
            )
            | Err(_) => None,
        };
        if let Some(n) = one.copied() {
            self.judge(n, workspace, observed, seen.at);
        }
    }

    /// Judges the places that a snapshot names, and those that its source named before.
    fn replaced(
        &mut self,
        all: &[(Placed, Arc<Deployment>)],
        seen: &Stamped,
        workspace: &Workspace,
        observed: &Observed,
    ) {
        let source = self.source(&seen.source);
        if let Some(confirmed) = self.confirmed.get_mut(source) {
            confirmed.until = None;
        }
        let named = all.iter().filter_map(|(place, _)| self.by_name.get(place).copied());
        let about: BTreeSet<usize> = named.chain(self.of_source(source)).collect();
        about.into_iter().for_each(|n| self.judge(n, workspace, observed, seen.at));
    }

    /// Takes in that a source's word still holds; only if it had lapsed does anything follow.
    fn confirm(&mut self, seen: &Stamped, workspace: &Workspace, observed: &Observed) {
        let source = self.source(&seen.source);
        let Some(confirmed) = self.confirmed.get_mut(source) else { return };
        let before = confirmed.until.replace(lapses(seen.at, seen.every));
        if before.is_none_or(|until| Some(until) < self.passed.max(Some(seen.at))) {
            self.of_source(source).into_iter().for_each(|n| self.judge(n, workspace, observed, seen.at));
        }
    }

    /// Judges what time alone may have changed: signals, and what has lapsed.
    pub fn passed(&mut self, workspace: &Workspace, observed: &Observed, now: Timestamp) {
        if self.passed.replace(now).is_some_and(|before| now < before) {
            return self.judge_all(workspace, observed, now);
        }
        let due = |place: &Place| {
            place.ahead || !place.signals.is_empty() || self.until(place).is_some_and(|until| until < now)
        };
        let due: Vec<_> = self.all.iter().enumerate().filter(|(_, p)| due(p)).map(|(n, _)| n).collect();
        due.into_iter().for_each(|n| self.judge(n, workspace, observed, now));
    }

    /// Judges every place anew, because much may have changed.
    pub fn judge_all(&mut self, workspace: &Workspace, observed: &Observed, now: Timestamp) {
        (0..self.all.len()).for_each(|n| self.judge(n, workspace, observed, now));
    }

    /// Until when a place is fresh, by its own word or its source's.
    fn until(&self, place: &Place) -> Option<Timestamp> {
        let confirmed = place.source.and_then(|n| self.confirmed.get(n)).and_then(|c| c.until);
        place.fresh.map(|own| confirmed.map_or(own, |confirmed| confirmed.max(own)))
    }

    fn of_source(&self, source: usize) -> Vec<usize> {
        self.all.iter().enumerate().filter(|(_, place)| place.source == Some(source)).map(|(n, _)| n).collect()
    }

    fn source(&mut self, name: &BackendName) -> usize {
        let known = self.confirmed.iter().position(|c| c.source == *name);
        known.unwrap_or_else(|| {
            self.confirmed.push(Confirmed { source: name.clone(), until: None });
            self.confirmed.len() - 1
        })
    }

    fn judge(&mut self, n: usize, workspace: &Workspace, observed: &Observed, now: Timestamp) {
        let Some(place) = self.all.get(n) else { return };
        let seen = observed.deployment(&(place.service.clone(), place.environment.clone()));
        let level = level(place, seen, workspace, observed, now);
        let source = seen.map(|s| self.source(s.source));
        let Some(place) = self.all.get_mut(n) else { return };
        if let Some(said) =
            self.rows.get_mut(n).filter(|_| level != place.level || seen.map(|s| s.value) != place.deployed.as_ref())
        {
            let version = seen.map_or("", |s| s.value.version.as_str());
            let cohort = cohort(workspace, &place.environment);
            *said = row([place.service.as_str(), place.environment.as_str(), word(level), version, cohort]);
        }
        (place.source, place.deployed) = (source, seen.map(|s| s.value.clone()));
        place.ahead = seen.is_some_and(|s| s.at > now);
        place.fresh = seen.filter(|s| s.quality(now) == Quality::Fresh).map(|s| lapses(s.at, s.every));
        if level != place.level {
            self.order.remove(&rank(place, n));
            place.level = level;
            self.order.insert(rank(place, n));
        }
    }
}

/// The cohort of an environment; nothing where it is in none.
fn cohort<'a>(workspace: &'a Workspace, environment: &EnvironmentName) -> &'a str {
    let declared = workspace.environments.get(environment);
    declared.and_then(|declared| declared.cohort.as_ref()).map_or("", CohortName::as_str)
}

fn row(fields: [&str; FIELDS.len()]) -> String {
    let mut row = String::new();
    fields.iter().for_each(|text| filter::add(&mut row, text));
    row.shrink_to_fit();
    row
}

fn rank(place: &Place, n: usize) -> Rank {
    (Reverse(place.level), Reverse(place.touched), n)
}

/// When what was said at an instant is fresh no longer.
fn lapses(at: Timestamp, every: Span) -> Timestamp {
    at.checked_add_signed(every.times(2).delta()).unwrap_or(Timestamp::MAX_UTC)
}

/// The worst of a place's deployment and signals.
fn level(
    place: &Place,
    seen: Option<Deployed<'_>>,
    workspace: &Workspace,
    observed: &Observed,
    now: Timestamp,
) -> Level {
    let lost = seen.is_none_or(|s| s.quality(now) != Quality::Fresh);
    let unwell = seen.is_some_and(|s| !s.value.trouble.is_empty());
    let doubt = seen.and_then(|s| s.value.stages.as_ref()?.doubt()).map(|check| check.judged.level());
    // What is off because of us is nothing that is wrong, and yet to be put back.
    let off = seen.filter(|s| s.value.left_off.is_some()).map(|_| Level::Warn);
    let deployed = match (lost, unwell) {
        (true, _) => Level::Unknown,
        (_, true) => Level::Fail,
        _ => doubt.max(off).unwrap_or_default(),
    };
    let judged = place.signals.iter().map(|name| {
        let at = SignalAt { signal: name.clone(), environment: place.environment.clone() };
        signal::judge(observed, workspace.signals.get(name), &at, now).0.level
    });
    judged.chain([deployed]).max().unwrap_or_default()
}
