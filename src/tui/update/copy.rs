//! Copying: the text of what is selected, or of an open sheet.
//!
//! It makes the text and says what it is; the loop takes it to the terminal.

use super::{Seen, guard};
use crate::domain::text::{harmless_lines, shortened};
use crate::tui::action::{Action, Pane};
use crate::tui::hand::{self, Id};
use crate::tui::menu::{Choice, Menu};
use crate::tui::pane::{approvals, calendar, health, journal, rollback, runbook, sheet as drawn};
use crate::tui::request::Request;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;

/// Copies what is selected, or says that nothing is.
pub(super) fn selected(ui: &mut Ui, seen: &Seen<'_>) -> Option<Request> {
    let Some((what, text)) = text(ui, seen) else {
        ui.say(Role::Text, format!("nothing to copy: nothing is selected here; {} select", ui.keys.moving()));
        return None;
    };
    let highlighted = match hand::meant(&seen.view(ui)).row {
        Some(row) => guard::highlighted(ui, seen, &row, ""),
        None => guard::shown(ui, &Id::Text(what.clone())),
    };
    highlighted.then_some(Request::Copy(what, text))
}

/// Copies a whole sheet, or asks which of its texts.
pub(super) fn sheet(ui: &mut Ui, seen: &Seen<'_>) -> Option<Request> {
    let id = ui.sheet.as_ref()?.subject.id();
    if !guard::shown(ui, &id) {
        return None;
    }
    let sheet = ui.sheet.as_ref()?;
    if !sheet.parts.is_empty() {
        let copy =
            sheet.parts.iter().map(|(key, name, text)| (*key, name.clone(), Choice::Copy(name.clone(), text.clone())));
        // The same letter with Shift says that it has gone out.
        let sent = sheet.parts.iter().map(|(key, name, text)| {
            (key.to_ascii_uppercase(), format!("{name} has gone out"), Choice::Sent(name.clone(), text.clone()))
        });
        ui.menu = Some(Menu::new("copy", copy.chain(sent).collect()));
        return None;
    }
    let (title, lines) = drawn::lines(&seen.view(ui), &sheet.subject);
    Some(Request::Copy(shortened(&title, 40), joined(lines)))
}

/// Has the open sheet shown in a pager, or says that none is open.
pub(super) fn paged(ui: &mut Ui, seen: &Seen<'_>) -> Option<Request> {
    let Some(sheet) = ui.sheet.as_ref() else {
        let key = ui.keys.of(Action::Open);
        ui.say(Role::Text, format!("no sheet is open; {key} opens what is selected"));
        return None;
    };
    let id = sheet.subject.id();
    if !guard::shown(ui, &id) {
        return None;
    }
    let sheet = ui.sheet.as_ref()?;
    let (title, lines) = drawn::lines(&seen.view(ui), &sheet.subject);
    Some(Request::Page(harmless_lines(&format!("{title}\n\n{}\n", joined(lines)))))
}

fn text(ui: &Ui, seen: &Seen<'_>) -> Option<(String, String)> {
    let view = seen.view(ui);
    Some(match ui.acting() {
        Pane::Bridge | Pane::Runbook => {
            let run = seen.model.run()?;
            let steps = view.steps(run);
            let shown = steps.get(runbook::highlighted(&view, &steps)?)?;
            let head = format!("run {} step {} {} · {}", run.id, shown.step.name, shown.step.title, shown.word.text());
            let facts = runbook::facts(&view, run, shown).into_iter().map(|(label, text)| format!("{label}: {text}"));
            (format!("step {}", shown.step.name), std::iter::once(head).chain(facts).collect::<Vec<_>>().join("\n"))
        }
        Pane::Health => {
            let (service, environment) = ui.target.as_ref()?;
            (format!("{service} {environment}"), joined(health::told(&view, service, environment)))
        }
        Pane::Approvals => {
            let (run, step) = approvals::selected(&view)?;
            let head =
                format!("{}/{} {} {}", run.id, step.name, step.title, crate::engine::statement::digest(run, step));
            let lines = std::iter::once(head).chain(approvals::card(&view, run, step));
            (format!("approval {}/{}", run.id, step.name), lines.collect::<Vec<_>>().join("\n"))
        }
        Pane::Rollback => (rollback::TITLE.to_owned(), joined(rollback::lines(&view))),
        Pane::Calendar => {
            let slot = calendar::selected(&view)?;
            (shortened(&slot.what.title, 40), calendar::words(slot))
        }
        Pane::Journal => {
            let told = journal::selected(&view)?;
            let entry = &told.entry;
            let text = format!("{} {} #{}: {}", entry.at.format("%FT%H:%M:%SZ"), entry.by, entry.seq, told.line());
            (format!("line {}", entry.seq), text)
        }
    })
}

fn joined(lines: Vec<(Role, String)>) -> String {
    lines.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join("\n")
}
