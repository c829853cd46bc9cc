//! The meaning of complete control sequences.
//!
//! Pure tables after xterm's, with those of rxvt and the Linux console. What is
//! no key, focus change, paste marker or report of the mouse means nothing here and is dropped.

use super::event::{Mouse, What};
use super::key::{Code, Key};
use ratatui::layout::Position;

/// Returns what `CSI params final` means, if anything.
pub fn decode(params: &[u8], last: u8) -> Option<What> {
    match (params, last) {
        (b"", b'I') => return Some(What::Focus(true)),
        (b"", b'O') => return Some(What::Focus(false)),
        (b"", b'Z') => return Some(What::Key(Key::new(Code::Tab).with_shift())),
        _ => {}
    }
    let text = std::str::from_utf8(params).ok()?;
    if let Some(report) = text.strip_prefix('<') {
        return mouse(report, last).map(What::Mouse);
    }
    let mut numbers = text.split(';').map(|n| if n.is_empty() { Some(1) } else { n.parse::<u16>().ok() });
    let first = numbers.next()??;
    let held = numbers.next().unwrap_or(Some(1))?;
    if numbers.next().is_some() {
        return None;
    }
    let code = match last {
        b'~' => tilde(first)?,
        // `CSI row ; col R` is also a cursor report, so no F3 comes this way.
        b'R' => return None,
        _ if first == 1 => letter(last)?,
        _ => return None,
    };
    Some(What::Key(modified(code, held)?))
}

/// Reads `CSI < button ; column ; row M`, counted from one. Other buttons, buttons with a
/// key held, moves and releases (`m`) mean nothing.
fn mouse(report: &str, last: u8) -> Option<Mouse> {
    let mut numbers = report.split(';').map(|n| n.parse::<u16>().ok());
    let (button, column, row) = (numbers.next()??, numbers.next()??, numbers.next()??);
    if numbers.next().is_some() || last != b'M' {
        return None;
    }
    let at = Position { x: column.checked_sub(1)?, y: row.checked_sub(1)? };
    match button {
        0 => Some(Mouse::Click(at)),
        64 | 65 => Some(Mouse::Wheel(at, button == 65)),
        _ => None,
    }
}

/// Returns the key of `SS3 last`.
pub fn ss3(last: u8) -> Option<Key> {
    if let Some(code) = letter(last) {
        return Some(Key::new(code));
    }
    match last {
        b'M' => Some(Key::new(Code::Enter)),
        b'j'..=b'y' => Some(Key::char(char::from(last - 0x40))),
        _ => None,
    }
}

/// Returns the key of the Linux console's `ESC [ [ last`.
pub fn console(last: u8) -> Option<Key> {
    matches!(last, b'A'..=b'E').then(|| Key::new(Code::F(last - b'A' + 1)))
}

fn letter(last: u8) -> Option<Code> {
    Some(match last {
        b'A' => Code::Up,
        b'B' => Code::Down,
        b'C' => Code::Right,
        b'D' => Code::Left,
        b'F' => Code::End,
        b'H' => Code::Home,
        b'P'..=b'S' => Code::F(last - b'P' + 1),
        _ => return None,
    })
}

fn tilde(number: u16) -> Option<Code> {
    Some(match number {
        1 | 7 => Code::Home,
        2 => Code::Insert,
        3 => Code::Delete,
        4 | 8 => Code::End,
        5 => Code::PageUp,
        6 => Code::PageDown,
        11..=15 => Code::F(u8::try_from(number).ok()? - 10),
        17..=21 => Code::F(u8::try_from(number).ok()? - 11),
        23 | 24 => Code::F(u8::try_from(number).ok()? - 12),
        _ => return None,
    })
}

/// Adds the modifiers of xterm's second parameter: 1 + shift 1, alt 2, ctrl 4.
fn modified(code: Code, held: u16) -> Option<Key> {
    let bits = held.checked_sub(1)?;
    Some(Key { code, shift: bits & 1 != 0, alt: bits & 2 != 0, ctrl: bits & 4 != 0 })
}
