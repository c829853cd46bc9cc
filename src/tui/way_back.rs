//! What the key that rolls back would take back now: what a tripped trigger asks
//! for, else what is selected and was changed, else the whole run that is shown.
//!
//! It only says so: the dialog shows it, and the engine decides.

use super::action::Pane;
use super::pane::{runbook, trigger};
use super::sheet::Subject;
use super::view::View;
use crate::domain::name::{EnvironmentName, ServiceName};
use crate::domain::observed::Placed;
use crate::domain::trigger::RollsBack;
use crate::engine::ailing::ailing;
use crate::engine::run::Run;
use crate::engine::ways;

/// Of which run what would be taken back.
pub fn meant<'a>(view: &View<'a>) -> (Option<&'a Run>, RollsBack) {
    // What the banner tells of comes first, whichever run it is about.
    if let Some((run, trigger, _)) = trigger::tripped(view) {
        return (Some(run), trigger.rolls_back.clone());
    }
    let run = view.model.subject();
    let what = run.map_or(RollsBack::Set, |run| of(view, run));
    if run.is_some_and(|run| told(view, run)) {
        return (run, what);
    }
    // Of a place, what was changed there last: that may be a run that the screens are not about.
    let changed = |(service, environment): &Placed| view.model.ledger.changed_by(service, environment);
    match selected(view, run).and_then(|placed| Some((changed(&placed)?, placed))) {
        Some((last, (service, environment))) => (Some(last), RollsBack::One(service, environment)),
        None => (run, what),
    }
}

/// Whether a trigger or the incident screen has said what is to be taken back of a run.
pub fn told(view: &View<'_>, run: &Run) -> bool {
    trigger::tripped(view).is_some() || ways::tripped(run).is_some() || on_incident(view)
}

fn of(view: &View<'_>, run: &Run) -> RollsBack {
    if let Some((trigger, _)) = ways::tripped(run) {
        return trigger.rolls_back.clone();
    }
    let changed = |service: &ServiceName, environment: &EnvironmentName| {
        run.changed.iter().any(|c| c.service == *service && c.environment == *environment && c.taken_back.is_none())
    };
    match selected(view, Some(run)) {
        Some((service, environment)) if changed(&service, &environment) => RollsBack::One(service, environment),
        Some(_) | None if on_incident(view) => first_way(view, run),
        _ => RollsBack::Set,
    }
}

/// The target of what is selected where the hand is, or of the sheet that lies over it.
fn selected(view: &View<'_>, run: Option<&Run>) -> Option<Placed> {
    let ui = view.ui;
    let target = |name| run?.plan.step(name)?.target().map(|(s, e)| (s.clone(), e.clone()));
    match ui.sheet.as_ref().map(|sheet| &sheet.subject) {
        Some(Subject::Place(service, environment)) => return Some((service.clone(), environment.clone())),
        Some(Subject::Step(_, step)) => return target(step),
        Some(Subject::Incident | Subject::Text(..)) => return None,
        None => {}
    }
    match ui.acting() {
        Pane::Health => ui.target.clone(),
        Pane::Bridge | Pane::Runbook => target(ui.step.as_ref().or(failed(view, run?).as_ref())?),
        _ => None,
    }
}

/// The step that the hand is on by itself, when it has failed: its card says what goes back.
fn failed(view: &View<'_>, run: &Run) -> Option<crate::domain::name::StepName> {
    let steps = view.steps(run);
    let shown = steps.get(runbook::selected(view, &steps)?)?;
    shown.state.state.failed().then(|| shown.step.name.clone())
}

fn on_incident(view: &View<'_>) -> bool {
    view.ui.sheet.as_ref().is_some_and(|sheet| sheet.subject == Subject::Incident)
}

/// The first way back that the incident screen names.
fn first_way(view: &View<'_>, run: &Run) -> RollsBack {
    let given = view.given();
    let bad = ailing(&given);
    let all = ways::ways(&given, Some(run), &view.model.derived.outlook, &bad);
    all.into_iter().find_map(|way| way.back).unwrap_or(RollsBack::Set)
}
