//! The journal: the newest lines on the bridge, all that are at hand in its pane.
//!
//! Refusals are as visible as what was done.

use crate::domain::entry::Entry;
use crate::report::story;
use crate::runtime::input::Trouble;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::list::window;
use crate::tui::widget::paragraph::paragraph;
use crate::tui::widget::rule::{Rule, rule};
use crate::tui::widget::table::{Cell, Column, row as table_row};
use crate::tui::widget::text::row;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

const COLUMNS: [Column; 4] = [Column::words(9), Column::words(6), Column::rest(20), Column::numbers(6).optional(1)];

/// The tail on the bridge: newest first.
pub fn tail(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let right = lamp(view);
    let role = if view.model.troubles.contains_key(&Trouble::Journal) { Role::Fail } else { Role::Dim };
    rule(buf, area, &Rule { right: &right, role, ..Rule::named("journal") }, view.theme);
    let rows = usize::from(area.height.saturating_sub(1));
    let told = view.model.recent.iter().rev().filter(|e| !story::lines(e).is_empty());
    for (n, entry) in told.take(rows).enumerate() {
        line(view, entry, false, row(area, u16::try_from(n + 1).unwrap_or(u16::MAX)), buf);
    }
}

/// The whole pane: the list above, the selected entry in full below.
pub fn pane(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let shown: Vec<&Entry> = kept(view).collect();
    let right =
        format!("{} lines{} · {}", shown.len(), if view.ui.refused { ", refused only" } else { "" }, lamp(view));
    rule(buf, area, &Rule { right: &right, focused: true, ..Rule::named("journal") }, view.theme);
    let below = (area.height / 3).min(12);
    let list = Rect { y: area.y + 1, height: area.height.saturating_sub(1 + below), ..area };
    let newest = shown.len().saturating_sub(1);
    let selected = view.ui.line.and_then(|seq| shown.iter().position(|e| e.seq == seq)).unwrap_or(newest);
    let win = window(shown.len(), list.height, Some(selected), selected.saturating_sub(usize::from(list.height) / 2));
    for (y, n) in win.range().enumerate() {
        if let Some(entry) = shown.get(n) {
            line(view, entry, n == selected, row(list, u16::try_from(y).unwrap_or(u16::MAX)), buf);
        }
    }
    let detail = Rect { y: area.y + area.height - below, height: below, ..area };
    if let Some(entry) = shown.get(selected) {
        let title = format!("line {} · {} · {}", entry.seq, entry.by, entry.cause);
        rule(buf, detail, &Rule::named(&title), view.theme);
        let inside = Rect {
            x: detail.x + 1,
            y: detail.y + 1,
            width: detail.width.saturating_sub(2),
            height: detail.height.saturating_sub(1),
        };
        let text = story::lines(entry).join("\n");
        paragraph(buf, inside, &text, view.theme.style(Role::Text), view.theme);
    }
}

/// The entries that the filter keeps, oldest first.
pub fn kept<'a>(view: &View<'a>) -> impl Iterator<Item = &'a Entry> {
    let (needle, refused) = (view.ui.filter.to_lowercase(), view.ui.refused);
    view.model.recent.iter().filter(move |entry| {
        let lines = story::lines(entry);
        let text = || format!("{} {} {}", entry.by.person, entry.cause, lines.join(" ")).to_lowercase();
        !lines.is_empty()
            && (!refused || entry.refusal.is_some())
            && match needle.strip_prefix('!') {
                Some(not) => not.is_empty() || !text().contains(not),
                None => needle.is_empty() || text().contains(&needle),
            }
    })
}

fn line(view: &View<'_>, entry: &Entry, selected: bool, area: Rect, buf: &mut Buffer) {
    let clock = entry.at.format("%H:%M:%SZ").to_string();
    let text = story::one_line(entry, 400);
    let seq = format!("#{}", entry.seq);
    let loud =
        entry.refusal.is_some() || ["IN DOUBT", "FAILED", "TRIGGER", "LOCK", "lost"].iter().any(|w| text.contains(w));
    let cells = [
        Cell { text: &clock, role: Role::Dim },
        Cell { text: entry.by.person.as_str(), role: Role::Text },
        Cell { text: &text, role: if loud { Role::Warn } else { Role::Text } },
        Cell { text: &seq, role: Role::Dim },
    ];
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area };
    table_row(buf, area, &COLUMNS, &cells, if selected { Role::Selected } else { Role::Text }, view.theme);
}

fn lamp(view: &View<'_>) -> String {
    match view.model.troubles.get(&Trouble::Journal) {
        Some(why) => crate::domain::text::shortened(why, 60),
        None => format!("#{} ok", view.model.ledger.seq),
    }
}
