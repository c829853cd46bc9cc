//! A mistake in a file: where it is, what it is, and what is probably meant.
//!
//! Positions are kept as the reader of a compiler's messages expects them.
//! Everything quoted from a file is made harmless here.

use crate::domain::text::{harmless, shortened};
use serde::Serialize;
use std::fmt;

/// One mistake, or one warning, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file, relative to the workspace.
    pub file: String,
    /// The line, counted from 1; 0 when the problem is the file itself.
    pub line: usize,
    /// The column in characters, counted from 1; 0 when the problem is the file itself.
    pub column: usize,
    /// The offending line, made harmless and cut around the place when very long.
    pub line_text: String,
    /// Where in `line_text` the place begins, in characters counted from 0.
    pub caret: usize,
    /// How many characters of `line_text` the place is long; at least 1.
    pub span_len: usize,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// All mistakes of all files, in the order of files and lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(transparent)]
pub struct Problems(pub Vec<Problem>);

impl Problem {
    /// A problem of a file as a whole.
    pub fn of_file(file: impl Into<String>, what: impl Into<String>, help: Option<String>) -> Self {
        Self {
            file: harmless(&file.into()).into_owned(),
            line: 0,
            column: 0,
            line_text: String::new(),
            caret: 0,
            span_len: 1,
            what: said(&what.into()),
            help: help.map(|help| said(&help)),
        }
    }

    /// Place and reason in one line.
    pub fn line(&self) -> String {
        match self.line {
            0 => format!("{}: {}", self.file, self.what),
            line => format!("{}:{line}:{}: {}", self.file, self.column, self.what),
        }
    }
}

/// Makes a message harmless and keeps it readable however long its quotes are.
pub(super) fn said(text: &str) -> String {
    harmless(&shortened(text, 400)).into_owned()
}

impl fmt::Display for Problem {
    /// As compilers do: place and reason, the line, a caret underline, help.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            f.write_str(&self.line())?;
            return self.help.iter().try_for_each(|help| write!(f, "\n  = help: {help}"));
        }
        let margin = " ".repeat(self.line.to_string().len());
        writeln!(f, "{}", self.line())?;
        writeln!(f, "{margin} |")?;
        writeln!(f, "{} | {}", self.line, self.line_text)?;
        write!(f, "{margin} | {}{}", " ".repeat(self.caret), "^".repeat(self.span_len.max(1)))?;
        self.help.iter().try_for_each(|help| write!(f, "\n{margin} = help: {help}"))
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.0.iter().enumerate() {
            let gap = if i == 0 { "" } else { "\n\n" };
            write!(f, "{gap}{problem}")?;
        }
        Ok(())
    }
}
