//! Which events are about a workload: by the names of what was just listed of it, so that those of
//! another whose name begins alike do not fill the room.
//!
//! Pure.

use super::super::object::{name, text};
use super::super::place::{Kind, Place};
use serde_json::Value;
use std::collections::BTreeSet;

/// What an event may be about.
pub struct About {
    names: BTreeSet<String>,
    /// What pods are named after, also those that are gone.
    makers: Vec<String>,
}

impl About {
    /// The workload and its canary.
    pub fn new(place: &Place, canary: Option<&Place>) -> Self {
        let names = [Some(place), canary].into_iter().flatten().map(|place| place.name.clone()).collect();
        let makes = matches!(place.kind, Kind::StatefulSet | Kind::DaemonSet);
        Self { names, makers: makes.then(|| place.name.clone()).into_iter().collect() }
    }

    /// What belongs to it.
    pub fn add(&mut self, all: &[Value]) {
        self.names.extend(all.iter().map(|object| name(object).to_owned()));
    }

    /// The sets that make its pods.
    pub fn sets(&mut self, all: &[Value]) {
        let sets = all.iter().filter(|set| set.get("kind").is_none_or(|kind| kind == "ReplicaSet"));
        self.makers.extend(sets.map(|set| name(set).to_owned()));
    }

    /// Whether an event is about it.
    pub fn tells(&self, event: &Value) -> bool {
        let about = text(event, "/involvedObject/name");
        let pod = matches!(text(event, "/involvedObject/kind"), "Pod" | "");
        let made = |maker: &String| {
            let rest = about.strip_prefix(maker.as_str()).and_then(|rest| rest.strip_prefix('-'));
            rest.is_some_and(|rest| !rest.is_empty() && !rest.contains('-'))
        };
        self.names.contains(about) || (pod && self.makers.iter().any(made))
    }
}
