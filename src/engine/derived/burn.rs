//! How fast a budget burns over a long window and the short one beside it.
//!
//! The smaller of the two rates, so that a threshold on it is the workbook's condition: both burn. A window of
//! which too little is known leaves no rate.

use super::{Told, number};
use crate::domain::Timestamp;
use crate::domain::series::Series;
use crate::domain::signal::SignalAt;
use crate::domain::span::Span;
use crate::engine::slo;

/// What a rate is worked out with: the share that must go well, the long window, and how many events the short one must
/// rest on.
pub(super) type By = (f64, Span, u64);

/// Works out the rate from what was read of the objective's signal, as of the newest reading of it.
pub(super) fn read(at: &SignalAt, series: Option<&Series>, (objective, window, least): By, now: Timestamp) -> Told {
    let unread = || format!("{at} has not been read yet");
    let series = series.ok_or_else(unread)?;
    if let Some((_, why)) = &series.fault {
        return Err(format!("{at}: {why}"));
    }
    let newest = series.last().ok_or_else(unread)?;
    if !newest.value.is_finite() {
        return Err(format!("{at}: the reading is no number"));
    }
    number(newest.at, slo::pair(objective, series, window, now, least)?)
}
