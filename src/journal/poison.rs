//! The marker `POISONED`: a write was accepted and then not made durable.
//!
//! After a failed fsync the system may have thrown the data away while showing
//! it as written, so trying again proves nothing. Every commit of every process
//! looks for the marker first; only a person removes it.

use super::error::{During, JournalError};
use super::layout::{Layout, sync_dir};
use crate::domain::Timestamp;
use crate::domain::text::{shortened, visible_bytes};
use crate::fault;
use std::fs::File;
use std::io::{self, Read, Write};

/// Fails when the marker is there.
pub fn check(layout: &Layout) -> Result<(), JournalError> {
    let path = layout.poisoned();
    match File::open(&path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        // Whatever else stands there, it is not nothing.
        Err(e) => Err(JournalError::Poisoned { path, why: format!("its marker cannot be read: {e}") }),
        Ok(file) => {
            let mut text = Vec::new();
            let _ = file.take(400).read_to_end(&mut text);
            let why = shortened(visible_bytes(text.trim_ascii_end()).as_str(), 300);
            Err(JournalError::Poisoned { path, why })
        }
    }
}

/// Makes the marker durable and returns what to tell whoever wanted to write.
/// If the marker cannot be made either, the caller must remember by itself.
pub fn mark(layout: &Layout, at: Timestamp, cause: &io::Error) -> JournalError {
    let path = layout.poisoned();
    let pid = std::process::id();
    let mut why = format!("at {} pid {pid} could not make a line durable: {cause}", at.format("%FT%TZ"));
    if let Err(e) = write(layout, &why) {
        why.push_str(&format!("; and the marker could not be made durable: {e}"));
    }
    JournalError::Poisoned { path, why }
}

fn write(layout: &Layout, why: &str) -> Result<(), JournalError> {
    let path = layout.poisoned();
    fault::at("journal.poison").during("create", &path)?;
    let mut file = layout.open_file(&path)?;
    writeln!(file, "{why}").during("write", &path)?;
    fault::at("journal.poison.written").during("write", &path)?;
    file.sync_all().during("sync", &path)?;
    sync_dir(layout.root())?;
    fault::at("journal.poisoned").during("sync", &path)
}
