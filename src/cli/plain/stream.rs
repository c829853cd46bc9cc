//! The stream that plain mode writes: whole lines, harmless, and a prompt where
//! somebody sits at it.
//!
//! No byte that acts on a terminal leaves here.

use crate::domain::text::harmless_lines;
use std::io::{IsTerminal, Write};

/// What is shown before the hand.
pub enum Hand {
    /// Any command is taken.
    Free,
    /// A question is open.
    Asked,
}

/// Standard output, line by line.
pub struct Stream {
    /// Whether somebody types at a terminal.
    typed: bool,
    /// Whether the last thing written is a prompt.
    prompted: bool,
    /// Whether nobody reads any more.
    pub gone: bool,
}

impl Stream {
    /// The stream of this process.
    pub fn open() -> Self {
        Self { typed: std::io::stdin().is_terminal(), prompted: false, gone: false }
    }

    /// Writes a line.
    pub fn say(&mut self, text: &str) {
        let before = if std::mem::take(&mut self.prompted) { "\n" } else { "" };
        self.write(&format!("{before}{}\n", harmless_lines(text)));
    }

    /// Writes lines.
    pub fn tell(&mut self, lines: impl IntoIterator<Item = String>) {
        lines.into_iter().for_each(|line| self.say(&line));
    }

    /// Shows that a line is awaited, unless it is shown already.
    pub fn prompt(&mut self, hand: &Hand) {
        if self.typed && !self.prompted {
            self.write(match hand {
                Hand::Free => "> ",
                Hand::Asked => "type it> ",
            });
            self.prompted = true;
        }
    }

    /// Notes that a line was typed behind the prompt.
    pub fn entered(&mut self) {
        self.prompted = false;
    }

    fn write(&mut self, text: &str) {
        let mut out = std::io::stdout().lock();
        self.gone |= out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_err();
    }
}
