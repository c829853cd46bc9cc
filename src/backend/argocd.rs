//! Argo CD: applications watched, synced, rolled back, and their auto-sync switched.
//!
//! Applications stay JSON as the server wrote them. A change is sent once, in the order
//! that the preview shows, and believed only when it is read back. What is decided is pure
//! (`app`, `past`, `there`, `plan`, `goal`, `row`); what asks is `api`, `anew` and `watch`.

mod act;
pub mod action;
pub mod anew;
mod api;
pub mod app;
pub mod diff;
mod drift;
mod examine;
pub mod goal;
pub mod json;
mod managed;
pub mod past;
pub mod place;
pub mod plan;
pub mod row;
mod shown;
mod snapshot;
pub mod there;
pub mod version;
mod watch;
pub mod windows;

use super::http::reach::Reach;
use super::launcher::Launcher;
use super::{Backend, Done, Fault, Manifest, Safety, Sink, Topic, cannot};
use crate::domain::backend::ArgoCdSpec;
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
use place::Place;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// An Argo CD.
pub struct ArgoCdBackend {
    manifest: Manifest,
    declared: Arc<Declared>,
}

/// What is declared of an Argo CD; shared with the calls that are under way.
struct Declared {
    name: BackendName,
    every: Span,
    reach: Reach,
    spec: ArgoCdSpec,
    places: BTreeMap<Placed, Place>,
    /// Scopes that name no application: what is there is not known, and neither are its windows.
    nameless: BTreeMap<Placed, String>,
    shown: shown::Shown,
}

impl ArgoCdBackend {
    /// An Argo CD as declared, and which application each service is. Nothing is reached yet;
    /// helpers of its token start in `root`.
    pub fn new(
        name: BackendName,
        every: Span,
        spec: ArgoCdSpec,
        scopes: BTreeMap<Placed, String>,
        root: PathBuf,
        launcher: Launcher,
    ) -> Self {
        let verbs = ArgoCdSpec::VERBS.into_iter().map(|(verb, _)| (verb, Safety::Once)).collect();
        let manifest = Manifest {
            name: name.clone(),
            topics: vec![Topic::Deployments, Topic::Windows],
            verbs,
            probes: true,
            every,
        };
        let (mut places, mut nameless) = (BTreeMap::new(), BTreeMap::new());
        for (placed, scope) in scopes {
            match Place::read(&scope) {
                Some(place) => drop(places.insert(placed, place)),
                None => drop(nameless.insert(placed, scope)),
            }
        }
        let shown = shown::Shown::default();
        let reach = Reach::new(spec.endpoint.clone(), root, launcher);
        Self { manifest, declared: Arc::new(Declared { name, every, reach, spec, places, nameless, shown }) }
    }

    fn lacks(&self, verb: Verb) -> Option<Fault> {
        (!self.manifest.verbs.contains_key(&verb)).then(|| cannot(&self.manifest.name, verb.word()))
    }

    fn foreseen(&self, operation: &Operation, person: bool) -> BoxFuture<'static, Result<Preview, Fault>> {
        if let Some(fault) = self.lacks(operation.verb) {
            return ready(Err(fault)).boxed();
        }
        let (declared, operation) = (Arc::clone(&self.declared), operation.clone());
        async move { act::preview(&declared, &operation, person).await }.boxed()
    }
}

impl Backend for ArgoCdBackend {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn watch(&self, topic: Topic) -> BoxStream<'static, Result<Observation, Fault>> {
        match topic {
            Topic::Deployments => watch::deployments(Arc::clone(&self.declared)).boxed(),
            Topic::Windows => watch::windows::windows(Arc::clone(&self.declared)).boxed(),
            _ => once(ready(Err(cannot(&self.manifest.name, topic.word())))).boxed(),
        }
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
        async move { act::ahead(&declared, &operation, changes).await }.boxed()
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
        async move { act::probe(&declared, &operation, &key).await }.boxed()
    }

    fn drift(&self, at: &Placed) -> BoxFuture<'static, Result<Drift, Fault>> {
        let (declared, at) = (Arc::clone(&self.declared), at.clone());
        async move { drift::drift(&declared, &at).await }.boxed()
    }

    fn skew(&self) -> Option<TimeDelta> {
        self.declared.reach.host().furthest()
    }

    fn introduce(&self) -> BoxFuture<'static, Vec<Remark>> {
        let declared = Arc::clone(&self.declared);
        async move { examine::examine(&declared).await }.boxed()
    }
}
