//! The dialog: what an operator sees, types and agrees to before anything leaves.
//!
//! Pure data and one update function. A dialog freezes its target: what it
//! shows is what its consent names, whatever the world does meanwhile. It
//! takes nothing that was typed before it was painted, nothing pasted, poured
//! in or repeated by a key held down, and a disturbance makes it ask anew.

mod guard;
pub mod text;

pub use crate::domain::challenge::{Code, Expected};
pub use guard::{Guard, Taken};
pub use text::{LONGEST_REASON, LONGEST_TEXT};

use super::terminal::{Code as Press, Event, FrameId, Key, Paste, What};
use crate::domain::catalogue::Confirmation;
use crate::domain::command::Consent;
use crate::domain::digest::Digest;
use crate::domain::text::visible;
use std::borrow::Cow;
use std::time::Instant;
use tui_input::{Input, InputRequest};

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

/// What is shown, frozen when the dialog opens.
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
    /// The word on the accepting button.
    pub accept: String,
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
    /// What stands before it: `reason`, `text`, `if`, `words`.
    pub label: &'static str,
    /// How many characters it holds.
    pub most: usize,
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

/// A dialog that asks for consent.
#[derive(Clone, Debug)]
pub struct Consenting {
    /// What is shown.
    pub card: Card,
    /// How much is asked.
    pub ask: Ask,
    /// The line for a reason, if there is one.
    pub reason: Option<Reason>,
    /// What has been typed of the challenge.
    pub typed: Input,
    /// What must be typed, if anything.
    pub expected: Option<Expected>,
    /// Where the hand is.
    pub focus: Focus,
    /// What to tell the operator, if something was not taken.
    pub note: Option<Cow<'static, str>>,
    level: Confirmation,
    saw: Digest,
    opened_by: Option<Key>,
    random: u64,
    guard: Guard,
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
        match self {
            Dialog::Consent(dialog) => dialog.update(event),
            Dialog::Blocked(_) => match event.what {
                What::Key(Key { code: Press::Enter | Press::Esc | Press::Char('q'), .. }) => Outcome::Cancelled,
                _ => Outcome::Open,
            },
        }
    }

    /// The text that an editor may have: the reason, while the hand is in it.
    pub fn editable(&self) -> Option<&str> {
        match self {
            Dialog::Consent(dialog) if dialog.focus == Focus::Reason => Some(dialog.reason.as_ref()?.input.value()),
            _ => None,
        }
    }

    /// Says what its field is for, where it is no reason.
    pub fn asks_for(&mut self, label: &'static str) {
        if let Dialog::Consent(dialog) = self
            && let Some(field) = &mut dialog.reason
        {
            field.label = label;
        }
    }

    /// Makes its field one for a text that goes elsewhere, with a first text.
    pub fn holds_text(&mut self, text: &str) {
        if let Dialog::Consent(dialog) = self
            && let Some(field) = &mut dialog.reason
        {
            (field.label, field.most) = ("text", LONGEST_TEXT);
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

impl Consenting {
    fn new(question: Question) -> Self {
        let Question { card, ask, level, environment, saw, reason, opened_by, random } = question;
        let (code, random) = Code::draw(random);
        let expected = match ask {
            Ask::Key | Ask::Confirm => None,
            Ask::Name => Some(Expected { name: environment, code: None }),
            Ask::NameAndCode => Some(Expected { name: environment, code: Some(code) }),
        };
        let reason =
            reason.map(|(text, needed)| Reason { input: text.into(), needed, label: "reason", most: LONGEST_REASON });
        let mut dialog = Self {
            card,
            ask,
            reason,
            typed: Input::default(),
            expected,
            focus: Focus::Cancel,
            note: None,
            level,
            saw,
            opened_by,
            random,
            guard: Guard::default(),
        };
        dialog.focus = dialog.first_focus();
        dialog
    }

    fn first_focus(&self) -> Focus {
        match (&self.reason, self.ask) {
            (Some(reason), _) if reason.input.value().is_empty() => Focus::Reason,
            (_, Ask::Name | Ask::NameAndCode) => Focus::Challenge,
            (_, Ask::Confirm) => Focus::Cancel,
            (_, Ask::Key) if self.held_open() => Focus::Cancel,
            (_, Ask::Key) => Focus::Accept,
        }
    }

    /// Whether Enter opened it and nothing has been typed: held down, it must not also agree.
    fn held_open(&self) -> bool {
        let typed = self.reason.as_ref().is_some_and(|reason| !reason.input.value().is_empty());
        self.opened_by == Some(Key::new(Press::Enter)) && !typed
    }

    fn update(&mut self, event: &Event) -> Outcome {
        match &event.what {
            What::Key(Key { code: Press::Esc, .. }) => return Outcome::Cancelled,
            What::Key(key) => match self.guard.take(*key, event, self.focus) {
                Taken::Yes => return self.key(*key),
                Taken::No(note) => {
                    self.typed.reset();
                    self.note = Some(note.into());
                }
                Taken::Repeat => {}
            },
            What::Paste(paste) => self.paste(paste),
            What::Resized => self.disturb("the screen changed: type it again"),
            What::Focus(false) => self.disturb("the window lost the focus: type it again"),
            What::Stop | What::Continue => self.disturb("the screens were suspended: type it again"),
            _ => {}
        }
        Outcome::Open
    }

    /// A reason may be pasted, a challenge never.
    fn paste(&mut self, paste: &Paste) {
        match &mut self.reason {
            Some(reason) if self.focus == Focus::Reason && !self.guard.unpainted() => {
                if !text::put(&mut reason.input, &paste.text, reason.most) {
                    let cut = if reason.most > LONGEST_REASON {
                        "the paste was cut: a text has 4,000 characters at most"
                    } else {
                        "the paste was cut: a reason has 500 characters at most"
                    };
                    self.note = Some(cut.into());
                }
            }
            _ => {
                self.typed.reset();
                self.note = Some("a paste is not taken here: type it".into());
            }
        }
    }

    fn disturb(&mut self, note: &'static str) {
        self.guard = Guard::default();
        self.typed.reset();
        if let Some(code) = self.expected.as_mut().and_then(|expected| expected.code.as_mut()) {
            (*code, self.random) = Code::draw(self.random);
        }
        self.note = (self.expected.is_some() || self.focus == Focus::Accept).then_some(note.into());
        if self.focus == Focus::Accept {
            self.focus = if self.ask == Ask::Key { Focus::Accept } else { Focus::Cancel };
        }
    }

    fn key(&mut self, key: Key) -> Outcome {
        let said = self.note.take();
        if let (Focus::Reason, Some(reason)) = (self.focus, &mut self.reason)
            && (key.code != Press::Enter || text::is_newline(key))
            && key.code != Press::Tab
            && text::take(&mut reason.input, key, reason.most)
        {
            return Outcome::Open;
        }
        match (key.code, self.focus) {
            (Press::Tab, _) => self.move_focus(!key.shift),
            (Press::Down, _) => self.move_focus(true),
            (Press::Up, _) => self.move_focus(false),
            (Press::Left | Press::Right, Focus::Cancel) => self.focus = Focus::Accept,
            (Press::Left | Press::Right, Focus::Accept) => self.focus = Focus::Cancel,
            (Press::Enter, Focus::Challenge) if self.typed.value().is_empty() => {
                // What was said of it stays until something is typed.
                self.note = said.or_else(|| self.missing());
            }
            (Press::Enter, focus) => return self.enter(focus),
            (_, Focus::Reason) => {}
            (_, Focus::Challenge) => edit(&mut self.typed, key),
            (_, Focus::Cancel | Focus::Accept) => {}
        }
        Outcome::Open
    }

    /// Whether Enter in the line for the reason goes on to what follows, and does nothing yet.
    pub fn goes_on(&self) -> bool {
        self.expected.is_some() || self.ask == Ask::Confirm || self.held_open()
    }

    /// What must still be typed, in words.
    fn missing(&self) -> Option<Cow<'static, str>> {
        Some(format!("type {} first · Esc leaves", self.expected.as_ref()?).into())
    }

    fn enter(&mut self, focus: Focus) -> Outcome {
        match focus {
            Focus::Cancel => return Outcome::Cancelled,
            Focus::Reason if self.goes_on() => self.move_focus(true),
            Focus::Reason | Focus::Challenge | Focus::Accept => return self.accept(),
        }
        Outcome::Open
    }

    fn accept(&mut self) -> Outcome {
        let reason = self.reason.as_ref().map(|reason| (reason.input.value().trim().to_owned(), reason.needed));
        if matches!(&reason, Some((text, true)) if text.is_empty()) {
            self.note = Some("a reason is needed".into());
            self.focus = Focus::Reason;
            return Outcome::Open;
        }
        let how = match &self.expected {
            None => "confirmed with Enter".to_owned(),
            Some(expected) if expected.is(self.typed.value()) => format!("typed {expected}"),
            Some(_) if self.typed.value().is_empty() => {
                self.note = self.missing();
                self.focus = Focus::Challenge;
                return Outcome::Open;
            }
            Some(_) => {
                self.note = Some("that is not what is asked for".into());
                self.focus = Focus::Challenge;
                return Outcome::Open;
            }
        };
        let consent = Consent { level: self.level, saw: self.saw, how };
        Outcome::Consented(Consented { consent, reason: reason.map(|(text, _)| text) })
    }

    fn move_focus(&mut self, forward: bool) {
        let mut stops = Vec::with_capacity(4);
        stops.extend(self.reason.is_some().then_some(Focus::Reason));
        stops.extend(self.expected.is_some().then_some(Focus::Challenge));
        stops.extend([Focus::Cancel, Focus::Accept]);
        let at = stops.iter().position(|stop| *stop == self.focus).unwrap_or_default();
        let step = if forward { 1 } else { stops.len() - 1 };
        if let Some(next) = stops.get((at + step) % stops.len()) {
            self.focus = *next;
        }
    }
}

/// Edits a line; characters that could hide are not taken.
pub fn edit(input: &mut Input, key: Key) {
    let request = match (key.code, key.ctrl) {
        (Press::Backspace, _) => InputRequest::DeletePrevChar,
        (Press::Delete, _) => InputRequest::DeleteNextChar,
        (Press::Left, true) => InputRequest::GoToPrevWord,
        (Press::Right, true) => InputRequest::GoToNextWord,
        (Press::Left, _) => InputRequest::GoToPrevChar,
        (Press::Right, _) => InputRequest::GoToNextChar,
        (Press::Home, _) => InputRequest::GoToStart,
        (Press::End, _) => InputRequest::GoToEnd,
        (Press::Char('w'), true) => InputRequest::DeletePrevWord,
        (Press::Char('u'), true) => InputRequest::DeleteFromStart,
        _ => match key.typed() {
            Some(c) if visible(c.encode_utf8(&mut [0; 4])).chars().eq([c]) => InputRequest::InsertChar(c),
            _ => return,
        },
    };
    let _ = input.handle(request);
}
