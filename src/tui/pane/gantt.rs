//! The runbook as a Gantt chart: a lane a step, grouped by stream, on the axis
//! of the forecast; now, the calendar's edges and the point of no return go
//! through all of it.
//!
//! Everything drawn comes from the forecast; a step's verdict stands under its
//! lane where it is under way.

use super::ahead;
use super::now::{first_open, glyph, note_role, second, weight};
use crate::domain::Timestamp;
use crate::domain::name::StepName;
use crate::domain::plan::{Need, Question, Work};
use crate::engine::Run;
use crate::engine::forecast::{Forecast, Level, StepForecast};
use crate::engine::show::{Shown, Word};
use crate::tui::action::Pane;
use crate::tui::glyphs::Glyph;
use crate::tui::hand::Id;
use crate::tui::theme::Role;
use crate::tui::view::{View, role_of};
use crate::tui::widget::axis::Axis;
use crate::tui::widget::gutter::gutter;
use crate::tui::widget::lane::{Lane, Upright, lane, uprights};
use crate::tui::widget::list::{Window, window};
use crate::tui::widget::rule::{Rule, rule};
use crate::tui::widget::table::{Cell, Column, point, row as table_row, widths};
use crate::tui::widget::text::{Align, margin, put, row, width};
use chrono::TimeDelta;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::collections::BTreeMap;

/// The least width at which bars say something.
pub const LEAST: u16 = 100;

/// The most columns of the gutter.
const GUTTER: usize = 5;

/// A line of the chart.
enum Line<'a> {
    /// The name of a stream.
    Stream(&'a str),
    /// The lane of a step: its position in the shown order.
    Step(usize),
    /// What is said under a lane.
    Note(Role, String),
}

/// What is drawn, worked out once a picture.
pub struct Chart<'a> {
    run: &'a Run,
    steps: Vec<Shown<'a>>,
    lines: Vec<Line<'a>>,
    gutters: Vec<String>,
}

/// The chart of the shown run; none without one.
pub fn chart<'a>(view: &View<'a>) -> Option<Chart<'a>> {
    let run = view.run()?;
    let steps = ordered(view.steps(run));
    let lines = lines(view, &steps);
    let gutters = gutter(&needs(&steps.iter().collect::<Vec<_>>()), GUTTER).unwrap_or_default();
    Some(Chart { run, steps, lines, gutters })
}

/// The rows that all of it takes, its rule, axis and legend included.
pub fn wanted(chart: &Chart<'_>) -> u16 {
    u16::try_from(chart.lines.len() + 4).unwrap_or(u16::MAX)
}

/// Draws the chart.
pub fn draw(view: &View<'_>, chart: &Chart<'_>, focused: bool, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let outlook = &view.model.derived.outlook;
    let Chart { run, steps, lines, gutters } = chart;
    let named = view.ui.step.as_ref().and_then(|name| steps.iter().position(|s| s.step.name == *name));
    let focus = named.unwrap_or_else(|| first_open(steps));
    let at = lines.iter().position(|line| matches!(line, Line::Step(n) if *n == focus)).unwrap_or(0);
    let body = Rect { y: area.y + 3.min(area.height), height: area.height.saturating_sub(4), ..area };
    let win = window(lines.len(), body.height, Some(at), at.saturating_sub(usize::from(body.height) / 2));
    let back = ahead::counted(view).map(|said| format!("{said} · ")).unwrap_or_default();
    let right = format!("{back}{}", said(run, steps, lines, &win));
    rule(buf, area, &Rule { right: &right, focused, ..Rule::named("runbook") }, theme);
    let tree = gutters.iter().map(|g| width(g)).max().unwrap_or(0);
    let columns = columns(tree, area.width);
    let Some(chart) = last(margin(row(body, 0)), &columns) else { return };
    let axis = axis(outlook, view.now, chart.width);
    let marks = marks(outlook, view.now);
    let through: Vec<Upright> = marks.iter().map(|(upright, _)| *upright).collect();
    head(view, &axis, &marks, Rect { y: area.y + 1, height: 2.min(area.height.saturating_sub(1)), ..chart }, buf);
    for (y, n) in win.range().enumerate() {
        let place = row(body, u16::try_from(y).unwrap_or(u16::MAX));
        let plot = Rect { x: chart.x, width: chart.width, ..place };
        if place.height > 0 && !matches!(lines.get(n), Some(Line::Note(..))) {
            uprights(buf, plot, &axis, &through, theme);
        }
        match lines.get(n) {
            Some(Line::Stream(name)) => {
                put(buf, margin(place), name, Align::Left, theme.style(Role::Title), theme);
            }
            Some(Line::Note(role, text)) => {
                let text = format!("{:indent$}{text}", "", indent = usize::from(tree) + 8);
                put(buf, margin(place), &text, Align::Left, theme.style(*role), theme);
            }
            Some(Line::Step(n)) => {
                let Some(shown) = steps.get(*n) else { continue };
                let tree = gutters.get(*n).map_or("", String::as_str);
                step(view, shown, tree, *n == focus, &columns, place, buf);
                ahead::mark(view, &shown.step.name, place, buf);
                view.mark(Id::Step(run.id, shown.step.name.clone()), place, *n == focus);
                if *n == focus {
                    point(buf, place, view.theme);
                }
                if let Some(found) = outlook.step(&shown.step.name) {
                    lane(buf, plot, &axis, &of(found, shown, view.now), theme);
                }
            }
            None => {}
        }
    }
    legend(view, row(area, area.height.saturating_sub(1)), buf);
}

/// How far the run is, and which steps are hidden: names of streams and what stands under a lane are none.
fn said(run: &Run, steps: &[Shown<'_>], lines: &[Line<'_>], win: &Window) -> String {
    let step = |line: &Line<'_>| matches!(line, Line::Step(_));
    let count = |lines: &[Line<'_>]| lines.iter().filter(|line| step(line)).count();
    let above = count(lines.get(..win.first).unwrap_or_default());
    let shown = count(lines.get(win.range()).unwrap_or_default());
    let of_steps = Window { first: above, shown, above, below: steps.len().saturating_sub(above + shown) };
    let states: Vec<(u8, &str)> = steps.iter().map(|s| (weight(s.word), s.word.text())).collect();
    let hidden = of_steps.hidden(&states).map(|h| format!(" · {h}")).unwrap_or_default();
    format!("{}{hidden}", run.tally())
}

/// The steps grouped by stream, in order of each stream's first step; those
/// without one that follow the last stream stay at the end.
fn ordered<'a>(steps: Vec<Shown<'a>>) -> Vec<Shown<'a>> {
    let mut streams: Vec<&str> = vec![""];
    for shown in &steps {
        if !streams.contains(&shown.step.stream.as_str()) {
            streams.push(&shown.step.stream);
        }
    }
    let tail = steps.iter().rposition(|s| !s.step.stream.is_empty()).unwrap_or(0);
    let place = |n: usize, shown: &Shown<'_>| match shown.step.stream.as_str() {
        "" if n > tail => streams.len(),
        stream => streams.iter().position(|s| *s == stream).unwrap_or(0),
    };
    let mut placed: Vec<(usize, Shown<'_>)> = steps.into_iter().enumerate().collect();
    placed.sort_by_key(|(n, shown)| place(*n, shown));
    placed.into_iter().map(|(_, shown)| shown).collect()
}

fn lines<'a>(view: &View<'_>, steps: &[Shown<'a>]) -> Vec<Line<'a>> {
    let mut all = Vec::new();
    let mut stream = "";
    for (n, shown) in steps.iter().enumerate() {
        if shown.step.stream != stream {
            stream = &shown.step.stream;
            all.push(Line::Stream(if stream.is_empty() { "all streams" } else { stream }));
        }
        all.push(Line::Step(n));
        let notes = second(view, shown).into_iter().enumerate();
        all.extend(notes.map(|(n, text)| Line::Note(note_role(shown, n), text)));
    }
    all
}

/// What each step needs among those shown, by position.
pub fn needs(steps: &[&Shown<'_>]) -> Vec<Vec<usize>> {
    let places: BTreeMap<&StepName, usize> = steps.iter().enumerate().map(|(n, s)| (&s.step.name, n)).collect();
    let position = |need: &Need| match need {
        Need::Step(name) => places.get(name).copied(),
        Need::Other(..) => None,
    };
    steps.iter().map(|shown| shown.step.needs.iter().filter_map(position).collect()).collect()
}

/// Gutter, sign, name, title, word, chart.
fn columns(tree: u16, room: u16) -> [Column; 6] {
    let words = (room * 3 / 10).clamp(20, 44);
    [
        Column::words(tree),
        Column::words(1),
        Column::numbers(4),
        Column::words(words),
        Column::words(10),
        Column::rest(40),
    ]
}

/// Where the last column stands.
fn last(area: Rect, columns: &[Column]) -> Option<Rect> {
    let widths = widths(area.width, columns);
    let (chart, others) = widths.split_last()?;
    let before: u16 = others.iter().filter(|w| **w > 0).map(|w| w + 1).sum();
    (*chart > 0).then_some(Rect { x: area.x + before, width: *chart, ..area })
}

fn step(
    view: &View<'_>,
    shown: &Shown<'_>,
    tree: &str,
    selected: bool,
    columns: &[Column],
    place: Rect,
    buf: &mut Buffer,
) {
    let role = role_of(shown);
    let plain = if shown.state.state.ended() || shown.word == Word::Pending { Role::Dim } else { Role::Text };
    let cells = [
        Cell { text: tree, role: Role::Border },
        Cell { text: view.theme.glyphs.of(glyph(shown.word)), role },
        Cell { text: shown.step.name.as_str(), role: plain },
        Cell { text: &shown.step.title, role: plain },
        Cell { text: shown.word.text(), role },
    ];
    let whole = if selected { Role::Selected } else { Role::Text };
    table_row(buf, margin(place), columns, &cells, whole, view.theme);
}

/// The forecast's axis, a little wider, and up to an edge that is not far behind it.
fn axis(outlook: &Forecast, now: Timestamp, cells: u16) -> Axis {
    let (from, to) = outlook.axis.unwrap_or((now, now + TimeDelta::minutes(10)));
    let long = (to - from).max(TimeDelta::minutes(1));
    let near = outlook.edges.iter().filter(|e| e.kind.shuts() && e.at < to + long / 3).map(|e| e.at).max();
    Axis::new(from, near.unwrap_or(to).max(to) + long / 40, cells)
}

/// The lines through everything, each with its word.
fn marks(outlook: &Forecast, now: Timestamp) -> Vec<(Upright, String)> {
    let level = |level| match level {
        Level::Clear => Role::Dim,
        Level::Amber => Role::Warn,
        Level::Red => Role::Fail,
    };
    let edges = outlook.edges.iter().filter(|e| e.kind.shuts()).map(|e| {
        let upright = Upright { at: e.at, glyph: Glyph::Edge, role: level(e.level) };
        (upright, format!("{} {}", e.title, e.at.format("%H:%MZ")))
    });
    let back = outlook.no_return.as_ref().and_then(|n| {
        let upright = Upright { at: n.at.as_ref()?.p50, glyph: Glyph::Line, role: Role::Held };
        Some((upright, "no return".to_owned()))
    });
    let now = (Upright { at: now, glyph: Glyph::Trunk, role: Role::Accent }, "now".to_owned());
    edges.chain(back).chain([now]).collect()
}

/// Times, and below them the names of the lines through everything, as far as they fit.
fn head(view: &View<'_>, axis: &Axis, marks: &[(Upright, String)], area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let (times, names) = (row(area, 0), row(area, 1));
    for (x, at) in axis.ticks() {
        let place = Rect { x: times.x + x, width: times.width.saturating_sub(x), ..times };
        let label = axis.label(at);
        if width(&label) <= place.width {
            put(buf, place, &label, Align::Left, theme.style(Role::Dim), theme);
        }
    }
    let mut taken: Vec<(u16, u16)> = Vec::new();
    // What is drawn last lies on top and is named first.
    for (upright, name) in marks.iter().rev() {
        let Some(x) = axis.cell(upright.at) else { continue };
        let long = width(name);
        let x = if x + long > names.width { names.width.saturating_sub(long) } else { x };
        if long > names.width || taken.iter().any(|(from, to)| x < *to && x + long + 1 > *from) {
            continue;
        }
        taken.push((x, x + long + 1));
        let place = Rect { x: names.x + x, width: long, ..names };
        put(buf, place, name, Align::Left, theme.style(upright.role), theme);
    }
}

/// A step's outlook as a lane.
fn of(found: &StepForecast, shown: &Shown<'_>, now: Timestamp) -> Lane {
    let ended = found.ended.filter(|_| shown.state.state.ended());
    let started = found.started.filter(|_| ended.is_some() || shown.state.state.active() || shown.state.state.failed());
    let actual = started.map(|from| (from, ended.unwrap_or(now).max(from)));
    let end = found.end.as_ref().filter(|_| ended.is_none() && !found.left_out);
    let start = found.start.as_ref();
    let expected = end.zip(start).map(|(end, start)| (start.p50.max(now), end.p50.max(now)));
    let asks = matches!(shown.step.work, Work::Ask(Question::Release { .. } | Question::Poll { .. }));
    let hold = started.or(start.filter(|_| !found.left_out).map(|s| s.p50)).filter(|_| asks && ended.is_none());
    let over = actual.filter(|_| found.overrun.as_secs() > 0).map(|(_, to)| to - found.overrun.delta());
    Lane {
        planned: (!found.left_out).then_some((found.planned_start, found.planned_end)),
        expected,
        at_worst: end.map(|end| end.p90.unwrap_or(chrono::DateTime::<chrono::Utc>::MAX_UTC)),
        actual,
        overrun: over,
        critical: found.critical && ended.is_none(),
        hold,
        role: role_of(shown),
    }
}

fn legend(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let mut rest = margin(area);
    let (short, gap) = (rest.width < 112, if rest.width < 122 { "  " } else { "   " });
    let word = |long: &'static str, narrow: &'static str| if short { narrow } else { long };
    for (glyph, role, word) in [
        (Glyph::Track, Role::Border, "planned"),
        (Glyph::Full, Role::Ok, "actual"),
        (Glyph::Hatch, Role::Late, word("over plan", "over")),
        (Glyph::Low, Role::Accent, "critical"),
        (Glyph::Lower, Role::Dim, "to come"),
        (Glyph::WhiskerEnd, Role::Dim, word("P50 to P90", "to P90")),
        (Glyph::Hold, Role::Held, "hold"),
        (Glyph::Line, Role::Held, "no return"),
        (Glyph::Edge, Role::Warn, word("window or freeze", "window edge")),
    ] {
        rest = put(buf, rest, theme.glyphs.of(glyph), Align::Left, theme.style(role), theme);
        rest = put(buf, rest, &format!(" {word}{gap}"), Align::Left, theme.style(Role::Dim), theme);
    }
}

/// Whether the pane that it belongs to has the focus.
pub fn focused(view: &View<'_>) -> bool {
    matches!(view.ui.focus, Pane::Bridge | Pane::Runbook)
}
