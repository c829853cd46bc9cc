//! One function per kind of fact: how it changes the ledger.

use super::ledger::{Ledger, Session};
use crate::domain::entry::Entry;
use crate::domain::fact::Fact;
use crate::domain::session::SessionId;

/// Folds one fact in; the error says why it cannot follow.
pub fn fact(ledger: &mut Ledger, entry: &Entry, fact: &Fact) -> Result<(), String> {
    match fact {
        Fact::Genesis { format, journal, workspace } => {
            if ledger.journal.is_some() {
                return Err("a second genesis".to_owned());
            }
            ledger.journal = Some(journal.clone());
            ledger.format = *format;
            ledger.workspace.clone_from(workspace);
        }
        Fact::Carried(carried) => {
            let before = Ledger::carried(carried).map_err(|e| e.to_string())?;
            if before.seq + 1 != entry.seq {
                return Err(format!("carries line {}", before.seq));
            }
            *ledger = Ledger { seq: entry.seq, at: entry.at, ..before };
        }
        Fact::SessionOpened(origin) => {
            let session = Session { origin: (**origin).clone(), since: entry.at };
            ledger.sessions.insert(SessionId(entry.seq), session);
        }
        Fact::SessionClosed { session, .. } | Fact::SessionLost { session } => {
            ledger.sessions.remove(session);
        }
        _ => {}
    }
    Ok(())
}
