//! How alerts stand to what runs changed at their places, worked out once for each.
//!
//! Many may fire at once, and each is held against every operation that is kept: what was worked
//! out stands until a line of the journal comes, what is deployed at the place moves, a clock turns out to differ, or ours is set back.

use crate::domain::Timestamp;
use crate::domain::alert::Alert;
use crate::domain::name::BackendName;
use crate::domain::observed::{Deployment, Placed};
use crate::engine::Given;
use crate::engine::alert_since::{AlertSince, alert_since};
use crate::engine::changes::Deeds;
use crate::engine::clocks::differs;
use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// All of an alert that matters: who tells of it, where it is, and when it began.
type Key = (BackendName, Placed, Timestamp);

/// The alerts of which anything may be said.
#[derive(Debug, Default)]
pub struct Dated {
    /// The instant that it was worked out for.
    at: Timestamp,
    all: BTreeMap<Key, Stands>,
}

/// How an alert stands, and what was deployed at its place when that was worked out.
#[derive(Clone, Debug)]
struct Stands {
    since: Option<AlertSince>,
    deployed: Option<Arc<Deployment>>,
    /// Whether the clock of who tells it was known to differ.
    differs: bool,
}

impl Dated {
    /// Every alert that is told, as of an instant; `before` is what it was by the same ledger.
    pub fn of(given: &Given<'_>, before: &Self) -> Self {
        let deeds = LazyCell::new(|| Deeds::of(given.ledger));
        let told = given.observed.alerts.iter().flat_map(|(by, seen)| seen.value.iter().map(move |alert| (by, alert)));
        let mut all = BTreeMap::new();
        for (key, alert) in told.filter_map(|(by, alert)| Some((key(by, alert)?, alert))) {
            if all.contains_key(&key) {
                continue;
            }
            let deployed = given.observed.deployment(&key.1).map(|seen| Arc::clone(seen.value));
            // Of what has not begun by our clock, time alone may change it.
            let begun = key.2 <= before.at.min(given.now);
            let differs = differs(given.observed, &key.0).is_some();
            let same = |known: &&Stands| begun && known.deployed == deployed && known.differs == differs;
            let known = before.all.get(&key).filter(same).cloned();
            let anew = || Stands { since: alert_since(given, &deeds, &key.0, alert), deployed, differs };
            let stands = known.unwrap_or_else(anew);
            all.insert(key, stands);
        }
        Self { at: given.now, all }
    }

    /// How an alert that a backend tells of stands; none where nothing can be said.
    pub fn since(&self, by: &BackendName, alert: &Alert) -> Option<&AlertSince> {
        self.all.get(&key(by, alert)?)?.since.as_ref()
    }
}

/// None where nothing can be said of an alert whatever has changed.
fn key(by: &BackendName, alert: &Alert) -> Option<Key> {
    Some((by.clone(), (alert.service.clone()?, alert.environment.clone()?), alert.began()?))
}
