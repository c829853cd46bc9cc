//! Whether the way back is open, asked by itself while a run is live, so that it is known before it
//! is needed.
//!
//! Once a minute, and soon after something else would be sent, for the runs that this session drives. It
//! stands behind the look of a dialog (`foresee`) and only reads: it tries nothing, asks nobody who does not
//! answer anyway, decides nothing and is never journaled. What was said stays until all of the next is there.

use super::executor::Executor;
use super::foresee::{MOST, Question, ask};
use super::input::Input;
use crate::domain::foreseen::{Foreseen, Foresight};
use crate::domain::operation::Operation;
use crate::domain::span::Span;
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
    all: Vec<Foreseen>,
}

impl WayBack {
    /// Nothing is asked yet.
    pub fn new(now: Instant) -> Self {
        Self { number: 0, began: now, asked: None, question: None, all: Vec::new() }
    }

    /// Asks about what would be sent now, where that is due; the answers come to the inbox. Gives what is known
    /// where nobody is asked: nothing, where nothing would be sent any more.
    pub fn look(
        &mut self,
        now: Instant,
        executor: &Executor,
        mut operations: Vec<Asked>,
    ) -> Option<Arc<Vec<Foreseen>>> {
        operations.truncate(MOST);
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
        let awaited = operations.iter().enumerate().filter(|(_, (why, _))| why.is_none());
        let (numbers, asked): (Vec<usize>, Vec<Operation>) = awaited.map(|(n, (_, op))| (n, op.clone())).unzip();
        let said = |why: Option<String>| why.map_or(Foresight::Awaited, Foresight::Untold);
        self.all = operations.into_iter().map(|(why, operation)| Foreseen { operation, said: said(why) }).collect();
        if asked.is_empty() {
            return Some(Arc::new(self.all.clone()));
        }
        let number = self.number;
        let answer = move |n: usize, said| Input::WayBack(number, numbers.get(n).copied().unwrap_or(n), said);
        self.question = Some(ask(executor, asked, LIMIT, false, answer));
        None
    }

    fn due(&self, now: Instant, operations: &[Asked]) -> bool {
        let same = self.all.iter().map(|it| &it.operation).eq(operations.iter().map(|(_, operation)| operation));
        let since = |at: Instant| now.saturating_duration_since(at);
        since(self.began) >= SOON && self.asked.is_none_or(|at| since(at) >= if same { EVERY } else { SOON })
    }

    /// Takes in one answer; all of them when it was the last.
    pub fn heard(&mut self, number: u64, n: usize, said: Foresight) -> Option<Arc<Vec<Foreseen>>> {
        let it = self.all.get_mut(n).filter(|_| number == self.number)?;
        it.said = said;
        (!self.all.iter().any(Foreseen::is_awaited)).then(|| Arc::new(self.all.clone()))
    }
}
