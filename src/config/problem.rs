//! Mistakes in files that people wrote: where, what, why, and the nearest right name.
//!
//! They are gathered, never thrown one at a time; a reader who fixes all that
//! were shown is done.

use super::tree::Place;
use serde::Serialize;
use std::fmt;

/// At most so many are shown; the rest is counted.
const SHOWN: usize = 100;
/// A longer offending line is cut for display.
const LINE: usize = 160;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// The file, as seen from the workspace.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// Counted in characters from 1.
    pub column: usize,
    /// The offending line.
    pub line_text: String,
    /// How many characters of it are meant.
    pub span_len: usize,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub help: Option<String>,
}

/// All mistakes of a workspace, by file and place. Never empty as an error.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Problems(pub Vec<Problem>);

impl Problem {
    /// A mistake at a place of a file's text.
    pub fn at(file: &str, text: &str, place: &Place, what: impl Into<String>) -> Self {
        let start = floor(text, place.start);
        let before = text.get(..start).unwrap_or("");
        let line = before.matches('\n').count() + 1;
        let line_start = before.rfind('\n').map_or(0, |n| n + 1);
        let line_text = text.get(line_start..).unwrap_or("").lines().next().unwrap_or("");
        let end = floor(text, place.end.max(start)).min(line_start + line_text.len()).max(start);
        Self {
            file: file.to_owned(),
            line,
            column: text.get(line_start..start).unwrap_or("").chars().count() + 1,
            line_text: crate::domain::text::visible(line_text),
            span_len: text.get(start..end).unwrap_or("").chars().count().max(1),
            what: what.into(),
            help: None,
        }
    }

    /// The same with a way out.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The nearest position at or before `at` that is between two characters.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|n| text.is_char_boundary(*n)).unwrap_or(0)
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.what)?;
        if !self.line_text.is_empty() {
            // A long line is shown around the place that is meant.
            let skip = if self.line_text.chars().count() > LINE { self.column.saturating_sub(41) } else { 0 };
            let shown: String = self.line_text.chars().skip(skip).take(LINE).collect();
            let number = self.line.to_string();
            let under = " ".repeat((self.column - 1).saturating_sub(skip));
            let carets = "^".repeat(self.span_len.min(LINE));
            writeln!(f, "  {number} | {shown}\n  {} | {under}{carets}", " ".repeat(number.len()))?;
        }
        match &self.help {
            Some(help) => writeln!(f, "  help: {help}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(SHOWN).try_for_each(|problem| write!(f, "{problem}"))?;
        match self.0.len() {
            1 => write!(f, "1 mistake"),
            n if n > SHOWN => write!(f, "{n} mistakes; the first {SHOWN} are shown"),
            n => write!(f, "{n} mistakes"),
        }
    }
}

impl std::error::Error for Problems {}

/// The known name nearest to a wrong one, if one is near.
pub fn nearest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = known.map(|name| (strsim::damerau_levenshtein(wrong, name), name));
    let (distance, name) = near.min()?;
    (distance <= (wrong.chars().count() / 3).max(2)).then_some(name)
}

/// `did you mean …`, or the whole list when nothing is near and it is short.
pub fn suggest<'a>(wrong: &str, known: impl Iterator<Item = &'a str> + Clone) -> Option<String> {
    if let Some(name) = nearest(wrong, known.clone()) {
        return Some(format!("did you mean `{name}`?"));
    }
    let all: Vec<_> = known.take(13).collect();
    match all.len() {
        0 => None,
        n if n > 12 => None,
        _ => Some(format!("there are {}", all.join(", "))),
    }
}
