//! The bytes that turn the last frame sent into the next one. Pure.
//!
//! The difference is always taken from the frame that was really sent, so a
//! frame that was skipped costs nothing and breaks nothing. No cell can carry
//! a control character out.

use super::sgr;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};
use std::io::Write;
use unicode_width::UnicodeWidthStr;

const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";
/// A frame of at most so many bytes is one write and needs no bracket around it.
const SMALL: usize = 256;
/// So many rows of a frame that differ are still few.
const FEW: usize = 12;

/// What the terminal shows, as far as we know.
#[derive(Debug, Default)]
pub struct Painter {
    shown: Option<Buffer>,
    cursor: Option<Position>,
    bytes: Vec<u8>,
    cells: Vec<u8>,
}

impl Painter {
    /// Knows nothing of the screen any more: the next frame is painted whole.
    pub fn forget(&mut self) {
        self.shown = None;
    }

    /// Returns the bytes that show this frame, none when nothing changes, and
    /// the old frame's buffer to draw the next one into.
    pub fn paint(&mut self, next: Buffer, cursor: Option<Position>) -> (&[u8], Option<Buffer>) {
        self.bytes.clear();
        self.cells.clear();
        let known = self.shown.take().filter(|shown| shown.area == next.area);
        let blank;
        let base = match &known {
            Some(shown) => shown,
            None => {
                self.cells.extend_from_slice(b"\x1b[0m\x1b[2J");
                blank = Buffer::empty(next.area);
                &blank
            }
        };
        match changed(base, &next) {
            Some(rows) => sgr::write(rows.iter().flat_map(|(old, new)| old.diff_iter(new)), &mut self.cells),
            None => sgr::write(base.diff_iter(&next), &mut self.cells),
        }
        let moved = cursor != self.cursor || (cursor.is_some() && !self.cells.is_empty());
        if !self.cells.is_empty() || moved {
            let whole = self.cells.len() > SMALL;
            if whole {
                self.bytes.extend_from_slice(BEGIN);
            }
            self.bytes.append(&mut self.cells);
            if moved {
                place(cursor, self.cursor.is_some(), &mut self.bytes);
            }
            if whole {
                self.bytes.extend_from_slice(END);
            }
        }
        self.cursor = cursor;
        let mut shown = next;
        forget_halves(&mut shown);
        self.shown = Some(shown);
        (&self.bytes, known)
    }
}

/// The rows that differ, before and after, when they are few: telling that rows are equal
/// is quick, finding out what is to be written is not. None when they are many.
fn changed(shown: &Buffer, next: &Buffer) -> Option<Vec<(Buffer, Buffer)>> {
    let width = usize::from(next.area.width).max(1);
    let pairs = (0..).zip(shown.content.chunks(width).zip(next.content.chunks(width)));
    let differ = pairs.filter(|(_, (old, new))| old != new);
    let few: Vec<_> = differ.take(FEW + 1).collect();
    let row = |y: u16, cells: &[Cell]| Buffer { area: Rect { y, height: 1, ..next.area }, content: cells.to_vec() };
    let rows = || few.iter().map(|(y, (old, new))| (row(*y, old), row(*y, new))).collect();
    (few.len() <= FEW).then(rows)
}

/// The second half of a wide character shows nothing of its own cell: what that
/// cell says is not on the screen, so it equals nothing that comes next.
fn forget_halves(shown: &mut Buffer) {
    let mut half = false;
    for cell in &mut shown.content {
        if std::mem::replace(&mut half, cell.symbol().len() > 1 && cell.symbol().width() > 1) {
            cell.set_symbol("\u{fffd}");
        }
    }
}

fn place(cursor: Option<Position>, shown: bool, out: &mut Vec<u8>) {
    let _ = match cursor {
        Some(at) => write!(out, "\x1b[{};{}H\x1b[?25h", at.y.saturating_add(1), at.x.saturating_add(1)),
        None if shown => write!(out, "\x1b[?25l"),
        None => Ok(()),
    };
}
