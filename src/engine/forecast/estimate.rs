//! How long a step takes: from past runs of the same step, else from its plan.
//!
//! Percentiles are nearest rank: of n times in order, P90 is number ⌈0.9 n⌉, a
//! time that was really taken. Times of runs of the same kind count, live or
//! rehearsal; where there are fewer than three, those of the other kind are
//! taken too, but never their waiting for people, who are at hand in a rehearsal.
//! Fewer than three in all are no distribution: then the plan counts, with half
//! of it as spread, and no less than the longest time seen.

use crate::domain::gate::Gate;
use crate::domain::plan::{Mode, Question, Step, Work};
use crate::domain::span::Span;
use crate::engine::history::{self, History, KEPT, Took};
use crate::engine::run::Run;
use serde::Serialize;

/// The fewest past times that are taken for a distribution.
pub const FEWEST: usize = 3;

/// How long something takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// The middle: as often shorter as longer.
    pub p50: Span,
    /// Nine times of ten not longer than this.
    pub p90: Span,
    /// Where that comes from.
    pub source: Source,
}

/// Where an estimate comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// Nothing says how long; it is reckoned as no time at all.
    #[default]
    Nothing,
    /// Its plan; so many past times were too few.
    Plan(u32),
    /// Past times: so many of live runs, so many of rehearsals.
    Past {
        /// Of live runs.
        runs: u32,
        /// Of rehearsals.
        rehearsals: u32,
    },
}

impl std::fmt::Display for Source {
    /// `runs 12`, `rehearsals 3`, `runs 1 + rehearsals 2`, `plan`, `-`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = match self {
            Source::Nothing => "-".to_owned(),
            Source::Plan(_) => "plan".to_owned(),
            Source::Past { runs, rehearsals: 0 } => format!("runs {runs}"),
            Source::Past { runs: 0, rehearsals } => format!("rehearsals {rehearsals}"),
            Source::Past { runs, rehearsals } => format!("runs {runs} + rehearsals {rehearsals}"),
        };
        f.pad(&text)
    }
}

impl Estimate {
    /// A planned length: half of it again at P90.
    pub fn planned(takes: Span) -> Self {
        let half = Span::millis(takes.as_millis() / 2);
        Self { p50: takes, p90: takes + half, source: Source::Plan(0) }
    }
}

/// How long a step works, and how long it waits for people.
pub(super) fn of(history: &History, run: &Run, step: &Step) -> (Estimate, Estimate) {
    let past = history.of(&run.plan, step);
    let mode = run.plan.mode;
    let asks = history::asks(step);
    let planned = planned(step);
    let working = match asks {
        true => Estimate::default(),
        false => past
            .and_then(|p| from_past(p.working(), mode, true))
            .unwrap_or_else(|| past.map_or(planned, |p| widened(planned, p.working()))),
    };
    let waiting = match asks || history::waits(step) {
        true => {
            // Nobody plans waiting before a start; an answer has the step's own length.
            let planned = if asks { planned } else { Estimate::default() };
            past.and_then(|p| from_past(p.waiting(), mode, false)).unwrap_or_else(|| {
                past.map_or(planned, |p| {
                    widened(planned, p.waiting().filter(|t| t.rehearsal == (mode == Mode::Rehearsal)))
                })
            })
        }
        false => Estimate::default(),
    };
    (working, waiting)
}

/// The length in a step's plan: what it says, else what its gates must watch.
pub(super) fn planned(step: &Step) -> Estimate {
    if let Some(takes) = step.takes {
        return Estimate::planned(takes);
    }
    let verify = step.verify.as_ref().map(soak).unwrap_or_default();
    let (p50, p90) = match &step.work {
        Work::Watch { gate, limit } => {
            let watched = soak(gate);
            let p50 = watched + verify;
            (p50, limit.unwrap_or(p50).max(p50))
        }
        Work::Ask(Question::Poll { closes, .. }) => (Span::ZERO, *closes),
        _ => (verify, verify),
    };
    let source = if p90 == Span::ZERO { Source::Nothing } else { Source::Plan(0) };
    Estimate { p50, p90, source }
}

/// The longest time for which a gate must be well without a gap.
pub(super) fn soak(gate: &Gate) -> Span {
    match gate {
        Gate::Soak { hold_for, .. } => *hold_for,
        Gate::All(parts) => parts.iter().map(soak).max().unwrap_or_default(),
        Gate::Any(parts) => parts.iter().map(soak).min().unwrap_or_default(),
        _ => Span::ZERO,
    }
}

/// P50 and P90 of past times, when there are enough.
pub(super) fn from_past(past: impl Iterator<Item = Took> + Clone, mode: Mode, mixes: bool) -> Option<Estimate> {
    let own = |took: &Took| took.rehearsal == (mode == Mode::Rehearsal);
    let alone = !mixes || past.clone().filter(own).count() >= FEWEST;
    let mut times = [0u64; KEPT];
    let (mut n, mut rehearsals) = (0usize, 0u32);
    for (slot, took) in times.iter_mut().zip(past.filter(|took| !alone || own(took))) {
        *slot = took.length.as_millis();
        n += 1;
        rehearsals += u32::from(took.rehearsal);
    }
    if n < FEWEST {
        return None;
    }
    let times = times.get_mut(..n)?;
    times.sort_unstable();
    let runs = u32::try_from(n).unwrap_or(u32::MAX).saturating_sub(rehearsals);
    Some(Estimate { p50: rank(times, 50)?, p90: rank(times, 90)?, source: Source::Past { runs, rehearsals } })
}

/// The nearest rank: of n times in order, number ⌈p n / 100⌉.
fn rank(sorted: &[u64], percent: usize) -> Option<Span> {
    let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(place).copied().map(Span::millis)
}

/// A plan with a P90 no shorter than the longest of too few past times.
fn widened(planned: Estimate, past: impl Iterator<Item = Took>) -> Estimate {
    let (seen, longest) = past.fold((0, Span::ZERO), |(n, longest), took| (n + 1, took.length.max(longest)));
    let source = match planned.source {
        Source::Nothing if seen == 0 => Source::Nothing,
        _ => Source::Plan(seen),
    };
    Estimate { p90: planned.p90.max(longest), source, ..planned }
}
