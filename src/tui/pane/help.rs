//! Help: what can be done here, from the one table of actions and the keys as they are.
//!
//! It never disagrees with the keymap, because it is the keymap. What acts where
//! the hand is comes first; what has no key is named as the palette takes it.

use crate::tui::action::{Action, Binding, Place, Reach, TABLE};
use crate::tui::hand::Id;
use crate::tui::keymap::Keymap;
use crate::tui::palette::fuzzy::best;
use crate::tui::theme::Role;
use crate::tui::ui::Help;
use crate::tui::view::View;
use crate::tui::widget::frame::{Kind, frame};
use crate::tui::widget::text::{Align, put, row, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws help over an area, in as many columns as fit; what acts `here` comes first.
pub fn draw(view: &View<'_>, help: &Help, keymap: &Keymap, here: &[Place], area: Rect, buf: &mut Buffer) {
    let inside = frame(buf, area, "keys", Kind::Plain, view.theme);
    let rows = usize::from(inside.height.saturating_sub(1).max(1));
    let all = shown(help, keymap, here);
    let at = help.at.min(all.len().saturating_sub(1));
    // No more columns than there are keys for, so that each has the room there is.
    let needed = u16::try_from(all.len().div_ceil(rows)).unwrap_or(u16::MAX);
    let keys = all.iter().map(|binding| width(&sign(keymap, binding)) + 1).max().unwrap_or(0).clamp(10, 14);
    // A text that is cut helps nobody: pages rather than narrow columns.
    let widest = all.iter().map(|binding| width(binding.help)).max().unwrap_or(0) + keys + 1;
    let columns = (inside.width / widest).min(needed).max(1);
    let room = inside.width / columns;
    let fits = rows * usize::from(columns);
    let page = at / fits.max(1);
    for (n, binding) in all.iter().enumerate().skip(page * fits).take(fits) {
        let (column, line) = (n % fits / rows, n % rows);
        let (Ok(column), Ok(line)) = (u16::try_from(column), u16::try_from(line)) else { return };
        let cell = Rect { x: inside.x + column * room, width: room.saturating_sub(1), ..row(inside, line) };
        let off = binding.reach == Reach::System && !view.armed();
        let (key, text) = match (n == at, off) {
            (true, _) => (Role::Selected, Role::Selected),
            (false, true) => (Role::Disabled, Role::Text),
            (false, false) => (Role::Key, Role::Text),
        };
        view.mark(Id::Entry(binding.name.to_owned()), cell, n == at);
        if n == at {
            buf.set_style(cell, view.theme.style(Role::Selected));
        }
        put(
            buf,
            Rect { width: keys - 1, ..cell },
            &sign(keymap, binding),
            Align::Left,
            view.theme.style(key),
            view.theme,
        );
        let rest = Rect { x: cell.x + keys, width: cell.width.saturating_sub(keys), ..cell };
        put(buf, rest, binding.help, Align::Left, view.theme.style(text), view.theme);
    }
    let more = match all.len().div_ceil(fits.max(1)) {
        0 | 1 => String::new(),
        pages => format!("page {} of {pages} · ", page + 1),
    };
    let typed = match help.input.value() {
        "" => "type to filter".to_owned(),
        typed => format!("filter {typed}, {} found", all.len()),
    };
    let words = format!("{more}{typed} · up, down select · enter does it · esc closes");
    let last = row(inside, inside.height.saturating_sub(1));
    put(buf, last, &words, Align::Left, view.theme.style(Role::Dim), view.theme);
}

/// The rows that are shown, in order: those of the places that have the hand first.
pub fn shown(help: &Help, keymap: &Keymap, here: &[Place]) -> Vec<&'static Binding> {
    let all = rows(keymap, here);
    if help.input.value().trim().is_empty() {
        return all;
    }
    let texts: Vec<_> = all.iter().map(|b| format!("{} {} {}", sign(keymap, b), b.name, b.help)).collect();
    let fits = best(help.input.value(), texts.iter().map(String::as_str));
    fits.into_iter().filter_map(|n| all.get(n).copied()).collect()
}

/// The keys of a row, else its name as the palette takes it.
fn sign(keymap: &Keymap, binding: &Binding) -> String {
    let mut keys = keymap.keys_in(binding.place, binding.action).chain(keymap.keys_of(binding.action));
    keys.next().map_or_else(|| format!(":{}", binding.name), ToString::to_string)
}

/// Those of the places that have the hand, then those of every screen.
fn rows(keymap: &Keymap, here: &[Place]) -> Vec<&'static Binding> {
    let of = |place: Place| TABLE.iter().filter(move |b| b.place == place);
    let particular = here.iter().flat_map(|place| of(*place));
    // Moving about is learned last, because it is as everywhere; what has no key comes after it.
    let weight = |b: &&Binding| match (keymap.keys_of(b.action).next(), b.action <= Action::PageDown) {
        (Some(_), false) => 0,
        (Some(_), true) => 1,
        (None, _) => 2,
    };
    let mut everywhere: Vec<_> = of(Place::Everywhere).collect();
    everywhere.sort_by_cached_key(weight);
    particular.chain(everywhere).collect()
}
