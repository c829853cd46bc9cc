//! What a key or paste becomes: a change of the view, a request, and one line
//! for the key log.
//!
//! What is typed into a field is not logged key by key: only what was submitted
//! is, and of a challenge only that it was answered.

use super::action::{Action, Pane, Place};
use super::ask;
use super::dialog::{Consented, Consenting, Dialog, Focus, Outcome, Taken, edit, text};
use super::keymap::Keymap;
use super::model::Model;
use super::request::Request;
use super::terminal::{Code, Event, Key, What};
use super::theme::Role;
use super::ui::{Asked, Intent, Menu, PromptKind, Ui};
use super::update::{self, Seen};
use crate::engine::run::TriggerState;
use crate::runtime::input::Pressed;

/// Opens an editor for the text that the hand is in.
pub const EDITOR: Key = Key::ctrl('o');

/// What became of an event.
#[derive(Debug, Default)]
pub struct Took {
    /// What the loop is asked to do.
    pub request: Option<Request>,
    /// What the key log keeps of it.
    pub pressed: Option<Pressed>,
}

/// Takes what the terminal told.
pub fn take(ui: &mut Ui, keymap: &Keymap, seen: &Seen<'_>, event: &Event) -> Took {
    update::watch::watch(ui, seen);
    let on = ui.on();
    let pressed = |key: String, did: Option<String>| Some(Pressed { at: seen.now, key, on: on.clone(), did });
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
        if let Some(prompt) = &mut ui.prompt {
            edit(&mut prompt.input, key);
        }
        return Took::default();
    }
    let (request, did) = plain(ui, keymap, seen, key, event);
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
                Dialog::Consent(dialog) => dialog.note.map(str::to_owned),
                Dialog::Blocked(_) => None,
            };
            ui.asked = Some(asked);
            (None, note)
        }
        Outcome::Cancelled => (None, Some("closed".to_owned())),
        Outcome::Consented(agreed) => {
            let did = Some(submitted(&asked.dialog, &agreed));
            let Some(intent) = asked.intent else { return (None, did) };
            if matches!(intent, Intent::Start(..) | Intent::Retry(..)) && !ui.arming.is_armed(seen.uptime) {
                ui.say(Role::Warn, "arming ended while this was asked: nothing was sent; :arm, then the key again");
                return (None, Some("refused: read-only".to_owned()));
            }
            if matches!(intent, Intent::Quit) {
                ui.leaving = true;
            }
            if let Intent::Done(run, step) = &intent {
                ui.undo = Some((*run, step.clone()));
            }
            (ask::command(intent, agreed.consent, agreed.reason).map(Request::from), did)
        }
    }
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
        return prompt(ui, seen, key);
    }
    if ui.help {
        ui.help = false;
        return (None, Some("closed".to_owned()));
    }
    // What is no warning has been read by whoever presses the next key.
    ui.messages.retain(|message| !matches!(message.role, Role::Text | Role::Dim | Role::Armed | Role::Ok));
    let action = keymap.action(&places(ui, seen.model), key);
    let did = action.and_then(Action::binding).map(|row| row.name.to_owned());
    let request = action.and_then(|action| update::update(ui, seen, action));
    (request.or_else(|| tried(ui)), did)
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
    let Some((_, label, choice)) = menu.items.into_iter().find(|(sign, ..)| Some(*sign) == typed) else {
        return (None, Some("closed".to_owned()));
    };
    let request = update::people::choose(ui, seen, choice);
    (request.or_else(|| tried(ui)), Some(format!("chose {label}")))
}

/// What an opened card says was refused.
fn tried(ui: &mut Ui) -> Option<Request> {
    ui.asked.as_mut().and_then(|asked| asked.tried.take()).map(Request::Tried)
}

fn prompt(ui: &mut Ui, seen: &Seen<'_>, key: Key) -> (Option<Request>, Option<String>) {
    let Some(prompt) = ui.prompt.take() else { return (None, None) };
    match key.code {
        Code::Enter => {}
        Code::Esc => return (None, Some("closed".to_owned())),
        _ => {
            ui.prompt = Some(prompt);
            return (None, None);
        }
    }
    let text = prompt.input.value().trim().to_owned();
    let did = Some(format!("submitted {text:?}"));
    let request = match prompt.kind {
        PromptKind::Filter => {
            ui.filter = text;
            ui.row = 0;
            None
        }
        PromptKind::May => {
            update::look::may(ui, seen, &text);
            None
        }
        PromptKind::Jump => update::past::typed(ui, seen, &text),
        PromptKind::Palette => match update::named(&text) {
            _ if seen.model.replay.is_some() && text.starts_with(['@', '+', '-', '#']) => {
                update::past::typed(ui, seen, &text)
            }
            Some(action) => update::update(ui, seen, action),
            None => {
                ui.say(Role::Warn, format!("there is no action `{text}`, or several begin so; ? lists them"));
                None
            }
        },
    };
    (request.or_else(|| tried(ui)), did)
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
