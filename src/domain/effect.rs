//! Effects: what has been announced and must now leave the process.
//!
//! Effects are never stored. `engine::due` derives them from the ledger, so a
//! replay has none and a restart has exactly those that are still open.

use super::Timestamp;
use super::journal_id::Key;
use super::name::{PersonName, RunId, StepName};
use super::operation::Operation;

/// One thing to let out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send the operation once, unless it is older than `not_after`.
    Perform {
        /// The line that announced it.
        intent: u64,
        /// What the backend gets to recognise it by.
        key: Key,
        /// What to do.
        operation: Operation,
        /// Too old to be sent after this; what it was judged by may have changed.
        not_after: Timestamp,
        /// For the operation's arguments: which run and step it is for.
        of: (RunId, StepName),
        /// Who stands behind it.
        by: PersonName,
        /// Why, where somebody said so: the symptom of a rollback.
        reason: Option<String>,
    },
    /// Ask what became of an operation in doubt; reads only.
    Probe {
        /// The line that announced the operation.
        intent: u64,
        /// The key it was sent under.
        key: Key,
        /// What was to be done.
        operation: Operation,
    },
}

impl Effect {
    /// The line that announced the operation it is about.
    pub fn intent(&self) -> u64 {
        match self {
            Effect::Perform { intent, .. } | Effect::Probe { intent, .. } => *intent,
        }
    }
}
