//! What was found while reading: mistakes and warnings, counted without bound
//! and kept up to a bound, so that an absurd file cannot fill memory or screen.

use super::problem::{Problem, Problems};
use super::source::Source;
use std::collections::BTreeMap;
use std::ops::Range;

/// How many problems of one file, and of all together, are kept.
pub const MOST: usize = 100;

/// Mistakes and warnings as they are found.
#[derive(Debug, Default)]
pub struct Findings {
    mistakes: BTreeMap<String, Kept>,
    warnings: BTreeMap<String, Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    first: Vec<Problem>,
    more: usize,
}

impl Kept {
    fn put(&mut self, make: impl FnOnce() -> Problem) {
        if self.first.len() < MOST {
            self.first.push(make());
        } else {
            self.more += 1;
        }
    }
}

impl Findings {
    /// Notes a mistake at a place; help is worked out only if it will be shown.
    pub fn mistake(
        &mut self,
        file: &Source,
        at: &Range<usize>,
        what: impl AsRef<str>,
        help: impl FnOnce() -> Option<String>,
    ) {
        self.mistakes.entry(file.name.clone()).or_default().put(|| file.problem(at.clone(), what.as_ref(), help()));
    }

    /// Notes a warning at a place.
    pub fn warning(&mut self, file: &Source, at: &Range<usize>, what: impl AsRef<str>, help: Option<String>) {
        self.warnings.entry(file.name.clone()).or_default().put(|| file.problem(at.clone(), what.as_ref(), help));
    }

    /// Notes a mistake of a file as a whole.
    pub fn whole(&mut self, problem: Problem) {
        self.mistakes.entry(problem.file.clone()).or_default().put(|| problem);
    }

    /// Whether a mistake was found in this file.
    pub fn any_in(&self, file: &str) -> bool {
        self.mistakes.contains_key(file)
    }

    /// The mistakes of one file, or of all, and the warnings.
    pub fn finish(self, only: Option<&str>) -> (Problems, Vec<Problem>) {
        (Problems(listed(self.mistakes, only, "problem")), listed(self.warnings, only, "warning"))
    }
}

/// In the order of files and places, the first hundred, and how many there are more.
fn listed(kept: BTreeMap<String, Kept>, only: Option<&str>, noun: &str) -> Vec<Problem> {
    let (mut all, mut more, mut last) = (Vec::new(), 0, String::new());
    for (file, kept) in kept.into_iter().filter(|(file, _)| only.is_none_or(|only| only == file)) {
        more += kept.more;
        all.extend(kept.first);
        last = file;
    }
    all.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    more += all.len().saturating_sub(MOST);
    all.truncate(MOST);
    if more > 0 {
        let file = all.last().map_or(last, |p: &Problem| p.file.clone());
        let what = format!("{more} more {noun}{} not shown", if more == 1 { " is" } else { "s are" });
        all.push(Problem::of_file(file, what, Some("mend the first ones and check again".to_owned())));
    }
    all
}
