//! Reads what a feed says from its text, as the workspace's own files are read.
//!
//! It does so again when the text has changed, and now and then though it has not: times are worked out for a year
//! from then on. What cannot be understood is told as that, and nothing of it is taken.

use super::clock::now;
use crate::config;
use crate::domain::Timestamp;
use crate::domain::feed::{Feed, FeedSpec, Told};
use crate::domain::observed::Observation;
use chrono::TimeDelta;
use std::sync::Arc;

/// How long what was worked out is kept while the text is the same.
const KEPT: TimeDelta = TimeDelta::hours(6);

/// What reads one feed.
pub struct Reader {
    feed: Feed,
    last: Option<Last>,
}

struct Last {
    text: Arc<[u8]>,
    at: Timestamp,
    said: Result<Arc<Told>, String>,
}

impl Reader {
    /// One that has read nothing yet.
    pub fn of(spec: &FeedSpec) -> Self {
        Self { feed: spec.feed.clone(), last: None }
    }

    /// What a text says; a long one is read beside the thread that watches.
    pub async fn read(&mut self, text: Arc<[u8]>) -> Observation {
        let at = now();
        let same = |last: &&Last| Arc::ptr_eq(&last.text, &text) && (last.at..last.at + KEPT).contains(&at);
        if let Some(last) = self.last.as_ref().filter(same) {
            return Observation::Feed(last.said.clone());
        }
        let (feed, bytes) = (self.feed.clone(), Arc::clone(&text));
        let read = tokio::task::spawn_blocking(move || config::read_feed(&feed, &bytes, at).map(Arc::new)).await;
        let said = read.unwrap_or_else(|_| Err(format!("feed:{} could not be read", self.feed.name)));
        self.last = Some(Last { text, at, said: said.clone() });
        Observation::Feed(said)
    }
}
