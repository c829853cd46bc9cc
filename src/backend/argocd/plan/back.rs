//! The way back: auto-sync off, what is under way ended, and back to an entry of the history.
//!
//! In that order: with auto-sync on a rollback is refused, and what is ended would begin anew.

use super::super::app::{self, Running};
use super::super::goal::Goal;
use super::super::json::{line, list, text};
use super::super::past::{Entry, find};
use super::super::there;
use super::switch::{step_abort, step_off};
use super::{Call, Plan, Read, Step, arg, begun, flag};
use crate::domain::operation::Operation;
use serde_json::Value;

/// The plan for `roll-back`.
///
/// # Errors
/// There is no such entry, or none is named.
pub fn roll_back(operation: &Operation, key: &str, read: &Read<'_>) -> Result<Plan, String> {
    let to = arg(operation, "to").ok_or("no version to return to is given; give the step args = { to = \"…\" }")?;
    let prune = flag(operation, "prune")?.unwrap_or(false);
    let Read { place, app, past, windows, .. } = read;
    let entry = find(past, to)?;
    let goal = Goal::Back(entry.clone());
    let running = app::running(app);
    let coming = running.as_ref().is_some_and(|running| running.leads_to(entry));
    let there = running.is_none() && there::is_there(app, past, entry, place.image.as_deref());
    if coming || (there && app::phase(app) != "Failed" && app::phase(app) != "Error") {
        let mut plan = begun(Vec::new(), goal);
        let word = if coming { "is on its way to" } else { "is at" };
        plan.effects.push(format!(
            "{} {word} {} (history {}) already; nothing is sent",
            place.words(),
            entry.version,
            entry.id
        ));
        return Ok(plan);
    }
    let mut steps: Vec<Step> = step_off(key, read).into_iter().chain(step_abort(read)).collect();
    let off = app::auto_sync(app).is_some() || app::mark(app).is_some();
    let effect = format!("rolls {} back to {} (history {}{})", place.words(), entry.version, entry.id, dated(entry));
    steps.push(Step { call: Call::RollBack { id: entry.id, prune }, effect, goal: goal.clone() });
    let mut plan = begun(steps, goal);
    if let Some(running) = running.filter(|running| leads_back(running, past)) {
        plan.blocks.push(format!("somebody leads it back already: {}; wait, or abort it first", running.told()));
    }
    if entry.sources.is_empty() {
        plan.blocks.push(format!("history {} is too old to return to; deploy its revision instead", entry.id));
    }
    if let Some(closed) = windows.closed() {
        plan.blocks.push(format!(
            "{closed}: Argo CD would take the rollback and park it until a window opens; open one first"
        ));
    }
    plan.effects = plan.steps.iter().map(|step| step.effect.clone()).collect();
    if off {
        plan.effects.push(
            "leaves auto-sync OFF: with it on, git would bring the bad version back; `resume` once git is right"
                .to_owned(),
        );
    }
    plan.loses = loses(app, prune);
    Ok(plan)
}

/// Whether a person leads it to an earlier entry: not auto-sync, which follows git, and not whoever
/// only brings once more what was there last.
fn leads_back(running: &Running, past: &[Entry]) -> bool {
    let again = past.first().is_some_and(|now| running.points_to(now));
    !running.automated && !again && past.iter().any(|entry| running.points_to(entry))
}

fn dated(entry: &Entry) -> String {
    let at = entry.at.map(|at| at.format(" of %F %H:%M:%SZ").to_string()).unwrap_or_default();
    if entry.by.is_empty() { at } else { format!("{at} by {}", entry.by) }
}

fn loses(app: &Value, prune: bool) -> Vec<String> {
    let mut loses = vec!["git is not changed: the application is out of sync until git is put right".to_owned()];
    loses.push(match prune {
        true => "what is not in that entry is deleted".to_owned(),
        false => "what the newer version added stays; give args = { prune = \"true\" } to delete it".to_owned(),
    });
    let results = list(app, "/status/operationState/syncResult/resources");
    let hooks: Vec<String> = results
        .iter()
        .filter(|one| !text(one, "/hookType").is_empty())
        .map(|one| line(&format!("{} {} {}", text(one, "/hookType"), text(one, "/kind"), text(one, "/name"))))
        .collect();
    if !hooks.is_empty() {
        loses.push(format!("a rollback runs no hooks; the last sync had {}", hooks.join(", ")));
    }
    loses
}
