//! A signal before a change against after it: two means and a verdict.
//!
//! The test is Welch's: the difference of the means over its standard error,
//! judged at three. It says *pass* only when both sides were read often enough,
//! and *inconclusive* in every other case that is not a failure.

use crate::domain::Timestamp;
use crate::domain::series::{Reading, Series};
use crate::domain::signal::{Bad, Signal};
pub use crate::domain::versions::Outcome;
use serde::Serialize;

/// The fewest readings of a side that say something.
pub const FEWEST: usize = 8;
/// How many standard errors are no chance.
const ERRORS: f64 = 3.0;
/// A difference below this share of the mean before matters to nobody.
const MATTERS: f64 = 0.1;

/// What one side comes to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Side {
    /// How many readings it rests on.
    pub readings: usize,
    /// Their mean.
    pub mean: f64,
    /// Their variance.
    pub variance: f64,
}

/// Both sides and the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// Before the change; none when nothing was read.
    pub before: Option<Side>,
    /// After it.
    pub after: Option<Side>,
    /// What that says.
    pub outcome: Outcome,
}

/// Compares the readings that are kept from before an instant with those from after it.
pub fn compare(signal: &Signal, series: &Series, change: Timestamp) -> Compared {
    let tells = |r: &Reading| r.events >= signal.min_events && r.value.is_finite();
    let before = side(series.readings.iter().filter(tells).filter(|r| r.at < change));
    let after = side(series.readings.iter().filter(tells).filter(|r| r.at >= change));
    Compared { before, after, outcome: outcome(signal, before, after) }
}

fn side(readings: impl Iterator<Item = Reading>) -> Option<Side> {
    let values: Vec<f64> = readings.map(|r| r.value).collect();
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    (!values.is_empty()).then(|| Side { readings: values.len(), mean, variance: squares / (count - 1.0).max(1.0) })
}

fn outcome(signal: &Signal, before: Option<Side>, after: Option<Side>) -> Outcome {
    let Some(after) = after.filter(|side| side.readings >= FEWEST) else { return Outcome::Inconclusive };
    if signal.fail.is_some_and(|fail| signal.beyond(after.mean, fail)) {
        return Outcome::Fail;
    }
    let Some(before) = before.filter(|side| side.readings >= FEWEST) else { return Outcome::Inconclusive };
    let worse = match signal.bad {
        Bad::Above => after.mean - before.mean,
        Bad::Below => before.mean - after.mean,
    };
    let error = (before.variance / before.readings as f64 + after.variance / after.readings as f64).sqrt();
    let matters = worse > before.mean.abs() * MATTERS;
    if matters && worse > ERRORS * error { Outcome::Fail } else { Outcome::Pass }
}
