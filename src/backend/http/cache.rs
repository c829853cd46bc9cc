//! Answers that may be asked after with `If-None-Match` in place of read again. Pure.
//!
//! The newest few within a bound on bytes; it belongs to one client, so to one credential.

use super::answer::Answer;
use std::collections::VecDeque;

/// How many answers are kept.
const MOST: usize = 64;
/// How many bytes of them in all.
const BYTES: usize = 8 * 1024 * 1024;

/// Answers with their tags, oldest first.
#[derive(Debug, Default)]
pub struct Cache {
    kept: VecDeque<(String, String, Answer)>,
}

impl Cache {
    /// The tag under which an address was answered last.
    pub fn tag(&self, address: &str) -> Option<String> {
        self.kept.iter().find(|(known, ..)| known == address).map(|(_, tag, _)| tag.clone())
    }

    /// The answer that has not changed since.
    pub fn unchanged(&self, address: &str) -> Option<Answer> {
        self.kept.iter().find(|(known, ..)| known == address).map(|(.., answer)| answer.clone())
    }

    /// Keeps an answer that has a tag, in place of an older one of the same address.
    pub fn keep(&mut self, address: &str, answer: &Answer) {
        self.kept.retain(|(known, ..)| known != address);
        let Some(tag) = answer.header("etag").filter(|_| answer.status == 200 && answer.body.len() <= BYTES) else {
            return;
        };
        self.kept.push_back((address.to_owned(), tag.to_owned(), answer.clone()));
        let bytes = |kept: &VecDeque<(String, String, Answer)>| kept.iter().map(|(.., a)| a.body.len()).sum::<usize>();
        while self.kept.len() > MOST || bytes(&self.kept) > BYTES {
            self.kept.pop_front();
        }
    }
}
