//! A deploy: a sync to a revision, with our key in it.
//!
//! With auto-sync on Argo CD syncs to nothing but what it is set to; git is the way then.

use super::super::app::{self, KEY, sources};
use super::super::goal::Goal;
use super::super::json::{line, list, text};
use super::super::version;
use super::{Call, Plan, Read, Step, arg, begun, flag};
use crate::domain::operation::Operation;
use serde_json::{Value, json};

/// The plan for `deploy`.
///
/// # Errors
/// No version is named, or a flag is none.
pub fn deploy(operation: &Operation, key: &str, read: &Read<'_>) -> Result<Plan, String> {
    let version = arg(operation, "version").ok_or("no version is given; give the step args = { version = \"…\" }")?;
    let prune = flag(operation, "prune")?.unwrap_or(false);
    let Read { place, app, windows, .. } = read;
    let spec = app.get("spec").unwrap_or(&Value::Null);
    let all = sources(spec);
    let set = match all.first().map_or("", |source| text(source, "/targetRevision")) {
        "" => "HEAD",
        set => set,
    };
    // An image's tag is no revision: what git holds is synced, and must turn out to be it.
    let named = arg(operation, "revision").or(place.image.is_none().then_some(version)).unwrap_or(set);
    let ours = app::running(app).and_then(|running| running.key);
    let newest = app.pointer("/status/operationState/operation").and_then(app::key_of);
    if ours.as_deref() == Some(key) || newest == Some(key) {
        let mut plan = begun(Vec::new(), Goal::Synced { key: Some(key.to_owned()), version: version.to_owned() });
        plan.effects.push(format!("{} has been told already; nothing is sent", place.words()));
        return Ok(plan);
    }
    if is_there(read, version, named) {
        let mut plan = begun(Vec::new(), Goal::Synced { key: None, version: version.to_owned() });
        plan.effects.push(format!("{} is at {} already; nothing is sent", place.words(), line(version)));
        return Ok(plan);
    }
    let mut body = json!({ "prune": prune, "infos": [{ "name": KEY, "value": key }] });
    let seen = if named == set { compared(app) } else { None };
    let revision = seen.or((named != set).then_some(named));
    if let (Some(map), Some(revision)) = (body.as_object_mut(), revision) {
        map.insert("revision".to_owned(), Value::from(revision));
    }
    let from = version::live(app, place.image.as_deref());
    let at = seen.map(|seen| format!(" ({})", line(&version::short(seen)))).unwrap_or_default();
    let effect = format!("syncs {} to {}{at} for {}, in place of {from}", place.words(), line(named), line(version));
    let goal = Goal::Synced { key: Some(key.to_owned()), version: version.to_owned() };
    let mut plan = begun(vec![Step { call: Call::Sync(body), effect, goal: goal.clone() }], goal);
    plan.blocks = blocks(read, named, set, all.len());
    if let Some(closed) = windows.closed() {
        plan.blocks.push(format!("{closed}; wait for it, or have a window opened"));
    }
    if prune {
        plan.loses.push("what is not in git any more is deleted".to_owned());
    }
    Ok(plan)
}

/// The revision that the application is compared with, where a sync can be held to it: a branch may move
/// between the look and the sync. With auto-sync on, and with several sources, Argo CD takes none.
fn compared(app: &Value) -> Option<&str> {
    let held = app::auto_sync(app).is_none() && list(app, "/spec/sources").is_empty();
    Some(text(app, "/status/sync/revision")).filter(|seen| held && !seen.is_empty())
}

fn blocks(read: &Read<'_>, named: &str, set: &str, sources: usize) -> Vec<String> {
    let mut blocks = Vec::new();
    if let Some(running) = app::running(read.app) {
        blocks.push(format!("{}; wait for it, or abort it first", running.told()));
    }
    if named != set && app::auto_sync(read.app).is_some() {
        let (set, named) = (line(set), line(named));
        blocks.push(format!(
            "auto-sync is on and set to {set}: Argo CD refuses {named}; bring it by git, or pause auto-sync first"
        ));
    }
    if named != set && sources > 1 {
        blocks.push("it has several sources, so one revision does not say what to sync; bring it by git".to_owned());
    }
    blocks
}

/// Whether there is nothing to do: as git has it, well, and of that version.
fn is_there(read: &Read<'_>, version: &str, named: &str) -> bool {
    let Read { place, app, past, .. } = read;
    let (live, beside) = version::serving(app, place.image.as_deref());
    let last = past.first().map_or("", |entry| entry.revision.as_str());
    let revision =
        (live == version && beside.is_none()) || (place.image.is_none() && !last.is_empty() && last == named);
    let quiet = app::running(app).is_none() && app::phase(app) == "Succeeded";
    quiet && revision && app::sync(app) == "Synced" && app::health(app) == "Healthy"
}
