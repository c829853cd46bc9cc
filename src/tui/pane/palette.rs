//! The list over the line that is typed: what may be written next, or what was found.
//!
//! It says how many there are beyond what it shows.

use crate::tui::hand::Id;
use crate::tui::palette::{find, offer};
use crate::tui::theme::Role;
use crate::tui::ui::PromptKind;
use crate::tui::view::View;
use crate::tui::widget::frame::{Kind, frame};
use crate::tui::widget::list::window;
use crate::tui::widget::text::{Align, put, row};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The most rows that are shown.
const ROWS: u16 = 8;

/// Draws the list at the lower end of an area, where the line being typed has one.
pub fn draw(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let Some(prompt) = &view.ui.prompt else { return };
    let (rows, first): (Vec<(String, String)>, _) = match prompt.kind {
        PromptKind::Palette => {
            let written = if prompt.at.is_some() { prompt.stem.as_str() } else { prompt.input.value() };
            (offer::offers(view, written).into_iter().map(|o| (o.label, o.help)).collect(), None)
        }
        PromptKind::Find => {
            let found = find::found(view, prompt.input.value()).into_iter();
            (found.map(|(_, what, text)| (text, what.to_owned())).collect(), Some(0))
        }
        PromptKind::Filter | PromptKind::May | PromptKind::Jump => return,
    };
    if rows.is_empty() {
        return;
    }
    let theme = view.theme;
    let height = u16::try_from(rows.len()).unwrap_or(u16::MAX).min(ROWS).min(area.height.saturating_sub(2));
    // A strip of a few cells beside it would say nothing.
    let size = (if area.width < 100 { area.width } else { 78 }, height + 2);
    let card = Rect { y: area.bottom().saturating_sub(size.1), width: size.0, height: size.1, ..area };
    let title = match (prompt.kind, rows.len()) {
        (PromptKind::Find, n) => format!("{n} found · up and down select, enter takes"),
        (_, n) => format!("{n} · tab completes"),
    };
    let inside = frame(buf, card, &title, Kind::Plain, theme);
    let at = prompt.at.or(first).map(|at| at.min(rows.len() - 1));
    let win = window(rows.len(), inside.height, at, at.unwrap_or(0).saturating_sub(usize::from(height) / 2));
    for (y, n) in (0..).zip(win.range()) {
        let (line, Some((label, help))) = (row(inside, y), rows.get(n)) else { continue };
        let role = if at == Some(n) { Role::Selected } else { Role::Text };
        view.mark(Id::Entry(label.clone()), line, at == Some(n));
        buf.set_style(line, theme.style(role));
        let rest = put(buf, line, label, Align::Left, theme.style(role), theme);
        let dim = if at == Some(n) { role } else { Role::Dim };
        put(
            buf,
            Rect { x: rest.x + 1, width: rest.width.saturating_sub(1), ..rest },
            help,
            Align::Right,
            theme.style(dim),
            theme,
        );
    }
}
