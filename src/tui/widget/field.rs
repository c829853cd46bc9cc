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

/// A text as rows of a field so wide: where each begins, counted in characters, and what it
/// says. A line that is longer goes on in the next row, from a word where it can.
pub fn folded(text: &str, width: u16) -> Vec<(usize, String)> {
    // The brackets, and a cell for the cursor.
    let room = usize::from(width.saturating_sub(3).max(1));
    let (mut rows, mut start) = (Vec::new(), 0);
    for line in text.split('\n') {
        let mut rest = line;
        loop {
            let mut cells = 0;
            let fits = |(_, grapheme): &(usize, &str)| {
                cells += grapheme.width();
                cells <= room
            };
            let end =
                rest.grapheme_indices(true).take_while(fits).last().map_or(0, |(at, grapheme)| at + grapheme.len());
            let (whole, over) = rest.split_at(end.max(rest.chars().next().map_or(0, char::len_utf8)));
            let word = whole.rfind(' ').map(|at| at + 1).filter(|_| !over.is_empty()).unwrap_or(whole.len());
            let (row, after) = rest.split_at(word);
            rows.push((start, row.to_owned()));
            start += row.chars().count();
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        start += 1;
    }
    rows
}

/// Draws a text whose long lines go on in the next row, and returns where the cursor stands.
pub fn field_text(buf: &mut Buffer, area: Rect, input: &Input, theme: &Theme) -> Option<Position> {
    let folded = folded(input.value(), area.width);
    let at = folded.iter().rposition(|(start, _)| *start <= input.cursor()).unwrap_or_default();
    let rows = usize::from(area.height);
    let first = (at + 1).saturating_sub(rows).min(folded.len().saturating_sub(rows));
    let mut cursor = None;
    for (y, (n, (start, text))) in (0..area.height).zip(folded.iter().enumerate().skip(first)) {
        let hand = if n == at { input.cursor().saturating_sub(*start) } else { 0 };
        let shown = field(buf, row(area, y), &Input::new(text.clone()).with_cursor(hand), theme);
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
