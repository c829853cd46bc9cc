//! What a way back saved in part only, in words, for whoever is told that it has ended.
//!
//! It ends all the same; that something is missing of its evidence is never left out.

use crate::engine::run::Run;

/// `evidence saved in part: R1, 3 of 4: the node is gone`; none where nothing is missing.
pub fn evidence(run: &Run) -> Option<String> {
    let each = run.in_part().map(|(step, done, of, why)| format!("{step}, {done} of {of}: {why}"));
    let all: Vec<String> = each.collect();
    (!all.is_empty()).then(|| format!("evidence saved in part: {}", all.join("; ")))
}
