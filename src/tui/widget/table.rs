//! Rows whose columns line up: fixed widths, numbers at the right, one cell between.
//!
//! Columns are given up whole, in a declared order, never squeezed.

use super::text::{Align, line, put};
use crate::tui::glyphs::Glyph;
use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its width in cells; for a flexible one, the least.
    pub width: u16,
    /// Whether it takes the room that is left.
    pub flexible: bool,
    /// Where its texts stand.
    pub align: Align,
    /// Which columns are given up first where there is no room: the highest.
    pub optional: u8,
}

impl Column {
    /// A column of words.
    pub const fn words(width: u16) -> Self {
        Self { width, flexible: false, align: Align::Left, optional: 0 }
    }
    /// A column of numbers.
    pub const fn numbers(width: u16) -> Self {
        Self { width, flexible: false, align: Align::Right, optional: 0 }
    }
    /// A column that takes the room that is left, at least this much.
    pub const fn rest(least: u16) -> Self {
        Self { width: least, flexible: true, align: Align::Left, optional: 0 }
    }
    /// The same column, given up where there is no room: higher ones first.
    pub const fn optional(self, order: u8) -> Self {
        Self { optional: order, ..self }
    }
}

/// A text in a row, with its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell<'a> {
    /// The text.
    pub text: &'a str,
    /// What it means.
    pub role: Role,
}

/// The widths of columns in a room, 0 for those given up.
pub fn widths(room: u16, columns: &[Column]) -> Vec<u16> {
    let mut kept: Vec<bool> = vec![true; columns.len()];
    let needed = |kept: &[bool]| -> u16 {
        let chosen = || columns.iter().zip(kept).filter(|(_, kept)| **kept).map(|(column, _)| column.width);
        chosen().fold(0_u16, u16::saturating_add).saturating_add(gaps(chosen().count()))
    };
    while needed(&kept) > room {
        let last = columns.iter().enumerate().filter(|(n, column)| column.optional > 0 && kept.get(*n) == Some(&true));
        let Some((give_up, _)) = last.max_by_key(|(n, column)| (column.optional, *n)) else { break };
        if let Some(kept) = kept.get_mut(give_up) {
            *kept = false;
        }
    }
    let spare = room.saturating_sub(needed(&kept));
    let mut flexible = columns.iter().zip(&kept).filter(|(column, kept)| **kept && column.flexible).count();
    let mut left = spare;
    let width = |(column, kept): (&Column, &bool)| match (kept, column.flexible) {
        (false, _) => 0,
        (true, false) => column.width,
        (true, true) => {
            let share = left / u16::try_from(flexible).unwrap_or(1).max(1);
            flexible -= 1;
            left -= share;
            column.width + share
        }
    };
    columns.iter().zip(&kept).map(width).collect()
}

fn gaps(columns: usize) -> u16 {
    u16::try_from(columns.saturating_sub(1)).unwrap_or(u16::MAX)
}

/// Draws one row into the first line of a rectangle, which the row's own role fills.
pub fn row(buf: &mut Buffer, area: Rect, columns: &[Column], cells: &[Cell<'_>], whole: Role, theme: &Theme) {
    let line = line(buf, area);
    if whole != Role::Text {
        buf.set_style(line, theme.style(whole));
    }
    let (mut x, end) = (line.x, line.x + line.width);
    for ((column, width), cell) in columns.iter().zip(widths(line.width, columns)).zip(cells) {
        if width == 0 || x >= end {
            continue;
        }
        let place = Rect { x, width: width.min(end - x), ..line };
        put(buf, place, cell.text, column.align, theme.style(cell.role).patch(over(whole, theme)), theme);
        x = x.saturating_add(width).saturating_add(1);
    }
}

/// Marks a row as the one that keys act on, in its margin: also without colours.
pub fn point(buf: &mut Buffer, area: Rect, theme: &Theme) {
    let sign = Rect { width: 1.min(area.width), ..area };
    put(buf, sign, theme.glyphs.of(Glyph::Cursor), Align::Left, theme.style(Role::Accent), theme);
}

/// A row's own background lies over that of its cells; their colours stay.
fn over(whole: Role, theme: &Theme) -> ratatui::style::Style {
    let style = theme.style(whole);
    match whole {
        Role::Text => ratatui::style::Style::new(),
        _ => ratatui::style::Style { fg: None, ..style },
    }
}
