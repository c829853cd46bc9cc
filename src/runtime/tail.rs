//! How often the journal is looked at for lines of other processes.
//!
//! Pure. A look wakes the machine: there are fewer of them while no line could change what is under way.

use crate::domain::span::Span;
use crate::engine::{Ledger, Run};

/// While a run is open, something is in doubt or somebody else is there.
const USUAL: Span = Span::millis(200);
/// While nothing of that is.
const AT_REST: Span = Span::millis(500);

/// How long until the next look, by what is known now.
pub(super) fn tail(ledger: &Ledger) -> Span {
    let settled = ledger.sent.values().all(|sent| !sent.open());
    let rests = settled && ledger.runs.values().all(Run::ended) && ledger.sessions.len() < 2;
    if rests { AT_REST } else { USUAL }
}
