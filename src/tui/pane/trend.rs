//! A series laid over cells of equal time: its worst in each, a gap where
//! nothing was read, and the cell in which its service changed.
//!
//! The scale is the threshold's: the same height always is the same number.

use crate::domain::Timestamp;
use crate::domain::name::EnvironmentName;
use crate::domain::series::Series;
use crate::domain::signal::{Bad, Signal};
use crate::domain::span::Span;
use crate::tui::glyphs::Glyph;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::spark::spark;
use chrono::TimeDelta;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// How many intervals of its signal a cell of a sparkline holds.
const CELL: u64 = 3;

/// A series over cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Trend {
    /// The worst reading of each cell, the newest at the end.
    pub values: Vec<Option<f32>>,
    /// The value of a full cell: twice the threshold, else twice the largest reading.
    pub top: f32,
    /// The cell in which the version changed.
    pub change: Option<usize>,
}

/// Lays the readings over cells of `each`, the last of which ends now.
pub fn trend(
    signal: &Signal,
    series: &Series,
    each: Span,
    cells: u16,
    now: Timestamp,
    change: Option<Timestamp>,
) -> Trend {
    let each = each.delta().max(TimeDelta::milliseconds(1));
    let cells = usize::from(cells);
    let cell = |at: Timestamp| {
        let back = usize::try_from((now - at).num_milliseconds().max(0) / each.num_milliseconds()).ok()?;
        cells.checked_sub(back.checked_add(1)?)
    };
    let mut values: Vec<Option<f32>> = vec![None; cells];
    for reading in series.readings.iter().filter(|r| r.value.is_finite() && r.events >= signal.min_events) {
        let Some(slot) = cell(reading.at).and_then(|n| values.get_mut(n)) else { continue };
        let value = reading.value as f32;
        *slot = Some(match (*slot, signal.bad) {
            (Some(other), Bad::Above) => other.max(value),
            (Some(other), Bad::Below) => other.min(value),
            (None, _) => value,
        });
    }
    let largest = || series.readings.iter().map(|r| r.value).filter(|v| v.is_finite()).fold(0.0, f64::max);
    let top = signal.fail.unwrap_or_else(largest) * 2.0;
    Trend { values, top: top as f32, change: change.filter(|at| *at <= now).and_then(cell) }
}

/// When the version at a place changed while its signal was read, as its backend tells.
pub fn changed(view: &View<'_>, signal: &Signal, environment: &EnvironmentName, series: &Series) -> Option<Timestamp> {
    let key = (signal.service.clone(), environment.clone());
    let since = view.model.observed.deployment(&key).and_then(|seen| seen.value.since)?;
    series.readings.front().is_some_and(|first| first.at < since).then_some(since)
}

/// A sparkline of the newest readings, with a mark where the version changed.
pub fn sparkline(
    view: &View<'_>,
    signal: &Signal,
    environment: &EnvironmentName,
    series: &Series,
    area: Rect,
    buf: &mut Buffer,
) {
    let each = series.every.times(CELL);
    let trend = trend(signal, series, each, area.width, view.now, changed(view, signal, environment, series));
    spark(buf, area, &trend.values, trend.top, view.theme.style(Role::Dim), view.theme);
    if let Some(x) = trend.change.and_then(|n| u16::try_from(n).ok()).filter(|x| *x < area.width) {
        let place = Rect { x: area.x + x, width: 1, height: 1, ..area }.intersection(buf.area);
        if !place.is_empty() {
            buf.set_stringn(place.x, place.y, view.theme.glyphs.of(Glyph::Edge), 1, view.theme.style(Role::Accent));
        }
    }
}
