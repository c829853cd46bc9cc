//! The observer: one task a watch, started anew with back-off when it ends, its
//! observations stamped, coalesced and passed on in batches.
//! It judges nothing; age and quality are derived where values are used.

use super::clock::now;
use super::executor::Backends;
use super::feeds::Reader;
use super::input::Input;
use super::tellers::Tellers;
use crate::backend::{Backend, Topic};
use crate::domain::clock;
use crate::domain::name::{BackendName, SignalName};
use crate::domain::observed::{Observation, Stamped};
use crate::domain::span::Span;
use crate::domain::workspace::Workspace;
use chrono::TimeDelta;
use futures_util::StreamExt;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::Sender;
use tokio::sync::mpsc;

/// How long observations are gathered before they are passed on together.
const GATHER: Span = Span::millis(50);
/// How many observations may wait; a watch that is faster waits here, not in memory.
const QUEUE: usize = 4096;
/// The longest pause before a watch that ended is started again.
const PAUSE: Span = Span::secs(30);

/// Starts every watch that the backends offer.
pub fn start(backends: &Backends, workspace: &Workspace, inbox: Sender<Input>, tasks: &tokio::runtime::Handle) {
    let (seen, gathered) = mpsc::channel(QUEUE);
    let every: Arc<BTreeMap<_, _>> = Arc::new(workspace.signals.values().map(|s| (s.name.clone(), s.every)).collect());
    let tellers = Arc::new(Tellers::of(backends, workspace));
    for (name, backend) in backends {
        // In milliseconds: what any of its watches has told of its clock last.
        let clock = Arc::new(AtomicI64::new(0));
        for topic in backend.manifest().topics.clone() {
            let (of, seen) = ((name.clone(), topic), seen.clone());
            let reader = workspace.backends.get(name).and_then(|spec| spec.kind.feed()).map(Reader::of);
            tasks.spawn(watch(of, backend.clone(), seen, every.clone(), (tellers.clone(), reader), clock.clone()));
        }
    }
    tasks.spawn(gather(gathered, inbox));
}

async fn watch(
    (name, topic): (BackendName, Topic),
    backend: Arc<dyn Backend>,
    seen: mpsc::Sender<Stamped>,
    signals: Arc<BTreeMap<SignalName, Span>>,
    (tellers, mut reader): (Arc<Tellers>, Option<Reader>),
    clock: Arc<AtomicI64>,
) {
    let usual = backend.manifest().every;
    let mut failures = 0u32;
    let mut known = None;
    loop {
        let mut stream = backend.watch(topic);
        while let Some(item) = stream.next().await {
            let item = match (item, &mut reader) {
                (Ok(Observation::Fetched(text)), Some(reader)) => Ok(reader.read(text).await),
                (item, _) => item,
            };
            failures = if item.is_ok() { 0 } else { failures.saturating_add(1) };
            // A signal has an interval of its own; everything else has its backend's.
            let every = match &item {
                Ok(Observation::Reading(at, _) | Observation::NoReading(at, _) | Observation::Versions(at, _)) => {
                    signals.get(&at.signal).copied()
                }
                _ => None,
            };
            let what = match item.map(|told| tellers.believed(&name, told)) {
                Ok(None) => continue,
                Ok(Some(told)) => Ok(told),
                // Of everything else the source may tell all the same.
                Err(fault) if topic == Topic::Windows => Ok(Observation::NoWindows(fault.to_string())),
                Err(fault) => Ok(Observation::Unheard(topic, fault.to_string())),
            };
            let every = every.unwrap_or(usual);
            // Before what it told, so that nothing is judged by that alone.
            let told = TimeDelta::milliseconds(clock.load(Ordering::Relaxed));
            let ahead = backend.skew().filter(|ahead| clock::moved(told, *ahead));
            let ahead = ahead.inspect(|ahead| clock.store(ahead.num_milliseconds(), Ordering::Relaxed));
            let ahead = ahead.map(|ahead| Ok(Observation::Clock(ahead)));
            // After what it told: a watch begins with its picture.
            let who = backend.introduced().filter(|who| known.as_ref() != Some(who));
            let who = who.inspect(|who| known = Some(who.clone())).map(|who| Ok(Observation::Introduced(who)));
            for what in ahead.into_iter().chain([what]).chain(who) {
                if seen.send(Stamped { at: now(), source: name.clone(), every, what }).await.is_err() {
                    return;
                }
            }
        }
        failures = failures.saturating_add(1);
        tokio::time::sleep(pause(usual, failures)).await;
    }
}

/// Full jitter: between nothing and a bound that doubles up to [`PAUSE`].
fn pause(every: Span, failures: u32) -> std::time::Duration {
    let bound = every.times(1 << failures.min(6)).min(PAUSE).as_millis().max(1);
    let random = getrandom::u64().unwrap_or(bound);
    Span::millis(100 + random % bound).std()
}

/// Passes observations on in batches; of several readings of one deployment in
/// a batch only the newest.
async fn gather(mut seen: mpsc::Receiver<Stamped>, inbox: Sender<Input>) {
    let mut batch = Vec::new();
    while seen.recv_many(&mut batch, QUEUE).await > 0 {
        tokio::time::sleep(GATHER.std()).await;
        while let Ok(more) = seen.try_recv() {
            batch.push(more);
        }
        if inbox.send(Input::Seen(coalesced(std::mem::take(&mut batch)))).is_err() {
            return;
        }
    }
}

fn coalesced(batch: Vec<Stamped>) -> Vec<Stamped> {
    let mut newest = BTreeMap::new();
    for (n, stamped) in batch.iter().enumerate() {
        if let Ok(Observation::Deployment(key, _)) = &stamped.what {
            newest.insert((stamped.source.clone(), key.clone()), n);
        }
    }
    let newest: BTreeSet<usize> = newest.into_values().collect();
    let keep = |n: usize, stamped: &Stamped| match &stamped.what {
        Ok(Observation::Deployment(..)) => newest.contains(&n),
        _ => true,
    };
    batch.into_iter().enumerate().filter(|(n, s)| keep(*n, s)).map(|(_, s)| s).collect()
}
