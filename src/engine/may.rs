//! May this be done there, at an instant: calendar and rules together, as every key and verb is judged.
//!
//! What opens and closes is told by time alone: whose approval it needs is said beside it.

use super::calendar::{Question, opens_by};
use super::policy::{self, About};
use super::{Given, rules};
use crate::domain::Timestamp;
use crate::domain::verdict::Verdict;

/// What is asked: of the calendar, and of the rules.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// Of the calendar.
    pub question: Question<'a>,
    /// Of the rules.
    pub about: About<'a>,
}

/// The verdict at an instant.
pub fn may(given: &Given<'_>, ask: &Asking<'_>, at: Timestamp) -> Verdict {
    Verdict::all([rules::may(given, ask.question, at), policy::may(given, &ask.about, at)])
}

/// The same as if everybody had approved whose word it needs.
pub fn by_time(given: &Given<'_>, ask: &Asking<'_>, at: Timestamp) -> Verdict {
    Verdict::all([rules::may(given, ask.question, at), policy::by_time(given, &ask.about, at)])
}

/// When it first passes at or after `at`, approvals aside; none where that is not known.
pub fn opens(given: &Given<'_>, ask: &Asking<'_>, at: Timestamp) -> Option<Timestamp> {
    match policy::any(given) {
        false => rules::opens(given, ask.question, at),
        true => opens_by(|at| by_time(given, ask, at), at),
    }
}

/// When it next stops passing after `at`, approvals aside; none where that is not known.
pub fn closes(given: &Given<'_>, ask: &Asking<'_>, at: Timestamp) -> Option<Timestamp> {
    let calendar = rules::closes(given, ask.question, at);
    calendar.into_iter().chain(policy::closes(given, &ask.about, at)).min()
}
