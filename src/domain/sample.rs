//! Samples: what signals and deployments in a run's scope were seen to say, every
//! ten seconds, for looking at the run again later.
//!
//! Nothing is decided by them: what a decision rested on is in its fact. The JSON
//! of a sample is one line of the file that is kept with the run.

use super::Timestamp;
use super::digest::Digest;
use super::name::{BackendName, EnvironmentName, ServiceName, SignalName};
use super::observed::{Deployed, Deployment, Observed, Quality};
use super::plan::Plan;
use super::series::{Reading, Series};
use super::signal::{Signal, SignalAt};
use super::span::Span;
use super::workspace::Workspace;
use chrono::SubsecRound;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How often a sample is taken.
pub const EVERY: Span = Span::secs(10);
/// How long before T0 samples begin, where something was seen then.
pub const BEFORE: Span = Span::mins(60);

/// What a run is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Signals, each at a place.
    pub signals: BTreeSet<SignalAt>,
    /// Services in environments: what it may change, and what its signals tell about.
    pub places: BTreeSet<(ServiceName, EnvironmentName)>,
}

/// One sample: one line of the file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// When it was taken.
    pub at: Timestamp,
    /// The newest reading of each signal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<Measured>,
    /// What is deployed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub live: Vec<Live>,
    /// Nothing follows: the file has its full length.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub full: bool,
}

/// The newest reading of a signal at a place; a gap when there is no value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// The signal.
    pub signal: SignalName,
    /// The place.
    pub place: EnvironmentName,
    /// How old it was when the sample was taken; lost when there is none.
    pub quality: Quality,
    /// When it was read; none when it never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// The number in the signal's base unit; none when there is none, or it is no number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// How many events it rests on; none for gauges and probes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<u64>,
}

/// What is deployed at a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Live {
    /// The service.
    pub service: ServiceName,
    /// The environment.
    pub place: EnvironmentName,
    /// How old it was when the sample was taken.
    pub quality: Quality,
    /// When its source last confirmed it.
    pub at: Timestamp,
    /// What it is; none when it is as in the sample before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<Known>,
}

/// A deployment with where it was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The source.
    pub source: BackendName,
    /// How often the source is asked.
    pub every: Span,
    /// The deployment.
    pub deployment: Arc<Deployment>,
}

/// The file of a run's samples, as the journal vouches for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// How long it was when the run ended, in bytes.
    pub bytes: u64,
    /// SHA-256 of these bytes.
    pub digest: Digest,
}

impl Scope {
    /// The signals that a plan refers to, and every signal of what it may change.
    pub fn of(plan: &Plan, workspace: &Workspace) -> Self {
        let targets = plan.steps.iter().filter_map(|step| step.target());
        let mut places: BTreeSet<_> = targets.map(|(service, place)| (service.clone(), place.clone())).collect();
        let each = |s: &Signal| s.environments.iter().map(|e| (s.service.clone(), e.clone())).collect::<Vec<_>>();
        places.extend(plan.signals.iter().flat_map(each));
        let declared = workspace.signals.values().flat_map(|s| s.environments.iter().map(move |e| (s, e)));
        let here = declared.filter(|(s, e)| places.contains(&(s.service.clone(), (*e).clone())));
        let named = plan.signals.iter().flat_map(|s| s.environments.iter().map(move |e| (s, e)));
        let at = |(s, e): (&Signal, &EnvironmentName)| SignalAt { signal: s.name.clone(), environment: e.clone() };
        let signals = here.chain(named).map(at).collect();
        Self { signals, places }
    }

    /// Whether there is nothing to sample.
    pub fn is_empty(&self) -> bool {
        self.signals.is_empty()
    }
}

impl Sample {
    /// A sample of what is seen; deployments in full.
    pub fn taken(scope: &Scope, observed: &Observed, at: Timestamp) -> Self {
        let signals = scope.signals.iter().map(|place| measured(place, observed.series.get(place), at)).collect();
        let live = scope.places.iter().filter_map(|place| live(place, observed.deployment(place)?, at));
        Self { at, signals, live: live.collect(), full: false }
    }

    /// A sample as it would have been taken at an earlier instant, from the readings
    /// that are still at hand; none when there was nothing yet.
    pub fn earlier(scope: &Scope, observed: &Observed, at: Timestamp) -> Option<Self> {
        let signals: Vec<_> =
            scope.signals.iter().map(|place| measured(place, observed.series.get(place), at)).collect();
        let any = signals.iter().any(|m| m.at.is_some());
        any.then_some(Self { at, signals, live: Vec::new(), full: false })
    }

    /// Leaves out of deployments what `told` knows already, and notes the rest in it.
    pub fn shortened(mut self, told: &mut BTreeMap<(ServiceName, EnvironmentName), Known>) -> Self {
        for live in &mut self.live {
            let key = (live.service.clone(), live.place.clone());
            let Some(known) = live.is.take() else { continue };
            if told.get(&key) != Some(&known) {
                told.insert(key, known.clone());
                live.is = Some(known);
            }
        }
        self
    }
}

/// The newest reading that had been taken at an instant.
fn measured(place: &SignalAt, series: Option<&Series>, at: Timestamp) -> Measured {
    let found = series.and_then(|s| Some((s, s.readings.newest().find(|r| r.at <= at)?)));
    let events = |r: &Reading| (r.events != u64::MAX).then_some(r.events);
    Measured {
        signal: place.signal.clone(),
        place: place.environment.clone(),
        quality: found.map_or(Quality::Lost, |(series, reading)| series.quality(&reading, at)),
        at: found.map(|(_, reading)| reading.at.trunc_subsecs(3)),
        value: found.map(|(_, reading)| reading.value).filter(|value| value.is_finite()),
        events: found.and_then(|(_, reading)| events(&reading)),
    }
}

fn live((service, place): &(ServiceName, EnvironmentName), seen: Deployed<'_>, at: Timestamp) -> Option<Live> {
    let known = Known { source: seen.source.clone(), every: seen.every, deployment: seen.value.clone() };
    let (service, place, quality) = (service.clone(), place.clone(), seen.quality(at));
    let taken = seen.at.trunc_subsecs(3);
    (seen.at <= at).then_some(Live { service, place, quality, at: taken, is: Some(known) })
}
