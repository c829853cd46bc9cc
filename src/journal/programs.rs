//! Which program and version each backend said it was when it was last heard, in a file beside the journal.
//!
//! It is no part of the chain and nothing rests on it: a file that is lost or damaged is begun anew, and
//! then nobody can say what changed.

use super::error::{During, JournalError};
use super::layout::Layout;
use crate::domain::Timestamp;
use crate::domain::introduced::Introduced;
use crate::domain::name::BackendName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Read, Write};

/// The most that is read of the file.
const LARGEST: u64 = 1 << 20;

/// What a backend is, and what it was before that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// Its program and version, in words.
    pub now: String,
    /// When a session first heard that it is this.
    pub since: Timestamp,
    /// What it was before, where it was ever something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

impl Program {
    /// That it is something else now, or when it last became so; none where it was never anything else.
    pub fn changed(&self, now: &str) -> Option<String> {
        let since = self.since.format("%F %H:%M:%SZ");
        match &self.before {
            _ if self.now != now => {
                Some(format!("it is {now} now; to the last session that heard it, it was {} (since {since})", self.now))
            }
            Some(before) => Some(format!("it is {now} since {since}; before that it was {before}")),
            None => None,
        }
    }
}

/// What is known of each; nothing where the file cannot be read.
pub fn read(layout: &Layout) -> BTreeMap<BackendName, Program> {
    kept(layout).unwrap_or_default()
}

/// What is known of each; nothing where the file is damaged or there is none.
fn kept(layout: &Layout) -> std::io::Result<BTreeMap<BackendName, Program>> {
    let mut text = String::new();
    match fs::File::open(layout.programs()).and_then(|file| file.take(LARGEST).read_to_string(&mut text)) {
        Err(error) if error.kind() != ErrorKind::NotFound && error.kind() != ErrorKind::InvalidData => Err(error),
        _ => Ok(serde_json::from_str(&text).unwrap_or_default()),
    }
}

/// Notes who a backend says it is; writes nothing where that is known.
///
/// # Errors
/// The file could not be written; what was noted before stays.
pub fn note(layout: &Layout, backend: &BackendName, who: &Introduced, at: Timestamp) -> Result<(), JournalError> {
    let (path, now) = (layout.programs(), who.program());
    let mut all = kept(layout).during("read", &path)?;
    let known = all.remove(backend);
    if known.as_ref().is_some_and(|known| known.now == now) {
        return Ok(());
    }
    all.insert(backend.clone(), Program { now, since: at, before: known.map(|known| known.now) });
    let fresh = layout.root().join(format!(".programs.{}", std::process::id()));
    let text = serde_json::to_vec(&all).map_err(|e| JournalError::Unwritable(e.to_string()))?;
    // One that was left by a process of the same number.
    let _ = fs::remove_file(&fresh);
    let written = layout.create_new(&fresh).and_then(|mut file| file.write_all(&text).and_then(|()| file.sync_data()));
    let written = written.and_then(|()| fs::rename(&fresh, &path));
    if written.is_err() {
        let _ = fs::remove_file(&fresh);
    }
    written.during("write", &path)
}
