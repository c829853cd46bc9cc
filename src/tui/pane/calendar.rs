//! The calendar as an agenda: what is on now, and what comes, in UTC and local time.
//!
//! Freezes, windows and releases in one order of time.

use super::{timeline, week};
use crate::domain::calendar::EventKind;
use crate::domain::span::Span;
use crate::domain::zone::Zone;
use crate::engine::windows;
use crate::tui::action::Pane;
use crate::tui::hand::{Id, Order};
use crate::tui::model::derived::Slot;
use crate::tui::sheet::Sheet;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::list::window;
use crate::tui::widget::rule::{Rule, rule};
use crate::tui::widget::table::{Cell, Column, point, row as table_row};
use crate::tui::widget::text::{Align, margin, put, row};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

const COLUMNS: [Column; 6] = [
    Column::words(4),
    Column::words(34),
    Column::words(16).optional(2),
    Column::words(11),
    Column::rest(18),
    Column::rest(24).optional(3),
];

/// The entries that the filter keeps.
pub fn kept<'a>(view: &View<'a>) -> Vec<&'a Slot> {
    let filter = view.filter(Pane::Calendar);
    let agenda = &view.model.derived.agenda;
    let all: Vec<&Slot> = match view.ui.hand.order(view.uptime) {
        Some(Order::Slots(order)) => order.iter().filter_map(|slot| agenda.iter().find(|s| *s == slot)).collect(),
        _ => agenda.iter().collect(),
    };
    let keeps = |s: &&Slot| filter.keeps(&[("kind", kind(s).1), ("title", &s.title), ("about", &s.about)]);
    all.into_iter().filter(keeps).collect()
}

/// The selected entry as long as it is there and shown; the first when none was selected.
pub fn selected<'a>(view: &View<'a>) -> Option<&'a Slot> {
    let mut all = kept(view).into_iter();
    match &view.ui.slot {
        Some(slot) => all.find(|s| *s == slot),
        None => all.next(),
    }
}

/// An entry in one line, to copy.
pub fn words(slot: &Slot) -> String {
    format!("{} {}: {}", kind(slot).1, slot.title, when(slot))
}

/// An entry in full.
pub fn sheet(slot: &Slot) -> Sheet {
    let (role, word) = kind(slot);
    let covers = if slot.about.is_empty() { "everything" } else { &slot.about };
    let lines = vec![
        (role, word.to_owned()),
        (Role::Text, format!("when    {}, {} long", when(slot), Span::between(slot.from, slot.to))),
        (Role::Text, format!("about   {covers}")),
        (
            Role::Text,
            slot.source.as_ref().map_or("from    the workspace's files".to_owned(), |by| format!("from    {by}")),
        ),
    ];
    Sheet::text(slot.title.clone(), lines)
}

/// Where windows come from that backends tell: how old that is, or why they are not known.
fn sources(view: &View<'_>) -> Vec<(Role, String)> {
    let given = view.model.given(view.now);
    let told = windows::telling(&given).map(|spec| {
        let name = &spec.name;
        let seen = match windows::heard(given.observed, name, view.now) {
            Ok(seen) => seen,
            Err(why) => return (Role::Warn, format!("?? windows of {name} are not known, so none is open: {why}")),
        };
        let age = format!("windows of {name} as of {} ago", Span::between(seen.at, view.now));
        match seen.value.unread.iter().next() {
            None => (Role::Dim, format!("{age}, known until {}", seen.value.until.format("%a %d %b"))),
            Some(((service, environment), why)) => {
                let more = seen.value.unread.len() - 1;
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                (Role::Warn, format!("?? {age}; not known for {service}@{environment}{more}: {why}"))
            }
        }
    });
    told.collect()
}

/// Draws the pane.
pub fn draw(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let slots = kept(view);
    let heading = area;
    let sources = sources(view);
    for (n, (role, text)) in sources.iter().enumerate() {
        put(
            buf,
            margin(row(area, u16::try_from(n + 1).unwrap_or(u16::MAX))),
            text,
            Align::Left,
            theme.style(*role),
            theme,
        );
    }
    // The list begins below what is said of its sources.
    let said = u16::try_from(sources.len()).unwrap_or(u16::MAX).min(area.height.saturating_sub(2));
    let area = Rect { y: area.y + said, height: area.height - said, ..area };
    let mut room = area.height.saturating_sub(1);
    let below = slots.len().saturating_add(1).min(room.saturating_sub(week::ROWS).into());
    if room >= week::ROWS + 4 {
        let below = u16::try_from(below).unwrap_or(room);
        let strip = Rect { y: area.y + 1 + below, height: room - below, ..area };
        week::draw(view, &slots, strip, buf);
        let used = week::ROWS + 1;
        let rest = Rect { y: strip.y + used.min(strip.height), height: strip.height.saturating_sub(used), ..strip };
        timeline::draw(view, &slots, rest, buf);
        room = below;
    }
    let at = selected(view).and_then(|slot| slots.iter().position(|s| *s == slot));
    let win = window(slots.len(), room, at, at.unwrap_or(0).saturating_sub(usize::from(room) / 2));
    let hidden = slots.len() - win.shown;
    let filtered = view.model.derived.agenda.len() - slots.len();
    let mut right = format!("{} entries", slots.len());
    if hidden > 0 {
        right.push_str(&format!(", {hidden} hidden"));
    }
    right.push_str(&view.chip(Pane::Calendar, filtered));
    rule(buf, heading, &Rule { right: &right, focused: true, ..Rule::named("calendar") }, theme);
    if slots.is_empty() {
        let text = if filtered > 0 { " the filter leaves nothing" } else { " nothing is planned in the coming month" };
        put(buf, row(area, 1), text, Align::Left, theme.style(Role::Dim), theme);
    }
    let zone = Zone::named(&view.model.workspace.zone);
    for (y, n) in win.range().enumerate() {
        let Some(slot) = slots.get(n) else { continue };
        let on = slot.from <= view.now;
        let when = when(slot);
        let local =
            zone.as_ref().map(|z| z.local(slot.from).format("from %H:%M local").to_string()).unwrap_or_default();
        let (role, kind) = kind(slot);
        let cells = [
            Cell { text: if on { "now" } else { "" }, role: Role::Accent },
            Cell { text: &when, role: if on { Role::Text } else { Role::Dim } },
            Cell { text: &local, role: Role::Dim },
            Cell { text: kind, role },
            Cell { text: &slot.title, role: Role::Text },
            Cell { text: &slot.about, role: Role::Dim },
        ];
        let line = row(area, u16::try_from(y + 1).unwrap_or(u16::MAX));
        view.mark(Id::Slot((*slot).clone()), line, Some(n) == at);
        if Some(n) == at {
            point(buf, line, theme);
        }
        table_row(buf, margin(line), &COLUMNS, &cells, if Some(n) == at { Role::Selected } else { Role::Text }, theme);
    }
}

fn when(slot: &Slot) -> String {
    format!("{} to {}", slot.from.format("%a %d %b %H:%MZ"), slot.to.format("%a %d %H:%MZ"))
}

fn kind(slot: &Slot) -> (Role, &'static str) {
    match slot.kind {
        Some(EventKind::Window) => (Role::Ok, "window"),
        Some(EventKind::Freeze) => (Role::Held, "FREEZE"),
        Some(EventKind::Maintenance) => (Role::Warn, "maintenance"),
        Some(EventKind::Reservation) => (Role::Warn, "reserved"),
        Some(EventKind::Notice) => (Role::Dim, "notice"),
        None => (Role::Accent, "release"),
    }
}
