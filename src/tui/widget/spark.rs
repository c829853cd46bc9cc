//! A sparkline on a fixed scale: the same height always is the same number, and
//! what is missing is a gap, never a line drawn through it.

use super::text::line;
use crate::tui::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Draws values into the first line of a rectangle, the newest at the right
/// end. `top` is the value of a full cell; what is beyond it is full too.
pub fn spark(buf: &mut Buffer, area: Rect, values: &[Option<f32>], top: f32, style: Style, theme: &Theme) {
    let line = line(buf, area);
    let room = usize::from(line.width);
    let shown = values.get(values.len().saturating_sub(room)..).unwrap_or_default();
    let from = line.x + line.width.saturating_sub(u16::try_from(shown.len()).unwrap_or(line.width));
    for (x, value) in (from..line.x + line.width).zip(shown) {
        if let Some(level) = value.and_then(|value| level(value, top)) {
            buf.set_stringn(x, line.y, theme.glyphs.level(level), 1, style);
        }
    }
}

/// The level of a value from 0 to 7; none for what is no number or no scale.
pub fn level(value: f32, top: f32) -> Option<usize> {
    if !value.is_finite() || !top.is_finite() || top <= 0.0 {
        return None;
    }
    let share = (value / top).clamp(0.0, 1.0) * 8.0;
    // Seven thresholds: the lowest level begins at nothing at all.
    Some((0..7).filter(|n: &u8| share > f32::from(*n) + 1.0).count())
}
