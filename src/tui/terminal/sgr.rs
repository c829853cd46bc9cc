//! Cells as bytes: where they stand, how they look, what they show. Pure.
//!
//! The sixteen colours are sent as the numbers that every terminal with colours knows
//! (30–37, 90–97), never as entries of a palette of 256. No cell can bring out a
//! character that acts on the terminal.

use crate::domain::text::acts;
use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};
use std::io::Write;
use unicode_width::UnicodeWidthChar;

/// Each attribute and its number.
const ATTRIBUTES: [(Modifier, u8); 9] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::SLOW_BLINK, 5),
    (Modifier::RAPID_BLINK, 6),
    (Modifier::REVERSED, 7),
    (Modifier::HIDDEN, 8),
    (Modifier::CROSSED_OUT, 9),
];

/// Appends the bytes that show these cells, given with column and row from 0, on a
/// terminal whose attributes are reset; they are reset again at the end.
pub fn write<'a>(cells: impl Iterator<Item = (u16, u16, &'a Cell)>, out: &mut Vec<u8>) {
    let mut look = (Color::Reset, Color::Reset, Modifier::empty());
    let mut next = None;
    let mut any = false;
    for (x, y, cell) in cells {
        any = true;
        // Writing to memory cannot fail.
        if next != Some((x, y)) {
            let _ = write!(out, "\x1b[{};{}H", y.saturating_add(1), x.saturating_add(1));
        }
        let wanted = (cell.fg, cell.bg, cell.modifier);
        if wanted != look {
            change(look, wanted, out);
            look = wanted;
        }
        let symbol = cell.symbol();
        let shown = if safe(symbol) { symbol } else { "?" };
        out.extend_from_slice(shown.as_bytes());
        next = surely_one(shown).then(|| (x.saturating_add(1), y));
    }
    if any {
        out.extend_from_slice(b"\x1b[0m");
    }
}

/// Whether a symbol stays in its cells: nothing in it acts, and it begins with ink of its
/// own, for a terminal adds a bare mark to the cell before.
fn safe(symbol: &str) -> bool {
    !symbol.chars().any(acts) && symbol.chars().next().is_none_or(|c| c.width() != Some(0))
}

/// Whether every terminal shows it in one cell; behind anything else the place is said again.
fn surely_one(symbol: &str) -> bool {
    let mut chars = symbol.chars();
    matches!(
        (chars.next(), chars.next()),
        (
            Some(
                ' '..='~'
                | '\u{a1}'..='\u{2ff}'
                | '\u{370}'..='\u{482}'
                | '\u{2010}'..='\u{23ff}'
                | '\u{2500}'..='\u{27bf}',
            ),
            None,
        )
    )
}

/// Appends the one sequence that turns one look into another.
fn change(from: (Color, Color, Modifier), to: (Color, Color, Modifier), out: &mut Vec<u8>) {
    out.extend_from_slice(b"\x1b[");
    let start = out.len();
    // Attributes are taken away only all at once: the numbers for single ones differ between terminals.
    let reset = !to.2.contains(from.2);
    let (fg, bg, attributes) = if reset { (Color::Reset, Color::Reset, Modifier::empty()) } else { from };
    if reset {
        out.extend_from_slice(b"0;");
    }
    for (_, number) in ATTRIBUTES.iter().filter(|(attribute, _)| (to.2 - attributes).contains(*attribute)) {
        let _ = write!(out, "{number};");
    }
    if to.0 != fg {
        color(to.0, 30, out);
    }
    if to.1 != bg {
        color(to.1, 40, out);
    }
    if out.len() > start {
        out.pop();
    }
    out.push(b'm');
}

/// Appends the parameters of a colour; 30 is the base of ink, 40 that of ground.
fn color(color: Color, base: u8, out: &mut Vec<u8>) {
    let (dark, bright) = (|n: u8| base + n, |n: u8| base + 60 + n);
    let number = match color {
        Color::Reset => dark(9),
        Color::Black => dark(0),
        Color::Red => dark(1),
        Color::Green => dark(2),
        Color::Yellow => dark(3),
        Color::Blue => dark(4),
        Color::Magenta => dark(5),
        Color::Cyan => dark(6),
        Color::Gray => dark(7),
        Color::DarkGray => bright(0),
        Color::LightRed => bright(1),
        Color::LightGreen => bright(2),
        Color::LightYellow => bright(3),
        Color::LightBlue => bright(4),
        Color::LightMagenta => bright(5),
        Color::LightCyan => bright(6),
        Color::White => bright(7),
        Color::Indexed(n) => {
            let _ = write!(out, "{};5;{n};", base + 8);
            return;
        }
        Color::Rgb(r, g, b) => {
            let _ = write!(out, "{};2;{r};{g};{b};", base + 8);
            return;
        }
    };
    let _ = write!(out, "{number};");
}
