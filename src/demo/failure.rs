//! Why something in the estate did not work: what was attempted, why not, what to do.
//!
//! The one thing a caller must know besides the words is whether anything may
//! have been done all the same.

use std::fmt;

/// Why something did not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// In words, for a person.
    pub words: String,
    /// Whether certainly nothing was done.
    pub nothing_done: bool,
}

impl Failure {
    /// Refused: certainly nothing was done.
    pub fn refused(words: impl Into<String>) -> Self {
        Self { words: words.into(), nothing_done: true }
    }

    /// Broken: something may have been done.
    pub fn broken(words: impl Into<String>) -> Self {
        Self { words: words.into(), nothing_done: false }
    }

    /// Makes an I/O error say what was attempted.
    pub fn io<'a>(attempt: &'a str) -> impl FnOnce(std::io::Error) -> Self + 'a {
        move |error| Self::broken(format!("{attempt}: {error}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl std::error::Error for Failure {}
