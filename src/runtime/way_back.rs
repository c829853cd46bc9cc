//! Whether the way back is open, asked by itself while a run is live, so that it is known before it
//! is needed.
//!
//! Once a minute, and soon after something else would be sent, for the runs that this session drives. It
//! stands behind the look of a dialog (`foresee`) and only reads: it tries nothing, asks nobody who does not
//! answer anyway, decides nothing and is never journaled. What was said stays until all of the next is there.
//! Of very many operations each look asks about the next few, in turn.

use super::executor::Executor;
use super::foresee::{Look, MOST, Question, ask};
use super::input::Input;
use crate::domain::foreseen::{Foreseen, Foresight};
use crate::domain::operation::Operation;
use crate::domain::span::Span;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the same is asked.
pub const EVERY: Duration = Duration::from_secs(60);
/// How soon after the beginning, or after a question, something else is asked.
pub const SOON: Duration = Duration::from_secs(5);
/// How long all of a question may take.
const LIMIT: Span = Span::secs(30);

/// An operation, and why nobody is asked about it, where that is so.
pub type Asked = (Option<String>, Operation);

/// The standing question of a session, and what has been said to it so far.
pub struct WayBack {
    number: u64,
    began: Instant,
    asked: Option<Instant>,
    question: Option<Question>,
    all: Vec<Known>,
    /// Of which the present look has not heard yet.
    awaited: BTreeSet<usize>,
}

/// What is known of an operation, and the look in which its backend said it: none where it was not asked yet.
struct Known {
    it: Foreseen,
    look: Option<u64>,
}

impl WayBack {
    /// Nothing is asked yet.
    pub fn new(now: Instant) -> Self {
        Self { number: 0, began: now, asked: None, question: None, all: Vec::new(), awaited: BTreeSet::new() }
    }

    /// Asks about what would be sent now, where that is due; the answers come to the inbox. Gives what is known
    /// where nobody is asked: nothing, where nothing would be sent any more.
    pub fn look(&mut self, now: Instant, executor: &Executor, operations: Vec<Asked>) -> Option<Arc<Vec<Foreseen>>> {
        if operations.is_empty() {
            let news = !self.all.is_empty();
            (self.question, self.asked) = (None, None);
            self.all.clear();
            return news.then(Arc::default);
        }
        if !self.due(now, &operations) {
            return None;
        }
        self.number += 1;
        self.asked = Some(now);
        let silent: BTreeSet<usize> =
            operations.iter().enumerate().filter(|(_, (why, _))| why.is_some()).map(|(n, _)| n).collect();
        self.take_over(operations);
        let numbers = self.next(&silent);
        self.awaited = numbers.iter().copied().collect();
        if numbers.is_empty() {
            return Some(self.known());
        }
        let asked = numbers.iter().filter_map(|n| self.all.get(*n)).map(|known| known.it.operation.clone()).collect();
        let number = self.number;
        let answer = move |n: usize, said| Input::WayBack(number, numbers.get(n).copied().unwrap_or(n), said);
        self.question = Some(ask(executor, asked, LIMIT, Look::Glance, answer));
        None
    }

    /// What would be sent now, with what is known of it from before.
    fn take_over(&mut self, operations: Vec<Asked>) {
        let before = std::mem::take(&mut self.all);
        let known = |(why, operation): Asked| {
            let known = before.iter().find(|known| known.it.operation == operation);
            let (said, look) = match (why, known) {
                (Some(why), _) => (Foresight::Untold(why), None),
                (None, Some(known)) => (known.it.said.clone(), known.look),
                (None, None) => (Foresight::Awaited, None),
            };
            Known { it: Foreseen { operation, said }, look }
        };
        self.all = operations.into_iter().map(known).collect();
    }

    /// About which operations this look asks: those that were asked least lately, in the order in which they would be sent.
    fn next(&self, silent: &BTreeSet<usize>) -> Vec<usize> {
        let mut numbers: Vec<usize> = (0..self.all.len()).filter(|n| !silent.contains(n)).collect();
        numbers.sort_by_key(|n| self.all.get(*n).and_then(|known| known.look));
        numbers.truncate(MOST);
        numbers
    }

    /// Whether it is time to see what would be sent now.
    pub fn rested(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.asked.unwrap_or(self.began)) >= SOON
    }

    fn due(&self, now: Instant, operations: &[Asked]) -> bool {
        let same = self.all.iter().map(|known| &known.it.operation).eq(operations.iter().map(|(_, op)| op));
        let since = |at: Instant| now.saturating_duration_since(at);
        since(self.began) >= SOON && self.asked.is_none_or(|at| since(at) >= if same { EVERY } else { SOON })
    }

    /// Takes in one answer; all that is known when it was the last. What was not asked about yet is awaited in it.
    pub fn heard(&mut self, number: u64, n: usize, said: Foresight) -> Option<Arc<Vec<Foreseen>>> {
        let known = self.all.get_mut(n).filter(|_| number == self.number)?;
        (known.it.said, known.look) = (said, Some(number));
        (self.awaited.remove(&n) && self.awaited.is_empty()).then(|| self.known())
    }

    fn known(&self) -> Arc<Vec<Foreseen>> {
        Arc::new(self.all.iter().map(|known| known.it.clone()).collect())
    }
}
