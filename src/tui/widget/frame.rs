//! The frame of a card or dialog: heavy for production, dashed for a rehearsal
//! with the word on both of its lines.

use super::text::{Align, put};
use crate::tui::glyphs::Lines;
use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Whose frame it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Nothing special.
    #[default]
    Plain,
    /// Production: heavy.
    Production,
    /// Rehearsal or demo: dashed, the word on its upper and lower line.
    Rehearsal,
    /// A demo: as a rehearsal, with its own word.
    Demo,
    /// The past: dashed, with its own word.
    Replay,
}

impl Kind {
    /// The role of its lines and its word.
    pub fn role(self) -> Role {
        match self {
            Kind::Plain => Role::Border,
            Kind::Production => Role::Production,
            Kind::Rehearsal | Kind::Demo | Kind::Replay => Role::Rehearsal,
        }
    }

    fn lines(self) -> Lines {
        match self {
            Kind::Plain => Lines::Thin,
            Kind::Production => Lines::Heavy,
            Kind::Rehearsal | Kind::Demo | Kind::Replay => Lines::Dashed,
        }
    }
}

/// Blanks a rectangle, draws the frame around it and returns the room inside,
/// one blank cell from the left and right lines.
pub fn frame(buf: &mut Buffer, area: Rect, title: &str, kind: Kind, theme: &Theme) -> Rect {
    let area = area.intersection(buf.area);
    if area.width < 4 || area.height < 2 {
        return Rect { width: 0, height: 0, ..area };
    }
    for position in area.positions() {
        if let Some(cell) = buf.cell_mut(position) {
            cell.reset();
        }
    }
    buf.set_style(area, theme.style(Role::Text));
    let style = theme.style(kind.role());
    lines(buf, area, kind, theme);
    let top = Rect { x: area.x + 2, width: area.width - 4, height: 1, ..area };
    let mut top = top;
    let word = match kind {
        Kind::Rehearsal => " REHEARSAL ",
        Kind::Demo => " DEMO ",
        Kind::Replay => " REPLAY ",
        Kind::Plain | Kind::Production => "",
    };
    if !word.is_empty() {
        put(buf, Rect { y: area.y + area.height - 1, ..top }, word, Align::Right, style, theme);
        top = put(buf, top, word, Align::Right, style, theme);
    }
    if !title.is_empty() {
        put(buf, top, &format!(" {title} "), Align::Left, style, theme);
    }
    Rect { x: area.x + 2, y: area.y + 1, width: area.width - 4, height: area.height - 2 }
}

fn lines(buf: &mut Buffer, area: Rect, kind: Kind, theme: &Theme) {
    let border = theme.glyphs.border(kind.lines());
    let style = theme.style(kind.role());
    let (right, bottom) = (area.x + area.width - 1, area.y + area.height - 1);
    for x in area.x..=right {
        for y in [area.y, bottom] {
            buf.set_stringn(x, y, border.horizontal, 1, style);
        }
    }
    for y in area.y..=bottom {
        for x in [area.x, right] {
            buf.set_stringn(x, y, border.vertical, 1, style);
        }
    }
    let corners = [(area.x, area.y), (right, area.y), (right, bottom), (area.x, bottom)];
    for ((x, y), corner) in corners.into_iter().zip(border.corners) {
        buf.set_stringn(x, y, corner, 1, style);
    }
}
