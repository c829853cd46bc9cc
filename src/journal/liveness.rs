//! Liveness of sessions: a file that is locked as long as its process lives.
//!
//! The system lets the lock go when the process ends, however it ends; so a
//! session whose file can be locked is dead, and no clock is asked. Children do
//! not inherit the file.

use super::error::{During, JournalError};
use super::layout::Layout;
use crate::domain::session::SessionId;
use crate::engine::Ledger;
use rustix::fs::{FlockOperation, flock};
use std::fs::File;
use std::io;
use std::path::PathBuf;

/// Keeps a session alive until it is dropped or the process ends.
#[derive(Debug)]
pub struct Liveness {
    path: PathBuf,
    _file: File,
}

impl Liveness {
    /// Makes and locks the file of a session.
    pub fn hold(layout: &Layout, session: SessionId) -> Result<Self, JournalError> {
        let path = layout.alive(session);
        let file = layout.open_file(&path)?;
        flock(&file, FlockOperation::NonBlockingLockExclusive).during("lock", &path)?;
        Ok(Self { path, _file: file })
    }
}

impl Drop for Liveness {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// The sessions that are open in the ledger and proved dead: their file is missing
/// or can be locked. A file that cannot be judged is alive.
pub fn dead_sessions(layout: &Layout, ledger: &Ledger) -> Vec<SessionId> {
    ledger.sessions.keys().copied().filter(|session| dead(layout, *session)).collect()
}

fn dead(layout: &Layout, session: SessionId) -> bool {
    match File::open(layout.alive(session)) {
        Err(e) => e.kind() == io::ErrorKind::NotFound,
        // Shared, so that two who look at once do not take each other for the session.
        Ok(file) => flock(&file, FlockOperation::NonBlockingLockShared).is_ok(),
    }
}
