//! The stream that plain mode writes: whole lines, harmless, and a prompt where
//! somebody sits at it.
//!
//! No byte that acts on a terminal leaves here.

use crate::domain::text::harmless_lines;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// A prompt comes once nothing has been written for this long.
const QUIET: Duration = Duration::from_millis(300);

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
    /// Whether a prompt is owed: at the start, and once a line has been answered.
    owed: bool,
    /// Whether the last thing written is a prompt.
    prompted: bool,
    /// Whether somebody may have begun to type since the last line.
    waited: bool,
    /// When a line was last written.
    wrote: Instant,
    /// Whether nobody reads any more.
    pub gone: bool,
}

impl Stream {
    /// The stream of this process.
    pub fn open() -> Self {
        let typed = std::io::stdin().is_terminal();
        Self { typed, owed: true, prompted: false, waited: false, wrote: Instant::now(), gone: false }
    }

    /// Writes a line; on a line of its own, whatever somebody has typed so far.
    pub fn say(&mut self, text: &str) {
        let apart = std::mem::take(&mut self.prompted) | std::mem::take(&mut self.waited);
        let before = if apart { "\n" } else { "" };
        self.wrote = Instant::now();
        self.write(&format!("{before}{}\n", by_ear(&harmless_lines(text))));
    }

    /// Writes lines.
    pub fn tell(&mut self, lines: impl IntoIterator<Item = String>) {
        lines.into_iter().for_each(|line| self.say(&line));
    }

    /// Shows that a line is awaited: once after each line that was typed, and
    /// again below a question that news have come between.
    pub fn prompt(&mut self, hand: &Hand) {
        // What a line brings about comes at once, and belongs above the prompt.
        if matches!(hand, Hand::Free) && self.wrote.elapsed() < QUIET {
            return;
        }
        let owed = self.owed || matches!(hand, Hand::Asked);
        if self.typed && owed && !self.prompted {
            self.write(match hand {
                Hand::Free => "> ",
                Hand::Asked => "type it> ",
            });
            self.prompted = true;
        }
        self.owed = false;
        self.waited = self.typed;
    }

    /// Notes that a line was typed.
    pub fn entered(&mut self) {
        (self.owed, self.prompted, self.waited) = (true, false, false);
        self.wrote = Instant::now();
    }

    /// Owes a prompt again: what it stood for is no more.
    pub fn again(&mut self) {
        self.owed = true;
    }

    fn write(&mut self, text: &str) {
        let mut out = std::io::stdout().lock();
        self.gone |= out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_err();
    }
}

/// Signs that are read out by their names, as what they stand for.
fn by_ear(text: &str) -> String {
    text.replace(" · ", "; ").replace(" → ", " to ").replace("?.", "?")
}
