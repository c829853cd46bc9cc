//! The modes we set on the terminal, and the one way back from them.
//!
//! Entered and left on the thread of the screens, with nobody else writing.
//! Leaving is idempotent, undoes exactly what entering did, throws away keys
//! nobody has read (the shell must not get them), and never waits long.

use super::tty::Tty;
use rustix::termios::{OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Alternate screen, cursor hidden, bracketed paste, focus reports.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[?1004h";
/// The reverse, after ending a synchronized update and colours that may have been cut short.
const LEAVE: &[u8] = b"\x1b[?2026l\x1b[0m\x1b[?1004l\x1b[?2004l\x1b[?25h\x1b[?1049l";
/// The mouse reported, by buttons and in decimal (1000, 1006); and the reverse.
const MOUSE: &[u8] = b"\x1b[?1000h\x1b[?1006h";
const NO_MOUSE: &[u8] = b"\x1b[?1006l\x1b[?1000l";
/// The window's title put aside, and taken back.
const PUSH_TITLE: &[u8] = b"\x1b[22;0t";
const POP_TITLE: &[u8] = b"\x1b[23;0t";
const PATIENCE: Duration = Duration::from_millis(500);

/// The terminal's modes; dropping them leaves.
#[derive(Debug)]
pub struct Modes {
    tty: Arc<Tty>,
    before: Option<Termios>,
    /// Whether the title of before was put aside.
    titled: bool,
    /// Whether the mouse is wanted, and whether it was asked for since entering.
    mouse: bool,
    moused: bool,
}

impl Modes {
    /// Modes that have not been entered.
    pub fn new(tty: Arc<Tty>) -> Self {
        Self { tty, before: None, titled: false, mouse: false, moused: false }
    }

    /// Whether they are entered.
    pub fn entered(&self) -> bool {
        self.before.is_some()
    }

    /// Enters; when already entered, sets the same modes again and keeps the
    /// first state to go back to.
    ///
    /// # Errors
    /// When the terminal refuses; then nothing stays set.
    pub fn enter(&mut self) -> io::Result<()> {
        let before = match self.before.take() {
            Some(before) => before,
            None => tcgetattr(&*self.tty)?,
        };
        let mut raw = before.clone();
        raw.make_raw();
        self.before = Some(before);
        self.moused |= self.mouse;
        let modes = if self.mouse { [ENTER, MOUSE].concat() } else { ENTER.to_vec() };
        let set = tcsetattr(&*self.tty, OptionalActions::Now, &raw)
            .map_err(io::Error::from)
            .and_then(|()| self.tty.write_until(&modes, Instant::now() + PATIENCE));
        if set.is_err() {
            self.leave();
        }
        set
    }

    /// The bytes that put the window's title aside before it is changed; leaving takes
    /// it back. None when that was done already.
    pub fn titled(&mut self) -> &'static [u8] {
        if std::mem::replace(&mut self.titled, true) { b"" } else { PUSH_TITLE }
    }

    /// The bytes that ask for the mouse, or give it back; none when that is so already.
    /// Leaving gives it back as well.
    pub fn mouse(&mut self, on: bool) -> &'static [u8] {
        self.moused |= on;
        match (std::mem::replace(&mut self.mouse, on), on) {
            (false, true) => MOUSE,
            (true, false) => NO_MOUSE,
            _ => b"",
        }
    }

    /// Leaves; does nothing when not entered. A terminal that is gone or stuck is left as it is.
    pub fn leave(&mut self) {
        let Some(before) = self.before.take() else { return };
        if std::mem::take(&mut self.titled) {
            let _ = self.tty.write_until(POP_TITLE, Instant::now() + PATIENCE);
        }
        // Also when it was given back: those bytes may never have left.
        if std::mem::take(&mut self.moused) {
            let _ = self.tty.write_until(NO_MOUSE, Instant::now() + PATIENCE);
        }
        let _ = self.tty.write_until(LEAVE, Instant::now() + PATIENCE);
        let _ = tcflush(&*self.tty, QueueSelector::IFlush);
        let _ = tcsetattr(&*self.tty, OptionalActions::Now, &before);
    }
}

impl Drop for Modes {
    fn drop(&mut self) {
        self.leave();
    }
}
