//! A question that is answered with one key: its answers on the line above the
//! footer, or, where they do not all fit there, a row for each above that line.
//!
//! No answer is cut away silently: what has no room is counted.

use crate::tui::menu::Menu;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::frame::frame;
use crate::tui::widget::text::{Align, put, row, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the question on its line, and what does not fit there at the lower end of `above`;
/// how many of its answers had room.
pub fn draw(view: &View<'_>, menu: &Menu, line: Rect, above: Rect, buf: &mut Buffer) -> usize {
    let theme = view.theme;
    let mut rest = put(buf, line, &format!(" {}  ", menu.title), Align::Left, theme.style(Role::Title), theme);
    let note = menu.note.unwrap_or_default();
    if fits(menu, line.width) {
        for (key, label, _) in &menu.items {
            rest = put(buf, rest, &key.to_string(), Align::Left, theme.style(Role::Key), theme);
            rest = put(buf, rest, &format!(" {label}  "), Align::Left, theme.style(Role::Text), theme);
        }
        put(buf, rest, note, Align::Left, theme.style(Role::Warn), theme);
        return if line.is_empty() { 0 } else { menu.items.len() };
    }
    let (text, role) = if note.is_empty() { ("esc closes", Role::Dim) } else { (note, Role::Warn) };
    put(buf, rest, text, Align::Left, theme.style(role), theme);
    let height = u16::try_from(menu.items.len()).unwrap_or(u16::MAX).min(above.height.saturating_sub(2));
    let widest = menu.items.iter().map(|(_, label, _)| width(label) + 6).max().unwrap_or(0);
    let size = (widest.max(width(&menu.title) + 20).min(above.width), height + 2);
    let place = Rect { y: above.bottom().saturating_sub(size.1), width: size.0, height: size.1, ..above };
    let inside = frame(buf, place, &menu.title, view.kind(), theme);
    let kept = if menu.items.len() > usize::from(height) { height.saturating_sub(1) } else { height };
    for (n, (key, label, _)) in (0..kept).zip(&menu.items) {
        let rest = put(buf, row(inside, n), &format!("{key} "), Align::Left, theme.style(Role::Key), theme);
        put(buf, rest, label, Align::Left, theme.style(Role::Text), theme);
    }
    if kept < height {
        let more = format!("{} more: a larger screen shows them", menu.items.len() - usize::from(kept));
        put(buf, row(inside, kept), &more, Align::Left, theme.style(Role::Warn), theme);
    }
    usize::from(kept)
}

/// Whether all answers and what was told stand on a line so wide.
fn fits(menu: &Menu, room: u16) -> bool {
    let answers: u16 = menu.items.iter().map(|(_, label, _)| width(label) + 4).sum();
    width(&menu.title) + 3 + answers + menu.note.map_or(0, width) <= room.saturating_add(2)
}
