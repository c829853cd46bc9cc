//! The journal's anchor: publishing its head elsewhere, and asking what is held there.
//!
//! A head that could not be published is no reason to stop: it is said, and the
//! next one carries everything before it.

use crate::backend::anchor::{AnchorError, GitAnchor};
use crate::journal::anchor::Anchor;
use crate::journal::{Journal, SignedHead};

/// Publishes a head of the journal at a git remote; it counts when read back.
pub fn publish(journal: &Journal, remote: &str, head: &SignedHead) -> Result<(), AnchorError> {
    git(journal, remote).publish(&head.to_string())
}

/// Reads the heads that a git remote holds of the journal.
pub fn read(journal: &Journal, remote: &str) -> Result<Anchor, AnchorError> {
    let text = git(journal, remote).read()?;
    Ok(Anchor::read(remote, &text))
}

fn git(journal: &Journal, remote: &str) -> GitAnchor {
    let id = journal.id().cloned().unwrap_or_else(|| crate::domain::journal_id::JournalId::from_random([0; 8]));
    GitAnchor::new(remote, &id, &journal.layout().root().join("anchor.git"))
}
