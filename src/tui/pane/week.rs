//! The week as a strip: a row a day in UTC, a cell every half hour, from the
//! day that now is in.
//!
//! What stops lies over what is planned, and that over what is open; the words
//! for the signs stand below, so that colour is never needed.

use crate::domain::Timestamp;
use crate::domain::calendar::EventKind;
use crate::tui::glyphs::Glyph;
use crate::tui::model::derived::Slot;
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
/// Where the cells begin.
const LABEL: u16 = 12;
/// Rows of the whole: its rule, the hours, the days and the words.
pub const ROWS: u16 = DAYS + 3;

/// Draws the strip; nothing where there is no room for it.
pub fn draw(view: &View<'_>, slots: &[&Slot], area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    if area.width < LABEL + CELLS + 2 || area.height < ROWS {
        return;
    }
    rule(buf, area, &Rule { right: "UTC", ..Rule::named("the week") }, theme);
    let hours: String = (0..24).step_by(3).map(|hour| format!("{hour:<6}")).collect();
    let cells = |line: Rect| Rect { x: line.x + LABEL, width: CELLS, ..line };
    put(buf, cells(margin(row(area, 1))), &hours, Align::Left, theme.style(Role::Dim), theme);
    let Some(midnight) = view.now.date_naive().and_hms_opt(0, 0, 0).map(|t| t.and_utc()) else { return };
    for day in 0..DAYS {
        let line = margin(row(area, day + 2));
        let from = midnight + TimeDelta::days(day.into());
        put(buf, line, &from.format("%a %d %b").to_string(), Align::Left, theme.style(Role::Dim), theme);
        for n in 0..CELLS {
            let at = from + TimeDelta::minutes(30 * i64::from(n));
            let (glyph, role) = cell(slots, at);
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

/// What weighs most in the half hour from `at`.
fn cell(slots: &[&Slot], at: Timestamp) -> (Glyph, Role) {
    let end = at + TimeDelta::minutes(30);
    let on = |kind: Option<EventKind>| slots.iter().any(|s| s.kind == kind && s.from < end && s.to > at);
    match (on(Some(EventKind::Freeze)), on(None)) {
        (true, true) => (Glyph::Conflict, Role::Fail),
        (true, false) => (Glyph::Hatch, Role::Held),
        (false, true) => (Glyph::Full, Role::Accent),
        _ if on(Some(EventKind::Maintenance)) || on(Some(EventKind::Reservation)) => (Glyph::Track, Role::Warn),
        _ if on(Some(EventKind::Window)) => (Glyph::Rule, Role::Ok),
        _ => (Glyph::Pending, Role::Dim),
    }
}
