//! What a forecast leaves out because nobody knows it: windows that backends tell, and which of two
//! clocks is right.
//!
//! A step is reckoned as if the windows were open and our clock right; here it is said that they may
//! not be. It moves no time and holds nothing.

use super::pass::Pass;
use crate::domain::Timestamp;
use crate::domain::operation::Operation;
use crate::domain::verdict::Verdict;
use crate::engine::calendar::Question;
use crate::engine::run::Run;
use crate::engine::{Given, clocks, windows};

/// What is not known when the steps still to come are reckoned to begin: of windows, and because of clocks that differ;
/// each once, in words.
pub(super) fn unknown(given: &Given<'_>, run: &Run, pass: &Pass<'_>) -> (Vec<String>, Vec<String>) {
    let mut windows = told(run, pass, |op, at| windows::unknown(given, Question::of(op).within(run.id), at));
    windows.sort_unstable();
    (windows, told(run, pass, |op, at| clocks::unknown(given, Question::of(op).within(run.id), &op.backend, at)))
}

/// What a judgement says of the steps still to come, in their order.
fn told(run: &Run, pass: &Pass<'_>, judge: impl Fn(&Operation, Timestamp) -> Option<Verdict>) -> Vec<String> {
    let ahead = pass.steps.iter().filter(|s| s.open && s.set.is_some() && !run.state(&s.step.name).active());
    let told = ahead.filter_map(|passed| {
        let operation = passed.step.operation()?;
        // What never begins by what is known might, behind it.
        let (soon, late) = passed.start.map_or((Timestamp::MAX_UTC, None), |start| {
            let range = start.range();
            (range.p50, range.p90)
        });
        judge(operation, soon).or_else(|| late.and_then(|at| judge(operation, at)))
    });
    let mut all: Vec<String> = Vec::new();
    for reason in told.flat_map(|verdict| verdict.reasons) {
        if !all.contains(&reason.text) {
            all.push(reason.text);
        }
    }
    all
}
