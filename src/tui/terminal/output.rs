//! The thread that writes to the terminal: the only writer while it runs.
//!
//! At most one frame waits for it and the latest wins, so a slow terminal
//! delays nothing but the picture; how slow it is is measured, so that fewer are made
//! for it. The slot between the threads is one lock,
//! held only to move a frame in or out, never while drawing or writing.

use super::event::{Event, FrameId, Sink, What};
use super::pace::Pace;
use super::painter::Painter;
use super::slice;
use super::tty::Tty;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long the frame that is being written may still take when we stop.
const LAST_FRAME: Duration = Duration::from_millis(700);

/// More bytes than this that show nothing never wait: then only the newest are kept.
const SAID: usize = 256 << 10;

/// A picture on its way to the terminal.
#[derive(Debug)]
pub struct Frame {
    /// Its number.
    pub id: FrameId,
    /// Its cells.
    pub buffer: Buffer,
    /// Where the cursor is shown, if it is.
    pub cursor: Option<Position>,
}

#[derive(Default)]
struct Slot {
    pending: Option<Frame>,
    /// Bytes that show nothing, to be written before the next frame.
    said: Vec<u8>,
    spare: Option<Buffer>,
    /// Whether what the terminal shows is not known any more.
    forgotten: bool,
    pace: Pace,
    stopped: Option<Instant>,
}

/// What is written next.
struct Turn {
    said: Vec<u8>,
    forgotten: bool,
    frame: Option<Frame>,
}

#[derive(Default)]
struct Shared {
    slot: Mutex<Slot>,
    changed: Condvar,
}

impl Shared {
    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<Turn> {
        let mut slot = self.slot();
        loop {
            if slot.stopped.is_some() {
                return None;
            }
            if slot.pending.is_some() || !slot.said.is_empty() {
                let frame = slot.pending.take();
                let forgotten = frame.is_some() && std::mem::take(&mut slot.forgotten);
                return Some(Turn { said: std::mem::take(&mut slot.said), forgotten, frame });
            }
            slot = self.changed.wait(slot).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// A running writer; dropping it stops it within its patience.
pub struct Output {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Output {
    /// Starts with a terminal of which nothing is known: the first frame is painted whole.
    ///
    /// # Errors
    /// When the thread cannot be made.
    pub fn start(tty: Arc<Tty>, sink: Sink) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let run = move || {
            slice::short();
            write_frames(&tty, &theirs, &sink);
        };
        let thread = std::thread::Builder::new().name("terminal-output".into()).spawn(run)?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// A buffer to draw into, empty when none is left over.
    pub fn spare(&self) -> Buffer {
        self.shared.slot().spare.take().unwrap_or_default()
    }

    /// Hands a frame over, in place of one that has not left yet. Never waits.
    pub fn submit(&self, frame: Frame) {
        let mut slot = self.shared.slot();
        if let Some(skipped) = slot.pending.replace(frame) {
            slot.spare = Some(skipped.buffer);
        }
        drop(slot);
        self.shared.changed.notify_one();
    }
}

impl Output {
    /// Paints the next frame whole: the terminal may have changed what it shows.
    pub fn forget(&self) {
        self.shared.slot().forgotten = true;
    }

    /// How long a picture that may wait still has to, from what the writes so far took.
    pub fn rest(&self) -> Duration {
        self.shared.slot().pace.rest(Instant::now())
    }

    /// Writes bytes that show nothing, such as a text for the clipboard. Never waits.
    pub fn say(&self, bytes: Vec<u8>) {
        let mut slot = self.shared.slot();
        // A terminal that takes nothing is not told more and more.
        if slot.said.len() > SAID {
            slot.said.clear();
        }
        slot.said.extend(bytes);
        drop(slot);
        self.shared.changed.notify_one();
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.shared.slot().stopped = Some(Instant::now());
        self.shared.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn write_frames(tty: &Tty, shared: &Shared, sink: &Sink) {
    let mut painter = Painter::default();
    let in_time = || shared.slot().stopped.is_none_or(|at| at.elapsed() < LAST_FRAME);
    let write = |bytes: &[u8]| {
        if bytes.is_empty() {
            return Ok(());
        }
        shared.slot().pace.begins(Instant::now());
        tty.write(bytes, in_time)?;
        shared.slot().pace.ends(Instant::now());
        io::Result::Ok(())
    };
    while let Some(Turn { said, forgotten, frame }) = shared.next() {
        if write(&said).is_err() {
            return;
        }
        let Some(Frame { id, buffer, cursor }) = frame else { continue };
        let _ = crate::fault::at("terminal.paint");
        if forgotten {
            painter.forget();
        }
        let (bytes, spare) = painter.paint(buffer, cursor);
        // A terminal that is gone is the reader's to tell; here it only means there is nothing to do.
        if write(bytes).is_err() {
            return;
        }
        if spare.is_some() {
            shared.slot().spare = spare;
        }
        sink(Event::now(What::Painted(id)));
    }
}
