//! The way back: what a person means by rolling back, and the dialog that runs it.
//!
//! What a trigger, a failure or the hand names goes straight to its dialog. Where nothing does
//! and a run has changed more than one place, it is asked which: nobody takes back a healthy
//! region because they were in a hurry.

use super::{Seen, guard};
use crate::domain::name::RunId;
use crate::domain::observed::Placed;
use crate::domain::trigger::RollsBack;
use crate::domain::verdict::Level;
use crate::engine::run::Run;
use crate::engine::ways;
use crate::tui::ask;
use crate::tui::hand::Id;
use crate::tui::menu::{Choice, Menu};
use crate::tui::pane::health;
use crate::tui::ui::Ui;
use crate::tui::view::View;
use crate::tui::way_back;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// The key that rolls back.
pub(super) fn key(ui: &mut Ui, seen: &Seen<'_>) {
    let (subject, what) = way_back::meant(&seen.view(ui));
    let subject = subject.map(|run| run.id);
    if !guard::shown(ui, &Id::Back(subject, what.clone())) {
        return;
    }
    let run = subject.and_then(|id| seen.model.ledger.run(id));
    match run.filter(|_| what == RollsBack::Set).and_then(|run| which(&seen.view(ui), run)) {
        Some(menu) => ui.menu = Some(menu),
        None => ask(ui, seen, subject, what),
    }
}

/// Opens the dialog for what was chosen.
pub(super) fn ask(ui: &mut Ui, seen: &Seen<'_>, run: Option<RunId>, what: RollsBack) {
    let run = run.and_then(|id| seen.model.ledger.run(id));
    let asked = ask::roll_back(&seen.view(ui), run, what);
    ui.asked = asked.or(ui.asked.take());
}

/// Asks for all of it or one place, the worst first; none where nothing is left to choose, or a
/// trigger has said what it would take back.
fn which(view: &View<'_>, run: &Run) -> Option<Menu> {
    if way_back::told(view, run) {
        return None;
    }
    let places = &view.model.places;
    // What is not declared any more was changed all the same.
    let level = |id: &Placed| places.position(id).and_then(|n| places.at(n)).map_or(Level::Unknown, |p| p.level);
    let stands: BTreeSet<_> = ways::standing(run).collect();
    let stands = stands.into_iter().map(|(service, environment)| (service.clone(), environment.clone()));
    let mut stands: Vec<_> = stands.map(|id| (level(&id), id)).collect();
    stands.sort_by_key(|(level, _)| Reverse(*level));
    if stands.len() < 2 {
        return None;
    }
    let all = (format!("all {} places", stands.len()), Choice::Back(run.id, RollsBack::Set));
    let one = stands.into_iter().map(|(level, (service, environment))| {
        let label = format!("{service} {environment} {}", health::word(level));
        (label, Choice::Back(run.id, RollsBack::One(service, environment)))
    });
    Some(Menu::listed("roll back", [all].into_iter().chain(one).collect(), "rollback"))
}
