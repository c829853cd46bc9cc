//! The palette: an action by its name, with what it takes after it.
//!
//! It does what the key of the action would do and nothing more: what a key has to
//! ask in a dialog, it asks too, and while something is asked it takes no keys.

pub mod find;
pub mod fuzzy;
pub mod offer;
pub mod takes;

use super::action::{Action, Pane, Place, TABLE};
use super::hand::Id;
use super::menu::Choice;
use super::request::Request;
use super::theme::Role;
use super::ui::Ui;
use super::update::{self, Seen, may, past, people};
use crate::config::nearest;
use crate::domain::span::Span;
use crate::engine::timeline::jump::Jump;
use takes::{Takes, of};

/// How many lines are remembered for the session.
const REMEMBERED: usize = 100;

/// What a word names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// One action.
    Is(Action),
    /// The beginnings of several, by name.
    Begins(Vec<&'static str>),
    /// Nothing.
    Nothing,
}

/// What the first word of a line names.
pub fn word(text: &str) -> Word {
    let name = text.split_whitespace().next().unwrap_or_default();
    match update::named(name) {
        Some(action) => Word::Is(action),
        None => {
            let begun: Vec<_> = TABLE.iter().map(|row| row.name).filter(|known| known.starts_with(name)).collect();
            if begun.is_empty() || name.is_empty() { Word::Nothing } else { Word::Begins(begun) }
        }
    }
}

/// Remembers a line that was submitted.
pub fn remember(ui: &mut Ui, text: &str) {
    ui.history.retain(|line| line != text);
    if ui.history.len() >= REMEMBERED {
        ui.history.remove(0);
    }
    ui.history.push(text.to_owned());
}

/// Does what a line says; none of it when it is not understood.
pub fn submit(ui: &mut Ui, seen: &Seen<'_>, text: &str) -> Option<Request> {
    let rest = text.split_once(char::is_whitespace).map_or("", |(_, rest)| rest.trim());
    match word(text) {
        Word::Is(action) if rest.is_empty() => update::update(ui, seen, action),
        Word::Is(action) => with(ui, seen, action, rest),
        Word::Begins(names) => {
            ui.say(Role::Warn, format!("`{text}` begins {}: write more of it", names.join(", ")));
            None
        }
        Word::Nothing => {
            let name = text.split_whitespace().next().unwrap_or_default();
            let near = nearest::nearest(name, TABLE.iter().map(|row| row.name));
            let help = ui.keys.of(Action::Help);
            let near = near.map_or(format!("{help} lists them"), |near| format!("did you mean `{near}`?"));
            ui.say(Role::Warn, format!("there is no action `{name}`; {near}"));
            None
        }
    }
}

/// Does an action with what was written after its name.
fn with(ui: &mut Ui, seen: &Seen<'_>, action: Action, rest: &str) -> Option<Request> {
    let name = action.binding().map_or("it", |row| row.name);
    match of(action) {
        Takes::Nothing => {
            ui.say(Role::Warn, format!("nothing was done: `{name}` takes nothing after it, not `{rest}`"))
        }
        Takes::Theme => update::themes::wear(ui, rest),
        Takes::Pane => match Pane::ALL.into_iter().find(|pane| pane.name() == rest) {
            Some(pane) => return update::update(ui, seen, Action::Go(pane)),
            None => ui.say(Role::Warn, no_such("pane", rest, Pane::ALL.iter().map(|pane| pane.name()))),
        },
        Takes::Filter => update::filtered(ui, rest),
        Takes::May => may::may(ui, seen, rest),
        Takes::Do => update::adhoc::typed(ui, seen, rest),
        Takes::Waiver => return update::waiver::typed(ui, seen, rest),
        Takes::Time => match rest.parse::<Span>() {
            Ok(span) => update::arm(ui, seen, span.delta().to_std().unwrap_or_default()),
            Err(error) => ui.say(Role::Warn, error.to_string()),
        },
        Takes::Runbook => {
            let runbooks = &seen.model.workspace.runbooks;
            match runbooks.values().find(|plan| plan.runbook.as_str() == rest) {
                Some(_) if seen.model.replay.is_some() => return update::update(ui, seen, action),
                Some(plan) if action == Action::Rehearse => {
                    return people::choose(ui, seen, Choice::Rehearse(plan.runbook.clone()));
                }
                Some(plan) => return people::choose(ui, seen, Choice::StartRun(plan.runbook.clone())),
                None => ui.say(Role::Warn, no_such("runbook", rest, runbooks.values().map(|p| p.runbook.as_str()))),
            }
        }
        Takes::Step if seen.model.replay.is_some() && Jump::parse(rest).is_ok() => return past::typed(ui, seen, rest),
        Takes::Step => return on_step(ui, seen, action, rest),
    }
    None
}

/// Selects a step by its name and does the action on it.
fn on_step(ui: &mut Ui, seen: &Seen<'_>, action: Action, name: &str) -> Option<Request> {
    let Some(run) = seen.model.run() else {
        let key = ui.keys.of(Action::StartRun);
        ui.say(Role::Warn, format!("there is no run; {key} starts one"));
        return None;
    };
    let Some(step) = run.plan.step(&name.into()) else {
        ui.say(Role::Warn, no_such("step", name, run.plan.steps.iter().map(|s| s.name.as_str())));
        return None;
    };
    if !matches!(ui.pane, Pane::Bridge | Pane::Runbook) || action == Action::GoStep {
        ui.pane = Pane::Runbook;
    }
    (ui.step, ui.sheet) = (Some(step.name.clone()), None);
    ui.filters.remove(&Pane::Runbook);
    if action == Action::GoStep {
        return None;
    }
    debug_assert!(action.binding().is_some_and(|row| row.place == Place::Step));
    ui.hand.named(Id::Step(run.id, step.name.clone()));
    update::update(ui, seen, action)
}

fn no_such<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let help = nearest::help(name, "there are", known).unwrap_or_else(|| "there are none".to_owned());
    format!("nothing was done: there is no {what} `{name}`; {help}")
}
