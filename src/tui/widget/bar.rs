//! A bar of eighth cells: a canary's weight, a budget that is left.
//!
//! The number stands beside it; the bar alone says nothing.

use super::text::line;
use crate::tui::glyphs::Glyph;
use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws a share between 0 and 1 over the first line of a rectangle; no number is an empty track.
pub fn bar(buf: &mut Buffer, area: Rect, share: f64, role: Role, theme: &Theme) {
    let line = line(buf, area);
    let eighths = eighths(share, line.width);
    for n in 0..line.width {
        let filled = eighths.saturating_sub(usize::from(n) * 8).min(8);
        let (sign, role) = match theme.glyphs.eighth(filled) {
            Some(sign) => (sign, role),
            None => (theme.glyphs.of(Glyph::Track), Role::Border),
        };
        buf.set_stringn(line.x + n, line.y, sign, 1, theme.ink(role));
    }
}

/// How many eighth cells of a width are filled. Something is never drawn as
/// nothing, and not quite everything never as everything.
pub fn eighths(share: f64, width: u16) -> usize {
    let all = usize::from(width) * 8;
    if share.is_nan() || share <= 0.0 || all == 0 {
        return 0;
    }
    if share >= 1.0 {
        return all;
    }
    ((share * f64::from(width) * 8.0).round() as usize).clamp(1, all - 1)
}
