//! Readings of signals: HTTP, TCP, commands, result files, artefacts and scrapes.
//!
//! Each signal is read at each place on its own clock, so one that hangs
//! disturbs no other. Not being able to read is said as such: `NoReading`, never
//! a number.

pub mod artifact;
mod aside;
pub mod compute;
mod exec;
mod http;
mod job;
pub mod nagios;
pub mod openmetrics;
pub mod report;
mod scrape;
pub mod selector;
mod tcp;

use super::launcher::Launcher;
use super::{Backend, Done, Fault, Manifest, Sink, Topic, cannot, pace};
use crate::domain::journal_id::Key;
use crate::domain::name::{BackendName, EnvironmentName};
use crate::domain::observed::Observation;
use crate::domain::operation::Operation;
use crate::domain::report::{Found, Preview, Remark};
use crate::domain::signal::Signal;
use crate::domain::span::Span;
use futures_util::StreamExt;
use futures_util::future::{BoxFuture, FutureExt, ready};
use futures_util::stream::{self, BoxStream, once, select_all};
use job::{Job, Plan};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::Instant;

/// The longest a first reading is put off, so that not all come at once.
const SPREAD: Duration = Duration::from_millis(400);

/// Signals that are read by asking for them.
pub struct ProbeBackend {
    manifest: Manifest,
    plan: Plan,
}

impl ProbeBackend {
    /// Reads the given signals; commands start in `root`. A signal that cannot
    /// be read as declared is reported as such at each of its intervals.
    pub fn new(name: BackendName, every: Span, signals: Vec<Signal>, root: PathBuf, launcher: Launcher) -> Self {
        let manifest = Manifest { name, topics: vec![Topic::Signals], verbs: BTreeMap::new(), probes: false, every };
        Self { manifest, plan: Plan::new(signals, root, launcher) }
    }
}

/// Why a signal cannot be read as it is declared, and what to write in place; for `doctor` and `check`.
pub fn mistake(signal: &Signal) -> Option<String> {
    job::mistake(signal)
}

/// What is so and what is not so of the artefact that a signal verifies at a place; nothing where it verifies none.
pub fn verify(root: PathBuf, signal: &Signal, environment: &EnvironmentName) -> Option<Verified> {
    let asked = job::artifact(root, signal, environment)?;
    Some(asked.and_then(|asked| {
        let file = asked.file().to_owned();
        artifact::look(&asked).map(|seen| (file.clone(), seen.remarks)).map_err(|why| format!("{file}: {why}"))
    }))
}

/// The path of an artefact with what is so and what is not so of it, or what could not be looked at.
pub type Verified = Result<(String, Vec<Remark>), String>;

impl Backend for ProbeBackend {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn watch(&self, topic: Topic) -> BoxStream<'static, Result<Observation, Fault>> {
        if topic != Topic::Signals {
            return once(ready(Err(cannot(&self.manifest.name, topic.word())))).boxed();
        }
        let readings = self.plan.jobs().into_iter().map(|(every, job)| repeat(every, job));
        // Without any signal it is a quiet watch, not one that keeps ending.
        select_all(readings).map(Ok).chain(stream::pending()).boxed()
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

/// Does a job for ever at its interval.
fn repeat(every: Span, job: Job) -> BoxStream<'static, Observation> {
    let first = Instant::now() + pace::jitter(SPREAD.min(every.std() / 2));
    stream::unfold((job, first), move |(mut job, next)| async move {
        tokio::time::sleep_until(next).await;
        let asked = Instant::now();
        let seen = job.read().await;
        let next = pace::next(asked, if job.in_a_hurry() { every.min(Span::secs(1)) } else { every }, 0);
        Some((stream::iter(seen), (job, next)))
    })
    .flatten()
    .boxed()
}
