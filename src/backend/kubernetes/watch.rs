//! Watches the declared services: everything is listed, told as one snapshot, then watched.
//!
//! Whatever breaks is said and begins anew with a list, so missed events heal. A
//! heartbeat is only sent once every single watch has shown life since the last one.

use super::super::{Fault, pace};
use super::Declared;
use super::answer::Unanswered;
use super::asking::Asking;
use super::client::Cluster;
use super::fill;
use super::flow::Flow;
use super::news::News;
use super::parts::{self, Added};
use super::place::{Place, collection};
use super::rounds::Went;
use super::seen::{Collection, Look, Seen};
use super::stream::{Event, watch};
use crate::domain::Timestamp;
use crate::domain::observed::{Deployment, Observation, Placed};
use chrono::Utc;
use futures_util::stream::{self, BoxStream, SelectAll, Stream, StreamExt};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How often rows are looked at that are others after some time.
const AGAIN: Duration = Duration::from_secs(5);

/// Everything that the cluster is seen to say of the declared services, for ever.
pub fn deployments(declared: Arc<Declared>) -> impl Stream<Item = Result<Observation, Fault>> + Send {
    let asking = Asking::default();
    let watch = Watch { declared, session: None, asking, told: VecDeque::new(), next: Instant::now(), faults: 0 };
    stream::unfold(watch, |mut watch| async {
        let item = watch.next().await;
        Some((item, watch))
    })
}

struct Watch {
    declared: Arc<Declared>,
    session: Option<Session>,
    asking: Asking,
    told: VecDeque<Result<Observation, Fault>>,
    next: Instant,
    faults: u32,
}

/// All watches between two lists.
struct Session {
    cluster: Cluster,
    every: Duration,
    seen: Seen,
    rows: BTreeMap<Placed, Arc<Deployment>>,
    /// Whose rows may be others after some time, or by what is heard of them.
    restless: BTreeSet<Placed>,
    /// When they are looked at next.
    again: Instant,
    events: SelectAll<BoxStream<'static, (Collection, Result<Event, Unanswered>)>>,
    all: BTreeSet<Collection>,
    /// What is not installed there, and what lies in it is not watched until it is.
    absent: Vec<&'static Added>,
    /// Who has not shown life since the last heartbeat.
    quiet: BTreeSet<Collection>,
    /// Whose rows may be others by what has been taken in this turn.
    changed: BTreeSet<Placed>,
    flow: Flow,
}

/// What comes next.
enum Turn {
    Event(Option<(Collection, Result<Event, Unanswered>)>),
    Heard(String, Vec<News>),
    Again,
    /// The time is over in which events are taken.
    Over,
}

impl Watch {
    async fn next(&mut self) -> Result<Observation, Fault> {
        loop {
            if let Some(told) = self.told.pop_front() {
                return told;
            }
            let error = match &mut self.session {
                None => {
                    tokio::time::sleep_until(self.next).await;
                    match Session::begin(&self.declared).await {
                        Ok(mut session) => {
                            let snapshot = session.snapshot(&mut self.asking);
                            self.session = Some(session);
                            return Ok(snapshot);
                        }
                        Err(error) => error,
                    }
                }
                Some(session) => match session.next(&mut self.asking).await {
                    Ok(told) => {
                        if told.contains(&Observation::Heartbeat) {
                            self.faults = 0;
                        }
                        self.told.extend(told.into_iter().map(Ok));
                        continue;
                    }
                    Err(error) => {
                        // What was heard before it is told before it.
                        if !error.expired() {
                            self.told.extend(session.changes(&mut self.asking).into_iter().map(Ok));
                        }
                        error
                    }
                },
            };
            let forgotten = self.session.take().is_some() && error.expired();
            self.faults = self.faults.saturating_add(1);
            self.next = match forgotten && self.faults == 1 {
                // Usual after a pause of the server's: it begins with a list again.
                true => Instant::now(),
                false => {
                    let next = pace::next(Instant::now(), self.declared.every, self.faults);
                    self.declared.host.sooner(next.max(Instant::now() + error.patience()))
                }
            };
            if !forgotten {
                self.told.push_back(Err(error.of_read(&format!("cannot watch the cluster of {}", self.declared.name))));
            }
        }
    }
}

impl Session {
    async fn begin(declared: &Declared) -> Result<Self, Unanswered> {
        let cluster = Cluster::reach_to_watch(declared).await?;
        let place =
            |(placed, scope): (&Placed, &String)| Some((placed.clone(), Place::read(scope, &cluster.namespace)?));
        let places: BTreeMap<Placed, Place> = declared.scopes.iter().filter_map(place).collect();
        let mut seen = Seen::of(places.clone(), declared.spec.version_label.clone());
        let (mut all, absent) = (seen.collections(), absent(&cluster, &places).await?);
        let lacks = |of: &str| absent.iter().any(|added| added.resources.contains(&of));
        all.retain(|(_, resource)| !lacks(resource));
        if all.is_empty() {
            cluster.read("/version").await?;
        }
        let mut events = SelectAll::new();
        for (at, version) in fill::fill(&cluster, &mut seen, &all).await? {
            let path = collection(&at.0, at.1);
            let watched = watch(cluster.clone(), path, version, declared.every.std(), at.1);
            events.push(watched.map(move |event| (at.clone(), event)).boxed());
        }
        seen.turned();
        let (quiet, flow, changed) = (all.clone(), Flow::default(), BTreeSet::new());
        let (every, rows, restless, again) = (declared.every.std(), BTreeMap::new(), BTreeSet::new(), Instant::now());
        Ok(Self { cluster, every, seen, rows, restless, again, events, all, absent, quiet, changed, flow })
    }

    /// Every row as it is at the beginning.
    fn snapshot(&mut self, asking: &mut Asking) -> Observation {
        asking.rounds.forget();
        let all: Vec<Placed> = self.seen.services().keys().cloned().collect();
        all.into_iter().for_each(|placed| drop(self.told(placed, asking)));
        Observation::Deployments(self.rows.clone().into_iter().collect())
    }

    /// What time it is there.
    fn now(&self) -> Timestamp {
        Utc::now() + self.cluster.way.host.skew().unwrap_or_default()
    }

    async fn next(&mut self, asking: &mut Asking) -> Result<Vec<Observation>, Unanswered> {
        let opens = tokio::time::sleep_until(self.flow.opens());
        let events = &mut self.events;
        let turn = tokio::select! {
            // Whatever has come is taken before the turn is over, and before anything else.
            biased;
            event = async { opens.await; events.next().await }, if self.flow.takes() => Turn::Event(event),
            () = self.flow.over(), if self.flow.is_open() => Turn::Over,
            (namespace, news) = asking.next(&self.cluster) => Turn::Heard(namespace, news),
            () = tokio::time::sleep_until(self.again), if !self.restless.is_empty() => Turn::Again,
        };
        match turn {
            Turn::Over => {
                self.flow.shut();
                Ok(self.changes(asking))
            }
            Turn::Event(event) => self.event(event, asking).await,
            Turn::Heard(namespace, news) => Ok(self.heard(&namespace, news, asking)),
            Turn::Again => {
                self.again = Instant::now() + AGAIN;
                Ok(self.looked(asking, |_| true))
            }
        }
    }

    async fn event(
        &mut self,
        event: Option<(Collection, Result<Event, Unanswered>)>,
        asking: &mut Asking,
    ) -> Result<Vec<Observation>, Unanswered> {
        let Some((at, event)) = event else {
            // Nothing is declared to lie here: that the API answers is all there is to know.
            tokio::time::sleep(self.every).await;
            come(self.cluster.clone(), self.absent.clone()).await?;
            return self.cluster.read("/version").await.map(|_| vec![Observation::Heartbeat]);
        };
        let event = event?;
        self.flow.taken();
        let about = match event {
            Event::Applied(object) => self.seen.apply(&at, object),
            Event::Well(pod) => self.seen.well(&at, &pod),
            Event::Deleted(object) => self.seen.delete(&at, &object),
            Event::Alive => Vec::new(),
        };
        if self.seen.turned() {
            return Err(Unanswered::anew());
        }
        self.changed.extend(about);
        self.quiet.remove(&at);
        if !self.quiet.is_empty() {
            return Ok(Vec::new());
        }
        self.quiet = self.all.clone();
        come(self.cluster.clone(), self.absent.clone()).await?;
        // What has been heard until then goes before.
        let mut told = self.changes(asking);
        told.push(Observation::Heartbeat);
        Ok(told)
    }

    /// What is new by what has been taken.
    fn changes(&mut self, asking: &mut Asking) -> Vec<Observation> {
        let changed = std::mem::take(&mut self.changed);
        changed.into_iter().filter_map(|placed| self.told(placed, asking)).collect()
    }

    /// What events of a namespace make of the rows there.
    fn heard(&mut self, namespace: &str, news: Vec<News>, asking: &mut Asking) -> Vec<Observation> {
        self.seen.hear(namespace, news);
        let told = self.looked(asking, |place| place.namespace == namespace);
        let went = if told.is_empty() { Went::Same } else { Went::New };
        asking.rounds.went(namespace, &went);
        told
    }

    /// What is new of those whose rows may be others without a word of theirs.
    fn looked(&mut self, asking: &mut Asking, lies: impl Fn(&Place) -> bool) -> Vec<Observation> {
        let services = self.seen.services();
        let here = |placed: &&Placed| services.get(*placed).is_some_and(&lies);
        let all: Vec<Placed> = self.restless.iter().filter(here).cloned().collect();
        all.into_iter().filter_map(|placed| self.told(placed, asking)).collect()
    }

    /// What is new of a service, if anything is.
    fn told(&mut self, placed: Placed, asking: &mut Asking) -> Option<Observation> {
        let look = self.seen.look(&placed, self.now());
        let (unwell, timed) = look.as_ref().map_or((false, false), |look| (look.unwell, look.timed));
        if let Some(place) = self.seen.services().get(&placed) {
            asking.rounds.note(&place.namespace, &placed, unwell, Instant::now());
        }
        if unwell || timed {
            self.restless.insert(placed.clone());
        } else {
            self.restless.remove(&placed);
        }
        match look.map(|Look { row, .. }| Arc::new(row)) {
            None => self.rows.remove(&placed).map(|_| Observation::DeploymentGone(placed)),
            Some(row) if self.rows.get(&placed) == Some(&row) => None,
            Some(row) => {
                self.rows.insert(placed.clone(), Arc::clone(&row));
                Some(Observation::Deployment(placed, row))
            }
        }
    }
}

/// Begins anew when something has been installed that was absent.
async fn come(cluster: Cluster, absent: Vec<&'static Added>) -> Result<(), Unanswered> {
    for added in absent {
        if parts::has(&cluster, added).await? {
            return Err(Unanswered::anew());
        }
    }
    Ok(())
}

/// What declared services lie in that is not installed there.
async fn absent(cluster: &Cluster, places: &BTreeMap<Placed, Place>) -> Result<Vec<&'static Added>, Unanswered> {
    let needed: BTreeSet<&'static Added> = places.values().flat_map(parts::needed).collect();
    let mut absent = Vec::new();
    for added in needed {
        if !parts::has(cluster, added).await? {
            absent.push(added);
        }
    }
    Ok(absent)
}
