//! Service level objectives: how much of a service must go well over a period.
//!
//! An objective rests on a signal that is a share of bad events, so one number
//! is measured once and judged twice: against its thresholds, and against the
//! budget that the objective leaves.

use super::name::{SignalName, SloName};
use super::span::Span;

/// The pairs of windows that the SRE workbook alerts on, the long one first: what both burn at burns now, and has
/// done so for long enough to matter.
pub const PAIRS: [(Span, Span); 4] = [
    (Span::mins(60), Span::mins(5)),
    (Span::mins(6 * 60), Span::mins(30)),
    (Span::mins(24 * 60), Span::mins(2 * 60)),
    (Span::mins(3 * 24 * 60), Span::mins(6 * 60)),
];

/// The period of an objective that names none.
pub const PERIOD: Span = Span::secs(30 * 86_400);

/// An objective of `signals.toml`.
#[derive(Clone, Debug, PartialEq)]
pub struct Slo {
    /// The key of `[slos]`.
    pub name: SloName,
    /// How it is called on screens.
    pub title: String,
    /// The share of bad events; a ratio that is bad above.
    pub signal: SignalName,
    /// The share that must go well, between 0 and 1, such as 0.999.
    pub objective: f64,
    /// Over how long.
    pub period: Span,
}

impl Slo {
    /// The share that may go wrong.
    pub fn allowed(&self) -> f64 {
        allowed(self.objective)
    }
}

/// The share that an objective lets go wrong: never nothing, so that a burn rate is a number.
pub fn allowed(objective: f64) -> f64 {
    (1.0 - objective).max(f64::EPSILON)
}
