//! The terminal's file: opened by ourselves, so that making it non-blocking
//! changes nothing for the shell that shares the old one.
//!
//! Reads and writes here never block; waiting is `poll(2)` with a deadline.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::termios::{isatty, tcgetwinsize, ttyname};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

/// An open terminal.
#[derive(Debug)]
pub struct Tty {
    fd: OwnedFd,
}

/// The largest width and height that are drawn, in cells: a terminal that
/// claims more gets its corner filled, not our memory.
pub const LARGEST: (u16, u16) = (1000, 500);

impl Tty {
    /// Opens the terminal behind standard input, else the one behind standard output.
    ///
    /// # Errors
    /// When neither is a terminal, or it cannot be opened.
    pub fn open() -> io::Result<Self> {
        let names = [ttyname(rustix::stdio::stdin(), Vec::new()), ttyname(rustix::stdio::stdout(), Vec::new())];
        if !isatty(rustix::stdio::stdin()) && !isatty(rustix::stdio::stdout()) {
            return Err(io::Error::other(
                "cannot open the screens: neither standard input nor output is a terminal; use the verbs instead",
            ));
        }
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let mut last = Errno::NOTTY;
        for name in names.into_iter().flatten().chain([c"/dev/tty".to_owned()]) {
            match rustix::fs::open(&name, flags, Mode::empty()) {
                Ok(fd) => return Ok(Self { fd }),
                Err(error) => last = error,
            }
        }
        Err(io::Error::new(io::Error::from(last).kind(), format!("cannot open the terminal: {last}")))
    }

    /// Wraps a file that is already open, non-blocking; for tests and ptys.
    pub fn from_fd(fd: OwnedFd) -> Self {
        Self { fd }
    }

    /// The size in cells, width first; 80 × 24 when the terminal cannot say.
    pub fn size(&self) -> (u16, u16) {
        match tcgetwinsize(&self.fd) {
            Ok(size) => (size.ws_col.min(LARGEST.0), size.ws_row.min(LARGEST.1)),
            Err(_) => (80, 24),
        }
    }

    /// Reads what is there; none when nothing is.
    ///
    /// # Errors
    /// When the terminal is gone; a read of nothing counts as that.
    pub fn read(&self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        match rustix::io::read(&self.fd, buffer) {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => Ok(Some(n)),
            Err(Errno::AGAIN | Errno::INTR) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes all bytes, waiting for a slow terminal while `go_on` says so.
    ///
    /// # Errors
    /// When the terminal is gone, or `TimedOut` when `go_on` ended it.
    pub fn write(&self, mut bytes: &[u8], go_on: impl Fn() -> bool) -> io::Result<()> {
        while !bytes.is_empty() {
            match rustix::io::write(&self.fd, bytes) {
                Ok(n) => bytes = bytes.get(n..).unwrap_or_default(),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    if !go_on() {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                    self.wait_writable(Duration::from_millis(50))?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Writes all bytes before a deadline.
    ///
    /// # Errors
    /// As [`Tty::write`].
    pub fn write_until(&self, bytes: &[u8], deadline: Instant) -> io::Result<()> {
        self.write(bytes, || Instant::now() < deadline)
    }

    fn wait_writable(&self, longest: Duration) -> io::Result<()> {
        let mut fds = [PollFd::new(&self.fd, PollFlags::OUT)];
        match poll(&mut fds, Some(&timespec(longest))) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let [fd] = fds;
        match fd.revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
            true => Err(io::ErrorKind::BrokenPipe.into()),
            false => Ok(()),
        }
    }
}

impl AsFd for Tty {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// A duration as `poll(2)` takes it.
pub fn timespec(duration: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(duration.subsec_nanos()),
    }
}
