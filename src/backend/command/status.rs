//! Watches what runs where by asking the status script again and again.
//!
//! A watch begins with a snapshot, and begins anew after every fault, so that
//! what was missed heals. One that finds nothing changed says so.

use super::super::Fault;
use super::super::child::Wanted;
use super::super::pace;
use super::answer::{document, line};
use super::lost;
use crate::domain::Timestamp;
use crate::domain::name::{EnvironmentName, ServiceName};
use crate::domain::observed::{Deployment, Observation, Placed};
use crate::domain::span::Span;
use futures_util::stream::{self, Stream, StreamExt};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::time::Instant;

/// What the watch knows between two questions.
struct Watch {
    wanted: Wanted,
    every: Span,
    next: Instant,
    /// Whether it has not been asked yet.
    first: bool,
    faults: u32,
    /// The last answer; none before the first and after a fault.
    last: Option<BTreeMap<Placed, Arc<Deployment>>>,
}

/// The stream of everything that the status script is seen to say.
pub fn watch(wanted: Wanted, every: Span) -> impl Stream<Item = Result<Observation, Fault>> + Send {
    let watch = Watch { wanted, every, next: Instant::now(), first: true, faults: 0, last: None };
    stream::unfold(watch, |mut watch| async {
        tokio::time::sleep_until(watch.next).await;
        let asked = Instant::now();
        let seen = match document(&watch.wanted, "status").await.and_then(|document| read(&document)) {
            Ok(now) => watch.changes(now).into_iter().map(Ok).collect(),
            Err(fault) => {
                watch.last = None;
                vec![Err(fault)]
            }
        };
        watch.faults = if watch.last.is_some() { 0 } else { watch.faults.saturating_add(1) };
        watch.next = match watch.first {
            true => asked + pace::early(watch.every),
            false => pace::next(asked, watch.every, watch.faults),
        };
        watch.first = false;
        Some((stream::iter(seen), watch))
    })
    .flatten()
}

impl Watch {
    /// What is new, and that everything else still holds.
    fn changes(&mut self, now: BTreeMap<Placed, Arc<Deployment>>) -> Vec<Observation> {
        let Some(last) = &mut self.last else {
            self.last = Some(now.clone());
            return vec![Observation::Deployments(now.into_iter().collect())];
        };
        let gone: Vec<_> = last.keys().filter(|place| !now.contains_key(*place)).cloned().collect();
        gone.iter().for_each(|place| drop(last.remove(place)));
        let mut seen: Vec<_> = gone.into_iter().map(Observation::DeploymentGone).collect();
        for (place, deployment) in now {
            if last.get(&place) != Some(&deployment) {
                last.insert(place.clone(), deployment.clone());
                seen.push(Observation::Deployment(place, deployment));
            }
        }
        seen.push(Observation::Heartbeat);
        seen
    }
}

/// The status script's document.
#[derive(Deserialize)]
struct Status {
    deployments: Vec<Row>,
}

/// One deployment as the script prints it; keys that nobody asked for are left alone.
#[derive(Deserialize)]
struct Row {
    service: String,
    environment: String,
    version: String,
    candidate: Option<String>,
    weight: Option<u8>,
    state: Option<String>,
    ready: Option<u32>,
    wanted: Option<u32>,
    by: Option<String>,
    since: Option<Timestamp>,
    #[serde(default)]
    trouble: Vec<String>,
    #[serde(default)]
    history: Vec<String>,
}

/// Reads the whole document or nothing of it.
fn read(document: &[u8]) -> Result<BTreeMap<Placed, Arc<Deployment>>, Fault> {
    let status: Status = serde_json::from_slice(document)
        .map_err(|e| lost(format!("the status script's answer cannot be read: {}", line(e.to_string().as_bytes()))))?;
    let mut all = BTreeMap::new();
    for row in status.deployments {
        let (place, deployment) = row.deployment()?;
        let twice = format!("the status script names {} in {} twice", place.0, place.1);
        if all.insert(place, Arc::new(deployment)).is_some() {
            return Err(lost(twice));
        }
    }
    Ok(all)
}

impl Row {
    fn deployment(self) -> Result<(Placed, Deployment), Fault> {
        let text = |text: String| line(text.as_bytes());
        let place = (ServiceName::new(text(self.service)), EnvironmentName::new(text(self.environment)));
        if let Some(weight) = self.weight.filter(|weight| *weight > 100) {
            return Err(lost(format!("the status script says {} in {} has a weight of {weight} %", place.0, place.1)));
        }
        let texts = |texts: Vec<String>| texts.into_iter().take(50).map(text).collect();
        let deployment = Deployment {
            version: text(self.version),
            candidate: self.candidate.map(text),
            weight: self.weight,
            state: self.state.map(text).unwrap_or_default(),
            ready: self.ready,
            wanted: self.wanted,
            by: self.by.map(text),
            since: self.since,
            trouble: texts(self.trouble),
            history: texts(self.history),
        };
        Ok((place, deployment))
    }
}
