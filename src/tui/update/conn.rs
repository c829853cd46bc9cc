//! Taking the conn of a run, or giving it back.
//!
//! From somebody who is there it is taken with a reason only.

use super::{Seen, reasoned};
use crate::domain::command::Command;
use crate::engine::run::Run;
use crate::tui::request::Request;
use crate::tui::ui::Ui;

/// Takes it; gives it back where it is one's own already.
pub(super) fn take(ui: &mut Ui, seen: &Seen<'_>, run: &Run) -> Option<Request> {
    if seen.model.drives(run) {
        return Some(Command::GiveConn(run.id).into());
    }
    let command = Command::TakeConn(run.id, run.epoch, String::new());
    let there = seen.model.ledger.driver(run).and(run.conn.as_ref());
    match there.filter(|conn| Some(&conn.person) != seen.model.person.as_ref()) {
        None => Some(command.into()),
        Some(conn) => {
            reasoned(ui, &format!("Take the conn of run {} from {}", run.id, conn.person), command);
            None
        }
    }
}
