//! What backends say of what would be sent, for `--dry-run`: asked with a time limit,
//! printed below what would be decided. Nothing is sent and nothing is journaled.

use super::args::Global;
use super::print;
use super::session::Session;
use crate::domain::foreseen::Foreseen;
use crate::domain::operation::Operation;
use crate::report::foreseen;
use crate::runtime::foresee::LIMIT;
use serde::Serialize;

/// How it is printed as JSON: a line of its own.
#[derive(Serialize)]
struct Told<'a> {
    foreseen: &'a [Foreseen],
}

/// Asks the backends of these operations and prints what they say.
pub fn tell(session: &mut Session, global: &Global, operations: Vec<Operation>) {
    if operations.is_empty() {
        return;
    }
    session.ask_backends(operations);
    if let Some(head) = foreseen::headline(&session.foreseen).filter(|_| !global.json) {
        print::words(&format!("{} {LIMIT} at most", head.text));
    }
    session.hear_backends();
    if global.json {
        return print::json(&Told { foreseen: &session.foreseen });
    }
    for line in foreseen::lines(&session.foreseen) {
        print::line(&format!("{:<6} {}", line.label, line.text));
    }
    let counts = foreseen::counts(&session.foreseen);
    if session.foreseen.len() > 1 && !counts.is_empty() {
        print::line(&counts.join(" · "));
    }
}
