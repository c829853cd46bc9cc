//! Sessions that are proved dead, and what is written down of them.
//!
//! When a session begins it is done before anyone is told what is true, so that
//! nobody hears that a dead session drives. It takes no conn and sends nothing.

use super::clock::now;
use crate::domain::entry::{By, Draft};
use crate::domain::session::SessionId;
use crate::engine;
use crate::fault;
use crate::journal::{self, Journal};

/// The sessions, other than this one, that are open in the ledger and proved dead.
pub(super) fn dead(journal: &Journal, me: SessionId) -> Vec<SessionId> {
    let dead = journal::dead_sessions(journal.layout(), journal.ledger());
    let dead: Vec<_> = dead.into_iter().filter(|session| *session != me).collect();
    if !dead.is_empty() {
        let _ = fault::at("dispatcher.recover");
    }
    dead
}

/// Writes down that they are lost as a session begins. What cannot be written
/// now the dispatcher tries again, and says.
pub(super) fn at_start(journal: &mut Journal, by: &By) {
    let dead = dead(journal, by.session);
    if dead.is_empty() {
        return;
    }
    let _ = journal.commit(now, by.clone(), |ledger, _| {
        let facts = engine::recover(ledger, &dead);
        (!facts.is_empty()).then(|| Draft { cause: "recover".to_owned(), outcome: Ok(facts) })
    });
}
