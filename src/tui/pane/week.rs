//! The week as a strip: a row a day in UTC, a cell every half hour, from the
//! day that now is in.
//!
//! What stops lies over what is planned, and that over what is open; the words
//! for the signs stand below, so that colour is never needed.

use crate::domain::Timestamp;
use crate::domain::calendar::EventKind;
use crate::tui::glyphs::Glyph;
use crate::tui::model::lane::Lane;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::rule::{Rule, rule};
use crate::tui::widget::text::{Align, margin, put, row};
use chrono::TimeDelta;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// How many days are shown.
const DAYS: u16 = 7;
/// How many cells a day has.
const CELLS: u16 = 48;
/// How many seconds a cell is.
const CELL: i64 = 1800;
/// Where the cells begin.
const LABEL: u16 = 12;
/// Rows of the whole: its rule, the hours, the days and the words.
pub const ROWS: u16 = DAYS + 3;

/// Draws the strip; nothing where there is no room for it.
pub fn draw(view: &View<'_>, lanes: &[&Lane], area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    if area.width < LABEL + CELLS + 2 || area.height < ROWS {
        return;
    }
    rule(buf, area, &Rule { right: &right(view), ..Rule::named("the week") }, theme);
    let hours: String = (0..24).step_by(3).map(|hour| format!("{hour:<6}")).collect();
    let cells = |line: Rect| Rect { x: line.x + LABEL, width: CELLS, ..line };
    put(buf, cells(margin(row(area, 1))), &hours, Align::Left, theme.style(Role::Dim), theme);
    let Some(midnight) = view.now.date_naive().and_hms_opt(0, 0, 0).map(|t| t.and_utc()) else { return };
    let all = cells_on(lanes, midnight, view.now);
    for day in 0..DAYS {
        let line = margin(row(area, day + 2));
        let from = midnight + TimeDelta::days(day.into());
        put(buf, line, &from.format("%a %d %b").to_string(), Align::Left, theme.style(Role::Dim), theme);
        for n in 0..CELLS {
            let at = from + TimeDelta::minutes(30 * i64::from(n));
            let (glyph, role) = cell(all.get(usize::from(day * CELLS + n)).copied().unwrap_or_default());
            let now = at <= view.now && view.now < at + TimeDelta::minutes(30);
            let (glyph, role) = if now { (Glyph::Line, Role::Accent) } else { (glyph, role) };
            let place = Rect { x: line.x + LABEL + n, width: 1, ..line };
            put(buf, place, theme.glyphs.of(glyph), Align::Left, theme.style(role), theme);
        }
    }
    let mut rest = cells(margin(row(area, DAYS + 2)));
    rest.width = area.width.saturating_sub(LABEL + 2);
    for (glyph, role, word) in [
        (Glyph::Line, Role::Accent, "now"),
        (Glyph::Rule, Role::Ok, "window"),
        (Glyph::Full, Role::Accent, "release"),
        (Glyph::Hatch, Role::Held, "freeze"),
        (Glyph::Track, Role::Warn, "other"),
        (Glyph::Conflict, Role::Fail, "conflict"),
    ] {
        rest = put(buf, rest, theme.glyphs.of(glyph), Align::Left, theme.style(role), theme);
        rest = put(buf, rest, &format!(" {word}   "), Align::Left, theme.style(Role::Dim), theme);
    }
}

/// What is said at the right of what is drawn: whose windows it lacks, and that it is in UTC.
pub(super) fn right(view: &View<'_>) -> String {
    let unknown = view.model.derived.agenda.unknown.iter().map(|what| format!("?? {what} · "));
    unknown.chain(["UTC".to_owned()]).collect()
}

/// What is on in a cell.
#[derive(Clone, Copy, Default)]
struct On {
    freeze: bool,
    release: bool,
    other: bool,
    window: bool,
}

/// What is on in each cell from the first day's midnight on, without what is over.
fn cells_on(lanes: &[&Lane], midnight: Timestamp, now: Timestamp) -> Vec<On> {
    let mut all = vec![On::default(); usize::from(DAYS * CELLS)];
    let number = |at: Timestamp| usize::try_from((at - midnight).num_seconds().max(0) / CELL).unwrap_or(0);
    let last = midnight + TimeDelta::days(DAYS.into());
    for lane in lanes {
        for (from, to) in lane.within(now, last) {
            let (first, end) = (number(from), number(to - TimeDelta::nanoseconds(1)));
            for on in all.iter_mut().take(end + 1).skip(first) {
                match lane.what.kind {
                    Some(EventKind::Freeze) => on.freeze = true,
                    None => on.release = true,
                    Some(EventKind::Maintenance | EventKind::Reservation) => on.other = true,
                    Some(EventKind::Window) => on.window = true,
                    Some(EventKind::Notice) => {}
                }
            }
        }
    }
    all
}

/// What weighs most in a cell.
fn cell(on: On) -> (Glyph, Role) {
    match (on.freeze, on.release) {
        (true, true) => (Glyph::Conflict, Role::Fail),
        (true, false) => (Glyph::Hatch, Role::Held),
        (false, true) => (Glyph::Full, Role::Accent),
        _ if on.other => (Glyph::Track, Role::Warn),
        _ if on.window => (Glyph::Rule, Role::Ok),
        _ => (Glyph::Pending, Role::Dim),
    }
}
