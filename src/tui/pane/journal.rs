//! The journal: the newest lines on the bridge, all that are at hand in its pane.
//!
//! Refusals are as visible as what was done.

use crate::domain::entry::Entry;
use crate::report::story;
use crate::runtime::input::Trouble;
use crate::tui::action::Pane;
use crate::tui::hand::{Id, Order};
use crate::tui::model::told::Told;
use crate::tui::sheet::Sheet;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::list::window;
use crate::tui::widget::paragraph::paragraph;
use crate::tui::widget::rule::{Rule, rule};
use crate::tui::widget::table::{Cell, Column, point, row as table_row};
use crate::tui::widget::text::{Align, margin, put, row};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

const COLUMNS: [Column; 4] = [Column::words(9), Column::words(9), Column::rest(20), Column::numbers(6).optional(1)];

/// The tail on the bridge: newest first.
pub fn tail(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let focused = view.ui.pane == Pane::Bridge && view.ui.focus == Pane::Journal;
    let shown: Vec<&Told> = if focused { kept(view) } else { Vec::new() };
    let right = if focused { format!("{}{}", lamp(view), beside(view, shown.len())) } else { lamp(view) };
    let role = if view.model.troubles.contains_key(&Trouble::Journal) { Role::Fail } else { Role::Dim };
    rule(buf, area, &Rule { right: &right, role, focused, ..Rule::named("journal") }, view.theme);
    let newest: Box<dyn Iterator<Item = &Told>> =
        if focused { Box::new(shown.into_iter().rev()) } else { Box::new(view.model.recent.iter().rev()) };
    let rows = usize::from(area.height.saturating_sub(1));
    let mut newest = newest.peekable();
    // The hand may be on an older line than fits.
    if let Some(seq) = view.ui.line.filter(|_| focused) {
        let top = seq.saturating_add(rows as u64 / 2);
        while newest.peek().is_some_and(|t| t.entry.seq > top) {
            newest.next();
        }
    }
    let selected = view.ui.line.or_else(|| newest.peek().map(|t| t.entry.seq)).filter(|_| focused);
    for (n, told) in newest.take(rows).enumerate() {
        let at = row(area, u16::try_from(n + 1).unwrap_or(u16::MAX));
        line(view, told, selected == Some(told.entry.seq), at, buf);
    }
}

/// The whole pane: the list above, the selected entry in full below.
pub fn pane(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let shown = kept(view);
    let refused = if view.ui.refused { ", refused only" } else { "" };
    let filter = beside(view, shown.len());
    let s = if shown.len() == 1 { "" } else { "s" };
    let right = format!("{} line{s}{refused}{filter} · {}", shown.len(), lamp(view));
    rule(buf, area, &Rule { right: &right, focused: true, ..Rule::named("journal") }, view.theme);
    if shown.is_empty() {
        let text = if view.model.recent.is_empty() { " nothing has happened yet" } else { " nothing of it is shown" };
        let dim = view.theme.style(Role::Dim);
        put(buf, row(area, 1), text, Align::Left, dim, view.theme);
    }
    let below = (area.height / 3).min(12);
    let list = Rect { y: area.y + 1, height: area.height.saturating_sub(1 + below), ..area };
    let newest = shown.len().saturating_sub(1);
    let selected = view.ui.line.and_then(|seq| shown.iter().position(|t| t.entry.seq == seq)).unwrap_or(newest);
    let win = window(shown.len(), list.height, Some(selected), selected.saturating_sub(usize::from(list.height) / 2));
    for (y, n) in win.range().enumerate() {
        if let Some(told) = shown.get(n) {
            line(view, told, n == selected, row(list, u16::try_from(y).unwrap_or(u16::MAX)), buf);
        }
    }
    let detail = Rect { y: area.y + area.height - below, height: below, ..area };
    if let Some(told) = shown.get(selected) {
        let entry = &told.entry;
        let title = format!("line {} · {} · {}", entry.seq, by(entry), entry.cause);
        rule(buf, detail, &Rule::named(&title), view.theme);
        let inside = Rect {
            x: detail.x + 1,
            y: detail.y + 1,
            width: detail.width.saturating_sub(2),
            height: detail.height.saturating_sub(1),
        };
        paragraph(buf, inside, &told.lines.join("\n"), view.theme.style(Role::Text), view.theme);
    }
}

/// The entries that are shown, oldest first.
pub fn kept<'a>(view: &View<'a>) -> Vec<&'a Told> {
    let (filter, refused) = (view.filter(Pane::Journal), view.ui.refused);
    let last = still(view).unwrap_or(u64::MAX);
    let passes = |told: &&Told| {
        let entry = &told.entry;
        entry.seq <= last
            && (!refused || entry.refusal.is_some())
            && (filter.is_empty()
                || filter.keeps(&[
                    ("person", entry.by.person.as_str()),
                    ("who", story::who(entry)),
                    ("cause", &entry.cause),
                    ("line", &entry.seq.to_string()),
                    ("text", &told.line()),
                ]))
    };
    view.model.recent.iter().filter(passes).collect()
}

/// What is said of lines that are not shown: those that the filter hides, and those that came
/// while the hand moved.
fn beside(view: &View<'_>, shown: usize) -> String {
    let new = still(view).map_or(0, |last| view.model.recent.iter().rev().take_while(|t| t.entry.seq > last).count());
    let filter = view.chip(Pane::Journal, view.model.recent.len().saturating_sub(shown + new));
    if new > 0 { format!("{filter} · {new} new below") } else { filter }
}

/// The last line that is shown while the hand moves.
fn still(view: &View<'_>) -> Option<u64> {
    match view.ui.hand.order(view.uptime) {
        Some(Order::Lines(last)) => Some(*last),
        _ => None,
    }
}

/// The selected entry; the newest when none is.
pub fn selected<'a>(view: &View<'a>) -> Option<&'a Told> {
    let shown = kept(view);
    let found = view.ui.line.and_then(|seq| shown.iter().find(|t| t.entry.seq == seq));
    found.or(shown.last()).copied()
}

/// An entry in full.
pub fn sheet(told: &Told) -> Sheet {
    let entry = &told.entry;
    let mut lines = vec![
        (Role::Dim, format!("at      {}", entry.at.format("%F %H:%M:%S%.3fZ"))),
        (Role::Dim, format!("by      {}", by(entry))),
        (Role::Dim, format!("cause   {}", entry.cause)),
        (Role::Dim, format!("follows {}", entry.prev)),
    ];
    lines.extend(entry.keys.map(|head| (Role::Dim, format!("keys    {head}"))));
    lines.push((Role::Text, String::new()));
    let role = if entry.refusal.is_some() { Role::Warn } else { Role::Text };
    lines.extend(told.lines.iter().map(|line| (role, line.clone())));
    Sheet::text(format!("line {}", entry.seq), lines)
}

/// Who acted, and whose session it was when the program acted by itself.
fn by(entry: &Entry) -> String {
    match story::who(entry) {
        who if who == entry.by.person.as_str() => entry.by.to_string(),
        who => format!("{who}, driven by {}", entry.by),
    }
}

fn line(view: &View<'_>, told: &Told, selected: bool, area: Rect, buf: &mut Buffer) {
    let entry = &told.entry;
    view.mark(Id::Line(entry.seq), area, selected);
    let clock = entry.at.format("%H:%M:%SZ").to_string();
    let text = told.line();
    let seq = format!("#{}", entry.seq);
    let loud =
        entry.refusal.is_some() || ["IN DOUBT", "FAILED", "TRIGGER", "LOCK", "lost"].iter().any(|w| text.contains(w));
    let cells = [
        Cell { text: &clock, role: Role::Dim },
        Cell { text: story::who(entry), role: Role::Text },
        Cell { text: &text, role: if loud { Role::Warn } else { Role::Text } },
        Cell { text: &seq, role: Role::Dim },
    ];
    if selected {
        point(buf, area, view.theme);
    }
    table_row(buf, margin(area), &COLUMNS, &cells, if selected { Role::Selected } else { Role::Text }, view.theme);
}

fn lamp(view: &View<'_>) -> String {
    match view.model.troubles.get(&Trouble::Journal) {
        Some(why) => crate::domain::text::shortened(why, 60),
        None if !view.model.open && view.model.replay.is_none() => "not open yet".to_owned(),
        None => format!("#{} ok", view.model.ledger.seq),
    }
}
