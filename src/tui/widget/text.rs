//! One line of text, measured in cells.
//!
//! What does not fit is cut where a character ends, and marked. Every text on the
//! screens goes through here, so this is where the last look at it is.

use crate::domain::text::harmless;
use crate::tui::glyphs::{Glyph, Glyphs};
use crate::tui::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use std::borrow::Cow;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Where a text stands in a room wider than itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// At the left.
    #[default]
    Left,
    /// At the right: numbers.
    Right,
}

/// The width of a text in cells.
pub fn width(text: &str) -> u16 {
    u16::try_from(text.width()).unwrap_or(u16::MAX)
}

/// More bytes for each cell than this no text has that anybody reads.
const BYTES_A_CELL: usize = 64;

/// The text in at most `room` cells, its end given up for `…` where it is longer.
pub fn fit(text: &str, room: u16, glyphs: Glyphs) -> Cow<'_, str> {
    let most = BYTES_A_CELL * (usize::from(room) + 1);
    // Far more than can be seen is not looked at: a line may be megabytes long.
    match text.get(..text.floor_char_boundary(most)) {
        Some(begin) if begin.len() < text.len() => cut(begin, room, glyphs, true),
        _ => cut(text, room, glyphs, false),
    }
}

/// The text in at most `room` cells, its middle given up for `…` where it is longer: names that begin alike stay apart.
pub fn fit_middle(text: &str, room: u16, glyphs: Glyphs) -> Cow<'_, str> {
    let whole = fit(text, u16::MAX, glyphs);
    let (mark, ends) = (glyphs.of(Glyph::Ellipsis), room.saturating_sub(1));
    if width(&whole) <= room || ends < 2 {
        return fit(text, room, glyphs);
    }
    let within = |room: u16| {
        let mut left = usize::from(room);
        move |grapheme: &&str| left.checked_sub(grapheme.width()).map(|rest| left = rest).is_some()
    };
    let begin: String = whole.graphemes(true).take_while(within(ends.div_ceil(2))).collect();
    let mut end: Vec<&str> = whole.graphemes(true).rev().take_while(within(ends / 2)).collect();
    end.reverse();
    Cow::Owned(format!("{begin}{mark}{}", end.concat()))
}

/// A text in which every mark stands on a character: a bare one would be drawn on whatever
/// stands before the text, or nowhere, and is written out.
fn standing(text: Cow<'_, str>) -> Cow<'_, str> {
    let bare = |grapheme: &str| grapheme.chars().next().is_some_and(|c| c.width() == Some(0));
    if text.is_ascii() || !text.graphemes(true).any(bare) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 16);
    for grapheme in text.graphemes(true) {
        match bare(grapheme) {
            true => grapheme.chars().for_each(|c| out.extend(c.escape_unicode())),
            false => out.push_str(grapheme),
        }
    }
    Cow::Owned(out)
}

fn cut(text: &str, room: u16, glyphs: Glyphs, more: bool) -> Cow<'_, str> {
    let text = match standing(harmless(text)) {
        Cow::Borrowed(text) => glyphs.text(text),
        Cow::Owned(text) => Cow::Owned(glyphs.text(&text).into_owned()),
    };
    if !more && width(&text) <= room {
        return text;
    }
    let mut out = String::new();
    let mut left = usize::from(room.saturating_sub(1));
    for grapheme in text.graphemes(true) {
        let Some(rest) = left.checked_sub(grapheme.width()) else { break };
        left = rest;
        out.push_str(grapheme);
    }
    if room > 0 {
        out.push_str(glyphs.of(Glyph::Ellipsis));
    }
    Cow::Owned(out)
}

/// Writes a text into the first line of a rectangle and returns what is left of
/// that line: right of the text, or left of it when it is aligned right.
pub fn put(buf: &mut Buffer, area: Rect, text: &str, align: Align, style: Style, theme: &Theme) -> Rect {
    let line = line(buf, area);
    if line.is_empty() {
        return line;
    }
    if let Some(rest) = put_plain(buf, line, text, align, style) {
        return rest;
    }
    let text = fit(text, line.width, theme.glyphs);
    let used = width(&text).min(line.width);
    let rest = line.width - used;
    match align {
        Align::Left => {
            buf.set_stringn(line.x, line.y, &text, used.into(), style);
            Rect { x: line.x + used, width: rest, ..line }
        }
        Align::Right => {
            buf.set_stringn(line.x + rest, line.y, &text, used.into(), style);
            Rect { width: rest, ..line }
        }
    }
}

/// Writes a text that fits and of which every byte is a printable ASCII character, one cell
/// each: most are, and there is nothing in them to look for. None for any other.
fn put_plain(buf: &mut Buffer, line: Rect, text: &str, align: Align, style: Style) -> Option<Rect> {
    let used = u16::try_from(text.len()).ok().filter(|used| *used <= line.width)?;
    if !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return None;
    }
    let (rest, before) = (line.width - used, if align == Align::Left { 0 } else { line.width - used });
    if used > 0 {
        let from = buf.index_of(line.x + before, line.y);
        for (cell, c) in buf.content.iter_mut().skip(from).zip(text.chars()) {
            cell.set_char(c).set_style(style);
        }
    }
    Some(Rect { x: if align == Align::Left { line.x + used } else { line.x }, width: rest, ..line })
}

/// The first line of a rectangle, as far as it is on the screen; without any width when it is not.
pub fn line(buf: &Buffer, area: Rect) -> Rect {
    let line = Rect { height: area.height.min(1), ..area }.intersection(buf.area);
    if line.is_empty() { Rect { width: 0, ..line } } else { line }
}

/// One row of a rectangle, counted from its top; empty when there is none.
pub fn row(area: Rect, n: u16) -> Rect {
    match n < area.height {
        true => Rect { y: area.y + n, height: 1, ..area },
        false => Rect { height: 0, ..area },
    }
}

/// A rectangle without its first and last column, so that rows stand off the edge.
pub fn margin(area: Rect) -> Rect {
    Rect { x: area.x.saturating_add(1), width: area.width.saturating_sub(2), ..area }
}
