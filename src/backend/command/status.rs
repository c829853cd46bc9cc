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
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
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
    last: Option<Answer>,
}

/// An answer: what it says as it was written, and what that means.
struct Answer {
    document: Vec<u8>,
    rows: Vec<Said>,
}

/// A deployment, and where in the document it is told.
struct Said {
    at: Range<usize>,
    place: Placed,
    deployment: Arc<Deployment>,
}

/// The stream of everything that the status script is seen to say.
pub fn watch(wanted: Wanted, every: Span) -> impl Stream<Item = Result<Observation, Fault>> + Send {
    let watch = Watch { wanted, every, next: Instant::now(), first: true, faults: 0, last: None };
    stream::unfold(watch, |mut watch| async {
        tokio::time::sleep_until(watch.next).await;
        let asked = Instant::now();
        let last = watch.last.as_ref();
        let seen = match document(&watch.wanted, "status").await.and_then(|document| read(document, last)) {
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
    fn changes(&mut self, now: Answer) -> Vec<Observation> {
        let all = |answer: &Answer| answer.rows.iter().map(Said::told).collect::<BTreeMap<_, _>>();
        let mut seen = Vec::new();
        match &self.last {
            None => seen.push(Observation::Deployments(all(&now).into_iter().collect())),
            Some(last) if last.places().eq(now.places()) => {
                let pairs = last.rows.iter().zip(&now.rows).filter(|(old, new)| old.deployment != new.deployment);
                seen.extend(pairs.map(|(_, new)| new.told()).map(|(place, new)| Observation::Deployment(place, new)));
                seen.push(Observation::Heartbeat);
            }
            Some(last) => {
                let (old, new) = (all(last), all(&now));
                let gone = old.keys().filter(|place| !new.contains_key(*place));
                seen.extend(gone.cloned().map(Observation::DeploymentGone));
                let moved = new.into_iter().filter(|(place, deployment)| old.get(place) != Some(deployment));
                seen.extend(moved.map(|(place, deployment)| Observation::Deployment(place, deployment)));
                seen.push(Observation::Heartbeat);
            }
        }
        self.last = Some(now);
        seen
    }
}

impl Answer {
    fn places(&self) -> impl Iterator<Item = &Placed> {
        self.rows.iter().map(|row| &row.place)
    }

    /// A row that is written here as it is there, if there is one.
    fn same(&self, n: usize, raw: &str) -> Option<(Placed, Arc<Deployment>)> {
        let row = self.rows.get(n)?;
        (self.document.get(row.at.clone())? == raw.as_bytes()).then(|| row.told())
    }
}

impl Said {
    fn told(&self) -> (Placed, Arc<Deployment>) {
        (self.place.clone(), Arc::clone(&self.deployment))
    }
}

/// The status script's document.
#[derive(Deserialize)]
struct Status<'a> {
    #[serde(borrow)]
    deployments: Vec<&'a RawValue>,
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
    #[serde(default)]
    reverts: bool,
}

/// Reads the whole document or nothing of it. A row that stands where it stood in the last
/// answer and is written as it was is not read again: few change between two questions.
fn read(document: Vec<u8>, last: Option<&Answer>) -> Result<Answer, Fault> {
    let unread = |what: &str, e: serde_json::Error| {
        lost(format!("{what}the status script's answer cannot be read: {}", line(e.to_string().as_bytes())))
    };
    let status: Status<'_> = serde_json::from_slice(&document).map_err(|e| unread("", e))?;
    let mut rows = Vec::with_capacity(status.deployments.len());
    for (n, raw) in status.deployments.iter().enumerate() {
        let raw = raw.get();
        let (place, deployment) = match last.and_then(|last| last.same(n, raw)) {
            Some(known) => known,
            None => {
                let row: Row =
                    serde_json::from_str(raw).map_err(|e| unread(&format!("deployment {} of ", n + 1), e))?;
                row.deployment()?
            }
        };
        let from = (raw.as_ptr() as usize).saturating_sub(document.as_ptr() as usize);
        rows.push(Said { at: from..from + raw.len(), place, deployment });
    }
    let answer = Answer { document, rows };
    // The same places as last time, in the same order, were told apart then.
    if !last.is_some_and(|last| last.places().eq(answer.places())) {
        let mut all = BTreeSet::new();
        if let Some(twice) = answer.places().find(|place| !all.insert(*place)) {
            return Err(lost(format!("the status script names {} in {} twice", twice.0, twice.1)));
        }
    }
    Ok(answer)
}

impl Row {
    fn deployment(self) -> Result<(Placed, Arc<Deployment>), Fault> {
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
            stages: None,
            left_off: None,
            owners: Vec::new(),
            owners_left_out: 0,
            reverts: self.reverts,
        };
        Ok((place, Arc::new(deployment)))
    }
}
