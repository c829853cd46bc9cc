//! What is left of an objective's budget over its whole period.
//!
//! Only where nearly all of the period is known: what is not known may have spent all of it. What is known to be spent
//! is spent whatever the rest was, so there is always something that is left at most.

use crate::domain::Timestamp;
use crate::domain::series::{LONG, Series};
use crate::domain::slo::allowed;
use crate::domain::span::Span;

/// The share of a period that must be known.
const ENOUGH: f64 = 0.95;

/// What is left of a budget, as shares of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Left {
    /// What is left; below nothing where more was spent than there was; none where too little of the period is known.
    pub share: Option<f64>,
    /// What is left at most, by what is known to be spent.
    pub at_most: f64,
    /// How much of the period is known.
    pub covers: Span,
}

/// Works out what is left of an objective's budget over the period that ends now.
pub fn left((objective, period): (f64, Span), series: Option<&Series>, now: Timestamp) -> Left {
    let whole = period.delta().num_minutes().max(1);
    let after = now.timestamp().div_euclid(60) - whole;
    let cells = series.map(cells).unwrap_or_default();
    // What ends earlier is not about now, however much of it is known.
    let late = series.map(|series| LONG.delta() * 2 + series.every.delta() * 2).unwrap_or_default();
    let recent = now.timestamp().div_euclid(60) - late.num_minutes();
    let newest = cells.last().map(|(minute, ..)| *minute);
    let (mut bad, mut known) = (0.0, 0.0);
    for (_, share, minutes) in cells.into_iter().filter(|(minute, ..)| *minute > after) {
        bad += share * minutes;
        known += minutes;
    }
    let (whole, known) = (whole as f64, f64::min(known, whole as f64));
    let spent = bad / whole / allowed(objective);
    let enough = known >= whole * ENOUGH && newest.is_some_and(|newest| newest >= recent);
    let share = enough.then(|| 1.0 - spent * whole / known);
    Left { share, at_most: 1.0 - spent, covers: Span::mins(known as u64) }
}

/// Ends, shares and lengths in minutes of what is known, oldest first: hours that the source remembers, after those what
/// it remembers of days, and after that what was read. No minute is counted twice where one ends within another.
fn cells(series: &Series) -> Vec<(i64, f64, f64)> {
    let mut all: Vec<(i64, f64, f64)> = Vec::with_capacity(series.whole.len() + series.long.len());
    all.extend(series.whole.iter().map(|hour| (hour.minute, f64::from(hour.mean), f64::from(hour.weight))));
    let mut add = |minute: i64, share: f64, long: i64| {
        let last = all.last().map_or(i64::MIN, |(minute, ..)| *minute);
        if minute > last {
            all.push((minute, share, long.min(minute.saturating_sub(last)) as f64));
        }
    };
    let (long, every) = (LONG.delta().num_minutes(), series.every.delta().num_minutes().max(1));
    series.long.iter().for_each(|value| add(value.minute, f64::from(value.mean), long));
    // A minute in which nothing happened has spent nothing.
    let read = |weight: f32, mean: f32| if weight > 0.0 { f64::from(mean) } else { 0.0 };
    series.minutes.iter().for_each(|it| add(it.minute, read(it.weight, it.mean), every));
    all
}
