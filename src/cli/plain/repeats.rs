//! The same refusal of somebody else, again and again, is said once; how often it
//! came besides is said when it has stopped.

use crate::domain::entry::Entry;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// When it has not come for this long, it has stopped.
const STOPPED: Duration = Duration::from_secs(5);

/// What has been refused, and how often that was not said.
#[derive(Default)]
pub struct Repeats(BTreeMap<(String, String), (Instant, u32)>);

impl Repeats {
    /// Whether an entry is to be said: the first of its like.
    pub fn first(&mut self, entry: &Entry, now: Instant) -> bool {
        if entry.refusal.is_none() {
            return true;
        }
        let key = (entry.by.person.to_string(), entry.cause.clone());
        match self.0.get_mut(&key) {
            Some((last, unsaid)) => {
                (*last, *unsaid) = (now, unsaid.saturating_add(1));
                false
            }
            None => {
                self.0.insert(key, (now, 0));
                true
            }
        }
    }

    /// What came besides and has stopped.
    pub fn stopped(&mut self, now: Instant) -> Vec<String> {
        let over = self.0.iter_mut().filter(|(_, (last, unsaid))| *unsaid > 0 && now.duration_since(*last) > STOPPED);
        over.map(|((person, cause), (_, unsaid))| {
            format!("{person}: {} more like it, refused: {cause}.", std::mem::take(unsaid))
        })
        .collect()
    }
}
