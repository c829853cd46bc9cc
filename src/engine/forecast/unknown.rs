//! What a forecast leaves out because nobody knows it: windows that backends tell, and those that a
//! clock that differs leaves open.
//!
//! A step is reckoned as if they were open; here it is said that they may not be. It moves
//! no time and holds nothing.

use super::pass::Pass;
use crate::domain::Timestamp;
use crate::domain::verdict::Verdict;
use crate::engine::calendar::Question;
use crate::engine::run::Run;
use crate::engine::{Given, clocks, windows};
use std::collections::BTreeSet;

/// What is not known of windows when the steps still to come are reckoned to begin, each once, in words.
pub(super) fn unknown(given: &Given<'_>, run: &Run, pass: &Pass<'_>) -> Vec<String> {
    let ahead = pass.steps.iter().filter(|s| s.open && s.set.is_some() && !run.state(&s.step.name).active());
    let told = ahead.filter_map(|passed| {
        let operation = passed.step.operation()?;
        // What never begins by what is known might, behind it.
        let starts = passed.start.map_or((Timestamp::MAX_UTC, None), |start| {
            let range = start.range();
            (range.p50, range.p90)
        });
        let at = |at: Timestamp| windows::unknown(given, Question::of(operation), at);
        let clocks = clocks::unknown(given, Question::of(operation), &operation.backend);
        Some(Verdict::all(clocks.into_iter().chain(at(starts.0).or_else(|| starts.1.and_then(at)))))
    });
    let all: BTreeSet<String> = told.flat_map(|verdict| verdict.reasons).map(|reason| reason.text).collect();
    all.into_iter().collect()
}
