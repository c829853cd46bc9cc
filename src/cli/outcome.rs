//! How a verb ends: what it prints last, and the exit status.
//!
//! Every verb ends in one of five statuses, so that a pipeline can tell *no*
//! from *not yet* from *the journal is unsound*.

use crate::domain::refusal::Refusal;
use std::process::ExitCode;

/// The exit statuses, the same for every verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Refused or failed.
    Refused = 1,
    /// Usage or configuration.
    Usage = 2,
    /// A person is needed: held, awaiting, in doubt, cannot prove.
    Person = 3,
    /// The journal is unsound.
    Journal = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// Why a verb did not do what it was asked: words for standard error, and the status.
#[derive(Debug)]
pub struct Failure {
    /// The status.
    pub exit: Exit,
    /// What was attempted, why not, what to do next.
    pub words: String,
    /// The refusal, for `--json`.
    pub refusal: Option<Refusal>,
}

impl Failure {
    /// A mistake in the command line or the workspace's files.
    pub fn usage(words: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, words: words.into(), refusal: None }
    }

    /// Something failed.
    pub fn failed(words: impl Into<String>) -> Self {
        Self { exit: Exit::Refused, words: words.into(), refusal: None }
    }

    /// The journal cannot be read or written.
    pub fn journal(words: impl Into<String>) -> Self {
        Self { exit: Exit::Journal, words: words.into(), refusal: None }
    }

    /// A refusal, every reason on a line of its own.
    pub fn refused(refusal: Refusal) -> Self {
        let exit = if refusal.held { Exit::Person } else { Exit::Refused };
        let reasons: Vec<_> = refusal.reasons.iter().map(|r| format!("refused: {r}")).collect();
        Self { exit, words: reasons.join("\n"), refusal: Some(refusal) }
    }
}

/// What a verb returns.
pub type Ended = Result<Exit, Failure>;
