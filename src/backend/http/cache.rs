//! Answers that may be asked after with `If-None-Match` or `If-Modified-Since` in place of read again. Pure.
//!
//! The newest few within a bound on bytes; it belongs to one client, so to one credential.

use super::answer::Answer;
use chrono::{DateTime, TimeDelta};
use reqwest::header::{HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use std::collections::VecDeque;

/// How many answers are kept.
const MOST: usize = 64;
/// How many bytes of them in all.
const BYTES: usize = 16 * 1024 * 1024;
/// How long something must have been as it is before its time tells it from what comes later: times have whole
/// seconds, and a second change within one leaves it as it was (RFC 9110, 8.8.2.2).
const SETTLED: TimeDelta = TimeDelta::seconds(60);

/// By what the host tells whether it is the same as before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Its tag.
    Tag(String),
    /// When it was changed last, where it has no tag.
    Time(String),
}

impl Mark {
    /// The header that asks by it.
    pub fn header(&self) -> HeaderName {
        match self {
            Self::Tag(_) => IF_NONE_MATCH,
            Self::Time(_) => IF_MODIFIED_SINCE,
        }
    }

    /// What stands in that header.
    pub fn value(&self) -> &str {
        match self {
            Self::Tag(value) | Self::Time(value) => value,
        }
    }

    /// The mark of an answer; none where it has none that can be relied on.
    fn of(answer: &Answer) -> Option<Self> {
        if let Some(tag) = answer.header("etag") {
            return Some(Self::Tag(tag.to_owned()));
        }
        let time = |name: &str| DateTime::parse_from_rfc2822(answer.header(name)?).ok();
        let settled = time("last-modified")?.checked_add_signed(SETTLED)? <= time("date")?;
        settled.then(|| answer.header("last-modified").map(|at| Self::Time(at.to_owned())))?
    }
}

/// Answers with their marks, oldest first.
#[derive(Debug, Default)]
pub struct Cache {
    kept: VecDeque<(String, Mark, Answer)>,
}

impl Cache {
    /// The mark under which an address was answered last.
    pub fn mark(&self, address: &str) -> Option<Mark> {
        self.kept.iter().find(|(known, ..)| known == address).map(|(_, mark, _)| mark.clone())
    }

    /// The answer that has not changed since.
    pub fn unchanged(&self, address: &str) -> Option<Answer> {
        self.kept.iter().find(|(known, ..)| known == address).map(|(.., answer)| answer.clone())
    }

    /// Keeps an answer that has a mark, in place of an older one of the same address.
    pub fn keep(&mut self, address: &str, answer: &Answer) {
        self.kept.retain(|(known, ..)| known != address);
        if answer.status != 200 || answer.body.len() > BYTES {
            return;
        }
        let Some(mark) = Mark::of(answer) else { return };
        self.kept.push_back((address.to_owned(), mark, answer.clone()));
        let bytes = |kept: &VecDeque<(String, Mark, Answer)>| kept.iter().map(|(.., a)| a.body.len()).sum::<usize>();
        while self.kept.len() > MOST || bytes(&self.kept) > BYTES {
            self.kept.pop_front();
        }
    }
}
