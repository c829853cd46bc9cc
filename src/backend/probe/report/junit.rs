//! JUnit XML: what the test cases themselves say.
//!
//! Totals of a suite are often missing, so they are never taken; where they say more than the
//! cases show, a part of the file is missing and nothing is known.

use super::xml::{Met, Tag, walk};
use super::{ANEW, Said, instant, none_such, nothing, oldest};
use crate::domain::Timestamp;
use crate::domain::result_file::{Figure, Format};

/// What was counted so far.
#[derive(Clone, Copy, Default)]
struct Counted {
    tests: u64,
    failed: u64,
    skipped: u64,
    /// Elements that say of a failure; one test may have several.
    faults: u64,
}

/// A suite that is open: what it says of itself, and what was counted before it.
struct Suite {
    tests: u64,
    faults: u64,
    before: Counted,
}

#[derive(Clone, Copy, Default)]
struct Case {
    failed: bool,
    /// Whether an element says so.
    told: bool,
    skipped: bool,
}

#[derive(Default)]
struct Tests {
    counted: Counted,
    suites: Vec<Suite>,
    case: Option<Case>,
    written: Option<Timestamp>,
}

/// Takes a figure of a file.
pub fn read(text: &str, figure: Figure) -> Result<Said, String> {
    let mut tests = Tests::default();
    walk(text, Format::Junit, &["testsuites", "testsuite"], |met| match met {
        Met::Opens(path, tag) => tests.opens(path, tag),
        Met::Closes(path) => tests.closes(path),
    })?;
    let Counted { tests: all, failed, skipped, .. } = tests.counted;
    let ran = all.saturating_sub(skipped);
    match figure {
        Figure::Tests => Ok(Said::count(all, all, tests.written)),
        Figure::Skipped => Ok(Said::count(skipped, all, tests.written)),
        Figure::Failed if ran == 0 => Err(nothing("test that ran")),
        Figure::Failed => Ok(Said::count(failed, ran, tests.written)),
        Figure::PassedRatio => Said::share(ran.saturating_sub(failed), ran, "test that ran", tests.written),
        _ => Err(none_such(Format::Junit, figure)),
    }
}

impl Tests {
    fn opens(&mut self, path: &[String], tag: &Tag<'_>) -> Result<(), String> {
        let (name, parent) = match path {
            [.., parent, name] => (name.as_str(), parent.as_str()),
            [name] => (name.as_str(), ""),
            [] => return Ok(()),
        };
        match (name, parent) {
            ("testsuites" | "testsuite", "" | "testsuites" | "testsuite") => self.suite(tag),
            ("testcase", "testsuites" | "testsuite") => {
                self.case = Some(Case::of(tag)?);
                Ok(())
            }
            ("testsuites" | "testsuite" | "testcase", _) => {
                Err(format!("it has a <{name}> within a <{parent}>, where none can be; {ANEW}"))
            }
            ("failure" | "error", "testcase") => {
                self.counted.faults += 1;
                self.case.iter_mut().for_each(|case| (case.failed, case.told) = (true, true));
                Ok(())
            }
            // What broke outside of any test is a failure of its own.
            ("failure" | "error", _) => {
                self.counted.faults += 1;
                self.counted.failed += 1;
                self.counted.tests += 1;
                Ok(())
            }
            ("skipped", "testcase") => {
                self.case.iter_mut().for_each(|case| case.skipped = true);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn suite(&mut self, tag: &Tag<'_>) -> Result<(), String> {
        let said = |name| tag.count(name).map(Option::unwrap_or_default);
        let faults = said("failures")?.saturating_add(said("errors")?);
        self.suites.push(Suite { tests: said("tests")?, faults, before: self.counted });
        if let Some(at) = tag.text("timestamp")?.filter(|at| !at.is_empty()) {
            // The format says nothing of its form: what cannot be read is none.
            self.written = oldest(self.written, instant(&at).ok().flatten());
        }
        Ok(())
    }

    fn closes(&mut self, path: &[String]) -> Result<(), String> {
        match path.last().map(String::as_str) {
            Some("testcase") => {
                let case = self.case.take().unwrap_or_default();
                self.counted.tests += 1;
                self.counted.failed += u64::from(case.failed);
                self.counted.faults += u64::from(case.failed && !case.told);
                self.counted.skipped += u64::from(case.skipped && !case.failed);
            }
            Some("testsuites" | "testsuite") => {
                let Some(suite) = self.suites.pop() else { return Ok(()) };
                let tests = self.counted.tests - suite.before.tests;
                let faults = self.counted.faults - suite.before.faults;
                let more = |what, says, shows| Err(format!("it says {says} {what} and shows {shows}; {ANEW}"));
                if suite.tests > tests {
                    return more("tests", suite.tests, tests);
                }
                if suite.faults > faults {
                    return more("failures", suite.faults, faults);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl Case {
    /// What its own words say, of tools that write no element for it.
    fn of(tag: &Tag<'_>) -> Result<Self, String> {
        let status = tag.text("status")?.unwrap_or_default().to_ascii_lowercase();
        let failed = matches!(status.as_str(), "fail" | "failed" | "failure" | "error" | "errored" | "broken");
        let skipped = matches!(status.as_str(), "notrun" | "disabled" | "skipped");
        Ok(Self { failed, skipped, told: false })
    }
}
