//! What the votes of a poll rest on: the plan, and what its signals say.
//!
//! Two processes that look at the same systems must come to the same digest, so
//! it holds verdicts and no readings, and a signal that one of them has not
//! read yet is not a change. It judges no vote; that is `people`.

use super::run::Run;
use super::{Given, signal};
use crate::domain::digest::Digest;
use crate::domain::plan::Step;
use crate::domain::signal::SignalAt;
use crate::domain::verdict::{Level, Verdict};

/// How many signals that say nothing are thought through both ways.
const GUESSED: usize = 8;

/// The evidence of a poll as it is known now.
#[derive(Clone, Debug)]
pub struct Basis {
    /// Digest of the plan, the step and the signals that fail.
    pub digest: Digest,
    /// The digests that it may have once what is unknown is known.
    possible: Vec<Digest>,
    /// Pass, or unknown with a reason for every signal that says nothing.
    pub known: Verdict,
}

/// Looks at the evidence of a poll.
pub fn basis(given: &Given<'_>, run: &Run, step: &Step, evidence: &[SignalAt]) -> Basis {
    let judged = evidence.iter().map(|at| (at, signal::judge_planned(given, run, at).0));
    let judged: Vec<(&SignalAt, Verdict)> = judged.collect();
    let of = |level: Level| judged.iter().filter(move |(_, v)| v.level == level);
    let failing: Vec<&SignalAt> = of(Level::Fail).map(|(at, _)| *at).collect();
    let unknown: Vec<&SignalAt> = of(Level::Unknown).map(|(at, _)| *at).collect();
    let guessed = if unknown.len() <= GUESSED { unknown.as_slice() } else { &[] };
    // What may be a blip is no failure yet and moves nobody's vote.
    let subject = (run.id, run.digest, run.plan.steps.len(), step.digest());
    let digest = |more: &[&SignalAt]| {
        let mut fails: Vec<_> = failing.iter().chain(more).collect();
        fails.sort_unstable();
        Digest::of("evidence", &(subject, fails))
    };
    let mut sets: Vec<Vec<&SignalAt>> = vec![Vec::new()];
    for at in guessed {
        let with: Vec<_> = sets.iter().map(|set| set.iter().copied().chain([*at]).collect()).collect();
        sets.extend(with);
    }
    Basis {
        digest: digest(&[]),
        possible: sets.iter().map(|set| digest(set)).collect(),
        known: Verdict::all(of(Level::Unknown).map(|(_, verdict)| verdict.clone())),
    }
}

impl Basis {
    /// Whether a vote that was cast on this digest may rest on what is here now:
    /// nothing that is known speaks against it.
    pub fn is(&self, saw: Digest) -> bool {
        self.possible.contains(&saw)
    }
}
