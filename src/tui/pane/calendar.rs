//! The calendar as an agenda: what is on now, and what comes, in UTC and local time.
//!
//! Freezes, windows and releases in one order of time.

use crate::domain::Timestamp;
use crate::domain::calendar::EventKind;
use crate::domain::zone::Zone;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::rule::{Rule, rule};
use crate::tui::widget::table::{Cell, Column, row as table_row};
use crate::tui::widget::text::{Align, put, row};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

const COLUMNS: [Column; 5] =
    [Column::words(4), Column::words(34), Column::words(12).optional(2), Column::words(11), Column::rest(20)];

/// Draws the pane.
pub fn draw(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let rows = agenda(view);
    let room = usize::from(area.height.saturating_sub(1));
    let first = view.ui.row.min(rows.len().saturating_sub(1));
    let right = if rows.len() > room {
        format!("{} entries, {} hidden", rows.len(), rows.len() - room)
    } else {
        format!("{} entries", rows.len())
    };
    rule(buf, area, &Rule { right: &right, focused: true, ..Rule::named("calendar") }, theme);
    if rows.is_empty() {
        put(buf, row(area, 1), " nothing is planned in the coming month", Align::Left, theme.style(Role::Dim), theme);
    }
    let zone = Zone::named(&view.model.workspace.zone);
    for (n, (from, to, role, kind, title)) in rows.iter().skip(first).take(room).enumerate() {
        let on = *from <= view.now;
        let when = format!("{} to {}", from.format("%a %d %b %H:%MZ"), to.format("%a %d %H:%MZ"));
        let local = zone.as_ref().map(|z| z.local(*from).format("%H:%M local").to_string()).unwrap_or_default();
        let cells = [
            Cell { text: if on { "now" } else { "" }, role: Role::Accent },
            Cell { text: &when, role: if on { Role::Text } else { Role::Dim } },
            Cell { text: &local, role: Role::Dim },
            Cell { text: kind, role: *role },
            Cell { text: title, role: Role::Text },
        ];
        let area = Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area };
        let line = row(area, u16::try_from(n + 1).unwrap_or(u16::MAX));
        table_row(buf, line, &COLUMNS, &cells, if n == 0 { Role::Selected } else { Role::Text }, theme);
    }
}

fn agenda<'a>(view: &View<'a>) -> Vec<(Timestamp, Timestamp, Role, &'static str, &'a str)> {
    let (now, until) = (view.now, view.now + chrono::TimeDelta::days(31));
    let calendar = &view.model.workspace.calendar;
    let events = calendar.events.iter().flat_map(|event| {
        let (role, kind) = match event.kind {
            EventKind::Window => (Role::Ok, "window"),
            EventKind::Freeze => (Role::Held, "FREEZE"),
            EventKind::Maintenance => (Role::Warn, "maintenance"),
            EventKind::Reservation => (Role::Warn, "reserved"),
            EventKind::Notice => (Role::Dim, "notice"),
        };
        event.occurrences.iter().map(move |(from, to)| (*from, *to, role, kind, event.title.as_str()))
    });
    let releases = calendar.releases.iter().map(|r| (r.starts, r.ends, Role::Accent, "release", r.title.as_str()));
    let mut all: Vec<_> = events.chain(releases).filter(|(from, to, ..)| *to > now && *from < until).collect();
    all.sort_by_key(|(from, to, ..)| (*from, *to));
    all
}
