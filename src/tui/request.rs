//! What the loop is asked to do for the operator: the one way out of an update.
//!
//! Data only; the loop carries it to the runtime or the terminal.

use super::replay::Move;
use crate::domain::command::Command;
use crate::runtime::input::Errand;

/// Something that an update cannot do itself.
#[derive(Clone, Debug)]
pub enum Request {
    /// Give a command to the engine.
    Command(Box<Command>),
    /// Give commands to the engine, one after the other.
    Commands(Vec<Command>),
    /// Write down that a command was refused; it is not carried out.
    Tried(Box<Command>),
    /// Fetch something, or write a file.
    Errand(Errand),
    /// Put a text into the terminal's clipboard and into a file; what it is, in a few words.
    Copy(String, String),
    /// Have a text edited by the user's editor, for the dialog that is open.
    Edit(String),
    /// Show a text in the user's pager.
    Page(String),
    /// Move the replay.
    Replay(Move),
    /// Paint the whole screen anew.
    Redraw,
}

/// What became of a text on its way to the clipboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// What it is, in a few words.
    pub what: String,
    /// How long it is, in bytes.
    pub bytes: usize,
    /// Whether the terminal was asked to take it.
    pub sent: bool,
}

impl From<Command> for Request {
    fn from(command: Command) -> Self {
        Self::Command(Box::new(command))
    }
}
