//! A watch of a plugin: a picture from `begin` to `end` swapped in whole, then what changes.
//!
//! Anything that does not add up ends the watch with a fault, and whoever watches begins anew:
//! that is the resync. Silence is a fault too.

use super::super::{Fault, Topic};
use super::code::lost;
use super::message::{CREDIT, Op, WatchEvent, WatchStart};
use super::order::Order;
use super::pictures::{self, Telling};
use super::rows::{Number, Row};
use crate::domain::alert::Alert;
use crate::domain::name::{EnvironmentName, ServiceName};
use crate::domain::observed::{Deployment, Observation, Placed};
use crate::domain::owner::Owner;
use crate::domain::series::Reading;
use crate::domain::signal::SignalAt;
use crate::domain::span::Span;
use crate::domain::text;
use futures_util::stream::{self, Stream};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// The most rows that a picture may have.
const MOST: usize = 100_000;
/// The most owners of a place that are kept.
const MOST_OWNERS: usize = 20;
/// After so many events the plugin hears that they were taken in.
const ACK: u64 = CREDIT / 4;
/// A watch is never called silent sooner than this.
const PATIENCE: Duration = Duration::from_secs(2);

/// A watch under way.
struct Watch {
    name: String,
    topic: Topic,
    orders: mpsc::UnboundedSender<Order>,
    events: mpsc::Receiver<Result<WatchEvent, Fault>>,
    /// For how long it may say nothing; that begins with its first word, before which its program may have to start.
    silence: Duration,
    starts: Duration,
    seq: u64,
    /// The picture that is being told, if one is.
    picture: Option<Picture>,
    /// Whether a whole picture has been told.
    whole: bool,
    /// The last picture of alerts or windows: a heartbeat says that it is still so.
    last: Option<Observation>,
    asked: BTreeSet<SignalAt>,
    places: BTreeSet<Placed>,
    over: bool,
}

/// What has been told of a picture.
enum Picture {
    Deployments(BTreeMap<Placed, Arc<Deployment>>),
    Alerts(Vec<Alert>),
    Windows(Telling),
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.orders.send(Order::Stop(self.name.clone()));
    }
}

/// Begins a watch; its stream ends after a fault. Until its first event it has the time to greet as well.
pub fn watch(
    orders: mpsc::UnboundedSender<Order>,
    start: WatchStart,
    topic: Topic,
    places: BTreeSet<Placed>,
    every: Span,
    greeting: Duration,
) -> impl Stream<Item = Result<Observation, Fault>> + Send {
    // Room for all the credit and one last fault.
    let (sender, events) = mpsc::channel(usize::try_from(CREDIT).unwrap_or(256) + 8);
    let at = |asked: &super::message::Asked| SignalAt {
        signal: asked.signal.as_str().into(),
        environment: asked.environment.as_str().into(),
    };
    let watch = Watch {
        name: start.watch.clone(),
        topic,
        orders: orders.clone(),
        events,
        silence: every.times(5).std().max(PATIENCE),
        starts: greeting,
        seq: 0,
        picture: None,
        whole: false,
        last: None,
        places,
        asked: start.signals.iter().map(at).collect(),
        over: false,
    };
    let _ = orders.send(Order::Watch(start, sender));
    stream::unfold(watch, |mut watch| async move {
        if watch.over {
            return None;
        }
        let seen = watch.next().await;
        watch.over = seen.is_err();
        match seen {
            Ok(observation) => Some((Ok(observation), watch)),
            Err(Some(fault)) => Some((Err(fault), watch)),
            Err(None) => None,
        }
    })
}

impl Watch {
    /// The next observation; a fault, or nothing when the plugin's thread has ended.
    async fn next(&mut self) -> Result<Observation, Option<Fault>> {
        loop {
            let patience = if self.seq == 0 { self.silence + self.starts } else { self.silence };
            let event = match tokio::time::timeout(patience, self.events.recv()).await {
                Err(_) => return Err(Some(lost(format!("it has said nothing for {patience:?}")))),
                Ok(None) => return Err(None),
                Ok(Some(event)) => event.map_err(Some)?,
            };
            self.seq += 1;
            if event.seq != self.seq {
                let why = format!("event {} of its watch came where {} was due", event.seq, self.seq);
                return Err(Some(lost(why)));
            }
            if self.seq.is_multiple_of(ACK) {
                let _ = self.orders.send(Order::Ack(self.name.clone(), self.seq));
            }
            match self.taken(event).map_err(|why| Some(lost(why)))? {
                Some(Ok(observation)) => return Ok(observation),
                // The system behind is away; a watch that begins anew tells when it is back.
                Some(Err(fault)) => return Err(Some(fault)),
                None => {}
            }
        }
    }

    fn taken(&mut self, event: WatchEvent) -> Result<Option<Result<Observation, Fault>>, String> {
        let seen = match (event.op, self.topic) {
            (Op::Error, _) => return Ok(Some(Err(lost(shown(&event.why))))),
            (_, Topic::Signals) => self.signal(event)?,
            (Op::Begin | Op::Upsert | Op::End | Op::NoReading, _) if self.picture.is_some() => self.row(event)?,
            (Op::Begin, _) if !self.whole || self.topic != Topic::Deployments => {
                self.picture = Some(self.begin(event.item)?);
                None
            }
            (Op::Heartbeat, Topic::Deployments) if self.whole && self.picture.is_none() => Some(Observation::Heartbeat),
            // It must not confirm what runs where: what was told is told again.
            (Op::Heartbeat, _) if self.whole && self.picture.is_none() => self.last.clone(),
            (Op::Upsert, Topic::Deployments) if self.whole => {
                let (place, deployment) = row(event.item)?;
                Some(Observation::Deployment(place, deployment))
            }
            (Op::Delete, Topic::Deployments) if self.whole && self.picture.is_none() => {
                Some(Observation::DeploymentGone(row(event.item)?.0))
            }
            (op, _) => return Err(nonsense(op)),
        };
        match &seen {
            // What ends before now tells nothing of now, and a place without windows would read as open.
            Some(Observation::Windows(told)) if told.until <= chrono::Utc::now() => {
                Err(format!("it told windows until {}, and nothing beyond", told.until))
            }
            _ => Ok(seen.map(Ok)),
        }
    }

    /// An event of a watch of signals, which has no picture.
    fn signal(&mut self, event: WatchEvent) -> Result<Option<Observation>, String> {
        match event.op {
            // It only breaks the silence.
            Op::Heartbeat => Ok(None),
            Op::Reading => {
                let (at, number) = self.number(event.item)?;
                let value = number.value.filter(|value| value.is_finite()).ok_or("a reading without a number")?;
                let events = number.events.unwrap_or(u64::MAX);
                Ok(Some(Observation::Reading(at, Reading { at: chrono::Utc::now(), value, events })))
            }
            Op::NoReading => Ok(Some(Observation::NoReading(self.number(event.item)?.0, shown(&event.why)))),
            op => Err(nonsense(op)),
        }
    }

    fn begin(&self, item: Value) -> Result<Picture, String> {
        Ok(match self.topic {
            Topic::Alerts => Picture::Alerts(Vec::new()),
            Topic::Windows => Picture::Windows(Telling::begin(item)?),
            _ => Picture::Deployments(BTreeMap::new()),
        })
    }

    /// An event within a picture.
    fn row(&mut self, event: WatchEvent) -> Result<Option<Observation>, String> {
        let too_many = |rows: usize| match rows >= MOST {
            true => Err(format!("its picture has more than {MOST} rows")),
            false => Ok(()),
        };
        match (event.op, &mut self.picture) {
            (Op::Upsert, Some(Picture::Deployments(picture))) => {
                let (place, deployment) = row(event.item)?;
                too_many(picture.len())?;
                let twice = format!("its picture has {} in {} twice", place.0, place.1);
                picture.insert(place, deployment).map_or(Ok(None), |_| Err(twice))
            }
            (Op::Upsert, Some(Picture::Alerts(all))) => {
                too_many(all.len())?;
                all.push(pictures::alert(event.item)?);
                Ok(None)
            }
            (Op::Upsert, Some(Picture::Windows(telling))) => {
                too_many(telling.len())?;
                telling.window(event.item).map(|()| None)
            }
            (Op::NoReading, Some(Picture::Windows(telling))) => {
                too_many(telling.len())?;
                telling.unread(event.item, &event.why).map(|()| None)
            }
            (Op::End, picture @ Some(_)) => {
                self.whole = true;
                let seen = picture.take().map(|picture| picture.whole(&self.places));
                self.last = seen.clone().filter(|_| self.topic != Topic::Deployments);
                Ok(seen)
            }
            (op, _) => Err(nonsense(op)),
        }
    }

    /// A number of a signal that was asked for.
    fn number(&self, item: Value) -> Result<(SignalAt, Number), String> {
        let number: Number = serde_json::from_value(item).map_err(|e| unread(&e))?;
        let at = SignalAt { signal: number.signal.as_str().into(), environment: number.environment.as_str().into() };
        match self.asked.contains(&at) {
            true => Ok((at, number)),
            false => Err(format!("it told {}, which nobody asked for", shown(&at.to_string()))),
        }
    }
}

impl Picture {
    fn whole(self, places: &BTreeSet<Placed>) -> Observation {
        match self {
            Self::Deployments(all) => Observation::Deployments(all.into_iter().collect()),
            Self::Alerts(all) => Observation::Alerts(all),
            Self::Windows(telling) => Observation::Windows(Arc::new(telling.end(places))),
        }
    }
}

fn nonsense(op: Op) -> String {
    format!("{op:?} came where it makes no sense")
}

/// Why a row of a watch could not be read.
pub fn unread(error: &serde_json::Error) -> String {
    format!("a row of its watch cannot be read: {}", shown(&error.to_string()))
}

/// Foreign text of one line.
pub fn shown(text: &str) -> String {
    text::shortened(&text::visible(text.get(..2000).unwrap_or(text)), 200)
}

fn row(item: Value) -> Result<(Placed, Arc<Deployment>), String> {
    if !item.is_object() {
        return Err("a row of its watch is no object".to_owned());
    }
    let row: Row = serde_json::from_value(item).map_err(|e| unread(&e))?;
    let place = (ServiceName::new(shown(&row.service)), EnvironmentName::new(shown(&row.environment)));
    if let Some(weight) = row.weight.filter(|weight| *weight > 100) {
        return Err(format!("it says {} in {} has a weight of {weight} %", place.0, place.1));
    }
    let owners = row.owners.iter().take(MOST_OWNERS).map(|text| {
        let unread = || format!("it says {} in {} is held by {}, which is no owner", place.0, place.1, shown(text));
        Owner::read(text).ok_or_else(unread)
    });
    // What would undo a way back must not be lost for a slip of the pen.
    let owners = owners.collect::<Result<Vec<_>, _>>()?;
    let texts = |texts: Vec<String>| texts.iter().take(50).map(|text| shown(text)).collect();
    let deployment = Deployment {
        version: shown(&row.version),
        candidate: row.candidate.as_deref().map(shown),
        weight: row.weight,
        state: shown(&row.state),
        ready: row.ready,
        wanted: row.wanted,
        by: row.by.as_deref().map(shown),
        since: row.since,
        trouble: texts(row.trouble),
        history: texts(row.history),
        stages: None,
        left_off: None,
        owners,
        owners_left_out: row.owners.len().saturating_sub(MOST_OWNERS),
        reverts: row.reverts,
    };
    Ok((place, Arc::new(deployment)))
}
