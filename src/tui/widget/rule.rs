//! The line that begins a section: `── now ──────── 13 of 22 done · 5 hidden ──`.
//!
//! What a section hides is said at its right end.

use super::text::{Align, fit, line, put, width};
use crate::tui::glyphs::Glyph;
use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// What a rule line says.
#[derive(Clone, Copy, Debug)]
pub struct Rule<'a> {
    /// The section's name, at the left.
    pub title: &'a str,
    /// Counts and what is hidden, at the right.
    pub right: &'a str,
    /// The role of the right text: that of the worst hidden thing.
    pub role: Role,
    /// Whether the section has the focus.
    pub focused: bool,
    /// Whether the line is heavy: banners.
    pub heavy: bool,
}

impl<'a> Rule<'a> {
    /// A thin rule that says a name and nothing else.
    pub fn named(title: &'a str) -> Self {
        Self { title, right: "", role: Role::Dim, focused: false, heavy: false }
    }
}

/// Draws a rule into the first line of a rectangle; the name gives way last.
pub fn rule(buf: &mut Buffer, area: Rect, rule: &Rule<'_>, theme: &Theme) {
    let line = line(buf, area);
    if line.is_empty() {
        return;
    }
    let sign = theme.glyphs.of(if rule.heavy { Glyph::HeavyRule } else { Glyph::Rule });
    let border = theme.style(if rule.focused { Role::Accent } else { Role::Border });
    buf.set_stringn(line.x, line.y, sign.repeat(line.width.into()), line.width.into(), border);
    let inside = Rect { x: line.x + 2.min(line.width), width: line.width.saturating_sub(4), ..line };
    let title = format!(" {} ", rule.title);
    let rest = match rule.title {
        "" => inside,
        _ => put(buf, inside, &title, Align::Left, theme.style(Role::Title), theme),
    };
    // At least one cell of line stays between the two.
    let room = rest.width.saturating_sub(1);
    if !rule.right.is_empty() && room >= 6 {
        let right = format!(" {} ", fit(rule.right, room - 2, theme.glyphs));
        let room = Rect { x: rest.x + rest.width - width(&right).min(room), width: width(&right).min(room), ..rest };
        put(buf, room, &right, Align::Left, theme.style(rule.role), theme);
    }
}
