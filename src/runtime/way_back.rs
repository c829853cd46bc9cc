//! Whether the way back is open, asked by itself while a run is live, so that it is known before it
//! is needed: of what is changed already, and of what is still ahead.
//!
//! Once a minute, and soon after something else would be sent, for the runs that this session drives. It
//! stands behind the look of a dialog (`foresee`) and only reads: it tries nothing, asks nobody who does not
//! answer anyway, decides nothing and is never journaled. What was said stays until all of the next is there.
//! Of very many operations each look asks about the next few, in turn.

use super::executor::Executor;
use super::foresee::{Look, MOST, Question, ask};
use super::input::Input;
use crate::domain::foreseen::{Foreseen, Foresight, Returning};
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

/// An operation that leads back.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What would be sent.
    pub operation: Operation,
    /// How its backend is asked: with [`Look::Ahead`] where what it takes back is still ahead.
    pub look: Look,
    /// Why nobody is asked about it, where that is so.
    pub silent: Option<String>,
}

/// What is known of all of it.
#[derive(Clone, Debug)]
pub struct Said {
    /// Of what would be sent now.
    pub back: Arc<Vec<Foreseen>>,
    /// Of what would lead back what is still ahead.
    pub ahead: Arc<Vec<Returning>>,
}

/// The standing question of a session, and what has been said to it so far.
pub struct WayBack {
    number: u64,
    /// When it was worked out last what would be sent.
    looked: Instant,
    asked: Option<Instant>,
    question: Option<Question>,
    all: Vec<Known>,
    /// Of which the present look has not heard yet.
    awaited: BTreeSet<usize>,
}

/// What is known of an operation, and when the look began in which its backend said it: none where it was not asked yet.
struct Known {
    it: Foreseen,
    look: Look,
    asked: Option<Instant>,
}

impl Known {
    fn is(&self, asked: &Asked) -> bool {
        self.look == asked.look && self.it.operation == asked.operation
    }
}

impl WayBack {
    /// Nothing is asked yet.
    pub fn new(now: Instant) -> Self {
        Self { number: 0, looked: now, asked: None, question: None, all: Vec::new(), awaited: BTreeSet::new() }
    }

    /// Asks about what would be sent, where that is due; the answers come to the inbox. Gives what is known
    /// where nobody is asked: nothing, where nothing would be sent any more.
    pub fn look(&mut self, now: Instant, executor: &Executor, operations: Vec<Asked>) -> Option<Said> {
        let rested = self.rested(now);
        if rested {
            self.looked = now;
        }
        if operations.is_empty() {
            let news = !self.all.is_empty();
            (self.question, self.asked) = (None, None);
            self.all.clear();
            return news.then(|| self.known());
        }
        let changed = self.changed(&operations);
        // What is still ahead waits until the others have been answered.
        let comes = || self.question.as_ref().is_none_or(Question::is_over) && self.comes(&operations);
        if !rested || !(changed || comes() || self.is_old(now)) {
            return None;
        }
        self.number += 1;
        self.asked = Some(now);
        let silent: BTreeSet<usize> =
            operations.iter().enumerate().filter(|(_, asked)| asked.silent.is_some()).map(|(n, _)| n).collect();
        self.take_over(operations);
        let numbers = self.next(now, changed, &silent);
        self.awaited = numbers.iter().copied().collect();
        if numbers.is_empty() {
            return Some(self.known());
        }
        let asked = numbers.iter().filter_map(|n| self.all.get(*n));
        let asked = asked.map(|known| (known.it.operation.clone(), known.look)).collect();
        let number = self.number;
        let answer = move |n: usize, said| Input::WayBack(number, numbers.get(n).copied().unwrap_or(n), said);
        self.question = Some(ask(executor, asked, LIMIT, answer));
        None
    }

    /// What would be sent, with what is known of it from before.
    fn take_over(&mut self, operations: Vec<Asked>) {
        let before = std::mem::take(&mut self.all);
        let known = |asked: Asked| {
            let known = before.iter().find(|known| known.is(&asked));
            let Asked { operation, look, silent } = asked;
            let (said, asked) = match (silent, known) {
                (Some(why), _) => (Foresight::Untold(why), None),
                (None, Some(known)) => (known.it.said.clone(), known.asked),
                (None, None) => (Foresight::Awaited, None),
            };
            Known { it: Foreseen { operation, said }, look, asked }
        };
        self.all = operations.into_iter().map(known).collect();
    }

    /// About which operations this look asks: what would be sent now before what is ahead, and of each those that were
    /// asked least lately, in the order in which they would be sent. Where what would be sent now has changed, what was said of that may be so no more; what is ahead is not
    /// asked again before its time.
    fn next(&self, now: Instant, changed: bool, silent: &BTreeSet<usize>) -> Vec<usize> {
        let due = |known: &Known| {
            let rested = known.asked.is_none_or(|at| now.saturating_duration_since(at) >= EVERY);
            rested || (changed && known.look == Look::Glance)
        };
        let of = |n: &usize| self.all.get(*n);
        let mut numbers: Vec<usize> =
            (0..self.all.len()).filter(|n| !silent.contains(n) && of(n).is_some_and(due)).collect();
        numbers.sort_by_key(|n| of(n).map(|known| (known.look != Look::Glance, known.asked)));
        numbers.truncate(MOST);
        numbers
    }

    /// Whether it is time to see what would be sent now.
    pub fn rested(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.looked) >= SOON
    }

    fn is_old(&self, now: Instant) -> bool {
        self.asked.is_none_or(|at| now.saturating_duration_since(at) >= EVERY)
    }

    /// Whether something else would be sent now than in the last look.
    fn changed(&self, operations: &[Asked]) -> bool {
        let now = |look: Look| look == Look::Glance;
        let known = self.all.iter().filter(|known| now(known.look)).map(|known| &known.it.operation);
        !known.eq(operations.iter().filter(|asked| now(asked.look)).map(|asked| &asked.operation))
    }

    /// Whether something is ahead that was not in the last look.
    fn comes(&self, operations: &[Asked]) -> bool {
        operations.iter().any(|asked| asked.look != Look::Glance && !self.all.iter().any(|known| known.is(asked)))
    }

    /// Takes in one answer; all that is known when it was the last, or the last about what would be sent now. What was not asked about yet is awaited in it.
    pub fn heard(&mut self, number: u64, n: usize, said: Foresight) -> Option<Said> {
        let known = self.all.get_mut(n).filter(|_| number == self.number)?;
        (known.it.said, known.asked) = (said, self.asked);
        let now = self.all.get(n).is_some_and(|known| known.look == Look::Glance);
        let heard = self.awaited.remove(&n);
        let glances = self.awaited.iter().any(|n| self.all.get(*n).is_some_and(|known| known.look == Look::Glance));
        (heard && (self.awaited.is_empty() || (now && !glances))).then(|| self.known())
    }

    fn known(&self) -> Said {
        let (mut back, mut ahead) = (Vec::new(), Vec::new());
        for Known { it, look, .. } in &self.all {
            match look {
                Look::Ahead(changes) => ahead.push(Returning { it: it.clone(), changes: *changes }),
                Look::Glance | Look::Preview => back.push(it.clone()),
            }
        }
        Said { back: Arc::new(back), ahead: Arc::new(ahead) }
    }
}
