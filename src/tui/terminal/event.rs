//! What the terminal and the process's signals tell the loop.
//!
//! Values only. Each carries when its bytes were read and how many inputs came
//! in the same read, so that a dialog can tell a key pressed in answer to it
//! from one typed ahead or poured in.

use super::key::Key;
use ratatui::layout::Position;
use std::sync::Arc;
use std::time::Instant;

/// One thing that happened, as the loop receives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What happened.
    pub what: What,
    /// When it was received; for [`What::Painted`], when the last byte was taken.
    pub at: Instant,
    /// How many inputs the same read held; 1 for a key that came alone.
    pub burst: usize,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A key.
    Key(Key),
    /// A paste, whole.
    Paste(Paste),
    /// The mouse, where it is reported.
    Mouse(Mouse),
    /// The window got (`true`) or lost the focus.
    Focus(bool),
    /// The window has another size; ask for it when drawing.
    Resized,
    /// SIGTERM or SIGINT asks the process to end.
    Ending(&'static str),
    /// SIGTSTP asks the process to stop for a while.
    Stop,
    /// SIGCONT: the process goes on; modes and screen may be anyone's.
    Continue,
    /// The terminal is gone: hang-up, end of file, an I/O error, or SIGHUP.
    HangUp(&'static str),
    /// A frame has left; those with smaller numbers will not any more.
    Painted(FrameId),
    /// A thread panicked; its message, already harmless.
    Panicked(String),
}

/// The number of a frame, growing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameId(pub u64);

/// What was done with the mouse, and in which cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mouse {
    /// The first button went down.
    Click(Position),
    /// The wheel was turned away from the hand, or towards it (`true`).
    Wheel(Position, bool),
}

/// Text that was pasted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paste {
    /// The text with `\n` for line ends; still untrusted.
    pub text: String,
    /// Whether it was longer than is kept.
    pub cut: bool,
    /// Whether its end marker never came.
    pub torn: bool,
}

/// What is said of a paste whose end never came: what still comes of it is swallowed meanwhile.
pub const TORN: &str = "the paste was torn: its end never came; keys count once nothing of it has come for 2 s";

/// Where events go. It must not block; after the loop has ended it does nothing.
pub type Sink = Arc<dyn Fn(Event) + Send + Sync>;

impl Event {
    /// An event that came alone and now.
    pub fn now(what: What) -> Self {
        Self { what, at: Instant::now(), burst: 1 }
    }
}
