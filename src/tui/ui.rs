//! The view's own state: what is shown and selected, and what is being asked.
//!
//! Nothing here is true of the world; losing it loses nothing. Things are
//! selected by name, so a list that moves never moves the selection to another.

use super::action::{Action, Pane};
use super::arming::{Arming, End};
use super::basis::Basis;
use super::dialog::{Dialog, Guard};
use super::hand::Hand;
use super::keymap::keys::Keys;
use super::menu::Menu;
use super::model::agenda::Slot;
use super::pending::Pending;
use super::sheet::Sheet;
use super::stray::Stray;
use super::terminal::FrameId;
use super::theme::{Role, Themes};
use super::update::themes::Chooser;
use crate::domain::Timestamp;
use crate::domain::command::Command;
use crate::domain::foreseen::Foresight;
use crate::domain::hold::Scope;
use crate::domain::name::{EnvironmentName, RunId, ServiceName, StepName};
use crate::domain::one_off::OneOff;
use crate::domain::operation::Operation;
use crate::domain::trigger::RollsBack;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Instant;
use tui_input::Input;

/// How many messages wait to be read.
const MESSAGES: usize = 20;
/// How many past errors and warnings are kept.
const PAST: usize = 200;

/// The view's own state.
#[derive(Default)]
pub struct Ui {
    /// The pane that is shown.
    pub pane: Pane,
    /// Which section of the bridge has the hand; the bridge itself is its steps.
    pub focus: Pane,
    /// Whether the section in focus has the screen for itself.
    pub zoomed: bool,
    /// The selected step.
    pub step: Option<StepName>,
    /// The selected service and environment.
    pub target: Option<(ServiceName, EnvironmentName)>,
    /// The selected line of the journal; the newest when none.
    pub line: Option<u64>,
    /// The selected step that waits for a word; the first when none.
    pub ask: Option<(RunId, StepName)>,
    /// The selected piece of the calendar; the first when none.
    pub slot: Option<Slot>,
    /// How far a text without rows to select is scrolled.
    pub row: usize,
    /// What is highlighted, what was seen of it, and the order that lists keep.
    pub hand: Hand,
    /// What is being asked, and what a yes means.
    pub asked: Option<Asked>,
    /// How many dialogs have asked backends what they would do.
    pub questions: u64,
    /// A question answered with one key.
    pub menu: Option<Menu>,
    /// A line being typed.
    pub prompt: Option<Prompt>,
    /// Keys that were meant for what has closed by itself.
    pub stray: Stray,
    /// Rollbacks that are under way: that they have ended is to be said.
    pub returning: BTreeSet<RunId>,
    /// A text over the body of the screen.
    pub sheet: Option<Sheet>,
    /// The update that was copied last: which, and its text as it was edited.
    pub copied: Option<(String, String)>,
    /// The last action that changed the view, for repeating it.
    pub last: Option<Action>,
    /// Keys of a sequence that has begun.
    pub pending: Pending,
    /// Lines submitted to the palette in this session, newest last.
    pub history: Vec<String>,
    /// Help, while it lies over the screen.
    pub help: Option<Help>,
    /// What rows must hold to be shown, by pane; none when it is missing.
    pub filters: BTreeMap<Pane, String>,
    /// Whether only refusals are shown.
    pub refused: bool,
    /// Whether keys reach systems.
    pub arming: Arming,
    /// What a script says to whoever watches; nothing when it is empty.
    pub caption: String,
    /// What has been said and not put away, newest last.
    pub messages: VecDeque<Message>,
    /// What was wrong in this session, oldest first, also what was put away.
    pub past: VecDeque<Message>,
    /// Which zone stands beside UTC: the workspace's, then each environment's.
    pub zone: usize,
    /// The last step that was marked done here, for undo.
    pub undo: Option<(RunId, StepName)>,
    /// All themes, once they have been read.
    pub themes: Themes,
    /// The list of themes, while one is being chosen.
    pub chooser: Option<Chooser>,
    /// The theme that was chosen; the one asked for at the start when none.
    pub theme: Option<String>,
    /// The keymap in use.
    pub keys: Keys,
    /// Whether the mouse is reported and points; off unless asked for.
    pub mouse: bool,
    /// Whether the loop is to end.
    pub leaving: bool,
}

/// A message that stays until it is put away.
#[derive(Clone, Debug)]
pub struct Message {
    /// When it was said, once the loop has seen it.
    pub at: Option<Timestamp>,
    /// How it looks.
    pub role: Role,
    /// What happened, why, and what to do next.
    pub text: String,
    /// Whether it waits to be put away whatever its role: good news that somebody waits for.
    pub stays: bool,
}

impl Message {
    /// Whether it goes with the next key: what is no warning has been read by whoever presses it.
    pub fn passing(&self) -> bool {
        !self.stays && matches!(self.role, Role::Text | Role::Dim | Role::Armed | Role::Ok)
    }
}

/// An open dialog and what a yes means.
pub struct Asked {
    /// The dialog.
    pub dialog: Dialog,
    /// What is done once the operator agrees.
    pub intent: Option<Intent>,
    /// What was tried and refused already; it is to be written down once.
    pub tried: Option<Box<Command>>,
    /// What it rests on, once that has been looked at.
    pub basis: Option<Basis>,
}

/// What is done once the operator agrees: data, so that it can be looked at.
#[derive(Clone, Debug)]
pub enum Intent {
    /// Start the step, with the consent.
    Start(RunId, StepName),
    /// Try it again, with the consent.
    Retry(RunId, StepName),
    /// A command that is complete but for its reason.
    Reason(Box<Command>),
    /// A step is done; the reason is its note.
    Done(RunId, StepName),
    /// Roll back, with the consent and the symptom.
    RollBack(Option<RunId>, RollsBack),
    /// Do one thing without a runbook, with the consent and the reason.
    Do(OneOff),
    /// Place a hold.
    Hold(Scope),
    /// A note on the run, or on one of its steps.
    Note(RunId, Option<StepName>),
    /// Open an incident: hold everything, unless it is held, and note it on the run if there is one.
    OpenIncident(Option<RunId>, bool),
    /// Close the incident that a run's notes tell of.
    CloseIncident(RunId),
    /// Say that an update has gone out: which, and its text.
    Sent(RunId, String, String),
    /// Copy an update as it was edited; which of the drafts it is.
    Copy(String),
    /// Leave the screens.
    Quit,
}

/// Help while it is open.
#[derive(Clone, Debug, Default)]
pub struct Help {
    /// Which of its rows has the hand.
    pub at: usize,
    /// What rows are filtered by.
    pub input: Input,
}

/// A line being typed.
pub struct Prompt {
    /// What it is for.
    pub kind: PromptKind,
    /// The text.
    pub input: Input,
    /// What was typed by hand, while the text is a completion or from the history.
    pub stem: String,
    /// Which entry of its list has the hand.
    pub at: Option<usize>,
    /// Which line of the history the text is.
    pub past: Option<usize>,
}

impl Prompt {
    /// A line with a text to begin with.
    pub fn new(kind: PromptKind, text: impl Into<String>) -> Self {
        Self { kind, input: text.into().into(), stem: String::new(), at: None, past: None }
    }
}

/// What a typed line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptKind {
    /// An action by its name.
    Palette,
    /// A text that rows must contain.
    Filter,
    /// An action, a service, an environment and perhaps a time.
    May,
    /// A few letters of what is looked for.
    Find,
    /// Where in a replay to go.
    Jump,
}

impl PromptKind {
    /// What is typed here, in one word.
    pub fn word(self) -> &'static str {
        match self {
            PromptKind::Palette => "palette",
            PromptKind::Filter => "filter",
            PromptKind::Find => "find",
            PromptKind::May => "may",
            PromptKind::Jump => "go-to",
        }
    }
}

impl Ui {
    /// Says something; a warning stays until it is put away.
    pub fn say(&mut self, role: Role, text: impl Into<String>) {
        self.push(Message { at: None, role, text: text.into(), stays: false });
    }

    /// Says something that stays until it is put away, also when it is well.
    pub fn announce(&mut self, role: Role, text: impl Into<String>) {
        self.push(Message { at: None, role, text: text.into(), stays: true });
    }

    fn push(&mut self, message: Message) {
        if self.messages.len() >= MESSAGES {
            self.messages.pop_front();
        }
        if matches!(message.role, Role::Warn | Role::Fail | Role::Unknown | Role::Alarm) {
            if self.past.len() >= PAST {
                self.past.pop_front();
            }
            self.past.push_back(message.clone());
        }
        self.messages.push_back(message);
    }

    /// Writes down when what is new was said.
    pub fn stamp(&mut self, now: Timestamp) {
        let all = self.past.iter_mut().rev().take_while(|past| past.at.is_none());
        all.for_each(|past| past.at = Some(now));
    }

    /// What rows of a pane must hold to be shown; everything is when it is empty.
    pub fn filter(&self, pane: Pane) -> &str {
        self.filters.get(&pane).map_or("", String::as_str)
    }

    /// The pane whose keys act: on the bridge that of the section in focus.
    pub fn acting(&self) -> Pane {
        if self.pane == Pane::Bridge { self.focus } else { self.pane }
    }

    /// Where a key goes now, in words for the key log.
    pub fn on(&self) -> String {
        match (&self.asked, &self.menu, &self.prompt, self.help.is_some(), &self.sheet) {
            (Some(asked), ..) => format!("dialog {}", asked.dialog.card().title),
            (_, Some(menu), ..) => format!("menu {}", menu.title),
            (_, _, Some(prompt), ..) => prompt.kind.word().to_owned(),
            (.., true, _) => "help".to_owned(),
            _ if self.chooser.is_some() => "themes".to_owned(),
            (.., Some(_)) => "sheet".to_owned(),
            _ if self.pane == Pane::Bridge && self.focus != Pane::Bridge => format!("bridge {}", self.focus.name()),
            _ => self.pane.name().to_owned(),
        }
    }

    /// Says in which frame what is asked was drawn.
    pub fn drawn(&mut self, frame: FrameId) {
        if let Some(asked) = &mut self.asked {
            asked.dialog.drawn(frame);
        } else if let Some(menu) = &mut self.menu {
            menu.guard.drawn(frame);
        }
    }

    /// Says how many answers of the menu a picture that is about to leave has room for.
    pub fn offered(&mut self, answers: usize) {
        if let Some(menu) = &mut self.menu {
            menu.shown = menu.shown.min(answers);
        }
    }

    /// Says that a frame has left, and when: keys count from the first that showed what is asked.
    pub fn painted(&mut self, frame: FrameId, at: Instant) {
        self.hand.painted(frame);
        if let Some(asked) = &mut self.asked {
            asked.dialog.painted(frame, at);
        } else if let Some(menu) = &mut self.menu {
            menu.guard.painted(frame, at);
        }
    }

    /// Whether something is asked that takes no keys yet: it must be drawn.
    pub fn unpainted(&self) -> bool {
        match (&self.asked, &self.menu) {
            (Some(asked), _) => asked.dialog.unpainted(),
            (None, Some(menu)) => menu.guard.unpainted(),
            (None, None) => false,
        }
    }

    /// What backends are to be asked for the dialog that has just opened, and the question's number.
    pub fn foresee(&mut self) -> Option<(u64, Vec<Operation>)> {
        let number = self.questions + 1;
        let operations = self.asked.as_mut()?.dialog.foresee(number)?;
        self.questions = number;
        Some((number, operations))
    }

    /// Takes what a backend said of what a dialog would send; nothing where that dialog is no more.
    pub fn foreseen(&mut self, number: u64, n: usize, said: Foresight) {
        if let Some(asked) = &mut self.asked {
            asked.dialog.foreseen(number, n, said);
        }
    }

    /// Makes what is asked begin again: what it was asked under is no more.
    pub fn disturb(&mut self, note: &'static str) {
        if let Some(asked) = &mut self.asked {
            asked.dialog.disturb(note);
        }
        if let Some(menu) = &mut self.menu {
            (menu.guard, menu.note, menu.shown) = (Guard::default(), Some(note), usize::MAX);
        }
    }

    /// Ends arming, if there is some, and closes what only arming allowed to be asked; says both.
    pub fn disarm(&mut self, why: End) -> bool {
        let Some(end) = self.arming.end(why) else { return false };
        self.disarmed(end);
        true
    }

    /// Closes what cannot be seen on a screen of the header alone, and ends arming; says both once.
    pub fn too_small(&mut self) {
        self.disarm(End::TooSmall);
        let asked = self.asked.take().map(|asked| asked.dialog.card().title.clone());
        let menu = self.menu.take().map(|menu| menu.title);
        if let Some(title) = asked.or(menu) {
            self.stray.begin(title);
            self.say(Role::Warn, "the screen is too small to show what is asked: it was closed and nothing was sent");
        }
    }

    /// Says that arming has ended, and closes what only arming allowed to be asked.
    pub fn disarmed(&mut self, end: End) {
        let sends = |asked: &Asked| matches!(asked.intent, Some(Intent::Start(..) | Intent::Retry(..)));
        let closed = self.asked.take_if(|asked| sends(asked));
        if let Some(asked) = &closed {
            self.stray.begin(asked.dialog.card().title.clone());
        }
        let more = if closed.is_some() { "; the question was closed and nothing was sent" } else { "" };
        self.say(Role::Warn, format!("{}{more}", end.words()));
    }

    /// Whether something lies over the screen and takes the keys.
    pub fn busy(&self) -> bool {
        self.asked.is_some()
            || self.menu.is_some()
            || self.prompt.is_some()
            || self.help.is_some()
            || self.chooser.is_some()
    }
}
