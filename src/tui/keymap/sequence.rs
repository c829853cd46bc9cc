//! A sequence of keys, pressed one after the other: `g`, `g g`, `ctrl-x s`.
//!
//! Written as the keys with blanks between them; most have one key only.

use crate::tui::terminal::{Key, NoSuchKey};
use std::fmt;
use std::str::FromStr;

/// The most keys of a sequence.
pub const LONGEST: usize = 4;

/// Keys that are pressed one after the other; none only before the first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(Vec<Key>);

impl Sequence {
    /// The keys that were pressed so far.
    pub(super) fn begun(keys: &[Key]) -> Self {
        Self(keys.to_vec())
    }

    /// Its keys in order.
    pub fn keys(&self) -> &[Key] {
        &self.0
    }

    /// Whether it is a beginning of another, longer one.
    pub fn begins(&self, other: &Sequence) -> bool {
        self.0.len() < other.0.len() && other.0.starts_with(&self.0)
    }
}

impl From<Key> for Sequence {
    fn from(key: Key) -> Self {
        Self(vec![key])
    }
}

impl AsRef<[Key]> for Sequence {
    fn as_ref(&self) -> &[Key] {
        &self.0
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", words(&self.0))
    }
}

/// Keys with a blank between them.
pub fn words(keys: &[Key]) -> String {
    keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// Says why a text is no sequence of keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSequence {
    /// A word that names no key.
    #[error(transparent)]
    NoSuchKey(#[from] NoSuchKey),
    /// No key at all.
    #[error("no key is named; write one, such as \"g\" or \"ctrl-x s\"")]
    Empty,
    /// More keys than anyone remembers.
    #[error("a sequence has at most {LONGEST} keys")]
    TooLong,
}

impl FromStr for Sequence {
    type Err = NoSequence;

    fn from_str(text: &str) -> Result<Self, NoSequence> {
        let keys = text.split_whitespace().map(str::parse).collect::<Result<Vec<Key>, _>>()?;
        match keys.len() {
            0 => Err(NoSequence::Empty),
            1..=LONGEST => Ok(Self(keys)),
            _ => Err(NoSequence::TooLong),
        }
    }
}
