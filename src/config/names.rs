//! The names that all files together declare, and the check that a reference
//! names one of them.

use super::findings::Findings;
use super::nearest;
use super::parse::Parsed;
use super::source::Source;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// What a name can be the name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Noun {
    /// Of `[people]`.
    Person,
    /// Of `[roles]`.
    Role,
    /// Of `[environments]`.
    Environment,
    /// Of `[backends]`, and `files`.
    Backend,
    /// Of `services.toml`.
    Service,
    /// Of `signals.toml`.
    Signal,
    /// Of `[slos]`.
    Slo,
    /// Of `policy/`.
    Policy,
    /// Of the calendar.
    Release,
    /// A file of `runbooks/`.
    Runbook,
}

impl Noun {
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Noun::Person => ("person", "people"),
            Noun::Role => ("role", "roles"),
            Noun::Environment => ("environment", "environments"),
            Noun::Backend => ("backend", "backends"),
            Noun::Service => ("service", "services"),
            Noun::Signal => ("signal", "signals"),
            Noun::Slo => ("objective", "objectives"),
            Noun::Policy => ("policy", "policies"),
            Noun::Release => ("release", "releases"),
            Noun::Runbook => ("runbook", "runbooks"),
        }
    }
}

/// The declared names of one kind.
#[derive(Clone, Debug)]
struct Declared {
    names: BTreeSet<String>,
    /// Whether these are all; if not, no name is called unknown.
    complete: bool,
}

/// All declared names.
#[derive(Clone, Debug, Default)]
pub struct Names {
    by_noun: BTreeMap<Noun, Declared>,
    steps: BTreeMap<String, Declared>,
}

impl Names {
    /// Takes the names of one table of a file.
    pub fn take<T>(&mut self, noun: Noun, from: &Parsed<T>, table: &str) {
        self.add(noun, from.declared.get(table).cloned().unwrap_or_default(), from.complete);
    }

    /// Adds names; `complete` says whether their file was understood whole.
    pub fn add(&mut self, noun: Noun, names: impl IntoIterator<Item = String>, complete: bool) {
        let all = self.by_noun.entry(noun).or_insert(Declared { names: BTreeSet::new(), complete: true });
        all.names.extend(names);
        all.complete &= complete;
    }

    /// Adds the steps of a runbook.
    pub fn add_steps(&mut self, runbook: &str, steps: BTreeSet<String>, complete: bool) {
        self.steps.insert(runbook.to_owned(), Declared { names: steps, complete });
    }

    /// Whether a name is declared; notes a mistake when it is certainly not.
    pub fn known(&self, found: &mut Findings, file: &Source, noun: Noun, name: &str, at: &Range<usize>) -> bool {
        let Some(all) = self.by_noun.get(&noun) else { return false };
        if all.names.contains(name) {
            return true;
        }
        if all.complete {
            let (one, many) = noun.words();
            let help = || nearest::help(name, many, all.names.iter().map(String::as_str));
            let none = if all.names.is_empty() { "; none is declared" } else { "" };
            found.mistake(file, at, format!("there is no {one} {name:?}{none}"), help);
        }
        false
    }

    /// Whether a step of a runbook exists; notes a mistake when it certainly does not.
    pub fn step(&self, found: &mut Findings, file: &Source, runbook: &str, step: &str, at: &Range<usize>) -> bool {
        let Some(all) = self.steps.get(runbook) else { return false };
        if all.names.contains(step) {
            return true;
        }
        if all.complete {
            let what = format!("there is no step {step:?} in {runbook}");
            found.mistake(file, at, what, || nearest::help(step, "steps", all.names.iter().map(String::as_str)));
        }
        false
    }
}
