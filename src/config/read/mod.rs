//! From the raw shapes to the domain: names looked up, rules checked, every
//! mistake noted with its place. Shapes are already right when this runs.

mod argocd;
pub mod artifact;
pub mod calendar;
mod derived;
pub mod endpoint;
mod ends;
pub mod feed;
pub mod gate;
mod kubernetes;
pub mod order;
mod plugin;
pub mod policy;
pub mod recurrence;
mod register;
pub mod rehearsal;
pub mod result_file;
pub mod rule;
pub mod runbook;
pub mod script;
pub mod secret;
pub mod services;
pub mod signals;
pub mod slos;
pub mod step;
pub mod trigger;
mod unwatched;
pub mod work;
pub mod workspace;

use super::findings::Findings;
use super::names::{Names, Noun};
use super::source::Source;
use super::spot::Spot;
use crate::domain::workspace::Workspace;
use std::collections::BTreeMap;
use std::ops::Range;

/// One file being read: where its mistakes go and where names are looked up.
pub struct Reading<'a> {
    /// The file.
    pub file: &'a Source,
    /// All declared names.
    pub names: &'a Names,
    /// What was read before this file; empty where that had mistakes.
    pub workspace: &'a Workspace,
    /// Where mistakes go.
    pub found: &'a mut Findings,
}

impl Reading<'_> {
    /// Notes a mistake with its help.
    pub fn mistake(&mut self, at: &Range<usize>, what: impl AsRef<str>, help: impl Into<String>) {
        let help: String = help.into();
        self.found.mistake(self.file, at, what, || Some(help).filter(|help| !help.is_empty()));
    }

    /// Notes a mistake in a value that may hold a secret: it is not quoted.
    pub fn mistake_unquoted(&mut self, at: &Range<usize>, what: &str, help: &str) {
        self.found.mistake(&self.file.blotted(at.clone()), at, what, || Some(help.to_owned()));
    }

    /// Notes a warning.
    pub fn warning(&mut self, at: &Range<usize>, what: impl AsRef<str>, help: &str) {
        self.found.warning(self.file, at, what, Some(help.to_owned()).filter(|help| !help.is_empty()));
    }

    /// Whether a name is declared; an unknown one is noted.
    pub fn known<T: ToString>(&mut self, noun: Noun, name: &Spot<T>) -> bool {
        self.names.known(self.found, self.file, noun, &name.to_string(), &name.at)
    }

    /// The name, looked up.
    pub fn name<T: ToString + Clone>(&mut self, noun: Noun, name: &Spot<T>) -> T {
        self.known(noun, name);
        name.value.clone()
    }

    /// The names, looked up; one that is written twice is noted.
    pub fn list<T: ToString + Clone>(&mut self, noun: Noun, names: &[Spot<T>]) -> Vec<T> {
        self.once(names);
        names.iter().map(|name| self.name(noun, name)).collect()
    }

    /// Notes every value that is written twice.
    pub fn once<T: ToString>(&mut self, values: &[Spot<T>]) {
        let mut seen = BTreeMap::new();
        for value in values {
            if seen.insert(value.to_string(), ()).is_some() {
                self.mistake(&value.at, format!("{:?} is listed twice", value.to_string()), "");
            }
        }
    }

    /// The place of a name in braces inside a text.
    pub fn brace(&self, text: &Spot<String>, name: &str) -> Range<usize> {
        let needle = format!("{{{name}}}");
        let within = self.file.text.get(text.at.clone()).and_then(|written| written.find(&needle));
        within.map_or(text.at.clone(), |from| text.at.start + from..text.at.start + from + needle.len())
    }
}
