//! What a dialog would send, and what backends say of it: the one part of a dialog that
//! comes after it has opened.
//!
//! It is only shown: what is agreed to, and what is sent then, knows nothing of it.

use crate::domain::foreseen::{Foreseen, Foresight};
use crate::domain::operation::Operation;

/// What would be sent, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sends {
    /// Each operation, and what is foreseen of it.
    pub each: Vec<Foreseen>,
    /// The number under which the backends were asked, once they have been.
    asked: Option<u64>,
}

impl Sends {
    /// Of these operations nothing is known yet.
    pub fn of(operations: impl Iterator<Item = Operation>) -> Self {
        Self { each: operations.map(Foreseen::awaited).collect(), asked: None }
    }

    /// Forgets what was said: it was about the state that was looked at then, and is asked for anew.
    pub fn again(&mut self) {
        self.asked = None;
        self.each.iter_mut().for_each(|it| it.said = Foresight::Awaited);
    }

    /// What the backends are to be asked under this number; nothing when they have been.
    pub fn ask(&mut self, number: u64) -> Option<Vec<Operation>> {
        if self.each.is_empty() || self.asked.is_some() {
            return None;
        }
        self.asked = Some(number);
        Some(self.each.iter().map(|it| it.operation.clone()).collect())
    }

    /// Takes what a backend said of one of them; what answers another question is not taken.
    pub fn hear(&mut self, number: u64, n: usize, said: Foresight) {
        if self.asked == Some(number)
            && let Some(it) = self.each.get_mut(n)
        {
            it.said = said;
        }
    }

    /// How many lines are kept free for it from the beginning, so that nothing above or below it moves
    /// when it comes.
    pub fn room(&self) -> usize {
        match self.each.len() {
            0 => 0,
            n => (4 + 4 * n).min(24),
        }
    }
}
