//! The painter: what it sends makes the screen equal the frame, whatever was skipped.

use super::pty::screen_of;
use holdpoint::tui::terminal::painter::Painter;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier, Style};

fn frame(width: u16, height: u16, lines: &[&str]) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    for (y, line) in (0..height).zip(lines) {
        buffer.set_stringn(0, y, line, width.into(), Style::new());
    }
    buffer
}

#[test]
fn an_unchanged_frame_is_no_byte_and_a_changed_cell_few() {
    let mut painter = Painter::default();
    let lines = ["alpha", "beta 12:00:01"];
    painter.paint(frame(20, 3, &lines), None);
    let (bytes, spare) = painter.paint(frame(20, 3, &lines), None);
    assert!(bytes.is_empty() && spare.is_some());
    let (bytes, _) = painter.paint(frame(20, 3, &["alpha", "beta 12:00:02"]), None);
    assert_eq!(bytes, b"\x1b[2;13H2\x1b[0m");
}

#[test]
fn a_frame_of_several_writes_is_shown_at_once() {
    let lines = ["x".repeat(90), "y".repeat(90), "z".repeat(90)];
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    let mut painter = Painter::default();
    let (bytes, _) = painter.paint(frame(90, 3, &lines), None);
    assert!(bytes.starts_with(b"\x1b[?2026h") && bytes.ends_with(b"\x1b[0m\x1b[?2026l"));
}

#[test]
fn no_cell_brings_a_control_character_out() {
    let mut buffer = frame(20, 1, &["abc"]);
    buffer.cell_mut(Position::new(1, 0)).unwrap().set_symbol("\u{9b}");
    buffer.cell_mut(Position::new(3, 0)).unwrap().set_symbol("\x1b]0;owned\x07");
    let mut painter = Painter::default();
    let text = String::from_utf8(painter.paint(buffer, None).0.to_vec()).unwrap();
    assert!(text.contains("a?c?") && !text.contains("owned") && !text.contains('\u{9b}'), "{text:?}");
}

#[test]
fn the_cursor_is_shown_placed_and_hidden() {
    let mut painter = Painter::default();
    painter.paint(frame(9, 2, &["a"]), None);
    let shown = painter.paint(frame(9, 2, &["a"]), Some(Position::new(3, 1))).0.to_vec();
    assert!(String::from_utf8(shown).unwrap().contains("\x1b[2;4H\x1b[?25h"));
    assert!(painter.paint(frame(9, 2, &["a"]), Some(Position::new(3, 1))).0.is_empty());
    let hidden = painter.paint(frame(9, 2, &["a"]), None).0.to_vec();
    assert!(String::from_utf8(hidden).unwrap().contains("\x1b[?25l"));
}

proptest! {
    #[test]
    fn any_sequence_of_frames_ends_as_a_fresh_one(
        frames in prop::collection::vec((6_u16..24, 1_u16..20, prop::collection::vec("[a-c 日é▂]{0,20}", 20), 0_u8..4), 1..8),
    ) {
        let (mut painter, mut terminal) = (Painter::default(), screen_of(20, 24));
        let mut last = None;
        for (width, height, lines, style) in &frames {
            let lines: Vec<_> = lines.iter().map(String::as_str).collect();
            let mut buffer = frame(*width, *height, &lines);
            let modifier = [Modifier::empty(), Modifier::BOLD, Modifier::REVERSED, Modifier::DIM][usize::from(*style)];
            buffer.set_style(Rect::new(1, 0, 4, 1), Style::new().fg(Color::Red).add_modifier(modifier));
            let (bytes, _) = painter.paint(buffer.clone(), None);
            terminal.process(bytes);
            last = Some(buffer);
        }
        let (mut fresh, mut again) = (Painter::default(), screen_of(20, 24));
        again.process(fresh.paint(last.unwrap(), None).0);
        for at in 0..20 * 24 {
            let (row, col) = (at / 24, at % 24);
            let look = |screen: &vt100::Screen| {
                let cell = screen.cell(row, col).unwrap();
                // The second half of a wide character looks as its first.
                let reversed = cell.inverse() && !cell.is_wide_continuation();
                let text = cell.contents().trim();
                // An erased cell and a blank one look the same, whatever colour their ink has.
                let ink = (!text.is_empty()).then(|| (cell.fgcolor(), cell.bold(), cell.dim()));
                (text.to_owned(), reversed, ink)
            };
            prop_assert_eq!(look(terminal.screen()), look(again.screen()));
        }
    }
}
