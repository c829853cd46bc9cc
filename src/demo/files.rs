//! Small JSON files that several processes of the estate read while one writes:
//! written whole beside and renamed, so that nobody ever reads half a file.

use super::failure::Failure;
use rustix::fs::{FlockOperation, flock};
use serde::{Serialize, de::DeserializeOwned};
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::SystemTime;

/// Reads a file that was written whole.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let wrong = |e: &dyn std::fmt::Display| Failure::refused(format!("cannot read {}: {e}", path.display()));
    let text = fs::read(path).map_err(|e| wrong(&e))?;
    serde_json::from_slice(&text).map_err(|e| wrong(&e))
}

/// Writes a file whole.
pub fn write<T: Serialize>(path: &Path, value: &T) -> Result<(), Failure> {
    let wrong = |e: &dyn std::fmt::Display| Failure::broken(format!("cannot write {}: {e}", path.display()));
    let mut text = serde_json::to_vec(value).map_err(|e| wrong(&e))?;
    text.push(b'\n');
    let beside = path.with_extension(format!("{}.tmp", std::process::id()));
    fs::write(&beside, text).and_then(|()| fs::rename(&beside, path)).map_err(|e| wrong(&e))
}

/// Takes the lock of a file, waiting for it; it is given back when the file is dropped.
pub fn lock(path: &Path) -> Result<File, Failure> {
    let wrong = |e: std::io::Error| Failure::broken(format!("cannot lock {}: {e}", path.display()));
    let file = File::options().create(true).append(true).open(path).map_err(wrong)?;
    flock(&file, FlockOperation::LockExclusive).map_err(|e| wrong(e.into()))?;
    Ok(file)
}

/// Whether somebody holds the lock of a file.
pub fn locked(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockShared).is_err())
}

/// Tells one state of a file that is replaced whole from the next; the time
/// alone is too coarse for two changes in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark(SystemTime, u64, u64);

/// The state that a file is in; none when there is no such file.
pub fn mark(path: &Path) -> Option<Mark> {
    let metadata = fs::metadata(path).ok()?;
    Some(Mark(metadata.modified().ok()?, metadata.ino(), metadata.len()))
}
