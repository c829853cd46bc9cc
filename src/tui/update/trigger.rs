//! The trigger of the banner: postponing and disarming it.
//!
//! Both ask for a reason, and are about the trigger that was seen.

use super::{Seen, guard, reasoned};
use crate::domain::command::Command;
use crate::domain::name::{RunId, TriggerName};
use crate::engine::run::TriggerState;
use crate::tui::hand::Id;
use crate::tui::menu::{Choice, Menu};
use crate::tui::pane::trigger;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;

/// Asks why the tripped trigger is to be postponed.
pub(super) fn postpone(ui: &mut Ui, seen: &Seen<'_>) {
    let Some((run, name)) = tripped(ui, seen) else {
        return ui.say(Role::Text, "no trigger has tripped, so there is none to postpone");
    };
    if guard::shown(ui, &Id::Trigger(run, name.clone())) {
        reasoned(ui, &format!("Postpone trigger {name}"), Command::Postpone(run, name, String::new()));
    }
}

/// Asks why the tripped trigger is to be disarmed; where none has tripped, the only one that is armed, or which.
pub(super) fn disarm(ui: &mut Ui, seen: &Seen<'_>) {
    if let Some((run, name)) = tripped(ui, seen) {
        if guard::shown(ui, &Id::Trigger(run, name.clone())) {
            disarmed(ui, run, name);
        }
        return;
    }
    let over = |state: &TriggerState| matches!(state, TriggerState::Fired(_) | TriggerState::Disarmed(..));
    let runs = seen.model.ledger.runs.values().filter(|run| !run.ended());
    let all = runs.flat_map(|run| run.triggers.iter().map(move |(name, state)| (run.id, name, state)));
    let all: Vec<_> = all.filter(|(.., state)| !over(state)).collect();
    match all.as_slice() {
        [] => ui.say(Role::Text, "no trigger is armed, so there is none to disarm"),
        [(run, name, _)] => disarmed(ui, *run, (*name).clone()),
        _ => {
            let item = |(key, (run, name, _)): (char, &(RunId, &TriggerName, _))| {
                (key, format!("{name} of run {run}"), Choice::Disarm(*run, (*name).clone()))
            };
            ui.menu = Some(Menu::new("disarm", ('1'..='9').zip(&all).map(item).collect()));
        }
    }
}

/// Asks why a trigger is to be disarmed.
pub(super) fn disarmed(ui: &mut Ui, run: RunId, name: TriggerName) {
    reasoned(ui, &format!("Disarm trigger {name}"), Command::Disarm(run, name, String::new()));
}

fn tripped(ui: &Ui, seen: &Seen<'_>) -> Option<(RunId, TriggerName)> {
    trigger::tripped(&seen.view(ui)).map(|(run, trigger, _)| (run.id, trigger.name.clone()))
}
