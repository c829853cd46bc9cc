//! A player before the screens: which of the pictures drawn has been painted.
//!
//! It keeps the text of each picture until the terminal says that it has left,
//! so that the player never reads what nobody could have seen.

use super::picture::Picture;
use super::player::{Failure, Next, Player, Ran, Seen};
use crate::tui::terminal::FrameId;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

/// Runs a program for the script, in the place the script is about.
pub type Runs = Arc<dyn Fn(&[String]) -> Ran + Send + Sync>;

/// A script that is to be played, and how its programs are run.
pub struct Show {
    /// Follows the script.
    pub player: Player,
    /// Runs a program to its end; called on a thread of its own.
    pub runs: Runs,
}

/// A script that is being played.
pub struct Stage {
    player: Player,
    runs: Runs,
    drawn: VecDeque<(FrameId, Picture)>,
    shown: Picture,
}

impl Stage {
    /// Before the first picture.
    pub fn new(show: Show) -> Self {
        Self { player: show.player, runs: show.runs, drawn: VecDeque::new(), shown: Picture::default() }
    }

    /// Takes a picture that is on its way to the terminal.
    pub fn drawn(&mut self, frame: FrameId, picture: Picture) {
        self.drawn.push_back((frame, picture));
    }

    /// Takes note that a picture is on the terminal; those before it will never be.
    pub fn painted(&mut self, frame: FrameId) {
        while self.drawn.front().is_some_and(|(id, _)| *id <= frame) {
            self.shown = self.drawn.pop_front().map(|(_, picture)| picture).unwrap_or_default();
        }
    }

    /// What is to be done next.
    pub fn next(&mut self, now: Instant) -> Next {
        self.player.next(Seen { picture: &self.shown, settled: self.drawn.is_empty() }, now)
    }

    /// How programs are run.
    pub fn runs(&self) -> Runs {
        Arc::clone(&self.runs)
    }

    /// Takes in how a program has ended.
    pub fn ran(&mut self, ran: &Ran) -> Result<(), Box<Failure>> {
        self.player.ran(ran, &self.shown)
    }

    /// Why the script is not at its end; none when it is.
    pub fn unplayed(&self, words: &str) -> Option<Box<Failure>> {
        (!self.player.ended()).then(|| Box::new(self.player.failure(words.to_owned(), &self.shown)))
    }
}
