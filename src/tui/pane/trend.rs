//! A series laid over cells of equal time: its worst in each, a gap where
//! nothing was read, and the cells in which its service was deployed.
//!
//! The scale is the threshold's: the same height always is the same number.

use crate::domain::Timestamp;
use crate::domain::name::EnvironmentName;
use crate::domain::observed::Placed;
use crate::domain::operation::Verb;
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
    /// The cells in which something was deployed, in order, no two side by side.
    pub changes: Vec<usize>,
}

/// Lays the readings over cells of `each`, the last of which ends now.
pub fn trend(signal: &Signal, series: &Series, each: Span, cells: u16, now: Timestamp, changes: &[Timestamp]) -> Trend {
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
    let mut changed: Vec<usize> = changes.iter().filter(|at| **at <= now).filter_map(|at| cell(*at)).collect();
    changed.sort_unstable();
    // What a backend dates and what was seen of it a moment later is one thing.
    changed.dedup_by(|next, kept| *next <= *kept + 1);
    Trend { values, top: top as f32, changes: changed }
}

/// When the version at a place changed while its signal was read, as its backend tells; where it does not, as it was
/// last seen to move.
pub fn changed(view: &View<'_>, signal: &Signal, environment: &EnvironmentName, series: &Series) -> Option<Timestamp> {
    let key = (signal.service.clone(), environment.clone());
    let observed = &view.model.observed;
    let since = observed.deployment(&key)?.value.since.or_else(|| observed.moves.of(&key).last())?;
    series.readings.front().is_some_and(|first| first.at < since).then_some(since)
}

/// When something was deployed to a place while its signal was read, whoever did it: as the backend dates it, as it was
/// seen to move, and as we sent it where nobody tells what runs there.
pub fn deploys(view: &View<'_>, signal: &Signal, environment: &EnvironmentName, series: &Series) -> Vec<Timestamp> {
    let Some(first) = series.readings.front().map(|first| first.at) else { return Vec::new() };
    let key = (signal.service.clone(), environment.clone());
    let observed = &view.model.observed;
    let mut all: Vec<Timestamp> = observed.moves.of(&key).collect();
    match observed.deployment(&key) {
        Some(seen) => all.extend(seen.value.since),
        None => all.extend(ours(view, &key)),
    }
    all.retain(|at| *at > first);
    all
}

/// When our own runs sent something to a place.
fn ours<'a>(view: &'a View<'_>, (service, environment): &'a Placed) -> impl Iterator<Item = Timestamp> + 'a {
    let sent = view.model.ledger.sent.values().filter(move |sent| {
        let operation = &sent.intent.operation;
        operation.service.as_ref() == Some(service) && operation.environment.as_ref() == Some(environment)
    });
    let rollouts = [Verb::Deploy, Verb::Promote, Verb::RollBack, Verb::Abort, Verb::Restart, Verb::Shift, Verb::Mend];
    sent.filter(move |sent| rollouts.contains(&sent.intent.operation.verb)).map(|sent| sent.at)
}

/// A sparkline of the newest readings, with a mark where something was deployed.
pub fn sparkline(
    view: &View<'_>,
    signal: &Signal,
    environment: &EnvironmentName,
    series: &Series,
    area: Rect,
    buf: &mut Buffer,
) {
    let each = series.every.times(CELL);
    let trend = trend(signal, series, each, area.width, view.now, &deploys(view, signal, environment, series));
    spark(buf, area, &trend.values, trend.top, view.theme.style(Role::Dim), view.theme);
    for x in trend.changes.iter().filter_map(|n| u16::try_from(*n).ok()).filter(|x| *x < area.width) {
        let place = Rect { x: area.x + x, width: 1, height: 1, ..area }.intersection(buf.area);
        if !place.is_empty() {
            buf.set_stringn(place.x, place.y, view.theme.glyphs.of(Glyph::Edge), 1, view.theme.style(Role::Accent));
        }
    }
}
