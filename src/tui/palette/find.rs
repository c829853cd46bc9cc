//! Finding by a few letters: actions, steps, services and runs in one list.
//!
//! Taking one shows it, or does what the action's name in the palette would do.

use super::fuzzy::best;
use crate::domain::name::{EnvironmentName, RunId, ServiceName, StepName};
use crate::tui::action::{Action, Pane, TABLE};
use crate::tui::request::Request;
use crate::tui::sheet::Sheet;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;
use crate::tui::update::{self, Seen};
use crate::tui::view::View;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An action.
    Action(Action),
    /// A step of the shown run.
    Step(StepName),
    /// A service in an environment.
    Place(ServiceName, EnvironmentName),
    /// A run.
    Run(RunId),
}

/// Everything that fits, the best first, each with what it is and its text.
pub fn found(view: &View<'_>, typed: &str) -> Vec<(Target, &'static str, String)> {
    let actions =
        TABLE.iter().map(|row| (Target::Action(row.action), "action", format!("{} · {}", row.name, row.help)));
    let steps = view.run().into_iter().flat_map(|run| &run.plan.steps);
    let steps = steps.map(|s| (Target::Step(s.name.clone()), "step", format!("{} {}", s.name, s.title)));
    let places = view.model.places.iter();
    let places = places.map(|p| {
        let text = format!("{} {}", p.service, p.environment);
        (Target::Place(p.service.clone(), p.environment.clone()), "service", text)
    });
    let runs = view.model.ledger.runs.values().rev();
    let runs = runs.map(|r| (Target::Run(r.id), "run", format!("{} {}", r.id, r.plan.title)));
    // What is only shown stands before what is done: Enter takes the first.
    let all: Vec<_> = steps.chain(places).chain(runs).chain(actions).collect();
    if typed.trim().is_empty() {
        return all;
    }
    let fits = best(typed, all.iter().map(|(.., text)| text.as_str()));
    fits.into_iter().filter_map(|n| all.get(n).cloned()).collect()
}

/// Goes to what was found, or does it.
pub fn take(ui: &mut Ui, seen: &Seen<'_>, target: Target) -> Option<Request> {
    match target {
        Target::Action(action) => return update::update(ui, seen, action),
        Target::Step(step) => {
            (ui.pane, ui.step, ui.sheet) = (Pane::Runbook, Some(step), None);
            ui.filters.remove(&Pane::Runbook);
        }
        Target::Place(service, environment) => {
            (ui.pane, ui.target, ui.sheet) = (Pane::Health, Some((service, environment)), None);
            ui.filters.remove(&Pane::Health);
        }
        Target::Run(id) => {
            let run = seen.model.ledger.run(id)?;
            let (done, of) = run.progress();
            let ended = run.ended_at().map(|at| format!("ended    {}", at.format("%F %H:%M:%SZ")));
            let lines = [format!("by       {}", run.by), format!("done     {done} of {of} steps")].into_iter();
            let more = [format!("replay   holdpoint replay {id}"), format!("steps    holdpoint run show {id}")];
            let lines = lines.chain(ended).chain(more).map(|line| (Role::Text, line)).collect();
            ui.sheet = Some(Sheet::text(format!("run {id} · {}", run.plan.title), lines));
        }
    }
    None
}
