//! The dialog: what an operator sees, types and agrees to before anything leaves.
//!
//! Pure data and one update function. A dialog freezes its target: what it
//! shows is what its consent names, whatever the world does meanwhile; what backends
//! say of it comes later and is only shown. It
//! takes nothing that was typed before it was painted, nothing pasted, poured
//! in or repeated by a key held down, and a disturbance makes it ask anew.

mod consenting;
mod guard;
mod sends;
pub mod text;

pub use crate::domain::challenge::{Code, Expected};
pub use consenting::Consenting;
pub use guard::{Guard, Taken};
pub use sends::Sends;
pub use text::{LONGEST_REASON, LONGEST_TEXT, edit};

use super::terminal::{Code as Press, Event, FrameId, Key, What};
use crate::domain::catalogue::Confirmation;
use crate::domain::command::Consent;
use crate::domain::digest::Digest;
use crate::domain::foreseen::Foresight;
use crate::domain::operation::{Direction, Operation};
use std::time::Instant;
use tui_input::Input;

/// How much is asked of the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Enter alone: it touches only the journal, or makes things safer.
    Key,
    /// Choose it: cancel is the default.
    Confirm,
    /// Type the environment's name: towards the last good state.
    Name,
    /// Type the environment's name and a fresh code: forward in production.
    NameAndCode,
}

impl Ask {
    /// What a level asks for, by where an operation leads.
    pub fn of(level: Confirmation, direction: Direction) -> Self {
        match (level, direction) {
            (Confirmation::None, _) => Self::Key,
            (Confirmation::Confirm, _) => Self::Confirm,
            (_, Direction::Forward) => Self::NameAndCode,
            _ => Self::Name,
        }
    }
}

/// What is shown, frozen when the dialog opens but for what backends say, and which page of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// Where it acts, for the frame: `PRODUCTION · eu-west`.
    pub place: String,
    /// Whether the frame is production's.
    pub production: bool,
    /// What it does, in one line.
    pub title: String,
    /// A fact at the right of the title, such as `25 % of traffic`.
    pub tag: String,
    /// Label and text of each line: will, stays, loses, now, may, same.
    pub rows: Vec<(String, String)>,
    /// What it would send, and what backends say of that.
    pub sends: Sends,
    /// The word on the accepting button.
    pub accept: String,
    /// Which page of its rows is shown where they have no room together; before the first comes the last.
    pub page: i32,
}

/// Where the hand is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// In the line for the reason.
    Reason,
    /// In the line for the challenge.
    Challenge,
    /// On cancel.
    Cancel,
    /// On accept.
    Accept,
}

/// A field for a reason, or for a text that goes elsewhere.
#[derive(Clone, Debug)]
pub struct Reason {
    /// What is typed, or prefilled.
    pub input: Input,
    /// Whether there must be one.
    pub needed: bool,
    /// What is written there.
    pub what: Written,
    /// How many characters it holds.
    pub most: usize,
}

/// What a field of a dialog is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// Why.
    Reason,
    /// A text that goes elsewhere.
    Text,
    /// What has to be so first.
    Condition,
    /// The exact words of somebody.
    Words,
}

impl Written {
    /// What stands before the field.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Reason => "reason",
            Self::Text => "text",
            Self::Condition => "if",
            Self::Words => "words",
        }
    }

    /// It as something that must be written.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Reason => "a reason",
            Self::Text => "the text",
            Self::Condition => "the condition",
            Self::Words => "the words",
        }
    }

    /// What is said where nothing was written and something must be.
    pub const fn missing(self) -> &'static str {
        match self {
            Self::Reason => "a reason is needed",
            Self::Text => "the text is needed",
            Self::Condition => "the condition is needed",
            Self::Words => "the words are needed",
        }
    }
}

/// What is to be opened.
#[derive(Clone, Debug)]
pub struct Question {
    /// What is shown.
    pub card: Card,
    /// How much is asked.
    pub ask: Ask,
    /// The level that the consent will state.
    pub level: Confirmation,
    /// The environment whose name is typed.
    pub environment: String,
    /// Digest of what is shown.
    pub saw: Digest,
    /// The line for a reason with its first text, if there is one, and whether it is needed.
    pub reason: Option<(String, bool)>,
    /// The key that opened it, if a key did.
    pub opened_by: Option<Key>,
    /// Fresh randomness for the codes.
    pub random: u64,
}

/// An open dialog.
#[derive(Clone, Debug)]
pub enum Dialog {
    /// It cannot be done: every reason and the time it opens. Any of Enter, Esc or q closes.
    Blocked(Card),
    /// It asks for consent.
    Consent(Box<Consenting>),
}

/// What an operator agreed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consented {
    /// The consent, for the command.
    pub consent: Consent,
    /// The reason, when there was a line for one; trimmed.
    pub reason: Option<String>,
}

/// What became of a dialog at an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It stays open.
    Open,
    /// It was closed and nothing happens.
    Cancelled,
    /// The operator agreed.
    Consented(Consented),
}

impl Dialog {
    /// A dialog that asks.
    pub fn ask(question: Question) -> Self {
        Dialog::Consent(Box::new(Consenting::new(question)))
    }

    /// What is shown.
    pub fn card(&self) -> &Card {
        match self {
            Dialog::Blocked(card) => card,
            Dialog::Consent(dialog) => &dialog.card,
        }
    }

    /// Says in which frame it was drawn; only the first since it began counts.
    pub fn drawn(&mut self, frame: FrameId) {
        if let Dialog::Consent(dialog) = self {
            dialog.guard.drawn(frame);
        }
    }

    /// Says that a frame has left, and when. Keys count from the first one that showed it.
    pub fn painted(&mut self, frame: FrameId, at: Instant) {
        if let Dialog::Consent(dialog) = self {
            dialog.guard.painted(frame, at);
        }
    }

    /// Whether it takes no keys yet: then the loop must draw, even when nothing else changed.
    pub fn unpainted(&self) -> bool {
        matches!(self, Dialog::Consent(dialog) if dialog.guard.unpainted())
    }

    /// Takes what the terminal told.
    pub fn update(&mut self, event: &Event) -> Outcome {
        if let What::Key(Key { code: code @ (Press::PageUp | Press::PageDown), .. }) = event.what {
            self.turn(if code == Press::PageUp { -1 } else { 1 });
            return Outcome::Open;
        }
        match self {
            Dialog::Consent(dialog) => dialog.update(event),
            Dialog::Blocked(_) => match event.what {
                What::Key(Key { code: Press::Enter | Press::Esc | Press::Char('q'), .. }) => Outcome::Cancelled,
                _ => Outcome::Open,
            },
        }
    }

    fn card_mut(&mut self) -> &mut Card {
        match self {
            Dialog::Consent(dialog) => &mut dialog.card,
            Dialog::Blocked(card) => card,
        }
    }

    /// Says where it acts, and whether that is production's, where what is typed says more than that.
    pub fn acts_in(&mut self, (place, production): (String, bool)) {
        let card = self.card_mut();
        (card.place, card.production) = (place, production);
    }

    /// Says what it would send.
    pub fn sends(&mut self, operations: impl Iterator<Item = Operation>) {
        self.card_mut().sends = Sends::of(operations);
    }

    /// What backends are to be asked for it under this number; nothing when they have been.
    pub fn foresee(&mut self, number: u64) -> Option<Vec<Operation>> {
        self.card_mut().sends.ask(number)
    }

    /// Takes what a backend said; what answers another dialog's question is not taken.
    pub fn foreseen(&mut self, number: u64, n: usize, said: Foresight) {
        self.card_mut().sends.hear(number, n, said);
    }

    /// Turns so many pages of what it shows.
    fn turn(&mut self, pages: i32) {
        let card = self.card_mut();
        card.page = card.page.wrapping_add(pages);
    }

    /// The text that an editor may have: the reason, while the hand is in it.
    pub fn editable(&self) -> Option<&str> {
        match self {
            Dialog::Consent(dialog) if dialog.focus == Focus::Reason => Some(dialog.reason.as_ref()?.input.value()),
            _ => None,
        }
    }

    /// Says what its field is for, where it is no reason.
    pub fn asks_for(&mut self, what: Written) {
        if let Dialog::Consent(dialog) = self
            && let Some(field) = &mut dialog.reason
        {
            field.what = what;
        }
    }

    /// Makes its field one for a text that goes elsewhere, with a first text.
    pub fn holds_text(&mut self, text: &str) {
        if let Dialog::Consent(dialog) = self
            && let Some(field) = &mut dialog.reason
        {
            (field.what, field.most) = (Written::Text, LONGEST_TEXT);
            text::replace(&mut field.input, text, field.most);
        }
    }

    /// Takes a text that was edited elsewhere as the reason; true when all of it was taken.
    pub fn rewritten(&mut self, text: &str) -> bool {
        match self {
            Dialog::Consent(dialog) => dialog.reason.as_mut().is_none_or(|r| text::replace(&mut r.input, text, r.most)),
            Dialog::Blocked(_) => true,
        }
    }

    /// Makes an open challenge start again: the conn was lost, or something else moved.
    pub fn disturb(&mut self, note: &'static str) {
        if let Dialog::Consent(dialog) = self {
            dialog.disturb(note);
        }
    }
}
