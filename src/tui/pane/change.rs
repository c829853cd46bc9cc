//! Before a change against after it: for each signal of a place a chart with a
//! line where the version changed, both means, and the verdict.
//!
//! The numbers and the verdict are the engine's; here they are only drawn.

use super::trend::{changed, deploys, trend};
use crate::domain::name::{EnvironmentName, ServiceName};
use crate::domain::series::Series;
use crate::domain::signal::{Signal, SignalAt};
use crate::engine::compare::{Compared, Outcome, Side, compare};
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::chart::{Chart, chart};
use crate::tui::widget::text::{Align, put, row, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The rows of a chart with its line of words.
pub const ROWS: u16 = 5;

/// The least width of a chart.
const LEAST: u16 = 50;

/// Draws as many charts as there is room for, side by side where it is wide; returns the rows used.
pub fn draw(
    view: &View<'_>,
    service: &ServiceName,
    environment: &EnvironmentName,
    area: Rect,
    buf: &mut Buffer,
) -> u16 {
    let signals: Vec<&Signal> = of(view, service, environment);
    let most = u16::try_from(signals.len()).unwrap_or(u16::MAX).clamp(1, 3);
    let across = (area.width / LEAST).clamp(1, most);
    let down = area.height / ROWS;
    let each = area.width / across;
    let room = usize::from(across) * usize::from(down);
    for (n, signal) in signals.iter().take(room).enumerate() {
        let n = u16::try_from(n).unwrap_or(0);
        let (x, y) = (area.x + n % across * each, area.y + n / across * ROWS);
        let place = Rect { x, y, width: each.saturating_sub(2), height: ROWS - 1 };
        one(view, signal, environment, place, buf);
    }
    let rows = signals.len().min(room).div_ceil(usize::from(across));
    u16::try_from(rows).unwrap_or(down) * ROWS
}

/// The signals of a place that have been read.
fn of<'a>(view: &View<'a>, service: &ServiceName, environment: &EnvironmentName) -> Vec<&'a Signal> {
    let all = view.model.workspace.signals.values();
    let mine = all.filter(|s| s.service == *service && s.environments.contains(environment));
    mine.filter(|s| series(view, s, environment).is_some_and(|s| !s.readings.is_empty())).collect()
}

fn series<'a>(view: &View<'a>, signal: &Signal, environment: &EnvironmentName) -> Option<&'a Series> {
    let at = SignalAt { signal: signal.name.clone(), environment: environment.clone() };
    view.model.observed.series.get(&at)
}

fn one(view: &View<'_>, signal: &Signal, environment: &EnvironmentName, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let Some(series) = series(view, signal, environment) else { return };
    let change = changed(view, signal, environment, series);
    // All that is kept, so that as much as possible of the time before is in sight.
    let kept = series.readings.front().map_or(0, |first| (view.now - first.at).num_milliseconds().max(0));
    let each = crate::domain::span::Span::millis(kept.unsigned_abs() / u64::from(area.width.max(1)) + 1);
    let trend = trend(
        signal,
        series,
        each.max(series.every),
        area.width,
        view.now,
        &deploys(view, signal, environment, series),
    );
    let found = change.map(|at| compare(signal, series, at));
    let role = match found.map(|f| f.outcome) {
        Some(Outcome::Pass) => Role::Ok,
        Some(Outcome::Fail) => Role::Fail,
        _ => Role::Dim,
    };
    let word = found.map_or("", |f| f.outcome.text());
    let rest = put(buf, row(area, 0), &format!(" {word}"), Align::Right, theme.style(role), theme);
    let rest = put(buf, rest, &format!("{}  ", signal.title), Align::Left, theme.style(Role::Title), theme);
    // Where there is no room, how many readings there were gives way to the limit.
    let told = [true, false].map(|counted| numbers(signal, series, found, counted));
    let told = told.iter().find(|text| width(text) <= rest.width).or(told.last()).map_or("", String::as_str);
    put(buf, rest, told, Align::Left, theme.style(Role::Dim), theme);
    let what = Chart {
        values: &trend.values,
        top: trend.top,
        threshold: signal.fail.map(|fail| fail as f32),
        changes: &trend.changes,
        role: if found.is_some_and(|f| f.outcome == Outcome::Fail) { Role::Fail } else { Role::Running },
    };
    let plot = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    chart(buf, plot, &what, theme);
}

/// `before 0.40 % (96)  after 0.42 % (120)  limit 2.00 %`.
fn numbers(signal: &Signal, series: &Series, found: Option<Compared>, counted: bool) -> String {
    let side = |word: &str, side: Option<Side>| match side {
        Some(side) if !counted => format!("{word} {}", signal.unit.show(side.mean)),
        Some(side) => format!("{word} {} ({})", signal.unit.show(side.mean), side.readings),
        None => format!("{word} ??"),
    };
    let limit = signal.fail.map(|fail| format!("  limit {}", signal.unit.show(fail))).unwrap_or_default();
    match found {
        Some(found) => format!("{}  {}{limit}", side("before", found.before), side("after", found.after)),
        None => {
            let now = series.last().map_or("??".to_owned(), |r| signal.unit.show(r.value));
            format!("now {now}{limit}")
        }
    }
}
