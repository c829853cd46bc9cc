//! The lines that are typed at the prompt, each with how it came: when its first
//! byte was there, and whether other lines came with it.
//!
//! It reads and judges nothing; what may be done with a line that was typed ahead
//! or poured in is decided where the question is.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

/// The longest line that is taken, in bytes.
const LONGEST: usize = 4096;
/// Bytes that follow a line within this came with it: nobody types so fast.
const TOGETHER: Duration = Duration::from_millis(40);
/// How many lines wait to be looked at; whoever pours in more waits.
const WAITING: usize = 64;

/// A line that was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its text, without the line end; still untrusted.
    pub text: String,
    /// Before this its first byte was not there.
    pub begun: Instant,
    /// Whether no other line came with it.
    pub alone: bool,
}

/// What the prompt hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A line.
    Line(Line),
    /// A line that was too long; nothing of it is kept.
    TooLong,
    /// Nothing will come any more.
    End,
}

/// Starts to read standard input, on a thread that ends with the input.
///
/// # Errors
/// When the thread cannot be made.
pub fn listen() -> std::io::Result<Receiver<Heard>> {
    let (sender, heard) = mpsc::sync_channel(WAITING);
    std::thread::Builder::new().name("prompt".to_owned()).spawn(move || {
        let (passed, lines) = mpsc::channel();
        let empty = Instant::now();
        let mut reader = Reader { passed, partial: Vec::new(), begun: None, empty, following: false, long: false };
        while reader.read() {
            for line in lines.try_iter() {
                if sender.send(line).is_err() {
                    return;
                }
            }
        }
        lines.try_iter().chain([Heard::End]).for_each(|last| drop(sender.send(last)));
    })?;
    Ok(heard)
}

/// Throws away what was typed and not read yet, where standard input is a terminal.
pub fn flush_typed_ahead() {
    let _ = rustix::termios::tcflush(rustix::stdio::stdin(), rustix::termios::QueueSelector::IFlush);
}

struct Reader {
    passed: Sender<Heard>,
    partial: Vec<u8>,
    /// When the first byte of the partial line was there.
    begun: Option<Instant>,
    /// When nothing was there for the last time.
    empty: Instant,
    /// Whether the next line begins right behind another.
    following: bool,
    /// Whether the partial line is too long already.
    long: bool,
}

impl Reader {
    /// Reads once; false when nothing will come any more.
    fn read(&mut self) -> bool {
        let waited = !ready(Some(Duration::ZERO));
        if waited {
            if !ready(None) {
                return false;
            }
            self.empty = Instant::now();
        }
        let there = self.empty;
        let mut bytes = [0; LONGEST];
        let read = match rustix::io::read(rustix::stdio::stdin(), &mut bytes) {
            Ok(0) => return false,
            Ok(read) => read,
            Err(Errno::INTR | Errno::AGAIN) => return true,
            Err(_) => return false,
        };
        if waited && self.partial.is_empty() {
            self.following = false;
        }
        let more = ready(Some(TOGETHER)) && !hung_up();
        if !more {
            self.empty = Instant::now();
        }
        self.take(bytes.get(..read).unwrap_or_default(), there, more);
        true
    }

    fn take(&mut self, bytes: &[u8], there: Instant, more: bool) {
        let pieces: Vec<_> = bytes.split(|byte| *byte == b'\n').collect();
        let Some((last, ended)) = pieces.split_last() else { return };
        let alone = ended.len() == 1 && last.is_empty() && !more;
        for piece in ended {
            self.grow(piece, there);
            let begun = self.begun.take().unwrap_or(there);
            let text = String::from_utf8_lossy(&self.partial).trim_end_matches('\r').to_owned();
            let line = Line { text, begun, alone: alone && !self.following };
            let heard = if std::mem::take(&mut self.long) { Heard::TooLong } else { Heard::Line(line) };
            self.partial.clear();
            let _ = self.passed.send(heard);
            self.following = true;
        }
        if !last.is_empty() {
            self.grow(last, there);
        }
        // Whoever typed this line waited for nothing that came after it.
        self.following = self.following && (more || !last.is_empty());
    }

    fn grow(&mut self, piece: &[u8], there: Instant) {
        self.begun.get_or_insert(there);
        self.long |= self.partial.len() + piece.len() > LONGEST;
        if !self.long {
            self.partial.extend_from_slice(piece);
        }
    }
}

/// Whether standard input can be read within this time, or ever.
fn ready(within: Option<Duration>) -> bool {
    let within = within.map(|span| Timespec {
        tv_sec: i64::try_from(span.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(span.subsec_nanos()),
    });
    loop {
        match poll(&mut [PollFd::from_borrowed_fd(rustix::stdio::stdin(), PollFlags::IN)], within.as_ref()) {
            Ok(found) => return found > 0,
            Err(Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

/// Whether nothing but the end is left to be read.
fn hung_up() -> bool {
    let mut fds = [PollFd::from_borrowed_fd(rustix::stdio::stdin(), PollFlags::IN)];
    let _ = poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }));
    let [fd] = fds;
    fd.revents().contains(PollFlags::HUP) && !fd.revents().contains(PollFlags::IN)
}
