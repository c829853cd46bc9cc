//! The way back: what a person means by rolling back, and the dialog that runs it.
//!
//! What a trigger, a failure or the hand names goes straight to its dialog. Where nothing does
//! and a run has changed more than one place, it is asked which: nobody takes back a healthy
//! region because they were in a hurry. Where something else of the workspace holds a place, that one's
//! own way back is offered first.

use super::{Seen, guard};
use crate::domain::name::RunId;
use crate::domain::observed::Placed;
use crate::domain::trigger::RollsBack;
use crate::domain::verdict::Level;
use crate::engine::run::Run;
use crate::engine::{owner, ways};
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
    let view = seen.view(ui);
    let menu = match &what {
        RollsBack::Set => run.and_then(|run| which(&view, run)),
        RollsBack::One(service, environment) => held(&view, subject, &(service.clone(), environment.clone()), &what),
    };
    match menu {
        Some(menu) => ui.menu = Some(menu),
        None => ask(ui, seen, subject, what),
    }
}

/// Asks whether what holds a place goes back, or that place alone.
pub(super) fn whose(ui: &mut Ui, seen: &Seen<'_>, run: RunId, place: Placed) {
    let what = RollsBack::One(place.0.clone(), place.1.clone());
    match held(&seen.view(ui), Some(run), &place, &what) {
        Some(menu) => ui.menu = Some(menu),
        // It was held when that was asked.
        None => ask(ui, seen, Some(run), what),
    }
}

/// The two ways where something else of the workspace holds a place, that one's own first.
fn held(view: &View<'_>, run: Option<RunId>, place: &Placed, what: &RollsBack) -> Option<Menu> {
    let (service, environment) = place;
    let given = view.given();
    let holder = owner::holder(&given, service, environment).filter(|holder| holder.goes_back)?;
    let whole = RollsBack::One(holder.service.clone(), environment.clone());
    let last = view.model.ledger.changed_by(holder.service, environment).map(|run| run.id);
    let first = format!("{} {environment}, {}: as a whole, there", holder.service, holder.owner.words());
    let alone = match holder.reverts {
        Some(true) if holder.stops => ", once that is stopped from undoing it",
        Some(true) => ", which that undoes by itself",
        Some(false) | None => ", behind its back",
    };
    let second = format!("{service} {environment} alone{alone}");
    let ways = vec![(first, Choice::Back(last, whole)), (second, Choice::Back(run, what.clone()))];
    Some(Menu::listed(&format!("roll back {service} {environment}"), ways, "rollback"))
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
    if let [(_, place)] = stands.as_slice() {
        return held(view, Some(run.id), place, &RollsBack::Set);
    }
    if stands.is_empty() {
        return None;
    }
    let given = view.given();
    let all = (format!("all {} places", stands.len()), Choice::Back(Some(run.id), RollsBack::Set));
    let one = stands.into_iter().map(|(level, (service, environment))| {
        let label = format!("{service} {environment} {}", health::word(level));
        match owner::holder(&given, &service, &environment) {
            Some(_) => (label, Choice::Holder(run.id, (service, environment))),
            None => (label, Choice::Back(Some(run.id), RollsBack::One(service, environment))),
        }
    });
    Some(Menu::listed("roll back", [all].into_iter().chain(one).collect(), "rollback"))
}
