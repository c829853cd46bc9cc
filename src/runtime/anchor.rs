//! The journal's anchor: publishing its head elsewhere, and asking what is held there.
//!
//! A head that could not be published is no reason to stop: it is said, and the
//! next one carries everything before it.

use crate::backend::anchor::{AnchorError, GitAnchor};
use crate::domain::journal_id::JournalId;
use crate::journal::anchor::Anchor;
use crate::journal::{Journal, SignedHead};
use std::path::Path;

/// Publishes a head at a git remote; it counts when read back. `root` is the
/// state directory, where git keeps objects of its own.
pub fn publish(root: &Path, remote: &str, head: &SignedHead) -> Result<(), AnchorError> {
    git(root, &head.head.journal, remote).publish(&head.to_string())
}

/// Reads the heads that a git remote holds of the journal.
pub fn read(journal: &Journal, remote: &str) -> Result<Anchor, AnchorError> {
    let nobody = JournalId::from_random([0; 8]);
    let text = git(journal.layout().root(), journal.id().unwrap_or(&nobody), remote).read()?;
    Ok(Anchor::read(remote, &text))
}

fn git(root: &Path, journal: &JournalId, remote: &str) -> GitAnchor {
    GitAnchor::new(remote, journal, &root.join("anchor.git"))
}
