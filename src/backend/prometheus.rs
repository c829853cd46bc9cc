//! A Prometheus, or what speaks like one: signals by PromQL, alerts by label.
//!
//! It only reads. A number is given when the answer is one number and fresh;
//! everything else is `NoReading` with the reason, never a zero.

pub mod alerts;
pub mod answer;
mod asked;
mod beside;
mod expression;
pub mod rules;
mod signals;
pub mod versions;

use super::http::Request;
use super::http::reach::Reach;
use super::http::standing::Standing;
use super::launcher::Launcher;
use super::{Backend, Done, Fault, Manifest, Sink, Topic, cannot, pace};
use crate::domain::alert::AlertLabels;
use crate::domain::backend::PrometheusSpec;
use crate::domain::journal_id::Key;
use crate::domain::name::{BackendName, SignalName};
use crate::domain::observed::Observation;
use crate::domain::operation::Operation;
use crate::domain::report::{Found, Preview, Remark};
use crate::domain::signal::Signal;
use crate::domain::span::Span;
use crate::domain::text::visible;
use chrono::TimeDelta;
use futures_util::StreamExt;
use futures_util::future::{BoxFuture, FutureExt, ready};
use futures_util::stream::{self, BoxStream, once};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use tokio::time::Instant;

/// How many rules that cannot be relied on are named.
const SHOWN: usize = 20;

/// A Prometheus with the signals that come from it.
pub struct PrometheusBackend {
    manifest: Manifest,
    reach: Reach,
    signals: Vec<Signal>,
    /// The longest period of the objectives that rest on each signal.
    periods: BTreeMap<SignalName, Span>,
    alerts: Option<AlertLabels>,
}

/// What it says of its build.
#[derive(Deserialize)]
struct Build {
    data: Version,
}

#[derive(Deserialize)]
struct Version {
    version: String,
}

impl PrometheusBackend {
    /// Takes what is declared; helpers of its token start in `root`.
    pub fn new(
        name: BackendName,
        every: Span,
        spec: PrometheusSpec,
        signals: Vec<Signal>,
        root: PathBuf,
        launcher: Launcher,
    ) -> Self {
        let topics = std::iter::once(Topic::Signals).chain(spec.alerts.as_ref().map(|_| Topic::Alerts)).collect();
        let manifest = Manifest { name, topics, verbs: BTreeMap::new(), probes: false, every };
        let (reach, periods) = (Reach::new(spec.endpoint, root, launcher), BTreeMap::new());
        Self { manifest, reach, signals, periods, alerts: spec.alerts }
    }

    /// The same for signals that objectives rest on, each over so long a period: all of that is asked for too.
    pub fn over(self, periods: BTreeMap<SignalName, Span>) -> Self {
        Self { periods, ..self }
    }
}

/// A watch of alerts, and after each time of the rules behind them.
struct Watch {
    standing: Standing,
    labels: AlertLabels,
    every: Span,
    next: Instant,
    faults: u32,
    /// Whether the rules are due: alerts do not wait for them.
    rules: bool,
}

impl Watch {
    async fn next(&mut self) -> Result<Observation, Fault> {
        if std::mem::take(&mut self.rules) {
            return Ok(Observation::Rules(rules::read(&self.standing, &self.labels, self.every).await));
        }
        tokio::time::sleep_until(self.next).await;
        let asked = Instant::now();
        let seen = alerts::read(&self.standing, &self.labels).await;
        self.rules = seen.is_ok();
        self.faults = if seen.is_ok() { 0 } else { self.faults.saturating_add(1) };
        let next = pace::next(asked, self.every, self.faults);
        self.next = if self.faults == 0 { next } else { self.standing.host().sooner(next) };
        seen
    }
}

impl Backend for PrometheusBackend {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn watch(&self, topic: Topic) -> BoxStream<'static, Result<Observation, Fault>> {
        let standing = Standing::new(self.reach.clone());
        match (topic, &self.alerts) {
            (Topic::Signals, _) => signals::watch(standing, &self.signals, &self.periods),
            (Topic::Alerts, Some(labels)) => {
                let every = self.manifest.every;
                let watch =
                    Watch { standing, labels: labels.clone(), every, next: Instant::now(), faults: 0, rules: false };
                stream::unfold(watch, |mut watch| async { Some((watch.next().await, watch)) }).boxed()
            }
            _ => once(ready(Err(cannot(&self.manifest.name, topic.word())))).boxed(),
        }
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

    fn skew(&self) -> Option<TimeDelta> {
        self.reach.host().furthest()
    }

    fn introduce(&self) -> BoxFuture<'static, Vec<Remark>> {
        let (reach, alerts, every) = (self.reach.clone(), self.alerts.clone(), self.manifest.every);
        async move {
            let asked = async {
                let answer = reach.acting()?.read(&Request::get("/api/v1/status/buildinfo")).await?;
                answer.json::<Build>()
            };
            let first = match asked.await {
                Ok(build) => Remark::well(format!("Prometheus {}", visible(&build.data.version))),
                Err(fault) => Remark::wrong(fault.to_string()),
            };
            let up = first.ok;
            let mut all = vec![first];
            all.extend(reach.remarks().await);
            if up {
                all.extend(alerting(&reach, alerts, every).await);
            }
            all
        }
        .boxed()
    }
}

/// What its alerting rules are like. Where its alerts are not watched nobody relies on knowing them.
async fn alerting(reach: &Reach, watched: Option<AlertLabels>, every: Span) -> Vec<Remark> {
    let (relied, labels) = (watched.is_some(), watched.unwrap_or_default());
    let remark = |ok: bool, text: String| if ok { Remark::well(text) } else { Remark::wrong(text) };
    let told = rules::read(&Standing::new(reach.clone()), &labels, every).await;
    let read = match told {
        Err(why) => return vec![remark(!relied, format!("its alerting rules cannot be read: {why}"))],
        Ok(read) => read,
    };
    let mut all = vec![remark(read.all > 0 || !relied, read.line())];
    all.extend(read.ailing.iter().take(SHOWN).map(|rule| Remark::wrong(rule.line())));
    if read.ailing.len() > SHOWN {
        all.push(Remark::wrong(format!("and {} rules more that cannot be relied on", read.ailing.len() - SHOWN)));
    }
    all
}
