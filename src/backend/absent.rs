//! A backend that was left out when this program was built: it says so.
//! It stands in for what needs a feature, so that a workspace loads all the same.

use super::{Backend, Done, Fault, Manifest, Sink, Topic, cannot};
use crate::domain::journal_id::Key;
use crate::domain::name::BackendName;
use crate::domain::observed::Observation;
use crate::domain::operation::Operation;
use crate::domain::report::{Found, Preview};
use crate::domain::span::Span;
use futures_util::StreamExt;
use futures_util::future::{BoxFuture, FutureExt, ready};
use futures_util::stream::{BoxStream, once};

/// Says that it cannot be had.
pub struct Absent {
    manifest: Manifest,
    feature: &'static str,
}

impl Absent {
    /// One of that name, which would need this feature; its watches say why they see nothing.
    pub fn new(name: BackendName, every: Span, topics: &[Topic], feature: &'static str) -> Self {
        let (verbs, topics) = (std::collections::BTreeMap::new(), topics.to_vec());
        Self { manifest: Manifest { name, topics, verbs, probes: false, every }, feature }
    }
}

impl Backend for Absent {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn watch(&self, _topic: Topic) -> BoxStream<'static, Result<Observation, Fault>> {
        let why = format!("this holdpoint was built without it; build it with the feature `{}`", self.feature);
        once(ready(Err(Fault::Unreachable(why)))).boxed()
    }

    fn preview(&self, operation: &Operation) -> BoxFuture<'static, Result<Preview, Fault>> {
        ready(Err(cannot(&self.manifest.name, operation.verb.word()))).boxed()
    }

    fn perform(&self, operation: Operation, _key: Key, _out: Sink) -> BoxFuture<'static, Result<Done, Fault>> {
        ready(Err(cannot(&self.manifest.name, operation.verb.word()))).boxed()
    }

    fn probe(&self, operation: &Operation, _key: Key) -> BoxFuture<'static, Result<Found, Fault>> {
        ready(Err(cannot(&self.manifest.name, operation.verb.word()))).boxed()
    }
}
