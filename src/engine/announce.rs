//! The line that announces an operation: who sends it, and until when it may leave.
//!
//! It only builds the fact; whether it may be announced is decided before.

use super::run::Run;
use super::{Given, before, policy, readiness};
use crate::domain::fact::{Fact, Intent};
use crate::domain::operation::Operation;
use crate::domain::plan::Step;
use crate::domain::session::SessionId;
use crate::domain::span::Span;
use crate::domain::verdict::{Level, Reason, Rule};

/// An operation that has not left after this is void: what it was judged by may
/// have changed, so it is decided anew.
pub const GOOD_FOR: Span = Span::secs(30);

/// Announces the operation of a step, to be sent by `session`.
pub(super) fn announce(
    given: &Given<'_>,
    run: &Run,
    step: &Step,
    operation: &Operation,
    session: SessionId,
    resend_of: Option<u64>,
) -> Fact {
    let first = resend_of.and_then(|seq| given.ledger.sent.get(&seq));
    let from = match first {
        // By now it may have what the first sending brought.
        Some(first) => first.intent.from.clone(),
        None => before::leaves(given, operation),
    };
    Fact::Announced(Box::new(Intent {
        run: run.id,
        step: step.name.clone(),
        attempt: run.steps.get(&step.name).map_or(0, |s| s.attempt) + 1,
        operation: operation.clone(),
        session,
        epoch: run.epoch,
        not_after: given.now + GOOD_FOR.delta(),
        resend_of,
        from,
        knowing: knowing(given, run, step),
        approved: policy::approved(given, run, step),
    }))
}

/// The warnings that a step starts under, and what rules say of it.
fn knowing(given: &Given<'_>, run: &Run, step: &Step) -> Vec<String> {
    let verdict = readiness::judge(given, run, step).verdict;
    let told = |reason: &Reason| verdict.level == Level::Warn || (verdict.passes() && reason.rule == Rule::Policy);
    verdict.reasons.iter().filter(|reason| told(reason)).map(|reason| reason.text.clone()).collect()
}
