//! Plugins: programs of others that speak JSON-RPC 2.0, one message a line, over their standard
//! input and output. The port's five names are the wire's.
//!
//! A plugin runs with the user's rights and is let do only what its declaration grants. What
//! it says is foreign text; its death is never a success. The page is docs/plugins.md.

mod act;
pub mod check;
pub mod code;
mod connection;
mod expected;
mod feeds;
pub mod frame;
mod handshake;
mod introduced;
mod life;
pub mod message;
pub mod meta;
mod order;
pub mod pace;
mod pending;
mod pictures;
mod preview;
pub mod process;
pub mod rows;
pub mod schema;
mod serve;
mod session;
mod told;
pub mod trust;
mod watch;

pub use serve::serve;

use super::ending::{Alive, Ending};
use super::launcher::Launcher;
use super::secret::SecretSource;
use super::template::fill;
use super::{Backend, Done, Fault, Manifest, Safety, Sink, Topic, cannot};
use crate::domain::backend::PluginSpec;
use crate::domain::introduced::Introduced;
use crate::domain::journal_id::Key;
use crate::domain::name::BackendName;
use crate::domain::observed::{Observation, Placed};
use crate::domain::operation::Operation;
use crate::domain::report::{Found, Preview, Remark};
use crate::domain::secret::SecretRef;
use crate::domain::signal::{Query, Signal};
use crate::domain::span::Span;
use act::Line;
use futures_util::StreamExt;
use futures_util::future::{BoxFuture, FutureExt, ready};
use futures_util::stream::{BoxStream, once};
use message::{Asked, CREDIT, WatchStart};
use order::Order;
use pace::Pace;
use process::Launch;
use rows::PlaceRow;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch::Sender;

/// A program that speaks our protocol, as a backend.
pub struct PluginBackend {
    plugin: Arc<Plugin>,
}

/// What every call needs; shared with the calls that are under way.
struct Plugin {
    manifest: Manifest,
    spec: PluginSpec,
    signals: Vec<Signal>,
    places: BTreeSet<Placed>,
    launch: Launch,
    pace: Pace,
    thread: OnceLock<Result<UnboundedSender<Order>, String>>,
    calls: AtomicU64,
    alive: Alive,
    known: Sender<Option<Arc<Introduced>>>,
}

impl PluginBackend {
    /// A plugin as declared, for the signals that it is asked for. Nothing is started yet.
    pub fn new(
        name: BackendName,
        every: Span,
        spec: PluginSpec,
        signals: Vec<Signal>,
        root: PathBuf,
        launcher: Launcher,
    ) -> Self {
        Self::with_pace(name, every, spec, signals, root, launcher, Pace::default())
    }

    /// The same at another pace, for tests.
    pub fn with_pace(
        name: BackendName,
        every: Span,
        spec: PluginSpec,
        signals: Vec<Signal>,
        root: PathBuf,
        launcher: Launcher,
        pace: Pace,
    ) -> Self {
        let safety = |idempotent| if idempotent { Safety::Idempotent } else { Safety::Once };
        let verbs = spec.verbs.iter().map(|(verb, granted)| (*verb, safety(granted.idempotent))).collect();
        let topics = [
            (Topic::Deployments, spec.deployments),
            (Topic::Signals, spec.signals),
            (Topic::Alerts, spec.alerts),
            (Topic::Windows, spec.windows),
        ];
        let topics = topics.into_iter().filter(|(_, granted)| *granted).map(|(topic, _)| topic).collect();
        let source = |reference: &SecretRef| SecretSource::new(reference.clone(), root.clone(), launcher.clone());
        let secrets = spec.secrets.iter().map(|(name, secret)| (name.clone(), Arc::new(source(secret)))).collect();
        let launch = Launch {
            secrets,
            name: name.to_string(),
            argv: spec.argv.clone(),
            config: serde_json::from_str(&spec.config).unwrap_or_default(),
            pass_env: spec.pass_env.clone(),
            root,
            launcher,
            memory: spec.memory.unwrap_or(PluginSpec::MEMORY),
            pinned: true,
        };
        let manifest = Manifest { name, topics, verbs, probes: spec.probes, every };
        let (thread, calls, alive) = (OnceLock::new(), AtomicU64::new(0), Alive::default());
        let (places, known) = (BTreeSet::new(), Sender::new(None));
        let plugin = Plugin { manifest, spec, signals, places, launch, pace, thread, calls, alive, known };
        Self { plugin: Arc::new(plugin) }
    }

    /// The same, asked for the windows of these places: those that it deploys to.
    pub fn asked_of(mut self, places: impl IntoIterator<Item = Placed>) -> Self {
        if let Some(plugin) = Arc::get_mut(&mut self.plugin) {
            plugin.places.extend(places);
        }
        self
    }
}

impl Plugin {
    /// The way to the plugin's thread, which begins with the first call.
    fn line(&self) -> Result<Line, Fault> {
        let start = || {
            life::start(self.launch.clone(), self.pace, self.alive.clone(), self.known.clone())
                .map_err(|e| format!("cannot start a thread: {e}"))
        };
        let orders = self.thread.get_or_init(start).as_ref().map_err(|why| Fault::Unreachable(why.clone()))?;
        Ok(Line { orders: orders.clone(), ticket: self.calls.fetch_add(1, Ordering::Relaxed) })
    }

    fn granted(&self, operation: &Operation) -> Result<Span, Fault> {
        let granted = self.spec.verbs.get(&operation.verb);
        let granted = granted.ok_or_else(|| cannot(&self.manifest.name, operation.verb.word()))?;
        Ok(if operation.limit == Span::ZERO { granted.limit } else { operation.limit })
    }

    /// The signals with what is asked for each, at each of its places.
    fn asked(&self) -> Vec<Asked> {
        let mut all = Vec::new();
        for signal in &self.signals {
            let Query::Plugin { ask } = &signal.query else { continue };
            for environment in &signal.environments {
                let filled = fill(ask, |name| match name {
                    "service" => Some(signal.service.to_string()),
                    "environment" => Some(environment.to_string()),
                    _ => None,
                });
                all.push(Asked {
                    signal: signal.name.to_string(),
                    environment: environment.to_string(),
                    service: signal.service.to_string(),
                    ask: filled.unwrap_or_else(|_| ask.clone()),
                    every_ms: millis(signal.every),
                });
            }
        }
        all
    }

    fn watch(&self, topic: Topic) -> BoxStream<'static, Result<Observation, Fault>> {
        let line = match self.line() {
            Ok(line) => line,
            Err(fault) => return once(ready(Err(fault))).boxed(),
        };
        let start = WatchStart {
            watch: format!("w{}", line.ticket),
            topic: topic.name().to_owned(),
            every_ms: millis(self.manifest.every),
            credit: CREDIT,
            signals: if topic == Topic::Signals { self.asked() } else { Vec::new() },
            places: if topic == Topic::Windows { self.places.iter().map(PlaceRow::of).collect() } else { Vec::new() },
        };
        watch::watch(line.orders, start, topic, self.places.clone(), self.manifest.every, self.pace.greeting).boxed()
    }
}

fn millis(span: Span) -> u64 {
    u64::try_from(span.std().as_millis()).unwrap_or(u64::MAX)
}

impl Backend for PluginBackend {
    fn manifest(&self) -> &Manifest {
        &self.plugin.manifest
    }

    fn watch(&self, topic: Topic) -> BoxStream<'static, Result<Observation, Fault>> {
        let plugin = Arc::clone(&self.plugin);
        if !plugin.manifest.topics.contains(&topic) {
            return once(ready(Err(cannot(&plugin.manifest.name, topic.word())))).boxed();
        }
        once(async move { plugin.watch(topic) }).flatten().boxed()
    }

    fn introduce(&self) -> BoxFuture<'static, Vec<Remark>> {
        let plugin = Arc::clone(&self.plugin);
        async move {
            let greeted = async { plugin.line()?.greet().await };
            if let Err(fault) = greeted.await {
                return vec![Remark::wrong(fault.to_string())];
            }
            let who = plugin.known.borrow().clone().unwrap_or_default();
            let (ok, text) = who.line(chrono::Utc::now());
            vec![Remark { ok, text }]
        }
        .boxed()
    }

    fn introduced(&self) -> Option<Arc<Introduced>> {
        self.plugin.known.borrow().clone()
    }

    fn ending(&self) -> Option<Ending> {
        Some(self.plugin.alive.ending())
    }

    fn preview(&self, operation: &Operation) -> BoxFuture<'static, Result<Preview, Fault>> {
        let (plugin, operation) = (Arc::clone(&self.plugin), operation.clone());
        async move {
            plugin.granted(&operation)?;
            plugin.line()?.preview(&operation).await
        }
        .boxed()
    }

    fn perform(&self, operation: Operation, key: Key, out: Sink) -> BoxFuture<'static, Result<Done, Fault>> {
        let plugin = Arc::clone(&self.plugin);
        async move {
            let limit = plugin.granted(&operation)?;
            plugin.line()?.carry_out(&operation, &key, limit, out).await
        }
        .boxed()
    }

    fn probe(&self, operation: &Operation, key: Key) -> BoxFuture<'static, Result<Found, Fault>> {
        let (plugin, operation) = (Arc::clone(&self.plugin), operation.clone());
        async move {
            if !plugin.spec.probes {
                let why = format!("{} is not granted probe; find out by hand", plugin.manifest.name);
                return Ok(Found::Unknown { why });
            }
            plugin.line()?.probe(&operation, &key).await
        }
        .boxed()
    }
}
