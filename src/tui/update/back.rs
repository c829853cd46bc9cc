//! The way back: what a person means by rolling back, and the dialog that runs it.
//!
//! What a trigger, a failure or the hand names goes straight to its dialog. Where nothing does
//! and a run has changed more than one place, it is asked which: nobody takes back a healthy
//! region because they were in a hurry.

use super::{Seen, guard};
use crate::domain::name::RunId;
use crate::domain::trigger::RollsBack;
use crate::engine::run::Run;
use crate::tui::ask;
use crate::tui::hand::Id;
use crate::tui::menu::{Choice, Menu};
use crate::tui::pane::health;
use crate::tui::ui::Ui;
use crate::tui::view::View;
use crate::tui::way_back;

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
    let stands = |id: &(_, _)| {
        run.changed.iter().any(|c| c.taken_back.is_none() && (&c.service, &c.environment) == (&id.0, &id.1))
    };
    let places = &view.model.places;
    let changed = places.order().filter_map(|n| places.at(n));
    let changed: Vec<_> = changed.filter(|p| stands(&(p.service.clone(), p.environment.clone()))).collect();
    if changed.len() < 2 {
        return None;
    }
    let all = ('a', format!("all {} places", changed.len()), Choice::Back(run.id, RollsBack::Set));
    let one = ('b'..='z').zip(&changed).map(|(key, place)| {
        let label = format!("{} {} {}", place.service, place.environment, health::word(place.level));
        (key, label, Choice::Back(run.id, RollsBack::One(place.service.clone(), place.environment.clone())))
    });
    Some(Menu::new("roll back", [all].into_iter().chain(one).collect()))
}
