//! Room kept free past the end of the journal.
//!
//! An operation must not leave when its outcome could not be written down. So
//! room is allocated behind the last line before an intent is: outcomes may use
//! all of it, an intent is refused when less than [`LEAST`] would stay.

use super::error::{During, JournalError};
use super::segment::Segment;
use rustix::fs::{FallocateFlags, fallocate, fstatvfs};
use rustix::io::Errno;

/// How much is kept free if the disk has it.
pub const WANTED: u64 = 1 << 20;
/// How much must be left after an intent.
pub const LEAST: u64 = 64 << 10;

/// Makes sure that `line` bytes and [`LEAST`] more fit behind the last line.
///
/// The reservation belongs to the file, and any process that cuts the file gives
/// it back; so it is asked for anew each time, which costs little where it stands.
pub fn for_intent(segment: &Segment, line: u64) -> Result<(), JournalError> {
    let least = line + LEAST;
    match reserve(segment, least.max(WANTED)) {
        Err(Errno::NOSPC | Errno::DQUOT | Errno::FBIG) => {}
        other => return settle(other, segment, least),
    }
    settle(reserve(segment, least), segment, least)
}

/// Asks for the room that is wanted, and goes on without it.
pub fn at_leisure(segment: &Segment) {
    let _ = reserve(segment, WANTED);
}

fn settle(tried: Result<(), Errno>, segment: &Segment, least: u64) -> Result<(), JournalError> {
    match tried {
        Ok(()) => Ok(()),
        Err(Errno::NOSPC | Errno::DQUOT | Errno::FBIG) => {
            Err(JournalError::DiskFull { path: segment.path.clone(), needed: least })
        }
        // A file system that cannot reserve: look at what is free, which others may still take.
        Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => {
            let free = fstatvfs(&segment.file).during("look at", &segment.path)?;
            match free.f_bavail.saturating_mul(free.f_frsize) >= least {
                true => Ok(()),
                false => Err(JournalError::DiskFull { path: segment.path.clone(), needed: least }),
            }
        }
        Err(e) => Err(e).during("reserve room in", &segment.path),
    }
}

fn reserve(segment: &Segment, bytes: u64) -> Result<(), Errno> {
    if let Err(e) = crate::fault::at("journal.reserve") {
        return Err(Errno::from_io_error(&e).unwrap_or(Errno::IO));
    }
    loop {
        match fallocate(&segment.file, FallocateFlags::KEEP_SIZE, segment.offset, bytes) {
            Err(Errno::INTR) => {}
            done => return done,
        }
    }
}
