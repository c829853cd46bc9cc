//! What backends are seen to say: theirs, volatile, each value with its source
//! and age. Never mixed with the ledger, which is ours and durable.

use super::Timestamp;
use super::alert::Alert;
use super::alerting::ToldRules;
use super::approval::Approval;
use super::feed::{Fed, Told};
use super::introduced::Introduced;
use super::left_off::LeftOff;
use super::moves::Moves;
use super::name::{BackendName, EnvironmentName, ServiceName};
use super::owner::Owner;
use super::series::{Minute, Reading, Series};
use super::signal::SignalAt;
use super::span::Span;
use super::stages::Stages;
use super::topic::Topic;
use super::versions::Counts;
use super::window::Windows;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What was counted of each version, or why nothing was.
pub type Counted = Result<BTreeMap<String, Counts>, String>;

/// Where a deployment is: what of, and in which environment.
pub type Placed = (ServiceName, EnvironmentName);

/// How far a heartbeat may lie before what was heard already: watches of one backend do not wait for one another.
const AHEAD: TimeDelta = TimeDelta::seconds(1);

/// Everything seen so far.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// Live deployments by service and environment; [`Self::deployment`] knows when each was confirmed.
    deployments: BTreeMap<Placed, Seen<Arc<Deployment>>>,
    /// What was off because of us where its source tells of nothing any more.
    unseen_off: BTreeMap<Placed, Seen<LeftOff>>,
    /// When places were seen to move.
    pub moves: Moves,
    /// Signal readings, oldest first.
    pub series: BTreeMap<SignalAt, Series>,
    /// Approvals that live in other systems, by backend and subject.
    pub approvals: BTreeMap<(BackendName, String), Seen<Approval>>,
    /// What was counted of each version, or why nothing was.
    pub versions: BTreeMap<SignalAt, Seen<Counted>>,
    /// Alerts, by the backend that tells of them.
    pub alerts: BTreeMap<BackendName, Seen<Vec<Alert>>>,
    /// The rules that raise alerts, by the backend that tells of them.
    pub rules: BTreeMap<BackendName, Seen<ToldRules>>,
    /// Windows, by the backend that tells of them.
    pub windows: BTreeMap<BackendName, Seen<Arc<Windows>>>,
    /// What feeds say, by the backend that reads each.
    pub feeds: BTreeMap<BackendName, Fed>,
    /// How each backend's watches are doing.
    pub sources: BTreeMap<BackendName, Source>,
    set_back: u32,
}

/// A value with where it came from and when it was last known to be true.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen<T> {
    /// The value.
    pub value: T,
    /// When the source last confirmed it.
    pub at: Timestamp,
    /// The source.
    pub source: BackendName,
    /// How often the source is asked.
    pub every: Span,
}

/// A deployment as it was last known to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Deployed<'a> {
    /// What is deployed.
    pub value: &'a Arc<Deployment>,
    /// When the source last said so, or last said that nothing has changed.
    pub at: Timestamp,
    /// The source.
    pub source: &'a BackendName,
    /// How often the source is asked.
    pub every: Span,
}

impl Deployed<'_> {
    /// Its quality as of `now`.
    pub fn quality(&self, now: Timestamp) -> Quality {
        quality(self.at, self.every, now)
    }
}

/// How old a value is, in words; unknown ages do not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quality {
    /// At most twice the interval old.
    Fresh,
    /// At most five times the interval old: dimmed, with `~`.
    Late,
    /// Older: the value gives way to `??`.
    Lost,
}

/// The quality of something confirmed at `at` every `every`, as of `now`.
pub fn quality(at: Timestamp, every: Span, now: Timestamp) -> Quality {
    // What lies ahead by more than a clock may differ was seen before the clock was set back: its age is unknown.
    if Span::between(now, at) > every {
        return Quality::Lost;
    }
    let age = Span::between(at, now);
    if age <= every.times(2) {
        Quality::Fresh
    } else if age <= every.times(5) {
        Quality::Late
    } else {
        Quality::Lost
    }
}

impl<T> Seen<T> {
    /// The value's quality as of `now`.
    pub fn quality(&self, now: Timestamp) -> Quality {
        quality(self.at, self.every, now)
    }
}

/// A service as it runs in one environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Deployment {
    /// The version that serves, or most of it.
    pub version: String,
    /// The version that is being rolled out, if there is one.
    pub candidate: Option<String>,
    /// Share of traffic on the candidate, in percent.
    pub weight: Option<u8>,
    /// `stable`, `canary`, `rolling`, `paused`, `degraded`, in the backend's words.
    pub state: String,
    /// Instances ready.
    pub ready: Option<u32>,
    /// Instances wanted.
    pub wanted: Option<u32>,
    /// Who deployed it last.
    pub by: Option<String>,
    /// When it was deployed.
    pub since: Option<Timestamp>,
    /// Why it is unhealthy, in the backend's words; empty when it is well.
    pub trouble: Vec<String>,
    /// Versions that can be returned to, newest first.
    pub history: Vec<String>,
    /// How far a rollout in steps is, where something tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stages: Option<Stages>,
    /// What is off there because of us, for as long as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_off: Option<LeftOff>,
    /// Who else holds it and has a way back of its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<Owner>,
    /// How many more hold it, whom nobody keeps: there are too many.
    #[serde(skip_serializing_if = "is_none")]
    pub owners_left_out: usize,
    /// Whether it undoes by itself what is changed behind its back in what it holds, as self-heal does.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub reverts: bool,
}

fn is_none(n: &usize) -> bool {
    *n == 0
}

/// How one backend is doing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Source {
    /// When anything last came from it.
    pub heard: Option<Timestamp>,
    /// When it last said that all it had told of deployments still holds.
    pub confirmed: Option<Timestamp>,
    /// Why it is not heard at all, if it is not.
    pub fault: Option<String>,
    /// Why some of its topics are not heard; of the others that says nothing.
    pub unheard: BTreeMap<Topic, String>,
    /// Why it tells no windows, if it tells none; of nothing else does that say anything.
    pub no_windows: Option<String>,
    /// Who it says it is, where it says so.
    pub introduced: Option<Arc<Introduced>>,
    /// By how much its clock is ahead of ours, as it last told; none where it has not told, or that was never far.
    pub skew: Option<TimeDelta>,
    /// When that was told.
    pub dated: Option<Timestamp>,
}

impl Source {
    /// Why it is not heard of a topic, if it is not.
    pub fn why(&self, topic: Topic) -> Option<&String> {
        let windows = self.no_windows.as_ref().filter(|_| topic == Topic::Windows);
        windows.or(self.unheard.get(&topic)).or(self.fault.as_ref())
    }

    /// Why something of it is not heard, if anything is not; windows are told of apart.
    pub fn trouble(&self) -> Option<&String> {
        self.fault.as_ref().or(self.unheard.values().next())
    }
}

/// One thing that a watch saw. A watch begins with a snapshot that replaces
/// everything of its backend and topic; deltas follow.
#[derive(Clone, Debug, PartialEq)]
pub enum Observation {
    /// All deployments of a backend.
    Deployments(Vec<(Placed, Arc<Deployment>)>),
    /// One deployment, new or changed.
    Deployment(Placed, Arc<Deployment>),
    /// One deployment is gone.
    DeploymentGone(Placed),
    /// One reading of a signal.
    Reading(SignalAt, Reading),
    /// A signal could not be read; the reason.
    NoReading(SignalAt, String),
    /// What followed for a derived signal from what was seen, or why nothing did. Of its source it says nothing.
    Derived(SignalAt, Result<Reading, String>),
    /// What a signal was at the same time of an earlier day or week, so long ago.
    Baseline(SignalAt, Reading, Span),
    /// What a signal was minute by minute before it was watched, oldest first.
    Past(SignalAt, Vec<Minute>),
    /// What a signal was over the last days, one value for every [`super::series::LONG`], oldest first.
    Long(SignalAt, Vec<Minute>),
    /// What a signal was over the whole period of an objective, hour by hour, as [`Series::whole`] has it.
    Whole(SignalAt, Vec<Minute>),
    /// What is counted of each version, or why nothing is.
    Versions(SignalAt, Counted),
    /// All alerts of a backend.
    Alerts(Vec<Alert>),
    /// The rules that raise a backend's alerts, or why they are not known.
    Rules(ToldRules),
    /// All approvals of a backend.
    Approvals(Vec<Approval>),
    /// All windows of a backend.
    Windows(Arc<Windows>),
    /// Its windows could not be asked for; the reason. What was told of them grows old.
    NoWindows(String),
    /// The whole text of a feed, as it is there; what it says is read by the runtime.
    Fetched(Arc<[u8]>),
    /// What a feed says, or what of it cannot be understood.
    Feed(Result<Arc<Told>, String>),
    /// One topic is not heard; the reason. What was told of it grows old, and of the others it says nothing.
    Unheard(Topic, String),
    /// Who it says it is, new or changed. Of how it is doing that says nothing.
    Introduced(Arc<Introduced>),
    /// By how much its clock is ahead of ours, where that has changed. Of how it is doing that says nothing.
    Clock(TimeDelta),
    /// Nothing changed, and the source is well.
    Heartbeat,
}

impl Observation {
    /// The signal, at a place, that a reading, the want of one, or what is remembered of it is about.
    pub fn measured(&self) -> Option<&SignalAt> {
        match self {
            Self::Reading(at, _) | Self::NoReading(at, _) => Some(at),
            Self::Past(at, _) | Self::Long(at, _) | Self::Whole(at, _) => Some(at),
            _ => None,
        }
    }

    /// The topic that is heard by it; none where it says nothing of how its source is doing.
    fn heard(&self) -> Option<Topic> {
        match self {
            Self::Deployments(_) | Self::Deployment(..) | Self::DeploymentGone(_) | Self::Heartbeat => {
                Some(Topic::Deployments)
            }
            Self::Reading(..)
            | Self::NoReading(..)
            | Self::Baseline(..)
            | Self::Past(..)
            | Self::Long(..)
            | Self::Whole(..)
            | Self::Versions(..) => Some(Topic::Signals),
            Self::Alerts(_) => Some(Topic::Alerts),
            Self::Approvals(_) => Some(Topic::Approvals),
            Self::Feed(_) => Some(Topic::Windows),
            Self::Fetched(_) => None,
            // Windows and rules say nothing of how the rest is doing, and what follows from it has not come from it.
            Self::Windows(_) | Self::NoWindows(_) | Self::Rules(_) | Self::Derived(..) | Self::Unheard(..) => None,
            Self::Introduced(_) | Self::Clock(_) => None,
        }
    }
}

/// An observation with its source, time and interval, as the runtime passes it on.
#[derive(Clone, Debug, PartialEq)]
pub struct Stamped {
    /// When it was seen.
    pub at: Timestamp,
    /// By which backend.
    pub source: BackendName,
    /// The watch's interval.
    pub every: Span,
    /// What was seen, or why nothing was.
    pub what: Result<Observation, String>,
}

impl Observed {
    /// What is deployed somewhere, as it was last known to be.
    pub fn deployment(&self, place: &Placed) -> Option<Deployed<'_>> {
        self.deployments.get(place).map(|seen| self.deployed(seen))
    }

    /// Everything that is deployed, by service and environment.
    pub fn deployments(&self) -> impl ExactSizeIterator<Item = (&Placed, Deployed<'_>)> + Clone {
        self.deployments.iter().map(|(place, seen)| (place, self.deployed(seen)))
    }

    /// What was off because of us where its source tells of nothing any more, each with when it was last seen to be so.
    pub fn unseen_off(&self) -> impl Iterator<Item = (&Placed, &Seen<LeftOff>)> {
        self.unseen_off.iter()
    }

    fn deployed<'a>(&'a self, seen: &'a Seen<Arc<Deployment>>) -> Deployed<'a> {
        let Seen { value, at, source, every } = seen;
        let confirmed = self.sources.get(source).and_then(|s| s.confirmed);
        Deployed { value, at: confirmed.map_or(*at, |confirmed| confirmed.max(*at)), source, every: *every }
    }

    /// The alerts about a place, the loudest first, each with how old that knowledge is.
    pub fn alerts_of(&self, place: &Placed, now: Timestamp) -> Vec<(&BackendName, &Alert, Quality)> {
        let told = self.alerts.iter().flat_map(|(by, seen)| {
            let quality = seen.quality(now);
            seen.value.iter().map(move |alert| (by, alert, quality))
        });
        let mut all: Vec<_> = told.filter(|(_, alert, _)| alert.is_about(&place.0, &place.1)).collect();
        all.sort_by(|(_, a, _), (_, b, _)| (a.state, &a.name).cmp(&(b.state, &b.name)));
        all
    }

    /// Takes in what a watch saw. A fault never removes a value: it ages instead,
    /// until its quality says that it is lost.
    pub fn apply(&mut self, seen: &Stamped) {
        let Stamped { at, source, every, what } = seen;
        let (at, every) = (*at, *every);
        let before = self.sources.get(source).and_then(|s| s.heard);
        if matches!(what, Ok(Observation::Heartbeat)) && before.is_some_and(|heard| at + AHEAD < heard) {
            self.step_back(source, at);
        }
        let observation = match what {
            Err(fault) => return self.health(source).fault = Some(fault.clone()),
            Ok(observation) => observation,
        };
        if let Some(topic) = observation.heard() {
            let health = self.health(source);
            (health.heard, health.fault) = (Some(at), None);
            health.unheard.remove(&topic);
        }
        match observation {
            Observation::Deployments(all) => {
                let told: BTreeSet<&Placed> = all.iter().map(|(place, _)| place).collect();
                self.unsee(source, |place| !told.contains(place));
                self.unseen_off.retain(|place, seen| seen.source != *source || !told.contains(place));
                self.health(source).confirmed = None;
                all.iter().for_each(|(place, value)| self.moved(place, value, at));
                self.deployments.retain(|_, seen| seen.source != *source);
                let all = all.iter().map(|(place, value)| (place.clone(), seen.of(value.clone())));
                self.deployments.extend(all);
            }
            Observation::Deployment(place, value) => {
                self.moved(place, value, at);
                self.unseen_off.retain(|unseen, seen| seen.source != *source || unseen != place);
                self.deployments.insert(place.clone(), seen.of(value.clone()));
            }
            Observation::DeploymentGone(place) => {
                self.unsee(source, |gone| gone == place);
                // What another tells of the place still holds.
                if self.deployments.get(place).is_some_and(|seen| seen.source == *source) {
                    self.deployments.remove(place);
                }
            }
            Observation::Reading(signal, reading) | Observation::Derived(signal, Ok(reading)) => {
                let series = self.series.entry(signal.clone()).or_default();
                series.every = every;
                series.push(*reading);
            }
            Observation::NoReading(signal, why) | Observation::Derived(signal, Err(why)) => {
                let series = self.series.entry(signal.clone()).or_default();
                series.every = every;
                series.fault = Some((at, why.clone()));
            }
            Observation::Baseline(signal, reading, ago) => {
                self.series.entry(signal.clone()).or_default().baseline = Some((*reading, *ago));
            }
            Observation::Past(signal, minutes) => {
                self.series.entry(signal.clone()).or_default().recall(minutes);
            }
            Observation::Long(signal, values) => {
                self.series.entry(signal.clone()).or_default().long.clone_from(values);
            }
            Observation::Whole(signal, hours) => {
                self.series.entry(signal.clone()).or_default().whole.clone_from(hours);
            }
            Observation::Versions(signal, counted) => {
                self.versions.insert(signal.clone(), seen.of(counted.clone()));
            }
            Observation::Alerts(all) => {
                self.alerts.insert(source.clone(), seen.of(all.clone()));
            }
            Observation::Rules(told) => {
                self.rules.insert(source.clone(), seen.of(told.clone()));
            }
            Observation::Approvals(all) => {
                self.approvals.retain(|_, seen| seen.source != *source);
                let all = all.iter().map(|value| ((source.clone(), value.subject.clone()), seen.of(value.clone())));
                self.approvals.extend(all);
            }
            Observation::Windows(all) => {
                self.health(source).no_windows = None;
                self.windows.insert(source.clone(), seen.of(Arc::clone(all)));
            }
            Observation::Feed(read) => {
                self.health(source).no_windows = read.clone().err();
                self.feeds.entry(source.clone()).or_default().take(read.as_ref().map(|told| seen.of(told.clone())));
            }
            Observation::Fetched(_) => {}
            Observation::NoWindows(why) => self.health(source).no_windows = Some(why.clone()),
            Observation::Unheard(topic, why) => {
                self.health(source).unheard.insert(*topic, why.clone());
            }
            Observation::Introduced(who) => self.health(source).introduced = Some(Arc::clone(who)),
            Observation::Clock(ahead) => {
                let health = self.health(source);
                (health.skew, health.dated) = (Some(*ahead), Some(at));
            }
            Observation::Heartbeat => self.health(source).confirmed = Some(at),
        }
    }

    /// Keeps what is off because of us at places of a source that it tells of no more.
    fn unsee(&mut self, source: &BackendName, gone: impl Fn(&Placed) -> bool) {
        let mine = self.deployments.iter().filter(|(place, seen)| seen.source == *source && gone(place));
        let off = mine.filter_map(|(place, seen)| {
            let Deployed { value, at, source, every } = self.deployed(seen);
            let value = value.left_off.clone()?;
            Some((place.clone(), Seen { value, at, source: source.clone(), every }))
        });
        let off: Vec<_> = off.collect();
        self.unseen_off.extend(off);
    }

    fn moved(&mut self, place: &Placed, is: &Deployment, at: Timestamp) {
        if let Some(was) = self.deployments.get(place) {
            self.moves.note(place, &was.value, is, at);
        }
    }

    fn health(&mut self, source: &BackendName) -> &mut Source {
        self.sources.entry(source.clone()).or_default()
    }

    /// How often the clock was seen to be set back.
    pub fn set_back(&self) -> u32 {
        self.set_back
    }

    /// The clock was set back: nothing of a source was confirmed later than its newest word.
    fn step_back(&mut self, source: &BackendName, at: Timestamp) {
        let mine = self.deployments.values_mut().filter(|seen| seen.source == *source);
        mine.for_each(|seen| seen.at = seen.at.min(at));
        self.set_back = self.set_back.saturating_add(1);
    }
}

impl Stamped {
    /// A value of this observation, as it is kept.
    fn of<T>(&self, value: T) -> Seen<T> {
        Seen { value, at: self.at, source: self.source.clone(), every: self.every }
    }
}
