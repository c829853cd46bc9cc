//! What can go wrong with a journal, each with what to do next.
//!
//! A [`Break`] is a place in the files that cannot be believed: the journal is
//! then open for viewing only. Everything else is an error of one call.

use crate::domain::text::harmless;
use crate::engine::Illegal;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A line that cannot be believed, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// The file it is in.
    pub file: PathBuf,
    /// The line in that file, counted from 1.
    pub line: u64,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: line {}: {}", self.file.display(), self.line, harmless(&self.why))
    }
}

/// Why a call on the journal failed.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The operating system refused something.
    #[error("cannot {doing} {}: {source}; it is {}", path.file_name().unwrap_or(path.as_os_str()).display(), path.display())]
    Io {
        /// What was attempted: `open`, `write`, ….
        doing: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process holds the append lock.
    #[error("journal busy: pid {}; nothing was written, try again or look at that process", pid.map_or("unknown".to_owned(), |p| p.to_string()))]
    Busy {
        /// The process that wrote its number into the lock.
        pid: Option<u32>,
    },
    /// A write was not made durable once; nothing may be written since.
    #[error(
        "the journal is poisoned: {why}. Nothing is written any more. Check the disk, run `holdpoint journal verify`, then remove {}",
        path.display()
    )]
    Poisoned {
        /// The marker file.
        path: PathBuf,
        /// What happened, and when.
        why: String,
    },
    /// The files cannot be believed from some line on.
    #[error(
        "the journal is open for viewing only: {0}. Keep a copy of the directory, then run `holdpoint journal verify`"
    )]
    Broken(Break),
    /// It was opened for viewing.
    #[error("the journal was opened for viewing only; nothing can be written to it")]
    ViewOnly,
    /// A decision that the fold does not accept; nothing was written.
    #[error("the decision cannot follow from the journal and was not written: {0}")]
    Illegal(#[from] Illegal),
    /// A decision that has no line, or too long a one; nothing was written.
    #[error("the decision cannot be written as a line: {0}; nothing was written")]
    Unwritable(String),
    /// There is no room for an operation and its outcome.
    #[error(
        "the disk is full: an operation needs {needed} bytes kept free in {} for its outcome; nothing was written, free some space", path.display()
    )]
    DiskFull {
        /// The file that is to grow.
        path: PathBuf,
        /// How many bytes it needs.
        needed: u64,
    },
    /// Lines that had been read are gone: they were never acknowledged, or were taken away.
    #[error("{} became shorter: lines after {last} that were shown are void; what is true is read again", file.display())]
    CutBack {
        /// The file.
        file: PathBuf,
        /// The last line that stands.
        last: u64,
    },
    /// The state directory could be written by people who must not.
    #[error("{} has mode {mode:04o}: {why}", path.display())]
    Exposed {
        /// The directory or file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
        /// Who could do what, and how to mend it.
        why: &'static str,
    },
    /// There is no journal to view.
    #[error("there is no journal in {}", .0.display())]
    Absent(PathBuf),
    /// A file beside the journal does not hold what it should.
    #[error("{}: {why}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The system gave no random bytes.
    #[error("cannot draw random bytes for the journal's id or key: {0}")]
    Random(String),
}

/// Adds to an error of the system what was attempted on which file.
pub(crate) trait During<T> {
    /// Says what was attempted.
    fn during(self, doing: &'static str, path: &Path) -> Result<T, JournalError>;
}

impl<T, E: Into<io::Error>> During<T> for Result<T, E> {
    fn during(self, doing: &'static str, path: &Path) -> Result<T, JournalError> {
        self.map_err(|e| JournalError::Io { doing, path: path.to_owned(), source: e.into() })
    }
}
