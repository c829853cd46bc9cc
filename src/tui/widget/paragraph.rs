//! Text over several lines, broken between words; what does not fit is counted.
//!
//! Words are never cut where they can be wrapped.

use super::text::{Align, put, row};
use crate::domain::text::harmless_lines;
use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Breaks a text into lines of at most `room` cells; a word longer than that is broken.
pub fn wrap(text: &str, room: u16) -> Vec<String> {
    let room = usize::from(room.max(2));
    let mut lines = Vec::new();
    // Before it is measured: what is written out takes room.
    for paragraph in harmless_lines(text).split('\n') {
        let mut line = String::new();
        for word in words(paragraph) {
            if line.width() + word.trim_end().width() > room && !line.trim().is_empty() {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
            }
            let blank = word.trim().is_empty();
            // A blank never begins a further line: it goes with the line it does not fit on.
            if blank && ((line.is_empty() && !lines.is_empty()) || line.width() + word.width() > room) {
                continue;
            }
            for grapheme in word.graphemes(true) {
                if line.width() + grapheme.width() > room {
                    lines.push(std::mem::take(&mut line));
                }
                line.push_str(grapheme);
            }
        }
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// Words and the blanks between them: a time or a name with a hyphen is one word.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let parted = |chunk| {
        let word = str::trim_end_matches(chunk, ' ');
        [word, chunk.strip_prefix(word).unwrap_or_default()]
    };
    text.split_inclusive(' ').flat_map(parted).filter(|part| !part.is_empty())
}

/// Draws a text and returns how many rows it took. When there are too few, the
/// last says how many lines are missing.
pub fn paragraph(buf: &mut Buffer, area: Rect, text: &str, style: Style, theme: &Theme) -> u16 {
    let lines = wrap(text, area.width);
    let rows = usize::from(area.height);
    let kept = if lines.len() > rows { rows.saturating_sub(1) } else { lines.len() };
    for (n, line) in (0..area.height).zip(lines.iter().take(kept)) {
        put(buf, row(area, n), line, Align::Left, style, theme);
    }
    if kept < lines.len() {
        let more = format!("{} more lines", lines.len() - kept);
        put(buf, row(area, area.height.saturating_sub(1)), &more, Align::Right, theme.style(Role::Dim), theme);
    }
    u16::try_from(lines.len().min(rows)).unwrap_or(area.height)
}
