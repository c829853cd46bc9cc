//! What a key or paste becomes: a change of the view, a request, and one line
//! for the key log.
//!
//! What is typed into a field is not logged key by key: only what was submitted
//! is, and of a challenge only that it was answered.

mod typing;

use super::action::{Action, Pane, Place};
use super::ask;
use super::dialog::{Consented, Consenting, Dialog, Focus, Outcome, Taken, text};
use super::keymap::sequence::words;
use super::keymap::{Found, Keymap};
use super::menu::Menu;
use super::model::Model;
use super::request::Request;
use super::terminal::{Code, Event, Key, Mouse, TORN, What};
use super::theme::Role;
use super::ui::{Asked, Intent, Ui};
use super::update::{self, Seen};
use crate::domain::name::{RunId, StepName};
use crate::domain::operation::Direction;
use crate::engine::run::TriggerState;
use crate::runtime::input::Pressed;
use std::borrow::Cow;

/// Opens an editor for the text that the hand is in.
pub const EDITOR: Key = Key::ctrl('o');

/// Why a key of an answer that is not on the screen does nothing.
const NO_ROOM: &str = "that answer has no room on this screen";

/// What became of an event.
#[derive(Debug, Default)]
pub struct Took {
    /// What the loop is asked to do.
    pub request: Option<Request>,
    /// What the key log keeps of it.
    pub pressed: Option<Pressed>,
}

/// Takes what the terminal told.
pub fn take(ui: &mut Ui, seen: &Seen<'_>, event: &Event) -> Took {
    let keys = ui.keys.clone();
    let keymap: &Keymap = &keys;
    if matches!(event.what, What::Stop | What::Continue) {
        ui.hand.forget();
    }
    update::watch::watch(ui, seen);
    let on = ui.on();
    let pressed = |key: String, did: Option<String>| Some(Pressed { at: seen.now, key, on: on.clone(), did });
    if matches!(&event.what, What::Paste(paste) if paste.torn) {
        ui.say(Role::Warn, TORN);
    }
    if let What::Mouse(mouse) = event.what {
        let name = if matches!(mouse, Mouse::Click(_)) { "click" } else { "wheel" };
        let did = update::mouse::take(ui, seen, mouse);
        return Took { request: None, pressed: did.and_then(|did| pressed(name.to_owned(), Some(did))) };
    }
    if let Some(closed) = ui.stray.takes(&event.what, seen.uptime) {
        let key = if let What::Key(key) = &event.what { key.to_string() } else { "paste".to_owned() };
        let did = format!("refused: meant for what has closed by itself: {closed}");
        return Took { request: None, pressed: pressed(key, Some(did)) };
    }
    if let (Some(asked), What::Key(key)) = (&ui.asked, &event.what)
        && let (EDITOR, Some(text)) = (*key, asked.dialog.editable())
    {
        let request = Some(Request::Edit(text.to_owned()));
        return Took { request, pressed: pressed(key.to_string(), Some("editor".to_owned())) };
    }
    if let Some(mut asked) = ui.asked.take() {
        let typing = typing(&asked.dialog);
        let outcome = asked.dialog.update(event);
        let (request, did) = settle(ui, seen, asked, outcome);
        let pressed = match &event.what {
            What::Key(key) if !(typing && is_text(*key)) => pressed(key.to_string(), did),
            What::Paste(_) => pressed("paste".to_owned(), did),
            _ => None,
        };
        return Took { request, pressed };
    }
    let key = match &event.what {
        What::Key(key) => *key,
        What::Resized | What::Focus(false) | What::Stop | What::Continue => {
            ui.pending.clear();
            ui.disturb("the screen changed: once more");
            return Took::default();
        }
        What::Paste(_) => {
            if let Some(menu) = &mut ui.menu {
                menu.note = Some("a paste chooses nothing: press the key");
            }
            return Took { request: None, pressed: pressed("paste".to_owned(), None) };
        }
        _ => return Took::default(),
    };
    if ui.prompt.is_some() && is_text(key) {
        typing::letter(ui, key);
        return Took::default();
    }
    let helped = ui.help.is_some() && ui.menu.is_none() && is_text(key);
    let (request, did) = plain(ui, keymap, seen, key, event);
    if helped && did.is_none() {
        return Took { request, pressed: None };
    }
    // What was opened rests on what was seen at this key.
    update::watch::watch(ui, seen);
    Took { request, pressed: pressed(key.to_string(), did) }
}

/// Whether the hand is in a field of a dialog.
fn typing(dialog: &Dialog) -> bool {
    let field = |d: &Consenting| matches!(d.focus, Focus::Reason | Focus::Challenge);
    matches!(dialog, Dialog::Consent(consenting) if field(consenting))
}

/// Whether a key writes or edits where the hand is in a field.
fn is_text(key: Key) -> bool {
    text::is_newline(key)
        || !matches!(key.code, Code::Enter | Code::Esc | Code::Tab | Code::Up | Code::Down | Code::F(_))
}

/// Puts a dialog back, closes it, or does what was agreed.
fn settle(ui: &mut Ui, seen: &Seen<'_>, asked: Asked, outcome: Outcome) -> (Option<Request>, Option<String>) {
    match outcome {
        Outcome::Open => {
            let note = match &asked.dialog {
                Dialog::Consent(dialog) => dialog.note.as_ref().map(|note| match note {
                    Cow::Borrowed(note) => (*note).to_owned(),
                    // It repeats the challenge, which is not for the log.
                    Cow::Owned(_) => "the challenge is not typed yet".to_owned(),
                }),
                Dialog::Blocked(_) => None,
            };
            ui.asked = Some(asked);
            (None, note)
        }
        Outcome::Cancelled => {
            if let Some(text) = left(seen, &asked) {
                ui.say(Role::Text, text);
            }
            (None, Some("closed".to_owned()))
        }
        Outcome::Consented(agreed) => {
            let did = Some(submitted(&asked.dialog, &agreed));
            let Some(intent) = asked.intent else { return (None, did) };
            let arms = matches!(&intent, Intent::Do(what) if what.verb.direction() != Direction::Back);
            if (arms || matches!(intent, Intent::Start(..) | Intent::Retry(..))) && !ui.arming.is_armed(seen.uptime) {
                let arm = ui.keys.of(Action::Arm);
                ui.say(
                    Role::Warn,
                    format!("arming ended while this was asked: nothing was sent; {arm}, then the key again"),
                );
                return (None, Some("refused: read-only".to_owned()));
            }
            if matches!(intent, Intent::Quit) {
                ui.leaving = true;
            }
            if let Intent::Done(run, step) = &intent {
                ui.undo = Some((*run, step.clone()));
            }
            if let Intent::Sent(..) = &intent {
                ui.copied = None;
            }
            if let Intent::Copy(what) = intent {
                let text = agreed.reason.unwrap_or_default();
                return (Some(update::updates::copied(ui, what, text)), did);
            }
            if let Intent::OpenIncident(run, hold) = intent {
                return (Some(Request::Commands(ask::incident(run, hold, &agreed.reason.unwrap_or_default()))), did);
            }
            (ask::command(intent, agreed.consent, agreed.reason).map(Request::from), did)
        }
    }
}

/// What is said of a question that was left and would have reached a system: that nothing came of it.
fn left(seen: &Seen<'_>, asked: &Asked) -> Option<String> {
    let named = |run: &RunId, step: &StepName| {
        let title = seen.model.ledger.run(*run).and_then(|run| run.plan.step(step)).map(|step| step.title.as_str());
        format!("{step} {}", title.unwrap_or_default())
    };
    Some(match asked.intent.as_ref()? {
        Intent::Start(run, step) => format!("not started: {}", named(run, step)),
        Intent::Retry(run, step) => format!("not tried again: {}", named(run, step)),
        Intent::Do(what) => format!("not done, nothing was sent: {what}"),
        Intent::RollBack(..) => format!("not rolled back, nothing was sent: {}", asked.dialog.card().title),
        _ => return None,
    })
}

/// What was agreed to, without what was typed as the challenge.
fn submitted(dialog: &Dialog, agreed: &Consented) -> String {
    let challenge = matches!(dialog, Dialog::Consent(d) if d.expected.is_some());
    let challenge = if challenge { " · challenge answered" } else { "" };
    let reason = agreed.reason.as_ref().filter(|text| !text.is_empty());
    let reason = reason.map(|text| format!(" · reason {text:?}")).unwrap_or_default();
    format!("agreed{challenge}{reason}")
}

/// A key outside every dialog.
fn plain(ui: &mut Ui, keymap: &Keymap, seen: &Seen<'_>, key: Key, event: &Event) -> (Option<Request>, Option<String>) {
    if let Some(menu) = ui.menu.take() {
        return chosen(ui, seen, menu, key, event);
    }
    if ui.prompt.is_some() {
        return typing::prompt(ui, seen, key);
    }
    if ui.help.is_some() {
        return typing::help(ui, keymap, &places(ui, seen.model), seen, key);
    }
    let action = match sequence(ui, keymap, seen, key) {
        Next::Action(action) => Some(action),
        Next::Waits => return (None, Some("begun".to_owned())),
        Next::Dropped(did) => return (None, Some(did)),
        Next::Nothing => None,
    };
    ui.messages.retain(|message| !message.passing());
    let did = action.and_then(Action::binding).map(|row| row.name.to_owned());
    let request = action.and_then(|action| update::update(ui, seen, action));
    (request.or_else(|| tried(ui)), did)
}

/// What a key is after those that wait for it.
enum Next {
    Action(Action),
    /// More keys may follow.
    Waits,
    /// A sequence came to nothing; what is said of it.
    Dropped(String),
    /// A key alone that means nothing.
    Nothing,
}

/// Takes a key as the next of a sequence. One that does not go on does nothing at
/// all: its last key was never meant alone.
fn sequence(ui: &mut Ui, keymap: &Keymap, seen: &Seen<'_>, key: Key) -> Next {
    let begun = !ui.pending.keys(seen.uptime).is_empty();
    if begun && key.code == Code::Esc {
        ui.pending.clear();
        return Next::Dropped("dropped".to_owned());
    }
    let places = places(ui, seen.model);
    let keys = ui.pending.push(key, seen.uptime);
    let (found, words) = (keymap.found(&places, keys), words(keys));
    if let Found::Begun(_) = found {
        return Next::Waits;
    }
    ui.pending.clear();
    match found {
        Found::Action(action) => Next::Action(action),
        _ if begun => {
            ui.say(Role::Text, format!("{words} means nothing here: nothing was done"));
            Next::Dropped("no such sequence".to_owned())
        }
        _ => Next::Nothing,
    }
}

/// A key at a menu: it chooses when it was pressed alone and after the menu was shown; Esc always closes.
fn chosen(ui: &mut Ui, seen: &Seen<'_>, mut menu: Menu, key: Key, event: &Event) -> (Option<Request>, Option<String>) {
    if key.code == Code::Esc {
        return (None, Some("closed".to_owned()));
    }
    let note = match menu.guard.choice(key, event) {
        Taken::Yes => None,
        Taken::No(note) => Some(note),
        Taken::Repeat => Some("that key repeated itself: once more"),
    };
    if note.is_some() {
        menu.note = note;
        ui.menu = Some(menu);
        return (None, note.map(str::to_owned));
    }
    let typed = key.typed();
    let found = menu.items.iter().position(|(sign, ..)| Some(*sign) == typed);
    if found.is_some_and(|at| at >= menu.shown) {
        menu.note = Some(NO_ROOM);
        ui.menu = Some(menu);
        return (None, Some(NO_ROOM.to_owned()));
    }
    let Some((_, label, choice)) = found.and_then(|at| menu.items.into_iter().nth(at)) else {
        return (None, Some("closed".to_owned()));
    };
    let request = update::people::choose(ui, seen, choice);
    (request.or_else(|| tried(ui)), Some(format!("chose {label}")))
}

/// What an opened card says was refused.
fn tried(ui: &mut Ui) -> Option<Request> {
    ui.asked.as_mut().and_then(|asked| asked.tried.take()).map(Request::Tried)
}

/// Where keys act now, most particular first.
pub fn places(ui: &Ui, model: &Model) -> Vec<Place> {
    let tripped = |state: &TriggerState| matches!(state, TriggerState::Tripped { .. });
    let mut live = model.ledger.runs.values().filter(|r| !r.ended());
    let tripped = live.any(|r| r.triggers.values().any(tripped));
    let here = match ui.acting() {
        Pane::Bridge | Pane::Runbook | Pane::Health => Place::Step,
        Pane::Approvals => Place::Approval,
        Pane::Rollback => Place::Rollback,
        Pane::Calendar => Place::Calendar,
        Pane::Journal => Place::Journal,
    };
    let replay = model.replay.is_some().then_some(Place::Replay);
    replay.into_iter().chain(tripped.then_some(Place::Trigger)).chain([here]).collect()
}
