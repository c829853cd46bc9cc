//! The append lock: one process at a time, waited for, never stolen.
//!
//! It is an advisory lock on `lock`, which the system lets go when its holder
//! dies. The holder's pid stands in the file so that whoever waits can name it.

use super::error::{During, JournalError};
use super::layout::Layout;
use super::segment::same_file;
use crate::domain::waiting::Waiting;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often a busy lock is tried. Short, because the holder may let go for only
/// a few microseconds between two lines.
const RETRY: Duration = Duration::from_micros(400);

/// The lock's file, open.
#[derive(Debug)]
pub struct LockFile {
    layout: Layout,
    path: PathBuf,
    file: Arc<File>,
}

/// The append lock, held until this is dropped.
#[derive(Debug)]
pub struct Held {
    file: Arc<File>,
}

impl LockFile {
    /// Opens or makes the file; nothing is locked yet.
    pub fn open(layout: &Layout) -> Result<Self, JournalError> {
        let path = layout.lock();
        let file = Arc::new(layout.open_file(&path)?);
        Ok(Self { layout: layout.clone(), path, file })
    }

    /// Waits for the lock, at most as long as said; what the whole machine stands still meanwhile does not count.
    pub fn take(&mut self, wait: Duration) -> Result<Held, JournalError> {
        let (started, mut waiting) = (Instant::now(), Waiting::default());
        loop {
            match flock(&*self.file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {
                    let held = Held { file: Arc::clone(&self.file) };
                    // Someone may have removed the file: then another process locks another one.
                    if same_file(&self.file, &self.path)? {
                        held.sign();
                        return Ok(held);
                    }
                    drop(held);
                    self.file = Arc::new(self.layout.open_file(&self.path)?);
                }
                Err(Errno::WOULDBLOCK | Errno::INTR) if waiting.passed(started.elapsed()) < wait => {
                    std::thread::sleep(RETRY)
                }
                Err(Errno::WOULDBLOCK | Errno::INTR) => return Err(JournalError::Busy { pid: self.holder() }),
                Err(e) => return Err(e).during("lock", &self.path),
            }
        }
    }

    fn holder(&self) -> Option<u32> {
        let mut text = [0u8; 16];
        let n = self.file.read_at(&mut text, 0).ok()?;
        std::str::from_utf8(text.get(..n)?).ok()?.trim().parse().ok()
    }
}

impl Held {
    /// Writes our pid; failing to only costs the one who waits its name.
    fn sign(&self) {
        let ours = format!("{:>10}\n", std::process::id());
        let mut theirs = [0u8; 11];
        if self.file.read_at(&mut theirs, 0).ok() != Some(theirs.len()) || theirs != *ours.as_bytes() {
            let _ = self.file.write_all_at(ours.as_bytes(), 0);
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = flock(&*self.file, FlockOperation::Unlock);
    }
}
