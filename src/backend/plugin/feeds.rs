//! The watches of a plugin on this side of the wire: credit, and where their events go.
//!
//! It sends nothing and reads no rows; what events say is `watch`.

use super::super::Fault;
use super::code::lost;
use super::message::{CREDIT, WatchEvent};
use serde_json::Value;
use std::collections::BTreeMap;
use tokio::sync::mpsc;

/// Where the events of a watch go.
pub type Events = mpsc::Sender<Result<WatchEvent, Fault>>;

/// A watch on its way.
struct Feed {
    events: Events,
    heard: u64,
    acknowledged: u64,
}

/// All of them by name.
#[derive(Default)]
pub struct Feeds(BTreeMap<String, Feed>);

impl Feeds {
    /// Begins one.
    pub fn begin(&mut self, watch: String, events: Events) {
        self.0.insert(watch, Feed { events, heard: 0, acknowledged: 0 });
    }

    /// Notes that events were taken in; false where there is no such watch any longer.
    pub fn acknowledge(&mut self, watch: &str, seq: u64) -> bool {
        let feed = self.0.get_mut(watch);
        feed.map(|feed| feed.acknowledged = seq).is_some()
    }

    /// Ends one that nobody asks for any longer; false where there is none.
    pub fn stop(&mut self, watch: &str) -> bool {
        self.0.remove(watch).is_some()
    }

    /// Passes an event on. One that ends its watch gives the name of that.
    pub fn event(&mut self, params: Value) -> Option<String> {
        let named = params.get("watch").and_then(Value::as_str).unwrap_or_default().to_owned();
        let feed = self.0.get_mut(&named)?;
        let why = feed.take(params).err()?;
        self.fail(&named, lost(why));
        Some(named)
    }

    /// Ends one with a fault.
    pub fn fail(&mut self, watch: &str, fault: Fault) {
        if let Some(feed) = self.0.remove(watch) {
            let _ = feed.events.try_send(Err(fault));
        }
    }

    /// Ends all of them.
    pub fn fail_all(&mut self, why: &str) {
        for feed in std::mem::take(&mut self.0).into_values() {
            let _ = feed.events.try_send(Err(lost(why.to_owned())));
        }
    }
}

impl Feed {
    fn take(&mut self, params: Value) -> Result<(), String> {
        self.heard += 1;
        if self.heard > self.acknowledged + CREDIT {
            return Err(format!("it sent more than {CREDIT} events without waiting to hear that they were taken in"));
        }
        let event = serde_json::from_value::<WatchEvent>(params).map_err(|error| {
            format!("an event of its watch cannot be read: {}", super::watch::shown(&error.to_string()))
        })?;
        self.events.try_send(Ok(event)).map_err(|_| "what it sends is not taken in".to_owned())
    }
}
