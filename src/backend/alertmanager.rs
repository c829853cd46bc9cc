//! An Alertmanager: its alerts watched, and one verb, `silence`.
//!
//! A silence always names the service and what it may cover, has an end, and carries the
//! operation's key in its comment: what is found under the key is not made again, and what
//! was accepted counts only when every member of the cluster shows it.

mod alerts;
mod api;
mod end;
mod silence;

use super::http::reach::Reach;
use super::http::standing::Standing;
use super::launcher::Launcher;
use super::{Backend, Done, Fault, Manifest, Safety, Sink, Topic, cannot, pace};
use crate::domain::alert::AlertLabels;
use crate::domain::backend::AlertmanagerSpec;
use crate::domain::journal_id::Key;
use crate::domain::name::BackendName;
use crate::domain::observed::Observation;
use crate::domain::operation::{Operation, Verb};
use crate::domain::report::{Found, Preview, Remark};
use crate::domain::span::Span;
use chrono::TimeDelta;
use futures_util::StreamExt;
use futures_util::future::{BoxFuture, FutureExt, ready};
use futures_util::stream::{self, BoxStream, once};
use silence::Wanted;
use std::collections::BTreeMap;
use std::path::PathBuf;
use tokio::time::Instant;

/// An Alertmanager and the other members of its cluster.
pub struct AlertmanagerBackend {
    manifest: Manifest,
    cluster: Cluster,
    labels: AlertLabels,
    longest: Span,
    never: Vec<(String, String)>,
}

/// The one that is asked, and the others.
#[derive(Clone)]
pub struct Cluster {
    first: Reach,
    peers: Vec<Reach>,
}

impl Cluster {
    fn all(&self) -> impl Iterator<Item = &Reach> {
        std::iter::once(&self.first).chain(&self.peers)
    }
}

impl AlertmanagerBackend {
    /// Takes what is declared; helpers of its token start in `root`.
    pub fn new(name: BackendName, every: Span, spec: AlertmanagerSpec, root: PathBuf, launcher: Launcher) -> Self {
        let verbs = BTreeMap::from([(Verb::Silence, Safety::Idempotent)]);
        let manifest = Manifest { name, topics: vec![Topic::Alerts], verbs, probes: true, every };
        let first = Reach::new(spec.endpoint, root, launcher);
        let peers = spec.peers.iter().map(|url| first.at(url)).collect();
        Self {
            manifest,
            cluster: Cluster { first, peers },
            labels: spec.labels,
            longest: spec.longest,
            never: spec.never,
        }
    }

    fn wanted(&self, operation: &Operation) -> Result<Wanted, Fault> {
        if operation.verb != Verb::Silence {
            return Err(cannot(&self.manifest.name, operation.verb.word()));
        }
        Wanted::new(operation, &self.labels, self.longest, &self.never)
            .map_err(|why| Fault::Refused { why, output: None })
    }
}

impl Backend for AlertmanagerBackend {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn watch(&self, topic: Topic) -> BoxStream<'static, Result<Observation, Fault>> {
        if topic != Topic::Alerts {
            return once(ready(Err(cannot(&self.manifest.name, topic.word())))).boxed();
        }
        let state =
            (Standing::new(self.cluster.first.clone()), self.labels.clone(), self.manifest.every, Instant::now(), 0u32);
        stream::unfold(state, |(standing, labels, every, next, faults)| async move {
            tokio::time::sleep_until(next).await;
            let asked = Instant::now();
            let seen = match standing.client() {
                Ok(client) => alerts::read(&client, &labels).await,
                Err(fault) => Err(fault),
            };
            standing.went(seen.is_ok());
            let faults = if seen.is_ok() { 0 } else { faults.saturating_add(1) };
            let next = pace::next(asked, every, faults);
            let next = if faults == 0 { next } else { standing.host().sooner(next) };
            Some((seen, (standing, labels, every, next, faults)))
        })
        .boxed()
    }

    fn preview(&self, operation: &Operation) -> BoxFuture<'static, Result<Preview, Fault>> {
        let (wanted, cluster) = (self.wanted(operation), self.cluster.clone());
        async move {
            match wanted {
                Err(Fault::Refused { why, .. }) => {
                    let mut preview = Preview::default();
                    preview.refuse(why);
                    Ok(preview)
                }
                Err(fault) => Err(fault),
                Ok(wanted) => silence::preview(&wanted, &cluster).await,
            }
        }
        .boxed()
    }

    fn perform(&self, operation: Operation, key: Key, out: Sink) -> BoxFuture<'static, Result<Done, Fault>> {
        let (wanted, cluster) = (self.wanted(&operation), self.cluster.clone());
        async move { silence::perform(&wanted?, &cluster, &key, operation.limit, &out).await }.boxed()
    }

    fn probe(&self, operation: &Operation, key: Key) -> BoxFuture<'static, Result<Found, Fault>> {
        let (wanted, cluster) = (self.wanted(operation), self.cluster.clone());
        async move { silence::probe(&wanted?, &cluster, &key).await }.boxed()
    }

    fn skew(&self) -> Option<TimeDelta> {
        self.cluster.first.host().furthest()
    }

    fn introduce(&self) -> BoxFuture<'static, Vec<Remark>> {
        let cluster = self.cluster.clone();
        async move {
            let mut all = Vec::new();
            for member in cluster.all() {
                all.push(match api::status(member).await {
                    // Whoever builds one without saying which it is gets one that does not know.
                    Ok(version) if version.is_empty() => Remark::well(format!("Alertmanager at {}", member.origin())),
                    Ok(version) => Remark::well(format!("Alertmanager {version} at {}", member.origin())),
                    Err(fault) => Remark::wrong(fault.to_string()),
                });
            }
            all.extend(cluster.first.remarks().await);
            // The others have clocks of their own; what is as it should be is said once.
            all.extend(cluster.peers.iter().filter_map(|peer| {
                let Remark { ok, text } = peer.clock();
                (!ok).then(|| Remark::wrong(format!("{}: {text}", peer.origin())))
            }));
            all
        }
        .boxed()
    }
}
