//! Nothing is acted on that was not highlighted, or shown, in the last picture that left.
//!
//! What is refused is said, with what to press; a row is highlighted by it, so that
//! the same key acts once that has been seen.

use super::Seen;
use crate::tui::action::{Action, Pane};
use crate::tui::hand::{self, Id};
use crate::tui::theme::Role;
use crate::tui::ui::Ui;

/// Whether a person has seen what is no row: the run, what rolling back takes back, a trigger, a hold.
pub(super) fn shown(ui: &mut Ui, id: &Id) -> bool {
    let seen = ui.hand.is_on(id);
    if !seen {
        ui.say(Role::Warn, format!("nothing was done: {} was not on the screen yet; look, then once more", id.words()));
    }
    seen
}

/// Whether a person has seen this row highlighted; else it is selected, and that is said.
pub(super) fn highlighted(ui: &mut Ui, seen: &Seen<'_>, id: &Id, title: &str) -> bool {
    if ui.hand.is_on(id) {
        return true;
    }
    select(ui, id);
    let how = where_it_is(ui, seen, id);
    // The title comes last: of a line that is cut, what to press is read.
    let title = if title.is_empty() { String::new() } else { format!(" ({title})") };
    ui.say(Role::Warn, format!("nothing was done: {} was not highlighted; {how}{title}", id.words()));
    false
}

/// Selects a row where it is shown.
pub(super) fn select(ui: &mut Ui, id: &Id) {
    match id.clone() {
        Id::Step(_, step) => ui.step = Some(step),
        Id::Place(service, environment) => ui.target = Some((service, environment)),
        Id::Ask(run, step) => ui.ask = Some((run, step)),
        Id::Slot(slot) => ui.slot = Some(slot),
        Id::Line(seq) => ui.line = Some(seq),
        Id::Run(_) | Id::Back(..) | Id::Trigger(..) | Id::Hold(_) => {}
        Id::Entry(_) | Id::Text(_) | Id::Tab(_) | Id::Section(_) => {}
    }
}

/// What to press so that it is.
fn where_it_is(ui: &Ui, seen: &Seen<'_>, id: &Id) -> String {
    let keys = &ui.keys;
    if ui.sheet.as_ref().is_some_and(|sheet| sheet.ids().all(|open| open != *id)) {
        return "it lies under what is open: Esc, then once more".to_owned();
    }
    let meant = hand::meant(&seen.view(ui));
    if [&meant.step, &meant.row].into_iter().flatten().any(|row| row == id) {
        return "it is now: once more".to_owned();
    }
    match id {
        Id::Step(..) if hand::steps_shown(&seen.view(ui)) => "the filter hides it: Esc, then once more".to_owned(),
        Id::Step(..) => format!("{} shows it, then once more", keys.of(Action::Go(Pane::Runbook))),
        Id::Ask(..) => format!("{} shows it, then once more", keys.of(Action::Go(Pane::Approvals))),
        _ => format!("{} select", keys.moving()),
    }
}
