//! Watches the declared applications: listed, told as one snapshot, then followed.
//!
//! The stream brings changes at once, but may miss some and falls silent without a word
//! (argo-cd#4350, #24750); so everything is listed again every interval, and only a list is
//! a sign of life. A list that knows more than the stream opens the stream anew.

mod feed;
pub mod windows;

use super::super::http::Client;
use super::super::{Fault, pace};
use super::json::text;
use super::row::row;
use super::{Declared, api, json};
use crate::domain::observed::{Deployment, Observation, Placed};
use feed::{Event, Feed};
use futures_util::stream::{self, Stream};
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How long to wait after the token was refused, whatever the interval: asking on in vain
/// is how servers have been brought down.
const REFUSED: Duration = Duration::from_secs(60);

/// Everything that is seen of the declared services, for ever.
pub fn deployments(declared: Arc<Declared>) -> impl Stream<Item = Result<Observation, Fault>> + Send {
    let watch = Watch { declared, session: None, told: VecDeque::new(), next: Instant::now(), faults: 0 };
    stream::unfold(watch, |mut watch| async {
        let item = watch.next().await;
        Some((item, watch))
    })
}

struct Watch {
    declared: Arc<Declared>,
    session: Option<Session>,
    told: VecDeque<Observation>,
    next: Instant,
    faults: u32,
}

/// What is known between two faults.
struct Session {
    client: Arc<Client>,
    rows: BTreeMap<Placed, (u64, Arc<Deployment>)>,
    feed: Feed,
}

impl Watch {
    async fn next(&mut self) -> Result<Observation, Fault> {
        loop {
            if let Some(told) = self.told.pop_front() {
                return Ok(told);
            }
            let listed = match &mut self.session {
                None => {
                    tokio::time::sleep_until(self.next).await;
                    Session::begin(&self.declared).await.map(|(session, snapshot)| {
                        self.session = Some(session);
                        vec![snapshot]
                    })
                }
                Some(session) => tokio::select! {
                    () = tokio::time::sleep_until(self.next) => session.again(&self.declared).await,
                    event = session.feed.next() => {
                        match event {
                            Some(event) => self.told.extend(session.heard(&self.declared, &event)),
                            // What it missed is in the next list, which is due at once; not more often than that.
                            None => self.next = self.next.min(Instant::now() + self.declared.every.std().min(feed::LEAST)),
                        }
                        continue;
                    }
                },
            };
            match listed {
                Ok(told) => {
                    self.faults = 0;
                    self.told.extend(told);
                    self.next = Instant::now() + self.declared.every.std();
                }
                Err(fault) => {
                    self.session = None;
                    self.faults = self.faults.saturating_add(1);
                    self.next = self.later(&fault);
                    return Err(fault);
                }
            }
        }
    }

    fn later(&self, fault: &Fault) -> Instant {
        let every = self.declared.every;
        match fault {
            Fault::Refused { .. } => Instant::now() + every.std().saturating_mul(8).min(REFUSED),
            _ => self.declared.reach.host().sooner(pace::next(Instant::now(), every, self.faults)),
        }
    }
}

impl Session {
    async fn begin(declared: &Arc<Declared>) -> Result<(Self, Observation), Fault> {
        let client = Arc::new(declared.reach.watching()?);
        let list = api::list(&client, declared).await?;
        let rows = rows(declared, &list)?;
        let feed = Feed::new(Arc::clone(&client), api::changes(declared, text(&list, "/metadata/resourceVersion")));
        let told = rows.iter().map(|(placed, (_, row))| (placed.clone(), Arc::clone(row))).collect();
        Ok((Self { client, rows, feed }, Observation::Deployments(told)))
    }

    /// Lists again: what the stream has missed, and that all else is as it was.
    async fn again(&mut self, declared: &Declared) -> Result<Vec<Observation>, Fault> {
        let list = api::list(&self.client, declared).await?;
        let now = rows(declared, &list)?;
        let gone = self.rows.keys().filter(|placed| !now.contains_key(*placed)).cloned();
        let mut told: Vec<Observation> = gone.map(Observation::DeploymentGone).collect();
        let differs = |placed: &Placed, row: &Arc<Deployment>| self.rows.get(placed).is_none_or(|(_, old)| old != row);
        let changed = now.iter().filter(|(placed, (_, row))| differs(placed, row));
        told.extend(changed.map(|(placed, (_, row))| Observation::Deployment(placed.clone(), Arc::clone(row))));
        self.rows = now;
        if !told.is_empty() || self.feed.is_old() {
            self.feed.renew(api::changes(declared, text(&list, "/metadata/resourceVersion")));
        }
        told.push(Observation::Heartbeat);
        Ok(told)
    }

    /// What an event of the stream tells.
    fn heard(&mut self, declared: &Declared, event: &Event) -> Vec<Observation> {
        let mine = declared.places.iter().filter(|(_, place)| place.is(&event.application));
        let seen = version(&event.application);
        let mut told = Vec::new();
        for (placed, place) in mine {
            let known = self.rows.get(placed);
            // An event from before the list that was read meanwhile.
            if known.is_some_and(|(known, _)| seen < *known) {
                continue;
            }
            if event.gone {
                self.rows.remove(placed);
                told.push(Observation::DeploymentGone(placed.clone()));
                continue;
            }
            let row = Arc::new(row(place, &event.application));
            if known.is_none_or(|(_, old)| *old != row) {
                told.push(Observation::Deployment(placed.clone(), Arc::clone(&row)));
            }
            self.rows.insert(placed.clone(), (seen, row));
        }
        told
    }
}

type Rows = BTreeMap<Placed, (u64, Arc<Deployment>)>;

fn rows(declared: &Declared, list: &Value) -> Result<Rows, Fault> {
    // No application at all may be written as `null`; anything else that is no list is no answer.
    if !matches!(list.get("items"), None | Some(Value::Null | Value::Array(_))) || list.get("metadata").is_none() {
        let why = format!("what {} answered is no list of applications", declared.reach.origin());
        return Err(Fault::Lost { why, output: None });
    }
    let all = json::list(list, "/items");
    let found = declared.places.iter().filter_map(|(placed, place)| {
        let app = all.iter().find(|app| place.is(app))?;
        Some((placed.clone(), (version(app), Arc::new(row(place, app)))))
    });
    Ok(found.collect())
}

/// The version of an object, as far as it can be ordered; 0 where it cannot.
fn version(object: &Value) -> u64 {
    text(object, "/metadata/resourceVersion").parse().unwrap_or(0)
}
