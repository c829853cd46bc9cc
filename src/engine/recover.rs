//! What follows from a session's death: its open operations come into doubt.
//!
//! What they sent may or may not have happened; a probe or a person decides.

use super::ledger::Ledger;
use super::run::Fate;
use crate::domain::fact::Fact;
use crate::domain::session::SessionId;

/// Facts about sessions that were proved dead. Their runs stay theirs, and
/// unattended, until someone takes the conn.
pub fn recover(ledger: &Ledger, dead: &[SessionId]) -> Vec<Fact> {
    let known = || dead.iter().copied().filter(|s| ledger.alive(*s));
    let lost = known().map(|session| Fact::SessionLost { session });
    let open = ledger.sent.values().filter(|s| s.fate == Fate::Open);
    let doubts = open.filter(|s| known().any(|dead| dead == s.intent.session)).map(|sent| Fact::InDoubt {
        intent: sent.seq,
        why: format!("session {} was lost before it reported", sent.intent.session),
    });
    lost.chain(doubts).collect()
}
