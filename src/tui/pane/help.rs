//! Help: the keys that act here, from the one table of actions.
//!
//! It never disagrees with the keymap, because it is the keymap.

use crate::tui::action::{Action, Binding, Place, Reach, TABLE};
use crate::tui::keymap::Keymap;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::frame::{Kind, frame};
use crate::tui::widget::text::{Align, put, row};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws help over an area, in as many columns as fit; what acts `here` comes first.
pub fn draw(view: &View<'_>, keymap: &Keymap, here: &[Place], area: Rect, buf: &mut Buffer) {
    let inside = frame(buf, area, "keys", Kind::Plain, view.theme);
    let rows = usize::from(inside.height.saturating_sub(1).max(1));
    let all = keys(here);
    // No more columns than there are keys for, so that each has the room there is.
    let needed = u16::try_from(all.len().div_ceil(rows)).unwrap_or(u16::MAX);
    let columns = (inside.width / 38).min(needed).max(1);
    let width = inside.width / columns;
    let fits = rows * usize::from(columns);
    for (n, binding) in all.iter().take(fits).enumerate() {
        let (column, line) = (n / rows, n % rows);
        let (Ok(column), Ok(line)) = (u16::try_from(column), u16::try_from(line)) else { return };
        let at = Rect { x: inside.x + column * width, width: width.saturating_sub(1), ..row(inside, line) };
        let key = keymap.keys_of(binding.action).next().map(|k| k.to_string()).unwrap_or_default();
        let off = binding.reach == Reach::System && !view.armed();
        let role = if off { Role::Disabled } else { Role::Key };
        put(buf, Rect { width: 9, ..at }, &key, Align::Left, view.theme.style(role), view.theme);
        let text = Rect { x: at.x + 10, width: at.width.saturating_sub(10), ..at };
        put(buf, text, binding.help, Align::Left, view.theme.style(Role::Text), view.theme);
    }
    let more = match all.len().saturating_sub(fits) {
        0 => "any key closes · : asks for an action by name".to_owned(),
        n => format!("{n} more: a larger screen or `holdpoint keys` · any key closes"),
    };
    let last = row(inside, inside.height.saturating_sub(1));
    put(buf, last, &more, Align::Left, view.theme.style(Role::Dim), view.theme);
}

/// The rows that have keys: those of the places that have the hand, then those of every screen.
fn keys(here: &[Place]) -> Vec<&'static Binding> {
    let keyed = || TABLE.iter().filter(|b| !b.keys.is_empty());
    let of = |place: Place| keyed().filter(move |b| b.place == place);
    let particular = here.iter().flat_map(|place| of(*place));
    // Moving about is learned last, because it is as everywhere.
    let moves = |b: &&Binding| b.action <= Action::PageDown;
    let everywhere = || keyed().filter(|b| b.place == Place::Everywhere);
    particular.chain(everywhere().filter(|b| !moves(b))).chain(everywhere().filter(moves)).collect()
}
