//! The terminal: taken, guarded and given back.
//!
//! One thread reads, one writes, and the thread of the screens owns the modes.
//! The loop sees one stream of [`Event`]s and hands over whole pictures; it
//! never waits for the terminal and never asks it anything. Whatever ends the
//! loop (a key, a signal, a hang-up, a panic), dropping [`Terminal`] restores
//! every mode once, within two seconds even when the terminal is stuck.

mod csi;
pub mod event;
pub mod input;
pub mod key;
pub mod keys;
pub mod lent;
pub mod modes;
pub mod output;
pub mod pace;
pub mod painter;
pub mod panics;
mod sgr;
pub mod signals;
mod slice;
pub mod tty;

pub use event::{Event, FrameId, Mouse, Paste, Sink, TORN, What};
pub use key::{Code, Key, NoSuchKey, key_names};

use input::Input;
use modes::Modes;
use output::{Frame, Output};
use panics::Panics;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use signals::Signals;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tty::Tty;

/// How long a stop is held back for a SIGCONT that follows it, and how often that is
/// looked for: a stop that we send ourselves would make the system forget one on its way.
const GRACE: Duration = Duration::from_millis(30);
const LOOK: Duration = Duration::from_millis(2);

/// The terminal while the screens are up. Fields are dropped in this order:
/// reader and writer end, modes are left, then panics are told.
pub struct Terminal {
    input: Option<Input>,
    output: Option<Output>,
    modes: Modes,
    signals: Arc<Signals>,
    _panics: Panics,
    tty: Arc<Tty>,
    sink: Sink,
    frames: u64,
}

impl Terminal {
    /// Takes the terminal of standard input or output; call it on the thread of the screens.
    ///
    /// # Errors
    /// When there is no terminal or it refuses; then nothing stays changed.
    pub fn open(sink: Sink) -> io::Result<Self> {
        let tty = Arc::new(Tty::open()?);
        let signals = Arc::new(Signals::listen()?);
        let panics = Panics::watch(&sink);
        let modes = Modes::new(Arc::clone(&tty));
        let mut terminal = Self { input: None, output: None, modes, signals, _panics: panics, tty, sink, frames: 0 };
        terminal.resume()?;
        slice::short();
        Ok(terminal)
    }

    /// The size in cells as it is now.
    pub fn area(&self) -> Rect {
        let (width, height) = self.tty.size();
        Rect::new(0, 0, width, height)
    }

    /// Draws a picture and hands it over without waiting; the closure returns
    /// where the cursor stands, if it is shown. None when there was nothing to
    /// draw on: suspended, or a window without any cell.
    pub fn draw(&mut self, draw: impl FnOnce(Rect, &mut Buffer) -> Option<Position>) -> Option<FrameId> {
        let area = self.area();
        let output = self.output.as_ref().filter(|_| !area.is_empty())?;
        let mut buffer = output.spare();
        buffer.resize(area);
        buffer.reset();
        let _ = crate::fault::at("terminal.draw");
        let cursor = draw(area, &mut buffer).filter(|at| area.contains(*at));
        self.frames += 1;
        let id = FrameId(self.frames);
        output.submit(Frame { id, buffer, cursor });
        Some(id)
    }

    /// How long a picture that may wait still has to; hardly at all on a terminal that keeps up.
    pub fn rest(&self) -> Duration {
        self.output.as_ref().map_or(Duration::ZERO, Output::rest)
    }

    /// Paints the next frame whole: a window that shrank and grew back has lost cells,
    /// though its size is as before.
    pub fn forget(&self) {
        if let Some(output) = &self.output {
            output.forget();
        }
    }

    /// Asks the terminal to take a text into its clipboard (OSC 52), and says whether
    /// it was asked: not for a text that is too long for it. Many take it, some do not,
    /// and none says.
    pub fn copy(&self, text: &str) -> bool {
        let (Some(output), Some(bytes)) = (&self.output, super::clipboard::osc52(text)) else { return false };
        output.say(bytes);
        true
    }

    /// Rings, notifies: bytes that show nothing in a cell.
    pub fn call(&self, bytes: Vec<u8>) {
        if let Some(output) = self.output.as_ref().filter(|_| !bytes.is_empty()) {
            output.say(bytes);
        }
    }

    /// Names the window; its title of before comes back with everything else.
    pub fn name(&mut self, title: &str) {
        let Some(output) = &self.output else { return };
        output.say([self.modes.titled(), &super::attention::osc2(title)].concat());
    }

    /// Asks the terminal to report the mouse, or to keep it to itself.
    pub fn mouse(&mut self, on: bool) {
        let bytes = self.modes.mouse(on);
        if let Some(output) = self.output.as_ref().filter(|_| !bytes.is_empty()) {
            output.say(bytes.to_vec());
        }
    }

    /// Gives the terminal to another program (an editor, a pager) until [`Terminal::resume`].
    pub fn lend(&mut self) {
        self.input = None;
        self.output = None;
        self.modes.leave();
    }

    /// Tells whether the process was asked to end, for while the terminal is lent and nothing else is heard.
    pub fn ends(&self) -> impl Fn() -> Option<&'static str> + use<> {
        let signals = Arc::clone(&self.signals);
        move || signals.ending()
    }

    /// Stops the process as SIGTSTP does, unless it was told to go on since. The loop
    /// then waits for [`What::Continue`] and calls [`Terminal::resume`]. A SIGCONT that comes
    /// between the last look for it and the stop is lost: the system forgets it for the stop.
    pub fn suspend(&mut self) {
        self.output = None;
        self.modes.leave();
        // Whoever stops us and goes on at once has time to be heard first.
        let until = Instant::now() + GRACE;
        while self.signals.stopping() && Instant::now() < until {
            std::thread::sleep(LOOK);
        }
        if self.signals.stopping() {
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP);
        }
    }

    /// Takes the terminal again and paints the next frame whole; right also
    /// after a [`What::Continue`] that followed no [`Terminal::suspend`].
    ///
    /// # Errors
    /// When the terminal refuses.
    pub fn resume(&mut self) -> io::Result<()> {
        self.output = None;
        self.modes.enter()?;
        self.output = Some(Output::start(Arc::clone(&self.tty), Arc::clone(&self.sink))?);
        if self.input.is_none() {
            // Ctrl-C in the program that had the terminal was meant for it.
            self.signals.forget_interrupt();
            let input = Input::start(Arc::clone(&self.tty), Arc::clone(&self.signals), Arc::clone(&self.sink))?;
            self.input = Some(input);
        }
        Ok(())
    }
}
