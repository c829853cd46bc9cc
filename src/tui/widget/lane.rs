//! One lane of a Gantt chart: planned, forecast and actual over each other on
//! one axis, each with a sign of its own so that colour is never needed.
//!
//! Planned is a light track, what is to come a low bar, what has happened a
//! full one in eighths of a cell, its overrun hatched, the doubt about its end
//! a whisker.

use super::axis::Axis;
use super::text::line;
use crate::domain::Timestamp;
use crate::tui::glyphs::Glyph;
use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

/// A stretch of time.
pub type Stretch = (Timestamp, Timestamp);

/// What a lane shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    /// As it was planned.
    pub planned: Option<Stretch>,
    /// As it is expected: what is still to come of it.
    pub expected: Option<Stretch>,
    /// The end that nine in ten stay below.
    pub at_worst: Option<Timestamp>,
    /// What has happened of it.
    pub actual: Option<Stretch>,
    /// From when on what has happened is more than was planned.
    pub overrun: Option<Timestamp>,
    /// Whether it lies on the critical path.
    pub critical: bool,
    /// Where the run is held, or may not be passed without a word.
    pub hold: Option<Timestamp>,
    /// How what has happened is drawn.
    pub role: Role,
}

/// A line through all lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upright {
    /// Where.
    pub at: Timestamp,
    /// Its sign.
    pub glyph: Glyph,
    /// What it means.
    pub role: Role,
}

/// Draws the lines that go through a row; lanes are drawn over them.
pub fn uprights(buf: &mut Buffer, area: Rect, axis: &Axis, lines: &[Upright], theme: &Theme) {
    let line = line(buf, area);
    for upright in lines {
        if let Some(x) = axis.cell(upright.at).filter(|x| *x < line.width) {
            buf.set_stringn(line.x + x, line.y, theme.glyphs.of(upright.glyph), 1, theme.style(upright.role));
        }
    }
}

/// Draws a lane into the first line of a rectangle, which is as wide as the axis.
pub fn lane(buf: &mut Buffer, area: Rect, axis: &Axis, lane: &Lane, theme: &Theme) {
    let mut pen = Pen { line: line(buf, area), buf, axis, theme, bold: lane.critical };
    if let Some(planned) = lane.planned {
        pen.fill(planned, Glyph::Track, Role::Border);
    }
    if let Some((from, to)) = lane.expected {
        pen.whisker(to, lane.at_worst);
        let (glyph, role) = if lane.critical { (Glyph::Low, Role::Accent) } else { (Glyph::Lower, Role::Dim) };
        pen.fill((from, to), glyph, role);
    }
    if let Some((from, to)) = lane.actual {
        let until = lane.overrun.map_or(to, |over| over.clamp(from, to));
        pen.bar((from, until), lane.role);
        if until < to {
            pen.fill((until, to), Glyph::Hatch, if lane.role == Role::Fail { Role::Fail } else { Role::Late });
        }
    }
    if let Some(at) = lane.hold {
        pen.sign(at, Glyph::Hold, Role::Held);
    }
}

/// Where a lane is drawn.
struct Pen<'a> {
    buf: &'a mut Buffer,
    line: Rect,
    axis: &'a Axis,
    theme: &'a Theme,
    bold: bool,
}

impl Pen<'_> {
    fn put(&mut self, x: i64, sign: &str, role: Role) {
        let Some(x) = u16::try_from(x).ok().filter(|x| *x < self.line.width) else { return };
        let style = self.theme.ink(role);
        let style = if self.bold { style.add_modifier(Modifier::BOLD) } else { style };
        self.buf.set_stringn(self.line.x + x, self.line.y, sign, 1, style);
    }

    fn sign(&mut self, at: Timestamp, glyph: Glyph, role: Role) {
        if let Some(x) = self.axis.cell(at) {
            self.put(x.into(), self.theme.glyphs.of(glyph), role);
        }
    }

    /// The cells that a stretch touches, at least one when it is on the axis.
    fn cells(&self, (from, to): Stretch) -> std::ops::Range<i64> {
        if to < self.axis.from || from > self.axis.to {
            return 0..0;
        }
        let first = (self.axis.eighths(from) / 8).min(i64::from(self.axis.width) - 1);
        let last = (self.axis.eighths(to) + 7) / 8;
        first..last.max(first + 1)
    }

    fn fill(&mut self, stretch: Stretch, glyph: Glyph, role: Role) {
        for x in self.cells(stretch) {
            self.put(x, self.theme.glyphs.of(glyph), role);
        }
    }

    /// A full bar, its last cell in eighths, its first by halves.
    fn bar(&mut self, (from, to): Stretch, role: Role) {
        if to < self.axis.from || from > self.axis.to {
            return;
        }
        let cells = self.cells((from, to));
        let (start, end) = (self.axis.eighths(from), self.axis.eighths(to));
        for x in cells.clone() {
            let filled = usize::try_from((end - x * 8).clamp(0, 8)).unwrap_or(8);
            let late_start = x == cells.start && start - x * 8 >= 4 && filled == 8;
            let sign = match self.theme.glyphs.eighth(filled.max(1)) {
                _ if late_start => self.theme.glyphs.of(Glyph::RightHalf),
                Some(sign) => sign,
                None => self.theme.glyphs.of(Glyph::Full),
            };
            self.put(x, sign, role);
        }
    }

    /// From an expected end to the end at worst.
    fn whisker(&mut self, from: Timestamp, to: Option<Timestamp>) {
        let Some(to) = to.filter(|to| *to > from) else { return };
        let cells = self.cells((from, to));
        let last = cells.end - 1;
        for x in cells {
            let glyph = if x == last { Glyph::WhiskerEnd } else { Glyph::Rule };
            self.put(x, self.theme.glyphs.of(glyph), Role::Dim);
        }
    }
}
