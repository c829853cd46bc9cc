//! An open question: what must be typed, and which lines are an answer to it.
//!
//! A line answers only when it came alone and began after the question had been
//! printed and could be read. A line that did not is never taken, whatever it says.

use super::lines::Line;
use crate::domain::catalogue::Confirmation;
use crate::domain::challenge::{Code, Expected};
use crate::domain::command::Consent;
use crate::domain::digest::Digest;
use std::time::{Duration, Instant};

/// Before this nobody has read a question.
const READING: Duration = Duration::from_millis(400);
/// After this a question is forgotten: what it shows is not what is there now.
const FORGOTTEN: Duration = Duration::from_secs(120);

/// How much is asked before something is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asks {
    /// Nothing: the line that asked for it was enough.
    Nothing,
    /// The word `yes`, with the level and digest that the consent will state.
    Yes(Confirmation, Digest),
    /// The environment's name, forward in production with a fresh code after it.
    Name(Confirmation, Digest, String, bool),
}

/// What must be typed.
#[derive(Clone, Debug)]
pub struct Question {
    expected: Expected,
    level: Confirmation,
    saw: Digest,
    random: u64,
    /// When it had been printed.
    shown: Option<Instant>,
}

/// What became of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It agrees.
    Agreed(Consent),
    /// It says something else: nothing is done.
    No,
    /// It is left, by a line with nothing in it.
    Left,
    /// It is no answer, for this reason; the question must be asked anew.
    NotTaken(&'static str),
}

impl Question {
    /// What is asked, if anything is; `random` is fresh.
    pub fn of(asks: Asks, random: u64) -> Option<Self> {
        let (level, saw, name, code) = match asks {
            Asks::Nothing => return None,
            Asks::Yes(level, saw) => (level, saw, "yes".to_owned(), false),
            Asks::Name(level, saw, name, code) => (level, saw, name, code),
        };
        let (drawn, random) = Code::draw(random);
        let expected = Expected { name, code: code.then_some(drawn) };
        Some(Self { expected, level: level.min(Confirmation::Challenge), saw, random, shown: None })
    }

    /// What is to be typed, in words.
    pub fn words(&self) -> String {
        format!("Type {} and Enter to do it, or only Enter to leave it.", self.expected)
    }

    /// Says that it has been printed, and nothing typed before is left.
    pub fn shown(&mut self, at: Instant) {
        self.shown = Some(at);
    }

    /// Draws a new code, for it is asked anew.
    pub fn anew(&mut self) {
        self.shown = None;
        if let Some(code) = &mut self.expected.code {
            (*code, self.random) = Code::draw(self.random);
        }
    }

    /// Whether it is too old to be answered.
    pub fn forgotten(&self, now: Instant) -> bool {
        self.shown.is_some_and(|shown| now.saturating_duration_since(shown) > FORGOTTEN)
    }

    /// Whether a text is what it asks for, whenever it was typed.
    pub fn expects(&self, text: &str) -> bool {
        self.expected.is(text.trim())
    }

    /// Takes a line.
    pub fn answer(&self, line: &Line) -> Answer {
        let typed = line.text.trim();
        if typed.is_empty() {
            return Answer::Left;
        }
        if !line.alone {
            return Answer::NotTaken("that came with other lines, as a paste does: it is not taken");
        }
        if self.shown.is_none_or(|shown| line.begun < shown + READING) {
            return Answer::NotTaken("that was typed before this could be read: it is not taken");
        }
        if !self.expects(typed) {
            return Answer::No;
        }
        let how = format!("typed {}", self.expected);
        Answer::Agreed(Consent { level: self.level, saw: self.saw, how })
    }
}
