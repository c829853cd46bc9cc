//! An entry of the journal with its words, made once when it comes.
//!
//! What is searched and drawn many times is told only once.

use crate::domain::entry::Entry;
use crate::report::story;

/// An entry that says something to people.
#[derive(Clone, Debug)]
pub struct Told {
    /// The entry.
    pub entry: Entry,
    /// Its words, one line a fact.
    pub lines: Vec<String>,
}

impl Told {
    /// The entry with its words; none when it says nothing to people.
    pub fn of(entry: Entry) -> Option<Self> {
        let lines = story::lines(&entry);
        (!lines.is_empty()).then_some(Self { entry, lines })
    }

    /// Its words in one line.
    pub fn line(&self) -> String {
        self.lines.join(" · ")
    }
}
