//! The coming day and a half as lanes on one axis: what is open, what stops,
//! what is planned, and the run that is under way with its likely end.
//!
//! The agenda above says the same in words; here one sees what overlaps.

use crate::domain::Timestamp;
use crate::domain::calendar::EventKind;
use crate::tui::glyphs::Glyph;
use crate::tui::model::derived::Slot;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::axis::Axis;
use crate::tui::widget::lane::{Upright, uprights};
use crate::tui::widget::rule::{Rule, rule};
use crate::tui::widget::text::{Align, margin, put, row};
use chrono::TimeDelta;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// How far back and ahead it looks.
const BACK: TimeDelta = TimeDelta::hours(2);
const AHEAD: TimeDelta = TimeDelta::hours(34);
/// Where the lanes begin.
const LABEL: u16 = 30;
/// The least rows with which it is drawn: rule, times, two lanes.
pub const LEAST: u16 = 4;

/// One bar.
struct Bar<'a> {
    title: &'a str,
    from: Timestamp,
    to: Timestamp,
    sign: Glyph,
    role: Role,
}

/// Draws it; nothing where there is no room for it.
pub fn draw(view: &View<'_>, slots: &[&Slot], area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    if area.height < LEAST || area.width < LABEL + 40 {
        return;
    }
    let axis = Axis::new(view.now - BACK, view.now + AHEAD, area.width - LABEL - 2);
    let bars = bars(view, slots, &axis);
    let room = usize::from(area.height - 2);
    let hidden = bars.len().saturating_sub(room);
    let right = if hidden > 0 { format!("{hidden} hidden · UTC") } else { "UTC".to_owned() };
    rule(buf, area, &Rule { right: &right, ..Rule::named("the coming day") }, theme);
    let plot = |line: Rect| Rect { x: area.x + LABEL + 1, width: axis.width, ..line };
    let times = plot(row(area, 1));
    for (x, at) in axis.ticks() {
        let place = Rect { x: times.x + x, width: times.width.saturating_sub(x), ..times };
        if place.width >= 6 {
            put(buf, place, &axis.label(at), Align::Left, theme.style(Role::Dim), theme);
        }
    }
    let now = [Upright { at: view.now, glyph: Glyph::Trunk, role: Role::Accent }];
    for (n, bar) in bars.iter().take(room).enumerate() {
        let line = row(area, u16::try_from(n + 2).unwrap_or(u16::MAX));
        let name = Rect { width: LABEL - 2, ..margin(line) };
        put(buf, name, bar.title, Align::Left, theme.style(Role::Text), theme);
        let place = plot(line);
        let (from, to) = (axis.eighths(bar.from) / 8, (axis.eighths(bar.to) + 7) / 8);
        for x in from..to.max(from + 1).min(i64::from(axis.width)) {
            let x = place.x + u16::try_from(x).unwrap_or(0);
            buf.set_stringn(x, place.y, theme.glyphs.of(bar.sign), 1, theme.style(bar.role));
        }
        uprights(buf, place, &axis, &now, theme);
    }
}

/// What lies on the axis: runs first, then the calendar's entries in their order.
fn bars<'a>(view: &View<'a>, slots: &[&'a Slot], axis: &Axis) -> Vec<Bar<'a>> {
    let outlook = &view.model.derived.outlook;
    let run = view.run().filter(|run| !run.ended()).and_then(|run| {
        let to = outlook.landing.as_ref().map(|range| range.p90.unwrap_or(range.p50))?;
        Some(Bar { title: &run.plan.title, from: run.t0, to, sign: Glyph::Full, role: Role::Running })
    });
    let calendar = slots.iter().map(|slot| {
        let (sign, role) = match slot.kind {
            Some(EventKind::Freeze) => (Glyph::Hatch, Role::Held),
            Some(EventKind::Window) => (Glyph::Rule, Role::Ok),
            Some(EventKind::Notice) => (Glyph::Pending, Role::Dim),
            Some(_) => (Glyph::Track, Role::Warn),
            None => (Glyph::Full, Role::Accent),
        };
        Bar { title: &slot.title, from: slot.from, to: slot.to, sign, role }
    });
    run.into_iter().chain(calendar).filter(|bar| bar.from < axis.to && bar.to > axis.from).collect()
}
