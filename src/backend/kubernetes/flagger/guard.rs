//! What closes an open gate when nobody waits for it any more: its call was dropped, or holdpoint is left.
//!
//! The call's runtime may be ending with it, so it closes from a thread with a runtime and a client of its
//! own, by the way in that opened it: nothing is read anew and no program is asked for credentials. Whoever
//! leaves waits for that thread, and is told when it did not close (`backend::ending`).

use super::super::super::ending::Alive;
use super::super::client::{Cluster, Way};
use super::lever::Lever;
use std::sync::Arc;

/// Held while a gate may be open.
pub struct Guard(Option<(Alive, Arc<Way>, Lever)>);

impl Guard {
    /// Of a gate that is about to be opened.
    pub fn new(alive: &Alive, cluster: &Cluster, lever: &Lever) -> Self {
        Self(Some((alive.clone(), cluster.way(), lever.clone())))
    }

    /// Whoever opened it has closed it, or has said that it could not.
    pub fn done(mut self) {
        self.0 = None;
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let Some((alive, way, lever)) = self.0.take() else { return };
        let words = |why: &str| format!("A GATE MAY BE OPEN STILL, and the next release would pass it: {why}");
        let late = words(&format!("closing it did not end in time; {}", lever.by_hand()));
        let closing = alive.taking_back(lever.until(), late);
        let close = move || closing.ended(close(&way, &lever).map_err(|why| words(&why)));
        // Where no thread can be had it is left open, and people are told.
        drop(std::thread::Builder::new().name("gate".to_owned()).spawn(close));
    }
}

fn close(way: &Arc<Way>, lever: &Lever) -> Result<(), String> {
    let by_hand = |why: String| format!("{why}; {}", lever.by_hand());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| by_hand(error.to_string()))?.block_on(async {
        let cluster = way.again().map_err(|error| by_hand(error.words()))?;
        lever.close(&cluster).await
    })
}
