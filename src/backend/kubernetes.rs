//! Kubernetes clusters: rollouts watched, led back, paused, scaled, restarted and brought; and in steps,
//! where Argo Rollouts or Flagger is installed.
//!
//! Objects stay JSON as the server wrote them, so no field of a newer one is lost on the
//! way back; of those that are only watched, what rows are made of is kept (`lean`, `seen`). A change is sent once, locked to the version that was read, and believed
//! only when it is read back. What is decided is pure (`status`, `history`, `undo`,
//! `plan`); what asks is `client`, `ask`, `stream`.

pub mod act;
pub mod answer;
pub mod ask;
mod asking;
pub mod badge;
pub mod cause;
pub mod client;
mod credentials;
mod drift;
pub mod examine;
mod fill;
pub mod flagger;
pub mod flow;
pub mod glance;
pub mod history;
pub mod ill;
pub mod kubeconfig;
pub mod lean;
pub mod lock;
pub mod needs;
pub mod news;
pub mod object;
mod open;
pub mod owner;
pub mod parts;
pub mod pin;
pub mod place;
pub mod plan;
pub mod proxy;
pub mod restart;
pub mod rollouts;
pub mod rounds;
pub mod route;
pub mod row;
pub mod seen;
mod set;
mod snapshot;
pub mod status;
mod stream;
pub mod trouble;
pub mod undo;
pub mod version;
mod watch;
pub mod writer;
pub mod yaml;

use super::ending::{Alive, Ending};
use super::http::Host;
use super::http::reach::clock;
use super::{Backend, Done, Fault, Manifest, Safety, Sink, Topic, cannot};
use crate::domain::backend::KubernetesSpec;
use crate::domain::drift::Drift;
use crate::domain::journal_id::Key;
use crate::domain::name::BackendName;
use crate::domain::observed::{Observation, Placed};
use crate::domain::operation::{Operation, Verb};
use crate::domain::report::{Found, Preview, Remark};
use crate::domain::span::Span;
use chrono::TimeDelta;
use futures_util::StreamExt;
use futures_util::future::{BoxFuture, FutureExt, ready};
use futures_util::stream::{BoxStream, once};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A cluster.
pub struct KubernetesBackend {
    manifest: Manifest,
    declared: Arc<Declared>,
}

/// What is declared of a cluster; shared with the calls that are under way.
#[derive(Clone)]
pub struct Declared {
    /// The backend's name.
    pub name: BackendName,
    /// How often a watch shows life.
    pub every: Span,
    /// The way in.
    pub spec: KubernetesSpec,
    /// Where each service lies.
    pub scopes: BTreeMap<Placed, String>,
    /// Where it was found to be when it was first reached.
    pub pinned: pin::Pinned,
    /// What a program brought that brings credentials.
    pub credentials: Arc<badge::Kept>,
    /// What is known of its API, whoever asks it.
    pub host: Host,
    /// Held as long as anything is done with it.
    pub alive: Alive,
}

impl KubernetesBackend {
    /// A cluster as declared, and where each service lies in it. Nothing is reached yet.
    pub fn new(name: BackendName, every: Span, spec: KubernetesSpec, scopes: BTreeMap<Placed, String>) -> Self {
        let verbs = KubernetesSpec::VERBS.into_iter().map(|(verb, _)| (verb, Safety::Once)).collect();
        let manifest = Manifest { name: name.clone(), topics: vec![Topic::Deployments], verbs, probes: true, every };
        let (pinned, alive) = (pin::Pinned::default(), Alive::default());
        let (credentials, host) = (Arc::default(), Host::default());
        let declared = Declared { name, every, spec, scopes, pinned, credentials, host, alive };
        Self { manifest, declared: Arc::new(declared) }
    }

    fn lacks(&self, verb: Verb) -> Option<Fault> {
        (!self.manifest.verbs.contains_key(&verb)).then(|| cannot(&self.manifest.name, verb.word()))
    }

    /// What would happen; `tries` it as a dry run too, where a person waits for it.
    fn foreseen(&self, operation: &Operation, tries: bool) -> BoxFuture<'static, Result<Preview, Fault>> {
        if let Some(fault) = self.lacks(operation.verb) {
            return ready(Err(fault)).boxed();
        }
        let (declared, operation) = (Arc::clone(&self.declared), operation.clone());
        async move {
            let mut preview = act::preview(&declared, &operation, tries).await?;
            if let (false, Some(at)) = (preview.effects.is_empty(), declared.pinned.get()) {
                preview.effects.push(format!("all of it in {}", at.words()));
            }
            Ok(timed(&declared, preview))
        }
        .boxed()
    }
}

/// With what is wrong with its clock, or ours.
fn timed(declared: &Declared, mut preview: Preview) -> Preview {
    let clock = clock(&declared.host);
    if !clock.ok {
        preview.obstacles.push(clock.text);
    }
    preview
}

impl Backend for KubernetesBackend {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn watch(&self, topic: Topic) -> BoxStream<'static, Result<Observation, Fault>> {
        match topic {
            Topic::Deployments => watch::deployments(Arc::clone(&self.declared)).boxed(),
            _ => once(ready(Err(cannot(&self.manifest.name, topic.word())))).boxed(),
        }
    }

    fn ending(&self) -> Option<Ending> {
        Some(self.declared.alive.ending())
    }

    fn preview(&self, operation: &Operation) -> BoxFuture<'static, Result<Preview, Fault>> {
        self.foreseen(operation, true)
    }

    fn glance(&self, operation: &Operation) -> BoxFuture<'static, Result<Preview, Fault>> {
        self.foreseen(operation, false)
    }

    fn ahead(&self, operation: &Operation, changes: u32) -> BoxFuture<'static, Result<Preview, Fault>> {
        if let Some(fault) = self.lacks(operation.verb) {
            return ready(Err(fault)).boxed();
        }
        let (declared, operation) = (Arc::clone(&self.declared), operation.clone());
        async move { Ok(timed(&declared, act::ahead(&declared, &operation, changes).await?)) }.boxed()
    }

    fn perform(&self, operation: Operation, key: Key, out: Sink) -> BoxFuture<'static, Result<Done, Fault>> {
        if let Some(fault) = self.lacks(operation.verb) {
            return ready(Err(fault)).boxed();
        }
        let declared = Arc::clone(&self.declared);
        async move { act::perform(&declared, &operation, &key, out).await }.boxed()
    }

    fn probe(&self, operation: &Operation, key: Key) -> BoxFuture<'static, Result<Found, Fault>> {
        if let Some(fault) = self.lacks(operation.verb) {
            return ready(Err(fault)).boxed();
        }
        let (declared, operation) = (Arc::clone(&self.declared), operation.clone());
        async move { act::probe::probe(&declared, &operation, &key).await }.boxed()
    }

    fn drift(&self, at: &Placed) -> BoxFuture<'static, Result<Drift, Fault>> {
        let (declared, at) = (Arc::clone(&self.declared), at.clone());
        async move { drift::drift(&declared, &at).await }.boxed()
    }

    fn skew(&self) -> Option<TimeDelta> {
        self.declared.host.furthest()
    }

    fn introduce(&self) -> BoxFuture<'static, Vec<Remark>> {
        let declared = Arc::clone(&self.declared);
        async move { examine::examine(&declared).await }.boxed()
    }
}
