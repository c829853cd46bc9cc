//! The list of themes over a corner of the screen, with every state in its look,
//! so that the screen beneath shows what is chosen.
//!
//! It draws what is known of the themes and reads no file.

use crate::tui::action::Action;
use crate::tui::glyphs::Glyph;
use crate::tui::theme::{Depth, Role, sight};
use crate::tui::update::themes::Chooser;
use crate::tui::view::View;
use crate::tui::widget::frame::{Kind, frame};
use crate::tui::widget::list::window;
use crate::tui::widget::text::{Align, put, row};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Every state with its sign and a word that has it.
pub const STATES: [(Role, Glyph, &str); 8] = [
    (Role::Ok, Glyph::Done, "done"),
    (Role::Running, Glyph::Running, "running"),
    (Role::Held, Glyph::Hold, "held"),
    (Role::Warn, Glyph::Attention, "waiting"),
    (Role::Fail, Glyph::Failed, "failed"),
    (Role::Unknown, Glyph::Doubt, "in doubt"),
    (Role::Late, Glyph::Late, "late"),
    (Role::Skipped, Glyph::Skipped, "skipped"),
];

const WIDTH: u16 = 44;
/// Rows beside the names: two of the frame, a blank, four of states, one of words and one of keys.
const BESIDE: u16 = 9;

/// Draws the list into the lower right of an area.
pub fn draw(view: &View<'_>, chooser: &Chooser, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let names = u16::try_from(chooser.names.len()).unwrap_or(u16::MAX);
    let size = (WIDTH.min(area.width), names.saturating_add(BESIDE).min(area.height));
    let card = Rect { x: area.right() - size.0, y: area.bottom() - size.1, width: size.0, height: size.1 };
    let inside = frame(buf, card, "theme", Kind::Plain, theme);
    if inside.is_empty() {
        return;
    }
    let room = inside.height.saturating_sub(BESIDE - 2).max(1);
    let shown = window(chooser.names.len(), room, Some(chooser.at), 0);
    for (n, at) in (0..room).zip(shown.first..shown.first + shown.shown) {
        let Some(name) = chooser.names.get(at) else { break };
        let line = row(inside, n);
        let on = at == chooser.at;
        let style = theme.style(if on { Role::Selected } else { Role::Text });
        buf.set_style(line, style);
        let sign = if on { theme.glyphs.of(Glyph::Cursor) } else { " " };
        let (words, role) = told(view, name);
        let right = if on { style } else { theme.style(role) };
        let rest = put(buf, line, &format!("{words} "), Align::Right, right, theme);
        put(buf, rest, &format!("{sign} {name}"), Align::Left, style, theme);
    }
    states(view, row_from(inside, room + 1), buf);
    let hint = match (theme.depth(), chooser.name()) {
        (Depth::None, _) => "no colours here: all look like mono",
        (Depth::Sixteen, Some(name)) if name != theme.name => "needs 256 colours: terminal is shown",
        _ => "",
    };
    put(buf, row(inside, inside.height.saturating_sub(2)), hint, Align::Left, theme.style(Role::Warn), theme);
    let last = row(inside, inside.height.saturating_sub(1));
    let keys = format!("{} keeps it · esc: the old one", view.ui.keys.of(Action::Open));
    put(buf, last, &keys, Align::Left, theme.style(Role::Dim), theme);
}

/// Where a theme is from, or what is wrong with it, in a few words.
fn told(view: &View<'_>, name: &str) -> (String, Role) {
    let Some(entry) = view.ui.themes.get(name) else { return ("gone".to_owned(), Role::Warn) };
    match (&entry.read, &entry.path) {
        (Err(bad), _) => (format!("mistake in line {}", bad.problem.line), Role::Fail),
        (Ok(_), None) => ("built in".to_owned(), Role::Dim),
        (Ok(read), Some(_)) => {
            let (mended, close) = (read.repairs.len(), sight::close(&read.styles).len());
            match (mended, close) {
                (0, 0) => ("yours".to_owned(), Role::Dim),
                (n, 0) => (format!("yours, {n} mended"), Role::Dim),
                (_, n) => (format!("yours, {n} pairs close"), Role::Warn),
            }
        }
    }
}

/// Two states a line, sign and word.
fn states(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    for (n, (role, glyph, word)) in (0..).zip(STATES) {
        let line = row(area, n / 2);
        let half = line.width / 2;
        let place = Rect { x: line.x + half * (n % 2), width: half, ..line };
        put(buf, place, &format!("{} {word}", theme.glyphs.of(glyph)), Align::Left, theme.style(role), theme);
    }
}

/// A rectangle from its n-th row on.
fn row_from(area: Rect, n: u16) -> Rect {
    let n = n.min(area.height);
    Rect { y: area.y + n, height: area.height - n, ..area }
}
