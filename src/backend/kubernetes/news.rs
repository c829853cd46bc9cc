//! Warning events: what the parts of a cluster say has gone wrong, and with what.
//!
//! Pure. Everything in them is foreign text, made harmless when it is read. Counts and times are told in
//! steps, so that an event that comes again and again does not change the row each time.

use super::answer::line;
use super::object::{count, text, time};
use crate::domain::Timestamp;
use crate::domain::text::shortened;
use chrono::TimeDelta;
use serde_json::Value;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// How long an event is news.
const NEWS: TimeDelta = TimeDelta::minutes(10);
/// How many of one object are kept, the newest.
const MOST: usize = 20;
/// How long a reason is that is shown.
const REASON: usize = 60;
/// How long a message is that is shown.
const LONGEST: usize = 160;
/// What is written before a message that stands for several that are alike.
const ALIKE: &str = "(combined from similar events): ";

/// What one event says.
#[derive(Clone, Debug, PartialEq)]
pub struct News {
    /// The kind of what it is about, in small letters, such as `pod`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its uid; empty where it is not said.
    pub uid: String,
    /// The word for it, made harmless.
    pub reason: String,
    /// What is said, made harmless.
    pub message: String,
    /// How often.
    pub count: u64,
    /// When first, where that is known.
    pub first: Option<Timestamp>,
    /// When last.
    pub last: Timestamp,
}

impl News {
    /// Reads an event; none where it is no warning, or does not say when.
    pub fn read(event: &Value) -> Option<Self> {
        if text(event, "/type") != "Warning" {
            return None;
        }
        let said = |at: [&'static str; 3]| at.into_iter().filter_map(|at| time(event, at));
        let made = time(event, "/metadata/creationTimestamp");
        let message = text(event, "/message");
        Some(Self {
            kind: text(event, "/involvedObject/kind").to_lowercase(),
            name: text(event, "/involvedObject/name").to_owned(),
            uid: text(event, "/involvedObject/uid").to_owned(),
            reason: shortened(&line(text(event, "/reason")), REASON),
            message: line(message.strip_prefix(ALIKE).unwrap_or(message)),
            count: count(event, "/series/count").max(count(event, "/count")).max(1),
            first: said(["/firstTimestamp", "/eventTime", "/firstTimestamp"]).min().or(made),
            last: said(["/lastTimestamp", "/eventTime", "/series/lastObservedTime"]).max().or(made)?,
        })
    }

    /// Whether it was said not too long before.
    pub fn is_new(&self, now: Timestamp) -> bool {
        now - self.last < NEWS
    }

    /// Whether the status of the pod itself says it better.
    pub fn is_echo(&self) -> bool {
        let word = self.message.strip_prefix("Error: ").is_some_and(|word| !word.contains(' '));
        self.reason == "BackOff" || (self.reason == "Failed" && word)
    }

    /// It in words: `FailedMount: configmap "x" not found (5+ times since 10:02Z)`.
    pub fn words(&self) -> String {
        let said = [self.reason.as_str(), &shortened(&self.message, LONGEST)];
        let said: Vec<&str> = said.into_iter().filter(|part| !part.is_empty()).collect();
        format!("{} ({})", said.join(": "), times(self.count, self.first, self.last))
    }
}

/// How often and since when: `at 10:02Z`, `5+ times since 10:02Z`.
pub fn times(count: u64, first: Option<Timestamp>, last: Timestamp) -> String {
    let clock = |at: Timestamp| at.format("%H:%MZ").to_string();
    match (count, first) {
        (0 | 1, _) => format!("at {}", clock(last)),
        (n, None) => format!("{} times", about(n)),
        (n, Some(first)) => format!("{} times since {}", about(n), clock(first)),
    }
}

/// A count in steps: 2, 3, 4, then `5+`, `10+`, `20+`, `50+`, …
fn about(n: u64) -> String {
    if n < 5 {
        return n.to_string();
    }
    let unit = 10_u64.pow(n.ilog10());
    let step = [5, 2].into_iter().find(|step| n / unit >= *step).unwrap_or(1);
    format!("{}+", step * unit)
}

/// What has been heard in each namespace, by what it is about.
#[derive(Default)]
pub struct Heard(BTreeMap<String, BTreeMap<(String, String), Vec<News>>>);

impl Heard {
    /// Takes what was heard in a namespace in place of what was before: of each object the newest.
    pub fn take(&mut self, namespace: &str, all: impl Iterator<Item = News>) {
        let mut by: BTreeMap<(String, String), Vec<News>> = BTreeMap::new();
        for news in all {
            by.entry((news.kind.clone(), news.name.clone())).or_default().push(news);
        }
        for all in by.values_mut() {
            all.sort_by_key(|news| Reverse(news.last));
            all.truncate(MOST);
        }
        self.0.insert(namespace.to_owned(), by);
    }

    /// What was heard about an object, the newest first; `kind` in small letters.
    pub fn about(&self, namespace: &str, kind: &str, name: &str) -> &[News] {
        let all = self.0.get(namespace).and_then(|all| all.get(&(kind.to_owned(), name.to_owned())));
        all.map_or(&[], Vec::as_slice)
    }
}

/// The newest of each reason, the newest first.
pub fn by_reason<'a>(all: impl Iterator<Item = &'a News>) -> Vec<&'a News> {
    let mut all: Vec<&News> = all.collect();
    all.sort_by(|a, b| b.last.cmp(&a.last).then_with(|| a.message.cmp(&b.message)));
    let mut reasons = std::collections::BTreeSet::new();
    all.retain(|news| reasons.insert(news.reason.as_str()));
    all
}
