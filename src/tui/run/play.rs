//! A script at the keys: what the loop does for it.
//!
//! The script's keys come in through the inbox, behind whatever came before
//! them, and are taken as any key is. Meanwhile a person's keys do nothing but
//! stop it.

use super::{Left, Message, Screen};
use crate::tui::script::Next;
use crate::tui::terminal::{Event, Key, What};
use crate::tui::theme::Role;
use std::time::{Duration, Instant};

/// How long the loop may sleep when no script is played.
const LONG: Duration = Duration::from_secs(60);

impl Screen {
    /// Does what the script says until it has to wait; until when.
    pub(super) fn play(&mut self) -> Result<Instant, Left> {
        loop {
            let now = Instant::now();
            let Some(stage) = &mut self.stage else { return Ok(now + LONG) };
            match stage.next(now) {
                Next::Wait(until) => return Ok(until),
                Next::Press(key) => {
                    let _ = self.messages.send(Message::Scripted(Event::now(What::Key(key))));
                    return Ok(now);
                }
                Next::Run(argv) => {
                    let (runs, messages) = (stage.runs(), self.messages.clone());
                    let run = move || drop(messages.send(Message::Ran(runs(&argv))));
                    if std::thread::Builder::new().name("script".to_owned()).spawn(run).is_err() {
                        return Err(Left::Ended("no thread can be made"));
                    }
                }
                Next::Caption(words) => {
                    self.ui.caption = words;
                    self.draw();
                }
                Next::Stay => {
                    self.stage = None;
                    self.ui.caption.clear();
                    self.ui.say(Role::Text, "the script has ended: the keys are yours");
                    self.draw();
                }
                Next::End => return Err(Left::Quit),
                Next::Failed(failure) => return Err(Left::Unplayed(failure)),
            }
        }
    }

    /// Takes in how a program of the script has ended.
    pub(super) fn ran(&mut self, ran: &crate::tui::script::Ran) -> Option<Left> {
        self.stage.as_mut()?.ran(ran).err().map(Left::Unplayed)
    }

    /// Whether an event is a person's at the keys of a script: then it is not taken, and Ctrl-C stops the script.
    pub(super) fn audience(&mut self, event: &Event) -> bool {
        let Some(stage) = &self.stage else { return false };
        match &event.what {
            What::Key(key) if *key == Key::ctrl('c') => {
                self.stopped = stage.unplayed("the script was stopped by hand");
                self.stage = None;
                self.ui.caption.clear();
                self.ui.say(Role::Warn, "the script was stopped: the keys are yours");
                true
            }
            What::Key(_) | What::Paste(_) => {
                self.ui.caption = "a script presses the keys; Ctrl-C stops it and gives them to you".to_owned();
                true
            }
            _ => false,
        }
    }
}
