//! Watches the declared services: everything is listed, told as one snapshot, then watched.
//!
//! Whatever breaks is said and begins anew with a list, so missed events heal. A
//! heartbeat is only sent once every single watch has shown life since the last one.

use super::super::{Fault, pace};
use super::Declared;
use super::answer::Unanswered;
use super::client::Cluster;
use super::lean;
use super::parts::{self, Added};
use super::place::{Place, collection};
use super::seen::{Collection, Seen};
use super::stream::{Event, watch};
use crate::domain::observed::{Deployment, Observation, Placed};
use futures_util::stream::{self, BoxStream, SelectAll, Stream, StreamExt};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How long a turn of taking events is.
const TURN: Duration = Duration::from_millis(250);
/// How many are taken in it at most.
const MOST: u32 = 500;

/// Everything that the cluster is seen to say of the declared services, for ever.
pub fn deployments(declared: Arc<Declared>) -> impl Stream<Item = Result<Observation, Fault>> + Send {
    let watch = Watch { declared, session: None, told: VecDeque::new(), next: Instant::now(), faults: 0 };
    stream::unfold(watch, |mut watch| async {
        let item = watch.next().await;
        Some((item, watch))
    })
}

struct Watch {
    declared: Arc<Declared>,
    session: Option<Session>,
    told: VecDeque<Observation>,
    next: Instant,
    faults: u32,
}

/// All watches between two lists.
struct Session {
    cluster: Cluster,
    every: Duration,
    seen: Seen,
    rows: BTreeMap<Placed, Arc<Deployment>>,
    events: SelectAll<BoxStream<'static, (Collection, Result<Event, Unanswered>)>>,
    all: BTreeSet<Collection>,
    /// What is not installed there, and what lies in it is not watched until it is.
    absent: Vec<&'static Added>,
    /// Who has not shown life since the last heartbeat.
    quiet: BTreeSet<Collection>,
    flow: Flow,
}

/// How many events of a cluster are taken at a time: a flood waits where it comes from, and
/// leaves the processor to others.
struct Flow {
    began: Instant,
    taken: u32,
}

impl Flow {
    async fn taken(&mut self) {
        if self.began.elapsed() >= TURN {
            *self = Self { began: Instant::now(), taken: 0 };
        }
        self.taken += 1;
        if self.taken >= MOST {
            tokio::time::sleep_until(self.began + TURN).await;
        }
    }
}

impl Watch {
    async fn next(&mut self) -> Result<Observation, Fault> {
        loop {
            if let Some(told) = self.told.pop_front() {
                return Ok(told);
            }
            let error = match &mut self.session {
                None => {
                    tokio::time::sleep_until(self.next).await;
                    match Session::begin(&self.declared).await {
                        Ok((session, snapshot)) => {
                            self.session = Some(session);
                            return Ok(snapshot);
                        }
                        Err(error) => error,
                    }
                }
                Some(session) => match session.next().await {
                    Ok(told) => {
                        if told.contains(&Observation::Heartbeat) {
                            self.faults = 0;
                        }
                        self.told.extend(told);
                        continue;
                    }
                    Err(error) => error,
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
                return Err(error.of_read(&format!("cannot watch the cluster of {}", self.declared.name)));
            }
        }
    }
}

impl Session {
    async fn begin(declared: &Declared) -> Result<(Self, Observation), Unanswered> {
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
        for at in &all {
            let version = match fill(&cluster, &mut seen, at).await {
                // A page was forgotten meanwhile: it begins once more.
                Err(error) if error.expired() => fill(&cluster, &mut seen, at).await?,
                version => version?,
            };
            let (key, path) = (at.clone(), collection(&at.0, at.1));
            let watched = watch(cluster.clone(), path, version, declared.every.std(), lean::event(at.1));
            events.push(watched.map(move |event| (key.clone(), event)).boxed());
        }
        seen.turned();
        let rows: BTreeMap<_, _> = seen.rows().into_iter().map(|(placed, row)| (placed, Arc::new(row))).collect();
        let snapshot = Observation::Deployments(rows.clone().into_iter().collect());
        let (quiet, flow) = (all.clone(), Flow { began: Instant::now(), taken: 0 });
        Ok((Self { cluster, every: declared.every.std(), seen, rows, events, all, absent, quiet, flow }, snapshot))
    }

    async fn next(&mut self) -> Result<Vec<Observation>, Unanswered> {
        let Some((at, event)) = self.events.next().await else {
            // Nothing is declared to lie here: that the API answers is all there is to know.
            tokio::time::sleep(self.every).await;
            come(self.cluster.clone(), self.absent.clone()).await?;
            return self.cluster.read("/version").await.map(|_| vec![Observation::Heartbeat]);
        };
        let event = event?;
        self.flow.taken().await;
        let about = match event {
            Event::Applied(object) => self.seen.apply(&at, object),
            Event::Deleted(object) => self.seen.delete(&at, &object),
            Event::Alive => Vec::new(),
        };
        if self.seen.turned() {
            return Err(Unanswered::anew());
        }
        let mut told: Vec<_> = about.into_iter().filter_map(|placed| self.told(placed)).collect();
        self.quiet.remove(&at);
        if self.quiet.is_empty() {
            self.quiet = self.all.clone();
            come(self.cluster.clone(), self.absent.clone()).await?;
            told.push(Observation::Heartbeat);
        }
        Ok(told)
    }

    /// What is new of a service, if anything is.
    fn told(&mut self, placed: Placed) -> Option<Observation> {
        match self.seen.row(&placed).map(Arc::new) {
            None => self.rows.remove(&placed).map(|_| Observation::DeploymentGone(placed)),
            Some(row) if self.rows.get(&placed) == Some(&row) => None,
            Some(row) => {
                self.rows.insert(placed.clone(), Arc::clone(&row));
                Some(Observation::Deployment(placed, row))
            }
        }
    }
}

/// Lists everything of a collection; from where its watch goes on.
async fn fill(cluster: &Cluster, seen: &mut Seen, at: &Collection) -> Result<String, Unanswered> {
    seen.forget(at);
    let path = collection(&at.0, at.1);
    let mut pages = cluster.pages(&path, "", lean::page(at.1));
    while let Some(objects) = pages.next().await? {
        for object in objects {
            seen.apply(at, object);
        }
    }
    Ok(pages.version)
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
