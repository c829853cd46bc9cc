//! The state a program has left a terminal in, read from the bytes it wrote.
//!
//! The screen emulator forgets some modes, so the bytes are read once more for
//! those that a user notices when they stay on after the program has gone.

use std::collections::BTreeMap;

/// Terminal modes after a stretch of output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Modes {
    /// DEC private modes by number; true is set.
    private: BTreeMap<u16, bool>,
    /// How many sets of keyboard enhancements are pushed and not popped.
    pub keyboard_pushed: i32,
    /// Whether the program asked the terminal something and waits for its answer.
    pub queried: bool,
}

impl Modes {
    /// Reads the modes from everything a program wrote.
    pub fn of(output: &[u8]) -> Self {
        let mut modes = Self::default();
        for (start, _) in output.windows(2).enumerate().filter(|(_, two)| *two == b"\x1b[") {
            modes.control_sequence(&output[start + 2..]);
        }
        modes
    }

    fn control_sequence(&mut self, rest: &[u8]) {
        let Some(length) = rest.iter().position(|byte| (0x40..=0x7e).contains(byte)) else { return };
        let (parameters, last) = (&rest[..length], rest[length]);
        match (parameters.first(), last) {
            (Some(b'?'), b'h' | b'l') => {
                let numbers = String::from_utf8_lossy(&parameters[1..]).into_owned();
                for number in numbers.split(';').filter_map(|number| number.parse().ok()) {
                    self.private.insert(number, last == b'h');
                }
            }
            (Some(b'>'), b'u') => self.keyboard_pushed += 1,
            (Some(b'<'), b'u') => self.keyboard_pushed -= 1,
            (Some(b'?'), b'u') | (_, b'n' | b'c') => self.queried = true,
            _ => {}
        }
    }

    fn set(&self, number: u16) -> bool {
        self.private.get(&number).copied().unwrap_or(false)
    }

    /// Whether the alternate screen is on.
    pub fn alternate_screen(&self) -> bool {
        [47, 1047, 1049].iter().any(|mode| self.set(*mode))
    }

    /// Whether the cursor is hidden.
    pub fn cursor_hidden(&self) -> bool {
        self.private.get(&25) == Some(&false)
    }

    /// Whether pastes come bracketed.
    pub fn bracketed_paste(&self) -> bool {
        self.set(2004)
    }

    /// Whether the mouse or the focus is reported.
    pub fn mouse_or_focus(&self) -> bool {
        [9, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1016].iter().any(|mode| self.set(*mode))
    }

    /// Whether the mouse is reported.
    pub fn mouse(&self) -> bool {
        self.set(1000) || self.set(1006)
    }

    /// Whether a synchronised update was begun and not ended.
    pub fn update_open(&self) -> bool {
        self.set(2026)
    }

    /// Whether the terminal is as a shell wants it; says what is not.
    pub fn restored(&self) -> Result<(), String> {
        let left = [
            ("the alternate screen is on", self.alternate_screen()),
            ("the cursor is hidden", self.cursor_hidden()),
            ("pastes are bracketed", self.bracketed_paste()),
            ("mouse or focus is reported", self.mouse_or_focus()),
            ("an update is open", self.update_open()),
            ("the keyboard is enhanced", self.keyboard_pushed > 0),
        ];
        let left: Vec<_> = left.iter().filter(|(_, wrong)| *wrong).map(|(what, _)| *what).collect();
        if left.is_empty() { Ok(()) } else { Err(left.join(", ")) }
    }
}
