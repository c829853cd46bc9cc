//! The calendar as an agenda: what is on now, and what comes, in UTC and local time.
//!
//! Freezes, windows and releases in one order of time.

use super::{timeline, week};
use crate::domain::Timestamp;
use crate::domain::calendar::EventKind;
use crate::domain::observed::Quality;
use crate::domain::span::Span;
use crate::domain::topic::Topic;
use crate::domain::zone::Zone;
use crate::engine::{feeds, windows};
use crate::tui::action::Pane;
use crate::tui::hand::{Id, Order};
use crate::tui::model::agenda::Slot;
use crate::tui::model::lane::{Lane, What};
use crate::tui::sheet::Sheet;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::list::window;
use crate::tui::widget::rule::{Rule, rule};
use crate::tui::widget::table::{Cell, Column, point, row as table_row};
use crate::tui::widget::text::{Align, margin, put, row};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::collections::BTreeSet;
use std::sync::Arc;

const COLUMNS: [Column; 6] = [
    Column::words(4),
    Column::words(34),
    Column::words(16).optional(2),
    Column::words(11),
    Column::rest(18),
    Column::rest(24).optional(3),
];

/// What the filter keeps.
pub struct Kept<'a> {
    /// The rows.
    pub slots: Vec<&'a Slot>,
    /// What they are of, with all times.
    pub lanes: Vec<&'a Lane>,
    /// How many times have no row.
    more: usize,
}

/// The entries that the filter keeps, in the order that is kept while someone moves through them.
pub fn kept<'a>(view: &View<'a>) -> Kept<'a> {
    let filter = view.filter(Pane::Calendar);
    let agenda = &view.model.derived.agenda;
    let fits = |what: &What| {
        filter.is_empty() || filter.keeps(&[("kind", kind(what).1), ("title", &what.title), ("about", &what.about)])
    };
    let lanes: Vec<&Lane> = agenda.lanes.iter().filter(|lane| fits(&lane.what)).collect();
    let all: BTreeSet<_> = lanes.iter().map(|lane| Arc::as_ptr(&lane.what)).collect();
    let keeps = |what: &Arc<What>| all.contains(&Arc::as_ptr(what));
    let still = |slot: &Slot| agenda.slots.binary_search(slot).ok().and_then(|n| agenda.slots.get(n));
    let slots = match view.ui.hand.order(view.uptime) {
        Some(Order::Slots(order)) => order.iter().filter_map(still).filter(|slot| keeps(&slot.what)).collect(),
        _ => agenda.slots.iter().filter(|slot| keeps(&slot.what)).collect(),
    };
    let more = agenda.more.iter().filter(|(what, _)| keeps(what)).map(|(_, more)| more).sum();
    Kept { slots, lanes, more }
}

/// The selected entry as long as it is there and shown; the first when none was selected.
pub fn selected<'a>(view: &View<'a>) -> Option<&'a Slot> {
    let all = kept(view).slots;
    position(view, &all).and_then(|at| all.get(at).copied())
}

/// Where the selected entry stands among those that are kept.
pub fn position(view: &View<'_>, all: &[&Slot]) -> Option<usize> {
    match &view.ui.slot {
        Some(slot) => all.iter().position(|s| *s == slot),
        None => (!all.is_empty()).then_some(0),
    }
}

/// An entry in one line, to copy.
pub fn words(slot: &Slot) -> String {
    format!("{} {}: {}", kind(&slot.what).1, slot.what.title, when(slot))
}

/// An entry in full.
pub fn sheet(slot: &Slot) -> Sheet {
    let what = &slot.what;
    let (role, word) = kind(what);
    let covers = if what.about.is_empty() { "everything" } else { &what.about };
    let long = slot.from.zip(slot.to).map(|(from, to)| format!(", {} long", Span::between(from, to)));
    let lines = vec![
        (role, word.to_owned()),
        (Role::Text, format!("when    {}{}", when(slot), long.unwrap_or_default())),
        (Role::Text, format!("about   {covers}")),
        (
            Role::Text,
            what.source.as_ref().map_or("from    the workspace's files".to_owned(), |by| format!("from    {by}")),
        ),
    ];
    Sheet::text(what.title.clone(), lines)
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
        let late = seen.quality(view.now) != Quality::Fresh;
        let (sign, role) = if late { ("~ ", Role::Warn) } else { ("", Role::Dim) };
        let fault = given.observed.sources.get(name).and_then(|source| source.why(Topic::Windows)).filter(|_| late);
        let fault = fault.map(|why| format!("; {why}")).unwrap_or_default();
        let age = format!("{sign}windows of {name} as of {} ago", Span::between(seen.at, view.now));
        let unread = view.model.derived.agenda.unread.get(name);
        match unread.and_then(|unread| Some((unread.len(), unread.iter().next()?))) {
            None => (role, format!("{age}, known until {}{fault}", seen.value.until.format("%a %d %b"))),
            Some((n, ((service, environment), why))) => {
                let more = if n > 1 { format!(" and {} more", n - 1) } else { String::new() };
                (Role::Warn, format!("?? {age}; not known for {service}@{environment}{more}: {why}{fault}"))
            }
        }
    });
    told.chain(fed(view)).collect()
}

/// The same of feeds.
fn fed(view: &View<'_>) -> Vec<(Role, String)> {
    let given = view.model.given(view.now);
    let told = feeds::declared(given.workspace).map(|(by, spec)| {
        let (noun, name) = (spec.feed.noun(), &by.name);
        let seen = match feeds::heard(&given, by, spec) {
            Ok(seen) => seen,
            Err(why) => return (Role::Warn, format!("?? {noun} of {name} are not known: {why}")),
        };
        let late = seen.quality(view.now) != Quality::Fresh;
        let (sign, role) = if late { ("~ ", Role::Warn) } else { ("", Role::Dim) };
        let fault = given.observed.sources.get(name).and_then(|source| source.why(Topic::Windows)).filter(|_| late);
        let fault = fault.map(|why| format!("; {why}")).unwrap_or_default();
        (role, format!("{sign}{noun} of {name} as of {} ago{fault}", Span::between(seen.at, view.now)))
    });
    told.collect()
}

/// Draws the pane.
pub fn draw(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let Kept { slots, lanes, more } = kept(view);
    let agenda = &view.model.derived.agenda;
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
        week::draw(view, &lanes, strip, buf);
        let used = week::ROWS + 1;
        let rest = Rect { y: strip.y + used.min(strip.height), height: strip.height.saturating_sub(used), ..strip };
        timeline::draw(view, &lanes, rest, buf);
        room = below;
    }
    let at = position(view, &slots);
    let win = window(slots.len(), room, at, at.unwrap_or(0).saturating_sub(usize::from(room) / 2));
    let hidden = slots.len() - win.shown;
    // A list that is kept for a while may have fewer rows, though no filter hides any.
    let filtered = agenda.slots.len().saturating_sub(slots.len());
    let mut right = format!("{} entries", slots.len());
    if more > 0 {
        right.push_str(&format!(" and {more} more"));
    }
    if hidden > 0 {
        right.push_str(&format!(", {hidden} hidden"));
    }
    right.push_str(&view.chip(Pane::Calendar, filtered));
    rule(buf, heading, &Rule { right: &right, focused: true, ..Rule::named("calendar") }, theme);
    if slots.is_empty() {
        let text = match agenda.unknown.is_empty() {
            _ if filtered > 0 => " the filter leaves nothing",
            true => " nothing is planned in the coming month",
            false => " nothing else is known of the coming month",
        };
        put(buf, row(area, 1), text, Align::Left, theme.style(Role::Dim), theme);
    }
    let zone = Zone::named(&view.model.workspace.zone);
    for (y, n) in win.range().enumerate() {
        let Some(slot) = slots.get(n) else { continue };
        let on = slot.begun(view.now);
        let when = when(slot);
        let local = zone.as_ref().zip(slot.from);
        let local = local.map(|(z, from)| z.local(from).format("from %H:%M local").to_string()).unwrap_or_default();
        let (role, kind) = kind(&slot.what);
        let title = agenda.title(&slot.what);
        let cells = [
            Cell { text: if on { "now" } else { "" }, role: Role::Accent },
            Cell { text: &when, role: if on { Role::Text } else { Role::Dim } },
            Cell { text: &local, role: Role::Dim },
            Cell { text: kind, role },
            Cell { text: &title, role: Role::Text },
            Cell { text: &slot.what.about, role: Role::Dim },
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
    let from = |from: Timestamp| from.format("%a %d %b %H:%MZ");
    match (slot.from, slot.to) {
        (Some(a), Some(to)) => format!("{} to {}", from(a), to.format("%a %d %H:%MZ")),
        (Some(a), None) => format!("{}, no end known", from(a)),
        (None, Some(to)) => format!("begun before, to {}", from(to)),
        (None, None) => "begun before, no end known".to_owned(),
    }
}

fn kind(what: &What) -> (Role, &'static str) {
    match what.kind {
        Some(EventKind::Window) => (Role::Ok, "window"),
        Some(EventKind::Freeze) => (Role::Held, "FREEZE"),
        Some(EventKind::Maintenance) => (Role::Warn, "maintenance"),
        Some(EventKind::Reservation) => (Role::Warn, "reserved"),
        Some(EventKind::Notice) => (Role::Dim, "notice"),
        None => (Role::Accent, "release"),
    }
}
