//! A program in a terminal of its own: keys go in, a screen comes out.
//!
//! The screen is emulated, so a test waits for what a person would see. The
//! bytes are kept too, for what a person would only notice afterwards: modes
//! left on, a terminal left raw.

use super::keys;
use super::launch::{Output, cells, extent};
use super::modes::Modes;
use super::standstill::stood_still;
use super::wait::until;
use portable_pty::{Child, MasterPty};
use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use std::io::Write;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// How long a text may take to appear when the test says nothing else.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A running program and its terminal.
pub struct Pty {
    child: Box<dyn Child + Send + Sync>,
    wires: Option<Wires>,
    name: PathBuf,
    output: Arc<Mutex<Output>>,
    started: Instant,
    exit: Option<Exit>,
}

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// Its exit code; 1 when a signal ended it.
    pub code: u32,
    /// The signal that ended it, in words.
    pub signal: Option<String>,
    /// How long after its start it was seen to have ended.
    pub after: Duration,
}

pub(super) struct Wires {
    pub(super) master: Box<dyn MasterPty + Send>,
    pub(super) writer: Box<dyn Write + Send>,
}

impl Pty {
    pub(super) fn running(
        child: Box<dyn Child + Send + Sync>,
        wires: Wires,
        name: PathBuf,
        output: Arc<Mutex<Output>>,
        started: Instant,
    ) -> Self {
        Self { child, wires: Some(wires), name, output, started, exit: None }
    }

    /// Presses keys; see [`keys::bytes`] for their names.
    #[track_caller]
    pub fn keys(&mut self, keys: &str) {
        self.send(&keys::bytes(keys));
    }

    /// Presses a key until it has opened something, within [`PATIENCE`]. A key is refused where what
    /// it is about is not highlighted in a picture that the program knows to be painted.
    #[track_caller]
    pub fn opens(&mut self, key: &str, text: &str) {
        let (began, before) = (Instant::now(), stood_still());
        while began.elapsed() < PATIENCE + (stood_still() - before) {
            self.keys(key);
            if until(Duration::from_secs(3), || self.screen().contains(text).then_some(())).is_some() {
                return;
            }
            if !self.screen().contains("nothing was done") {
                break;
            }
        }
        self.wait_for(text);
    }

    /// Pastes a text, bracketed.
    #[track_caller]
    pub fn paste(&mut self, text: &str) {
        self.send(&keys::paste(text));
    }

    /// Sends bytes as they are.
    #[track_caller]
    pub fn send(&mut self, bytes: &[u8]) {
        let wires = self.wires.as_mut().expect("the terminal is closed");
        wires.writer.write_all(bytes).unwrap();
        wires.writer.flush().unwrap();
    }

    /// Waits until the text is on the screen, within [`PATIENCE`].
    #[track_caller]
    pub fn wait_for(&self, text: &str) {
        self.wait_for_within(text, PATIENCE);
    }

    /// Waits until the text is on the screen.
    #[track_caller]
    pub fn wait_for_within(&self, text: &str, deadline: Duration) {
        self.wait_screen(&format!("{text:?} is on the screen"), deadline, |screen| screen.contains(text));
    }

    /// Waits until the text is no longer on the screen, within [`PATIENCE`].
    #[track_caller]
    pub fn wait_gone(&self, text: &str) {
        self.wait_screen(&format!("{text:?} is gone"), PATIENCE, |screen| !screen.contains(text));
    }

    /// Waits until something is true of the screen's text.
    #[track_caller]
    pub fn wait_screen(&self, what: &str, deadline: Duration, mut holds: impl FnMut(&str) -> bool) {
        if until(deadline, || holds(&self.screen()).then_some(())).is_none() {
            let ended = if self.output().ended { " (its output has ended)" } else { "" };
            panic!("after {deadline:?} still not: {what}{ended}\n{}", self.framed());
        }
    }

    /// The screen as text, one line a row, without trailing blanks.
    pub fn screen(&self) -> String {
        let output = self.output();
        let screen = output.emulator.screen();
        let rows: Vec<String> = screen.rows(0, screen.size().1.get()).map(|row| row.trim_end().to_owned()).collect();
        rows.join("\n")
    }

    /// Looks at the emulated screen itself: cells, colours, cursor.
    pub fn look<T>(&self, at: impl FnOnce(&vt100::Screen) -> T) -> T {
        at(self.output().emulator.screen())
    }

    /// Everything it has written.
    pub fn emitted(&self) -> Vec<u8> {
        self.output().bytes.clone()
    }

    /// The modes its output has left the terminal in.
    pub fn modes(&self) -> Modes {
        Modes::of(&self.output().bytes)
    }

    /// The settings of the terminal line; the terminal must be open.
    pub fn termios(&self) -> Termios {
        tcgetattr(self.line()).unwrap()
    }

    /// Whether the line is raw: keys arrive one by one, without echo and signals.
    pub fn raw(&self) -> bool {
        !self.termios().local_modes.intersects(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG)
    }

    /// Changes the terminal's size.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.output().emulator.screen_mut().set_size(extent(rows), extent(columns));
        self.wires.as_ref().expect("the terminal is closed").master.resize(cells((columns, rows))).unwrap();
    }

    /// Changes the terminal's size to any, also to none, without looking at the screen meanwhile.
    pub fn resize_line(&mut self, columns: u16, rows: u16) {
        self.wires.as_ref().expect("the terminal is closed").master.resize(cells((columns, rows))).unwrap();
    }

    /// Lets the terminal's output go on, as Ctrl-Q does.
    pub fn resume_output(&mut self) {
        rustix::termios::tcflow(self.line(), rustix::termios::Action::OOn).unwrap();
    }

    /// Stops the terminal's output, as Ctrl-S does: whoever writes to it waits.
    pub fn stop_output(&mut self) {
        rustix::termios::tcflow(self.line(), rustix::termios::Action::OOff).unwrap();
    }

    /// Reads so many bytes a second from now on, as a line of old; none: as many as there are.
    pub fn read_slowly(&mut self, bytes: Option<usize>) {
        self.output().rate = bytes;
    }

    /// Closes the terminal, as when its window is closed or the link drops: a
    /// hang-up, and no byte of input. The program may still be waited for.
    pub fn close(&mut self) {
        let Some(wires) = self.wires.take() else { return };
        // A dropped writer types newline and end-of-file, unless there is no end-of-file character.
        let line = self.line();
        let _ = rustix::termios::tcflow(&line, rustix::termios::Action::OOn);
        if let Ok(mut settings) = tcgetattr(&line) {
            settings.special_codes[SpecialCodeIndex::VEOF] = 0;
            let _ = tcsetattr(&line, OptionalActions::Now, &settings);
        }
        drop(wires.writer);
        // The listener holds the terminal open while it waits for output: give it some.
        self.output().closing = true;
        // A terminal that is full has some; waiting for room would be for ever.
        if let Ok(line) = self.opened(OFlags::NONBLOCK) {
            let _ = rustix::io::write(line, b" ");
        }
        let _ = until(PATIENCE, || self.output().ended.then_some(()));
        drop(line);
        drop(wires.master);
    }

    /// Its process id.
    pub fn pid(&self) -> i32 {
        self.child.process_id().map_or(0, |pid| pid as i32)
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        if let Some(pid) = Pid::from_raw(self.pid()) {
            let _ = kill_process(pid, signal);
        }
    }

    /// Waits until it has ended and all its output has been read.
    #[track_caller]
    pub fn wait_exit(&mut self, deadline: Duration) -> Exit {
        if let Some(exit) = &self.exit {
            return exit.clone();
        }
        let Some(status) = until(deadline, || self.child.try_wait().unwrap()) else {
            panic!("still running after {deadline:?}\n{}", self.framed());
        };
        let exit = Exit {
            code: status.exit_code(),
            signal: status.signal().map(str::to_owned),
            after: self.started.elapsed(),
        };
        // A child that outlives it may hold the terminal open; what it wrote itself is there already.
        let _ = until(Duration::from_secs(5), || self.output().ended.then_some(()));
        self.exit = Some(exit.clone());
        exit
    }

    fn output(&self) -> MutexGuard<'_, Output> {
        self.output.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn line(&self) -> OwnedFd {
        self.opened(OFlags::empty()).unwrap()
    }

    fn opened(&self, how: OFlags) -> rustix::io::Result<OwnedFd> {
        rustix::fs::open(&self.name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC | how, Mode::empty())
    }

    fn framed(&self) -> String {
        let (columns, rows) = self.look(|screen| (screen.size().1, screen.size().0));
        let lines: Vec<String> = self.screen().lines().map(|line| format!("|{line}")).collect();
        format!("-- screen, {columns}×{rows}\n{}\n-- end", lines.join("\n"))
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        if self.exit.is_none() {
            self.signal(Signal::KILL);
            let _ = self.child.wait();
        }
        self.close();
    }
}
