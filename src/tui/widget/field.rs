//! A line that is typed into: `[text      ]`, scrolled so that the hand is seen.
//!
//! What is typed is the dialog's or the prompt's, not kept here.

use super::text::{line, row};
use crate::domain::text::harmless;
use crate::tui::dialog::text::place;
use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use tui_input::Input;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Draws a text of several lines over as many rows, scrolled so that the hand is seen,
/// and returns where the cursor stands.
pub fn field_lines(buf: &mut Buffer, area: Rect, input: &Input, theme: &Theme) -> Option<Position> {
    let (at, column, lines) = place(input);
    let rows = usize::from(area.height);
    let first = (at + 1).saturating_sub(rows).min(lines.saturating_sub(rows));
    let mut cursor = None;
    for (y, (n, text)) in (0..area.height).zip(input.value().split('\n').enumerate().skip(first)) {
        let hand = if n == at { column } else { 0 };
        let shown = field(buf, row(area, y), &Input::new(text.to_owned()).with_cursor(hand), theme);
        cursor = cursor.or(shown.filter(|_| n == at));
    }
    cursor
}

/// Draws a field over the first line of a rectangle and returns where the cursor stands.
pub fn field(buf: &mut Buffer, area: Rect, input: &Input, theme: &Theme) -> Option<Position> {
    let line = line(buf, area);
    let room = line.width.checked_sub(2).filter(|room| *room > 0 && line.height > 0)?;
    let (style, border) = (theme.style(Role::Field), theme.style(Role::Border));
    buf.set_stringn(line.x, line.y, "[", 1, border);
    buf.set_stringn(line.x + 1, line.y, " ".repeat(room.into()), room.into(), style);
    buf.set_stringn(line.x + 1 + room, line.y, "]", 1, border);
    // The cursor itself needs a cell.
    let scroll = input.visual_scroll(usize::from(room) - 1);
    let (mut skipped, mut shown) = (0, String::new());
    for grapheme in input.value().graphemes(true) {
        if skipped < scroll {
            skipped += grapheme.width();
        } else {
            shown.push_str(grapheme);
        }
    }
    buf.set_stringn(line.x + 1, line.y, theme.glyphs.text(&harmless(&shown)), room.into(), style);
    let at = input.visual_cursor().saturating_sub(skipped.max(scroll));
    let at = u16::try_from(at).unwrap_or(u16::MAX).min(room - 1);
    Some(Position::new(line.x + 1 + at, line.y))
}
