//! How much of an objective's budget is left over its whole period.
//!
//! Where too little of the period is known there is no number, unless what is known to be spent is too much already.

use super::{Told, number};
use crate::domain::Timestamp;
use crate::domain::series::Series;
use crate::domain::signal::{Signal, SignalAt};
use crate::domain::span::Span;
use crate::engine::slo;

/// Works out what is left from what is known of the objective's signal, as of the newest reading of it.
pub(super) fn read(
    signal: &Signal,
    (at, series): (&SignalAt, Option<&Series>),
    (objective, period): (f64, Span),
    now: Timestamp,
) -> Told {
    let unread = || format!("{at} has not been read yet");
    let series = series.ok_or_else(unread)?;
    if let Some((_, why)) = &series.fault {
        return Err(format!("{at}: {why}"));
    }
    let newest = series.last().ok_or_else(unread)?;
    let left = slo::left((objective, period), Some(series), now);
    let spent = signal.fail.is_some_and(|fail| signal.beyond(left.at_most, fail)).then_some(left.at_most);
    let covers = || format!("{} of {} are known", left.covers.to_text(), period.to_text());
    number(newest.at, left.share.or(spent).ok_or_else(covers)?)
}
