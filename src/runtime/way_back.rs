//! Whether the way back is open, asked by itself while a run is live, so that it is known before it
//! is needed.
//!
//! Once a minute, and soon after something else would be sent. It is a look like that of a dialog
//! (`foresee`) and stands behind it: it decides nothing, is never journaled, and what was said stays
//! until all of the next answer is there.

use super::executor::Executor;
use super::foresee::{LIMIT, Question, ask};
use super::input::Input;
use crate::domain::foreseen::{Foreseen, Foresight};
use crate::domain::operation::Operation;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the same is asked.
pub const EVERY: Duration = Duration::from_secs(60);
/// How soon after the beginning, or after a question, something else is asked.
pub const SOON: Duration = Duration::from_secs(5);

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

    /// Asks about what would be sent now, where that is due; the answers come to the inbox.
    /// Gives an empty list where nothing would be sent any more.
    pub fn look(
        &mut self,
        now: Instant,
        executor: &Executor,
        operations: Vec<Operation>,
    ) -> Option<Arc<Vec<Foreseen>>> {
        if operations.is_empty() {
            let news = !self.all.is_empty();
            (self.question, self.asked) = (None, None);
            self.all.clear();
            return news.then(Arc::default);
        }
        if self.due(now, &operations) {
            self.number += 1;
            self.asked = Some(now);
            self.all = operations.iter().cloned().map(Foreseen::awaited).collect();
            let number = self.number;
            self.question = Some(ask(executor, operations, LIMIT, move |n, said| Input::WayBack(number, n, said)));
        }
        None
    }

    fn due(&self, now: Instant, operations: &[Operation]) -> bool {
        let same = self.all.iter().map(|it| &it.operation).eq(operations);
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
