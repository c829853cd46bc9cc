//! A dialog that asks for consent: the hand in it, what is typed, and what counts.
//!
//! It takes nothing that its guard does not let through, and what it hands out
//! names exactly what its card shows.

use super::guard::{Guard, Taken};
use super::text::{self, LONGEST_REASON};
use super::{Ask, Card, Consented, Focus, Outcome, Question, Reason, Written};
use crate::domain::catalogue::Confirmation;
use crate::domain::challenge::{Code, Expected};
use crate::domain::command::Consent;
use crate::domain::digest::Digest;
use crate::tui::terminal::{Code as Press, Event, Key, Paste, TORN, What};
use std::borrow::Cow;
use tui_input::Input;

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
    pub(super) guard: Guard,
}

impl Consenting {
    /// The dialog that asks this.
    pub(super) fn new(question: Question) -> Self {
        let Question { card, ask, level, environment, saw, reason, opened_by, random } = question;
        let (code, random) = Code::draw(random);
        let expected = match ask {
            Ask::Key | Ask::Confirm => None,
            Ask::Name => Some(Expected { name: environment, code: None }),
            Ask::NameAndCode => Some(Expected { name: environment, code: Some(code) }),
        };
        let reason = reason.map(|(text, needed)| Reason {
            input: text.into(),
            needed,
            what: Written::Reason,
            most: LONGEST_REASON,
        });
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

    /// Takes what the terminal told.
    pub(super) fn update(&mut self, event: &Event) -> Outcome {
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
                let whole = text::put(&mut reason.input, &paste.text, reason.most);
                if paste.torn {
                    self.note = Some(TORN.into());
                } else if !whole {
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

    /// Makes an open challenge start again; the backends are asked again too.
    pub(super) fn disturb(&mut self, note: &'static str) {
        self.guard = Guard::default();
        self.typed.reset();
        self.card.sends.again();
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
            (_, Focus::Challenge) => text::edit(&mut self.typed, key),
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
        let reason = self.reason.as_ref().map(|reason| reason.input.value().trim().to_owned());
        if let Some(missing) = self.reason.as_ref().filter(|r| r.needed && r.input.value().trim().is_empty()) {
            self.note = Some(missing.what.missing().into());
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
        Outcome::Consented(Consented { consent, reason })
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
