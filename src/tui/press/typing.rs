//! Keys at a line that is being typed, and in help: completion, history, the hand
//! in a list, and what Enter makes of it.
//!
//! No letter is logged; what was submitted is.

use super::tried;
use crate::tui::action::{Binding, Place};
use crate::tui::dialog::edit;
use crate::tui::hand::Id;
use crate::tui::keymap::Keymap;
use crate::tui::palette::{self, Word, find, offer};
use crate::tui::pane::help;
use crate::tui::request::Request;
use crate::tui::terminal::{Code, Key};
use crate::tui::theme::Role;
use crate::tui::ui::{Prompt, PromptKind, Ui};
use crate::tui::update::{self, Seen};

type Did = (Option<Request>, Option<String>);

/// A letter, or a key that edits.
pub(super) fn letter(ui: &mut Ui, key: Key) {
    let Some(prompt) = &mut ui.prompt else { return };
    edit(&mut prompt.input, key);
    (prompt.at, prompt.past) = (None, None);
    // A filter is seen as it is typed.
    if prompt.kind == PromptKind::Filter {
        let text = prompt.input.value().to_owned();
        ui.filters.insert(ui.acting(), text);
    }
}

/// A key that is no letter.
pub(super) fn prompt(ui: &mut Ui, seen: &Seen<'_>, key: Key) -> Did {
    let Some(mut prompt) = ui.prompt.take() else { return (None, None) };
    let kind = prompt.kind;
    match key.code {
        Code::Enter => return submit(ui, seen, prompt),
        Code::Esc => {
            if kind == PromptKind::Filter {
                ui.filters.remove(&ui.acting());
            }
            return (None, Some("closed".to_owned()));
        }
        Code::Tab if kind == PromptKind::Palette => complete(ui, seen, &mut prompt, key.shift),
        Code::Up | Code::Down if kind == PromptKind::Palette => remembered(ui, &mut prompt, key.code == Code::Up),
        Code::Up | Code::Down | Code::Tab if kind == PromptKind::Find => {
            let back = key.code == Code::Up || key.shift;
            let at = prompt.at.unwrap_or(0);
            let last = find::found(&seen.view(ui), prompt.input.value()).len().saturating_sub(1);
            prompt.at = Some(if back { at.saturating_sub(1) } else { (at + 1).min(last) });
        }
        _ => {}
    }
    ui.prompt = Some(prompt);
    (None, None)
}

/// Writes the next way to go on, or the one before.
fn complete(ui: &Ui, seen: &Seen<'_>, prompt: &mut Prompt, back: bool) {
    if prompt.at.is_none() {
        prompt.stem = prompt.input.value().to_owned();
    }
    let all = offer::offers(&seen.view(ui), &prompt.stem);
    let Some(last) = all.len().checked_sub(1) else { return };
    let next = match (prompt.at, back) {
        (None, false) => 0,
        (None, true) => last,
        (Some(at), false) => (at + 1) % all.len(),
        (Some(at), true) => at.checked_sub(1).unwrap_or(last),
    };
    if let Some(offer) = all.get(next) {
        prompt.input = offer.line.clone().into();
    }
    // The only way is taken: the next Tab goes on behind it.
    prompt.at = (last > 0).then_some(next);
}

/// Writes the line submitted before, or after; past the newest what had been typed.
fn remembered(ui: &Ui, prompt: &mut Prompt, back: bool) {
    if prompt.past.is_none() {
        prompt.stem = prompt.input.value().to_owned();
    }
    let len = ui.history.len();
    let next = match (prompt.past, back) {
        (None, true) => len.checked_sub(1),
        (Some(at), true) => Some(at.saturating_sub(1)),
        (None, false) => None,
        (Some(at), false) => Some(at + 1).filter(|at| *at < len),
    };
    let text = next.and_then(|at| ui.history.get(at)).unwrap_or(&prompt.stem);
    prompt.input = text.clone().into();
    (prompt.past, prompt.at) = (next, None);
}

fn submit(ui: &mut Ui, seen: &Seen<'_>, mut prompt: Prompt) -> Did {
    let text = prompt.input.value().trim().to_owned();
    let did = Some(format!("submitted {text:?}"));
    let request = match prompt.kind {
        PromptKind::Filter => {
            update::filtered(ui, &text);
            None
        }
        PromptKind::May => {
            update::may::may(ui, seen, &text);
            None
        }
        PromptKind::Jump => update::past::typed(ui, seen, &text),
        PromptKind::Find => {
            let found = find::found(&seen.view(ui), &text).into_iter().nth(prompt.at.unwrap_or(0));
            let Some((target, what, named)) = found else {
                ui.say(Role::Warn, format!("nothing fits `{text}`"));
                return (None, did);
            };
            if !ui.hand.is_on(&Id::Entry(named.clone())) {
                ui.prompt = Some(prompt);
                return (None, Some("not shown yet".to_owned()));
            }
            let request = find::take(ui, seen, target);
            return (request.or_else(|| tried(ui)), Some(format!("found {what} {named:?}")));
        }
        PromptKind::Palette if text.is_empty() => return (None, Some("closed".to_owned())),
        PromptKind::Palette => {
            let moves = seen.model.replay.is_some() && text.starts_with(['@', '+', '-', '#']);
            // Which of several is meant stays a question, with all of them before one's eyes.
            if !moves && matches!(palette::word(&text), Word::Begins(_)) {
                (prompt.at, prompt.past) = (None, None);
                ui.prompt = Some(prompt);
                return (None, Some("ambiguous".to_owned()));
            }
            palette::remember(ui, &text);
            if moves { update::past::typed(ui, seen, &text) } else { palette::submit(ui, seen, &text) }
        }
    };
    (request.or_else(|| tried(ui)), did)
}

/// A key in help.
pub(super) fn help(ui: &mut Ui, keymap: &Keymap, here: &[Place], seen: &Seen<'_>, key: Key) -> Did {
    let Some(mut help) = ui.help.take() else { return (None, None) };
    let rows: Vec<&Binding> = help::shown(&help, keymap, here);
    let last = rows.len().saturating_sub(1);
    let at = help.at.min(last);
    let page = ui.hand.page(|id| matches!(id, Id::Entry(_)));
    match key.code {
        Code::Esc => return (None, Some("closed".to_owned())),
        Code::Char('?') if help.input.value().is_empty() => return (None, Some("closed".to_owned())),
        Code::Enter => {
            let Some(row) = rows.get(at) else {
                ui.help = Some(help);
                return (None, None);
            };
            if !ui.hand.is_on(&Id::Entry(row.name.to_owned())) {
                ui.help = Some(help);
                return (None, Some("not shown yet".to_owned()));
            }
            let request = update::update(ui, seen, row.action);
            return (request.or_else(|| tried(ui)), Some(row.name.to_owned()));
        }
        Code::Up => help.at = at.saturating_sub(1),
        Code::Down | Code::Tab => help.at = (at + 1).min(last),
        Code::PageUp => help.at = at.saturating_sub(page),
        Code::PageDown => help.at = (at + page).min(last),
        Code::Home => help.at = 0,
        Code::End => help.at = last,
        _ => {
            edit(&mut help.input, key);
            help.at = 0;
        }
    }
    ui.help = Some(help);
    (None, None)
}
