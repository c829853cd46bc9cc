//! What reaches the loop. What the terminal says goes before everything else that waits: a flood of what is
//! seen keeps no key waiting.
//!
//! A key acts on what was painted, so that it may go before what nobody has seen yet. Everything else is taken
//! in its order, and at least one of it each time, whatever the terminal says.

use super::Message;
use crate::tui::terminal::{Event, Sink};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

/// The end of it that is read.
pub struct Inbox {
    terminal: Receiver<Event>,
    rest: Receiver<Message>,
}

/// One, with where the terminal's events and everything else go.
pub fn inbox() -> (Sink, Sender<Message>, Inbox) {
    let (to_terminal, terminal) = mpsc::channel();
    let (messages, rest) = mpsc::channel();
    let wake = messages.clone();
    let sink: Sink = Arc::new(move |event| {
        let _ = to_terminal.send(event);
        let _ = wake.send(Message::Woken);
    });
    (sink, messages, Inbox { terminal, rest })
}

impl Inbox {
    /// The next of all in the order in which they came, within a time.
    ///
    /// # Errors
    /// When there was none in time, or there never will be one.
    pub fn wait(&self, time: Duration) -> Result<Message, RecvTimeoutError> {
        let end = Instant::now() + time;
        loop {
            match self.rest.recv_timeout(end.saturating_duration_since(Instant::now()))? {
                Message::Woken => {
                    if let Some(message) = self.terminal() {
                        return Ok(message);
                    }
                }
                message => return Ok(message),
            }
        }
    }

    /// What is there, the terminal's first.
    pub fn next(&self) -> Option<Message> {
        self.terminal().or_else(|| self.rest.try_iter().find(|message| !matches!(message, Message::Woken)))
    }

    /// What is there of the terminal's.
    pub fn terminal(&self) -> Option<Message> {
        self.terminal.try_recv().ok().map(Message::Terminal)
    }
}
