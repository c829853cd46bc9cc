//! A replay in the loop: its clock, its moves, and that nothing leaves it.
//!
//! There is no runtime behind it, so no key is logged, no command given and no
//! errand run; what asks for one is told so.

use super::{Left, Screen, TICK};
use crate::domain::Timestamp;
use crate::runtime::clock::now;
use crate::tui::model::Model;
use crate::tui::replay::{Move, NOTHING, Past, Replay};
use crate::tui::request::Request;
use crate::tui::terminal::lent;
use crate::tui::theme::Role;
use crate::tui::uptime::uptime;
use std::time::Duration;

/// How often a picture is due while time goes by quickly.
const QUICK: Duration = Duration::from_millis(100);

impl Screen {
    /// Begins a replay: the screens are about the past from here on.
    pub(super) fn replay(&mut self, past: Past) {
        let replay = Replay::of(past, uptime());
        self.model = Model::of(replay.workspace().clone());
        replay.notes().iter().for_each(|note| self.ui.say(Role::Warn, note.clone()));
        self.early.clear();
        self.replay = Some(replay);
        self.stand();
    }

    /// The instant that the screens show: now, or the replayed one.
    pub(super) fn instant(&self) -> Timestamp {
        self.replay.as_ref().map_or_else(now, Replay::at)
    }

    /// Lets replayed time go by, and shows what has happened meanwhile.
    pub(super) fn pass(&mut self) {
        if let Some(replay) = &mut self.replay {
            let played = replay.playing();
            replay.tick(uptime());
            if played {
                self.stand();
            }
        }
    }

    /// How long the clock on the screen stays as it is, if it is the replay's.
    pub(super) fn beat(&self) -> Option<Duration> {
        self.replay.as_ref().map(|replay| if replay.playing() { QUICK } else { TICK })
    }

    /// Takes a request of a replay; none of them leaves it.
    pub(super) fn carry_past(&mut self, request: Request) -> Option<Left> {
        match request {
            Request::Replay(asked) => self.moved(asked),
            // The clipboard is the terminal's; the file that a copy also goes into is not written.
            Request::Copy(what, text) => match self.terminal.copy(&text) {
                true => self.ui.say(Role::Ok, format!("copied {what} to the clipboard")),
                false => self.ui.say(Role::Warn, format!("not copied: {what} is too large for the clipboard")),
            },
            Request::Redraw if self.terminal.resume().is_err() => {
                return Some(Left::Ended("the terminal could not be painted anew"));
            }
            Request::Page(text) => return self.lend(|ends| lent::paged(&text, ends).map(|()| None)),
            Request::Redraw | Request::Edit(_) => {}
            Request::Command(_) | Request::Commands(_) | Request::Tried(_) | Request::Errand(_) => {
                self.ui.say(Role::Warn, NOTHING)
            }
        }
        None
    }

    fn moved(&mut self, asked: Move) {
        let Some(replay) = &mut self.replay else { return };
        if let Err(why) = replay.go(asked) {
            self.ui.say(Role::Text, why);
        }
        self.stand();
    }

    /// Makes the model what it was at the replayed instant.
    fn stand(&mut self) {
        if let Some(replay) = &mut self.replay {
            replay.show(&mut self.model);
        }
    }

    /// Stands still while nobody can look.
    pub(super) fn pause(&mut self) {
        if let Some(replay) = &mut self.replay {
            replay.pause();
            self.stand();
        }
    }
}
