//! The coming day and a half as lanes on one axis: what is open, what stops,
//! what is planned, and the run that is under way with its likely end.
//!
//! The agenda above says the same in words; here one sees what overlaps.

use super::week;
use crate::domain::Timestamp;
use crate::domain::calendar::EventKind;
use crate::tui::glyphs::Glyph;
use crate::tui::model::lane::Lane;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::axis::Axis;
use crate::tui::widget::lane::{Upright, uprights};
use crate::tui::widget::rule::{Rule, rule};
use crate::tui::widget::text::{Align, margin, put, row};
use chrono::TimeDelta;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::borrow::Cow;

/// How far back and ahead it looks.
const BACK: TimeDelta = TimeDelta::hours(2);
const AHEAD: TimeDelta = TimeDelta::hours(34);
/// Where the lanes begin.
const LABEL: u16 = 30;
/// The least rows with which it is drawn: rule, times, two lanes.
pub const LEAST: u16 = 4;

/// One lane's bars.
struct Bar<'a> {
    title: Cow<'a, str>,
    spans: Vec<(Timestamp, Timestamp)>,
    sign: Glyph,
    role: Role,
}

/// Draws it; nothing where there is no room for it.
pub fn draw(view: &View<'_>, lanes: &[&Lane], area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    if area.height < LEAST || area.width < LABEL + 40 {
        return;
    }
    let axis = Axis::new(view.now - BACK, view.now + AHEAD, area.width - LABEL - 2);
    let bars = bars(view, lanes, &axis);
    let room = usize::from(area.height - 2);
    let hidden = bars.len().saturating_sub(room);
    let mut right = week::right(view);
    if hidden > 0 {
        right.insert_str(0, &format!("{hidden} hidden · "));
    }
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
        put(buf, name, &bar.title, Align::Left, theme.style(Role::Text), theme);
        let place = plot(line);
        for (from, to) in &bar.spans {
            let (from, to) = (axis.eighths(*from) / 8, (axis.eighths(*to) + 7) / 8);
            for x in from..to.max(from + 1).min(i64::from(axis.width)) {
                let x = place.x + u16::try_from(x).unwrap_or(0);
                buf.set_stringn(x, place.y, theme.glyphs.of(bar.sign), 1, theme.style(bar.role));
            }
        }
        uprights(buf, place, &axis, &now, theme);
    }
}

/// What lies on the axis: runs first, then the calendar's entries as each begins.
fn bars<'a>(view: &View<'a>, lanes: &[&'a Lane], axis: &Axis) -> Vec<Bar<'a>> {
    let derived = &view.model.derived;
    let run = view.run().filter(|run| !run.ended()).and_then(|run| {
        let to = derived.outlook.landing.as_ref().map(|range| range.p90.unwrap_or(range.p50))?;
        let spans = vec![(run.t0, to)];
        let shown = run.t0 < axis.to && to > axis.from;
        shown.then(|| Bar { title: run.plan.title.as_str().into(), spans, sign: Glyph::Full, role: Role::Running })
    });
    let calendar = lanes.iter().map(|lane| {
        let (sign, role) = match lane.what.kind {
            Some(EventKind::Freeze) => (Glyph::Hatch, Role::Held),
            Some(EventKind::Window) => (Glyph::Rule, Role::Ok),
            Some(EventKind::Notice) => (Glyph::Pending, Role::Dim),
            Some(_) => (Glyph::Track, Role::Warn),
            None => (Glyph::Full, Role::Accent),
        };
        // What is over has no row above either.
        let spans = lane.within(view.now, axis.to).collect();
        Bar { title: derived.agenda.title(&lane.what).into(), spans, sign, role }
    });
    let mut calendar: Vec<_> = calendar.filter(|bar| !bar.spans.is_empty()).collect();
    calendar.sort_by_key(|bar| bar.spans.first().copied());
    run.into_iter().chain(calendar).collect()
}
