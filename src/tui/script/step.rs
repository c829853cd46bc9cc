//! What a script says, step by step.
//!
//! Values only; `parse` makes them, `player` follows them.

use crate::tui::terminal::Key;
use std::time::Duration;

/// A script that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// The file, as it was named.
    pub file: String,
    /// Its steps, in order.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The line it stands in, from 1.
    pub line: usize,
    /// What is done.
    pub act: Act,
}

/// What is done in a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Waits until the screen shows something, or shows it no longer.
    Wait(Wanted),
    /// Presses keys.
    Keys(Vec<Key>),
    /// Types words, a character at a time.
    Type(String),
    /// Types what the open dialog asks for, then Enter.
    Answer,
    /// Runs a program as a second person would in another terminal.
    Shell {
        /// The program and its arguments.
        argv: Vec<String>,
        /// The exit status it must end with.
        exit: i32,
    },
    /// Shows a caption; none when there are no words.
    Say(String),
    /// Lets a person read for a while.
    Pause(Duration),
    /// Leaves the screens open, with the keys a person's again.
    Stay,
}

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Texts that one line of the screen shows in this order.
    pub texts: Vec<String>,
    /// Whether it must be gone in place of there.
    pub gone: bool,
    /// How long it may take.
    pub limit: Duration,
}
