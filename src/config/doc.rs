//! One file of the workspace: its text, its tree, and the mistakes found in it.
//!
//! Everything that checks a file reports through here, so that every mistake
//! knows its line.

use super::problem::{Problem, suggest};
use super::shape;
use super::tree::{self, Node, Step};
use crate::domain::span::Span;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::path::Path;

/// Files beyond this are not read.
const LONGEST: u64 = 32 << 20;

/// A file that was read.
pub struct Doc {
    file: String,
    text: String,
    root: Node,
    problems: RefCell<Vec<Problem>>,
}

impl Doc {
    /// Reads a file; what cannot be read at all is a problem of an empty document.
    pub fn open(root: &Path, file: &Path) -> Self {
        let name = file.strip_prefix(root).unwrap_or(file).display().to_string();
        let (text, trouble) = match read(file) {
            Ok(text) => (text, None),
            Err((text, at, why)) => {
                let problem = Problem::at(&name, &text, &(at..at + 1), why);
                (String::new(), Some(problem))
            }
        };
        let (tree, errors) = tree::parse(&text);
        let mut problems: Vec<_> = trouble.into_iter().collect();
        problems.extend(errors.into_iter().map(|(place, what)| Problem::at(&name, &text, &place, what)));
        Self { file: name, text, root: tree, problems: problems.into() }
    }

    /// Whether nothing was found wrong with it so far.
    pub fn sound(&self) -> bool {
        self.problems.borrow().is_empty()
    }

    /// Checks the shape and reads the file as its struct; none when the shape is wrong.
    pub fn parse<T: JsonSchema + DeserializeOwned>(&self) -> Option<T> {
        if !self.sound() {
            return None;
        }
        let schema = schemars::schema_for!(T).to_value();
        for (place, what, help) in shape::check(&schema, &self.root) {
            let problem = Problem::at(&self.file, &self.text, &place, what);
            self.push(match help {
                Some(help) => problem.help(help),
                None => problem,
            });
        }
        if !self.sound() {
            return None;
        }
        match serde_json::from_value(self.root.json()) {
            Ok(value) => Some(value),
            Err(error) => {
                self.say(&[], error.to_string());
                None
            }
        }
    }

    /// A mistake at a path.
    pub fn say(&self, path: &[Step<'_>], what: impl Into<String>) {
        self.push(self.problem(path, what));
    }

    /// A mistake at a path, with a way out.
    pub fn say_with(&self, path: &[Step<'_>], what: impl Into<String>, help: Option<String>) {
        let problem = self.problem(path, what);
        self.push(match help {
            Some(help) => problem.help(help),
            None => problem,
        });
    }

    /// The problem that would be said, for warnings.
    pub fn problem(&self, path: &[Step<'_>], what: impl Into<String>) -> Problem {
        Problem::at(&self.file, &self.text, &self.root.at(path).place, what)
    }

    /// A reference to a name that must exist.
    pub fn refer<'a>(
        &self,
        path: &[Step<'_>],
        what: &str,
        name: &str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) -> bool {
        let found = known.clone().any(|k| k == name);
        if !found {
            self.say_with(path, format!("there is no {what} `{name}`"), suggest(name, known));
        }
        found
    }

    /// A length of time, or a default when the text is none or wrong.
    pub fn span(&self, path: &[Step<'_>], text: Option<&String>, usual: Span) -> Span {
        self.maybe_span(path, text).unwrap_or(usual)
    }

    /// A length of time that may be absent.
    pub fn maybe_span(&self, path: &[Step<'_>], text: Option<&String>) -> Option<Span> {
        match text?.parse() {
            Ok(span) => Some(span),
            Err(error) => {
                let error: crate::domain::span::NotASpan = error;
                self.say(path, error.to_string());
                None
            }
        }
    }

    /// Whether a key is a name; says so when it is not.
    pub fn name(&self, path: &[Step<'_>], name: &str, capitals: bool) {
        let ok = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || (capitals && c.is_ascii_uppercase());
        let good =
            name.len() <= 64 && name.starts_with(ok) && name.chars().all(|c| ok(c) || matches!(c, '_' | '.' | '-'));
        if !good {
            let what = format!("`{}` is no name", crate::domain::text::visible(name));
            self.say_with(path, what, Some("letters a-z, digits, `.`, `_` and `-`, 64 at most".to_owned()));
        }
    }

    /// Takes the mistakes out.
    pub fn take(&self) -> Vec<Problem> {
        self.problems.take()
    }

    fn push(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }
}

/// Reads a text file; on failure what could be read, where it stopped, and why.
fn read(file: &Path) -> Result<String, (String, usize, String)> {
    let nothing = |why: String| (String::new(), 0, why);
    let meta = std::fs::metadata(file).map_err(|e| nothing(format!("cannot read: {e}")))?;
    if !meta.is_file() {
        return Err(nothing("is no file".to_owned()));
    }
    if meta.len() > LONGEST {
        return Err(nothing(format!("is larger than {} MiB", LONGEST >> 20)));
    }
    let bytes = std::fs::read(file).map_err(|e| nothing(format!("cannot read: {e}")))?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec).unwrap_or(bytes);
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
        (text, at, "is not UTF-8 from here on".to_owned())
    })
}
