//! Which operations under way a way back waits for.
//!
//! One operation at a time changes a place. A deploy that was taken and is only looked on at would
//! hold up what leads back for as long as it may last; whoever looks on at it is given leave to stop,
//! and says how far it has come. Nothing is decided here: the way back starts when that is written.

use super::Given;
use super::readiness::needs_met;
use super::run::{Fate, Phase, Run, State};
use crate::domain::operation::{Direction, Operation};

/// Their announcing lines, those of other sessions too.
pub fn leave(given: &Given<'_>) -> Vec<u64> {
    let runs = given.ledger.runs.values().filter(|run| run.takes_back() && matches!(run.phase, Phase::Live));
    let waiting: Vec<&Operation> = runs.flat_map(|run| waiting(given, run)).collect();
    let open = given.ledger.sent.values().filter(|sent| sent.fate == Fate::Open);
    let forward = open.filter(|sent| sent.intent.operation.direction() == Direction::Forward);
    forward.filter(|sent| waiting.iter().any(|back| back.meets(&sent.intent.operation))).map(|sent| sent.seq).collect()
}

/// What leads back and would start if nothing else were at work there.
fn waiting<'a>(given: &'a Given<'_>, run: &'a Run) -> impl Iterator<Item = &'a Operation> {
    let pending = run.plan.steps.iter().filter(|step| *run.state(&step.name) == State::Pending);
    let ready = pending.filter(|step| needs_met(given, run, step));
    ready.filter_map(|step| step.operation()).filter(|op| op.direction() == Direction::Back)
}
