//! Drift mended: a sync to the very commit that the application was compared with, of exactly the resources that were
//! shown as out of sync.
//!
//! No version is asked for: what was declared is brought, whichever that is. Where Argo CD cannot be held to a commit
//! (auto-sync, several sources), what would be brought is not what was shown, so that it is not sent.

use super::super::app::{self, KEY};
use super::super::goal::Goal;
use super::super::json::{line, list, named, text};
use super::super::version;
use super::forward::{compared, window};
use super::{Call, Plan, Read, Step, arg, begun, flag};
use crate::domain::digest::Digest;
use crate::domain::operation::Operation;
use serde_json::{Value, json};

/// The plan for `mend`.
///
/// # Errors
/// Argo CD does not know whether it differs, cannot be held to a commit, or a flag is none.
pub fn mend(operation: &Operation, key: &str, read: &Read<'_>) -> Result<Plan, String> {
    let prune = flag(operation, "prune")?.unwrap_or(false);
    let Read { place, app, .. } = read;
    let ours = app::running(app).and_then(|running| running.key);
    let newest = app.pointer("/status/operationState/operation").and_then(app::key_of);
    if ours.as_deref() == Some(key) || newest == Some(key) {
        return Ok(nothing(
            Goal::Mended { key: Some(key.to_owned()), prune },
            format!("{} has been told already", place.words()),
        ));
    }
    match app::sync(app) {
        "Synced" => {
            return Ok(nothing(
                Goal::Mended { key: None, prune },
                format!("{} is as git has it already", place.words()),
            ));
        }
        "OutOfSync" => {}
        other => return Err(format!("how it compares with git is not known to Argo CD ({})", line(other))),
    }
    if app::auto_sync(app).is_some() {
        return Err(
            "auto-sync is on, so that Argo CD takes no commit to be held to; let it sync, or pause it first".to_owned()
        );
    }
    let revision = compared(app).ok_or(
        "it has several sources, or none that is known: Argo CD cannot be held to what was shown; bring it by git",
    )?;
    let (out, left): (Vec<_>, Vec<_>) = differs(app).partition(|one| prune || !is_beyond(one));
    match (out.is_empty(), left.is_empty()) {
        (true, true) => return Err("what is out of sync is not told".to_owned()),
        (true, false) => {
            let why = format!("{} is as git has it, but for what is not in git (prune=true deletes it)", place.words());
            return Ok(nothing(Goal::Mended { key: None, prune }, why));
        }
        (false, _) => {}
    }
    let seal = seal(app, prune).unwrap_or_default();
    let body = json!({ "prune": prune, "revision": revision, "infos": [{ "name": KEY, "value": key }] });
    let effect =
        format!("syncs {} to {}, the commit it was compared with", place.words(), line(&version::short(revision)));
    let goal = Goal::Mended { key: Some(key.to_owned()), prune };
    let mut plan = begun(vec![Step { call: Call::Sync(body), effect, goal: goal.clone() }], goal);
    plan.effects = plan.steps.iter().map(|step| step.effect.clone()).collect();
    let word = |one: &Value| if is_beyond(one) { "deleted, as it is not in git" } else { "as git has it" };
    plan.effects.extend(out.iter().map(|one| format!("{}: {}", named(one), word(one))));
    plan.effects.extend(left.iter().map(|one| format!("{}: stays, though it is not in git", named(one))));
    match arg(operation, "of") {
        Some(of) if of == seal => {}
        Some(of) => plan
            .blocks
            .push(format!("what differs is not what of={} was said of; look again: it is of={seal} now", line(of))),
        None => plan.blocks.push(format!("say that exactly this is meant: of={seal}")),
    }
    if let Some(running) = app::running(app) {
        plan.blocks.push(format!("{}; wait for it, or abort it first", running.told()));
    }
    plan.blocks.extend(window(read));
    plan.loses.push("what was changed by hand in these is overwritten".to_owned());
    Ok(plan)
}

/// What stands for exactly the commit and the resources that differ; none where nothing is to be mended. With `prune`
/// what is not in git is among them.
pub fn seal(app: &Value, prune: bool) -> Option<String> {
    let mends = app::sync(app) == "OutOfSync" && app::auto_sync(app).is_none();
    let revision = compared(app).filter(|_| mends)?;
    let out: Vec<_> = differs(app).filter(|one| prune || !is_beyond(one)).collect();
    let each = |one: &&Value| (text(one, "/group").to_owned(), named(one), is_beyond(one));
    let all: Vec<_> = out.iter().map(each).collect();
    (!all.is_empty()).then(|| Digest::of("sync", &(text(app, "/metadata/uid"), revision, all)).short())
}

/// What Argo CD calls out of sync.
fn differs(app: &Value) -> impl Iterator<Item = &Value> {
    list(app, "/status/resources").iter().filter(|one| text(one, "/status") == "OutOfSync")
}

/// Whether it is not in git, and goes only where that is asked for.
fn is_beyond(one: &Value) -> bool {
    one.get("requiresPruning") == Some(&Value::Bool(true))
}

fn nothing(goal: Goal, why: String) -> Plan {
    let mut plan = begun(Vec::new(), goal);
    plan.effects.push(format!("{why}; nothing is sent"));
    plan
}
