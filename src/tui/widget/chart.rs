//! A chart of columns over several rows: a fixed scale from nothing to its top,
//! a line where the threshold is, a line where something changed.
//!
//! A column that was not read is empty, never drawn through.

use super::spark::level;
use crate::tui::glyphs::Glyph;
use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// What a chart shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart<'a> {
    /// A value for each column, the newest at the right end.
    pub values: &'a [Option<f32>],
    /// The value of the topmost level.
    pub top: f32,
    /// Where a value becomes bad, if anywhere.
    pub threshold: Option<f32>,
    /// The columns in which something changed.
    pub changes: &'a [usize],
    /// How columns are drawn.
    pub role: Role,
}

/// Draws a chart into a rectangle.
pub fn chart(buf: &mut Buffer, area: Rect, what: &Chart<'_>, theme: &Theme) {
    let area = area.intersection(buf.area);
    let room = usize::from(area.width);
    let cut = what.values.len().saturating_sub(room);
    let values = what.values.get(cut..).unwrap_or_default();
    let from = area.x + area.width - u16::try_from(values.len()).unwrap_or(area.width).min(area.width);
    let limit = what.threshold.and_then(|t| height(t, what.top, area.height)).map(|eighths| eighths / 8);
    for (n, value) in values.iter().enumerate() {
        let Some(x) = u16::try_from(n).ok().map(|n| from + n) else { break };
        let filled = value.and_then(|value| height(value, what.top, area.height));
        for y in 0..area.height {
            let below = usize::from(area.height - 1 - y);
            let eighths = filled.map(|filled| filled.saturating_sub(below * 8).min(8)).unwrap_or(0);
            let changed = what.changes.contains(&(n + cut));
            let (sign, role) = match eighths {
                _ if changed => (theme.glyphs.of(Glyph::Edge), Role::Accent),
                0 if limit == Some(below) => (theme.glyphs.of(Glyph::Rule), Role::Border),
                0 => continue,
                _ => (theme.glyphs.level(eighths - 1), what.role),
            };
            buf.set_stringn(x, area.y + y, sign, 1, theme.ink(role));
        }
    }
}

/// How many eighths of rows a value fills: at least one, so that nothing much is not a gap.
fn height(value: f32, top: f32, rows: u16) -> Option<usize> {
    level(value, top)?;
    let all = f32::from(rows) * 8.0;
    Some(((value / top).clamp(0.0, 1.0) * all).round().max(1.0) as usize)
}
