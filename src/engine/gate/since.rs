//! From when a gate counts, and which readings say anything of what was done until then.
//!
//! A gate before a step is about how things are: a reading that is fresh is enough. A watch or a
//! verification is about what came of something: it waits until each signal was read since then.
//! That instant is a line's, a reading's time that of whoever read it, on our clock also where a
//! backend dates it. A driver counts from its own line, so two clocks that differ only wait longer.

use crate::domain::Timestamp;
use crate::domain::fact::Evidence;
use crate::domain::plan::Step;
use crate::domain::series::Series;
use crate::domain::span::Span;
use crate::domain::verdict::{Level, Reason, Rule, Verdict};
use crate::engine::readiness;
use crate::engine::run::{Run, State, StepState};

/// From when what a gate looks at counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since {
    /// Soaks count from then, and versions must be counted since.
    pub from: Timestamp,
    /// Readings from before say nothing, and what was then, in words; none where a fresh one is enough.
    pub read: Option<(Timestamp, &'static str)>,
}

impl Since {
    /// That of the gate before a step.
    pub fn ready(run: &Run, step: &Step) -> Self {
        Self { from: readiness::ready_at(run, step), read: None }
    }

    /// That of a step's watch or verification, as long as it is open.
    pub fn open(run: &Run, state: &StepState) -> Self {
        let from = state.soak_from.or(state.started).unwrap_or(run.started);
        let (began, what) = match state.state {
            State::Verifying => (state.work_ended.unwrap_or(from), "the step ended"),
            _ => (state.started.unwrap_or(from), "the step began"),
        };
        let taken = run.conn.as_ref().map(|conn| conn.since).filter(|taken| *taken > began);
        Self { from, read: Some(taken.map_or((began, what), |taken| (taken, "the conn was taken"))) }
    }

    /// The same where a fresh reading is enough.
    pub fn fresh(self) -> Self {
        Self { read: None, ..self }
    }

    /// What a signal says, with the reading it says it on; from a reading of before, that one of since is awaited.
    pub(super) fn counting(
        self,
        (verdict, mut evidence): (Verdict, Evidence),
        series: Option<&Series>,
        now: Timestamp,
    ) -> (Verdict, Evidence) {
        let before = |(from, _): &(Timestamp, &str)| evidence.at.is_some_and(|at| at < *from);
        let (Some((from, what)), Some(at)) = (self.read.filter(before), evidence.at) else {
            return (verdict, evidence);
        };
        // What is unknown for another reason says that one.
        if verdict.level == Level::Unknown {
            return (verdict, evidence);
        }
        let last = series.and_then(|series| Some((series.last()?.at, series.every)));
        let says = if last.is_some_and(|(last, _)| last >= from) { " that says anything" } else { "" };
        let next = last.map(|(last, every)| last + every.delta()).filter(|next| *next > now);
        let next = next.map(|next| format!(", the next is due {}", next.format("%H:%M:%SZ"))).unwrap_or_default();
        let age = Span::between(at, now);
        let text = format!("{}: no reading{says} since {what}; the last is {age} old{next}", evidence.signal);
        evidence.level = Level::Hold;
        (Verdict::new(Level::Hold, Reason::new(Rule::Evidence, text)), evidence)
    }
}
