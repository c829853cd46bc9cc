//! The arguments of hidden verbs: `--name value` pairs and plain words.
//!
//! Hidden verbs are called by our own program, so this is smaller than a real
//! command line; a wrong word is still said, never guessed.

use super::failure::Failure;
use crate::domain::span::Span;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

/// Flags that take no value.
const ALONE: &[&str] = &["attached", "fast", "monitored", "remove"];

/// Arguments, taken apart.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    values: BTreeMap<String, String>,
    /// What is no flag, in order.
    pub words: Vec<String>,
}

impl Flags {
    /// Takes arguments apart; after `--` everything is a plain word.
    pub fn read(args: &[OsString]) -> Result<Self, Failure> {
        let mut flags = Self::default();
        let text = |arg: &OsString| {
            arg.to_str().map(str::to_owned).ok_or_else(|| Failure::refused(format!("{arg:?} is no UTF-8")))
        };
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            let arg = text(arg)?;
            match arg.strip_prefix("--") {
                Some("") => {
                    for word in rest.by_ref() {
                        flags.words.push(text(word)?);
                    }
                }
                Some(name) if ALONE.contains(&name) => drop(flags.values.insert(name.to_owned(), String::new())),
                Some(name) => {
                    let value = rest.next().ok_or_else(|| Failure::refused(format!("--{name} needs a value")))?;
                    flags.values.insert(name.to_owned(), text(value)?);
                }
                None => flags.words.push(arg),
            }
        }
        Ok(flags)
    }

    /// Whether a flag was given.
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// The value of a flag, if it was given.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The value of a flag that must be there.
    pub fn need(&self, name: &str) -> Result<&str, Failure> {
        self.get(name).ok_or_else(|| Failure::refused(format!("--{name} is missing")))
    }

    /// A value that has a form of its own.
    pub fn parsed<T: FromStr>(&self, name: &str) -> Result<T, Failure> {
        let text = self.need(name)?;
        text.parse().map_err(|_| Failure::refused(format!("--{name} cannot be {text:?}")))
    }

    /// A length of time.
    pub fn span(&self, name: &str) -> Result<Span, Failure> {
        self.need(name)?.parse().map_err(|e| Failure::refused(format!("--{name}: {e}")))
    }

    /// The directory of the estate: `--dir`, or `--owned-by` for what belongs to it.
    pub fn dir(&self) -> Result<PathBuf, Failure> {
        self.get("owned-by").map_or_else(|| self.need("dir"), Ok).map(PathBuf::from)
    }
}
