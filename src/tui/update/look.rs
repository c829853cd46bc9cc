//! Sheets: opening what is selected, people, drafts and verdicts, and the keys
//! that act on an open sheet.
//!
//! It reads; nothing here changes anything but what is shown.

use super::{Seen, copy, guard};
use crate::domain::text::shortened;
use crate::runtime::input::{Brought, Sound};
use crate::tui::action::{Action, Pane};
use crate::tui::clipboard::LONGEST;
use crate::tui::hand::{self, Id};
use crate::tui::pane::{approvals, calendar, journal};
use crate::tui::request::{Copied, Request};
use crate::tui::sheet::{Sheet, Subject};
use crate::tui::theme::Role;
use crate::tui::ui::Ui;
use crate::tui::view::View;

/// What an action does while a sheet is open; none when it goes through to what lies below.
pub(super) fn on_sheet(ui: &mut Ui, seen: &Seen<'_>, action: Action) -> Option<Option<Request>> {
    let sheet = ui.sheet.as_mut()?;
    let (furthest, top) = (sheet.furthest, &mut sheet.top);
    // From where it is seen to be, not from beyond its end.
    *top = furthest.min(*top);
    match action {
        Action::Up => *top = top.saturating_sub(1),
        Action::Down => *top = top.saturating_add(1).min(furthest),
        Action::PageUp => *top = top.saturating_sub(10),
        Action::PageDown => *top = top.saturating_add(10).min(furthest),
        Action::First => *top = 0,
        Action::Last => *top = usize::MAX,
        Action::Back | Action::Left | Action::Open | Action::Quit => ui.sheet = None,
        Action::Copy => return Some(copy::sheet(ui, seen)),
        Action::Go(_) => {
            ui.sheet = None;
            return None;
        }
        _ => return None,
    }
    Some(None)
}

/// Opens what is selected.
pub(super) fn open(ui: &mut Ui, seen: &Seen<'_>) {
    match (ui.pane, ui.acting()) {
        (Pane::Bridge, Pane::Bridge) => {
            ui.pane = Pane::Runbook;
            return;
        }
        (_, Pane::Rollback) => {
            let key = ui.keys.of(Action::RollBack);
            return ui.say(Role::Text, format!("the plan is shown in full; {key} opens the dialog that runs it"));
        }
        _ => {}
    }
    let Some(id) = hand::meant(&seen.view(ui)).row else {
        return ui.say(Role::Text, format!("nothing is selected here; {} select", ui.keys.moving()));
    };
    if !guard::highlighted(ui, seen, &id, "") {
        return;
    }
    // What lies under the sheet stays what it was opened on.
    guard::select(ui, &id);
    ui.sheet = sheet(&seen.view(ui), id);
}

/// A row in full.
fn sheet(view: &View<'_>, id: Id) -> Option<Sheet> {
    let sheet = match &id {
        Id::Step(run, step) => Sheet::of(Subject::Step(*run, step.clone())),
        Id::Place(service, environment) => Sheet::of(Subject::Place(service.clone(), environment.clone())),
        Id::Ask(..) => {
            let (run, step) = approvals::selected(view)?;
            let lines = approvals::card(view, run, step).into_iter().map(|l| (Role::Text, l)).collect();
            Sheet::text(format!("{}/{} {}", run.id, step.name, step.title), lines)
        }
        Id::Slot(slot) => calendar::sheet(slot),
        Id::Line(_) => journal::sheet(journal::selected(view)?),
        _ => return None,
    };
    Some(sheet.opened_on(id))
}

/// Every message that was not put away, in full, newest first.
pub(super) fn messages(ui: &mut Ui) {
    if ui.messages.is_empty() {
        return ui.say(Role::Text, "no message is shown that was not put away");
    }
    let lines = ui.messages.iter().rev().map(|message| (message.role, message.text.clone()));
    ui.sheet = Some(Sheet::text("messages, newest first", lines.collect()));
}

/// Whom to call: the bridge, then every role with its people.
pub(super) fn contacts(ui: &mut Ui, seen: &Seen<'_>) {
    let workspace = &seen.model.workspace;
    let bridge = workspace.bridge.iter().map(|b| (Role::Accent, format!("{:<16} {b}", "bridge")));
    let mut lines: Vec<(Role, String)> = bridge.collect();
    for role in workspace.roles.values() {
        let may = if role.rollback { " · may decide a rollback" } else { "" };
        lines.push((Role::Title, format!("{}{may}", role.title)));
        lines.extend(role.contacts.iter().map(|c| (Role::Text, format!("  {c}"))));
        for person in role.people.iter().filter_map(|p| workspace.people.get(p)) {
            let reach = person.contacts.join(" · ");
            lines.push((Role::Text, format!("  {:<14} {reach}", shortened(&person.title, 14))));
        }
    }
    if lines.is_empty() {
        return ui.say(Role::Warn, "nobody is declared; write [people] and [roles] in holdpoint.toml");
    }
    ui.sheet = Some(Sheet::text("whom to call", lines));
}

/// What was wrong in this session, newest first; what is put away stays in it.
pub(super) fn errors(ui: &mut Ui) {
    let lines = ui.past.iter().rev().map(|past| {
        let at = past.at.map(|at| at.format("%H:%M:%SZ").to_string()).unwrap_or_default();
        (past.role, format!("{at:<9}  {}", past.text))
    });
    let mut lines: Vec<_> = lines.collect();
    if lines.is_empty() {
        lines.push((Role::Dim, "nothing was wrong so far".to_owned()));
    }
    ui.sheet = Some(Sheet::text("errors and warnings", lines));
}

/// Shows what an errand brought; of a text that was copied, what became of it.
pub fn brought(ui: &mut Ui, copied: Option<&Copied>, brought: Result<Brought, String>) {
    match (brought, copied) {
        (Ok(Brought::Verified(found)), _) => {
            let (role, word) = match found.sound {
                Sound::Proven => (Role::Ok, "PROVEN"),
                Sound::Tampered => (Role::Fail, "TAMPERED"),
                Sound::CannotProve => (Role::Warn, "CANNOT PROVE"),
            };
            let notes = found.notes.into_iter().map(|note| (Role::Text, note));
            let lines = [(role, word.to_owned()), (Role::Text, found.text)].into_iter().chain(notes).collect();
            ui.sheet = Some(Sheet::text("verification of the journal", lines));
        }
        (Ok(Brought::Written(path, lines)), None) => {
            let lines = vec![
                (Role::Text, path.display().to_string()),
                (
                    Role::Dim,
                    format!("{lines} lines of the journal, byte for byte; the same as `holdpoint journal export`"),
                ),
            ];
            ui.sheet = Some(Sheet::text("evidence", lines));
        }
        (Ok(Brought::Written(path, _)), Some(Copied { what, sent: true, .. })) => {
            ui.say(Role::Text, format!("copied {what} · also in {}", path.display()));
        }
        (Ok(Brought::Written(path, _)), Some(copied)) => {
            ui.say(Role::Warn, format!("{}; it is in {}", not_copied(copied), path.display()));
        }
        (Ok(Brought::Lines(lines, cut)), _) => {
            let missing = cut.then(|| (Role::Dim, "older lines are in the file only".to_owned()));
            let mut all: Vec<_> = missing.into_iter().chain(lines.into_iter().map(|l| (Role::Text, l))).collect();
            if all.is_empty() {
                all.push((Role::Dim, "it has said nothing".to_owned()));
            }
            // It was asked for the step that the hand was on, and keys go on acting on that.
            let about = ui.hand.step().cloned();
            ui.sheet = Some(Sheet { top: usize::MAX, about, ..Sheet::text("output", all) });
        }
        (Err(why), Some(copied @ Copied { sent: false, .. })) => {
            ui.say(Role::Fail, format!("{}, and {why}", not_copied(copied)));
        }
        (Err(why), Some(Copied { what, .. })) => {
            ui.say(Role::Warn, format!("copied {what} to the terminal's clipboard only: {why}"));
        }
        (Err(why), None) => ui.say(Role::Fail, why),
    }
}

/// Why the terminal was not asked to take a text.
fn not_copied(Copied { what, bytes, .. }: &Copied) -> String {
    match *bytes > LONGEST {
        true => {
            format!("not copied: {what} is too large for the terminal's clipboard: {bytes} bytes, at most {LONGEST}")
        }
        false => format!("not copied: the terminal could not be asked to take {what}"),
    }
}
