//! The thread that reads the terminal: the only reader there is.
//!
//! It waits in one `poll(2)` for bytes, signals, its own end and the parser's
//! time-out, and hands everything to the sink. When the terminal is gone it
//! says so once and ends: it can neither spin nor hang. Stopping it (for an
//! editor or a pager) leaves every unread byte to whoever reads next.

use super::event::{Event, Sink, What};
use super::keys::Parser;
use super::signals::Signals;
use super::slice;
use super::tty::{Tty, timespec};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

/// A running reader; dropping it stops it.
#[derive(Debug)]
pub struct Input {
    wake: Option<OwnedFd>,
    thread: Option<JoinHandle<()>>,
}

impl Input {
    /// Starts to read.
    ///
    /// # Errors
    /// When its pipe or thread cannot be made.
    pub fn start(tty: Arc<Tty>, signals: Arc<Signals>, sink: Sink) -> io::Result<Self> {
        let (woken, wake) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
        let thread = std::thread::Builder::new().name("terminal-input".into()).spawn(move || {
            slice::short();
            let mut reader = Reader { tty, signals, woken, sink, parser: Parser::default(), found: Vec::new() };
            reader.run();
        })?;
        Ok(Self { wake: Some(wake), thread: Some(thread) })
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        // Closing our end is the wake-up.
        self.wake = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Reader {
    tty: Arc<Tty>,
    signals: Arc<Signals>,
    woken: OwnedFd,
    sink: Sink,
    parser: Parser,
    found: Vec<What>,
}

/// Which of the three files has something to say.
struct Ready {
    tty: PollFlags,
    signals: PollFlags,
    woken: PollFlags,
}

impl Reader {
    fn run(&mut self) {
        loop {
            let ready = match self.wait() {
                Ok(ready) => ready,
                Err(Errno::INTR) => continue,
                Err(_) => return self.hang_up("poll"),
            };
            if !ready.woken.is_empty() {
                return;
            }
            if !ready.signals.is_empty() {
                self.signals.take(&mut self.found);
                self.deliver(Instant::now());
            }
            if let Err(why) = self.read(ready.tty) {
                return self.hang_up(why);
            }
            let now = Instant::now();
            self.parser.expire(now, &mut self.found);
            self.deliver(now);
        }
    }

    fn wait(&self) -> rustix::io::Result<Ready> {
        let left = self.parser.deadline().map(|at| timespec(at.saturating_duration_since(Instant::now())));
        let mut fds = [
            PollFd::from_borrowed_fd(self.tty.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(self.signals.as_fd(), PollFlags::IN),
            PollFd::new(&self.woken, PollFlags::IN),
        ];
        poll(&mut fds, left.as_ref())?;
        let [tty, signals, woken] = fds.map(|fd| fd.revents());
        Ok(Ready { tty, signals, woken })
    }

    fn read(&mut self, ready: PollFlags) -> Result<(), &'static str> {
        if ready.contains(PollFlags::IN) {
            let mut bytes = [0; 4096];
            match self.tty.read(&mut bytes) {
                Ok(Some(n)) => {
                    let now = Instant::now();
                    self.parser.feed(bytes.get(..n).unwrap_or_default(), now, &mut self.found);
                    self.deliver(now);
                }
                Ok(None) => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err("end of file"),
                Err(_) => return Err("I/O error"),
            }
        } else if ready.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
            return Err("hang-up");
        }
        Ok(())
    }

    fn deliver(&mut self, at: Instant) {
        let burst = self.found.len();
        for what in self.found.drain(..) {
            (self.sink)(Event { what, at, burst });
        }
    }

    fn hang_up(&self, why: &'static str) {
        (self.sink)(Event::now(What::HangUp(why)));
    }
}
