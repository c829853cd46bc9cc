//! Drift mended: a sync to what git holds, as Argo CD compared it last. No version is asked for: what was declared is
//! brought, whichever that is.

use super::super::app::{self, KEY};
use super::super::goal::Goal;
use super::super::json::{line, text};
use super::super::version;
use super::forward::{compared, running, window};
use super::{Call, Plan, Read, Step, begun, flag};
use crate::domain::operation::Operation;
use serde_json::{Value, json};

/// The plan for `mend`.
///
/// # Errors
/// Argo CD does not know whether it differs, or a flag is none.
pub fn mend(operation: &Operation, key: &str, read: &Read<'_>) -> Result<Plan, String> {
    let prune = flag(operation, "prune")?.unwrap_or(false);
    let Read { place, app, .. } = read;
    let ours = app::running(app).and_then(|running| running.key);
    let newest = app.pointer("/status/operationState/operation").and_then(app::key_of);
    if ours.as_deref() == Some(key) || newest == Some(key) {
        let mut plan = begun(Vec::new(), Goal::Mended { key: Some(key.to_owned()) });
        plan.effects.push(format!("{} has been told already; nothing is sent", place.words()));
        return Ok(plan);
    }
    match app::sync(app) {
        "OutOfSync" => {}
        "Synced" => {
            let mut plan = begun(Vec::new(), Goal::Mended { key: None });
            plan.effects.push(format!("{} is as git has it already; nothing is sent", place.words()));
            return Ok(plan);
        }
        other => return Err(format!("how it compares with git is not known to Argo CD ({})", line(other))),
    }
    let mut body = json!({ "prune": prune, "infos": [{ "name": KEY, "value": key }] });
    if let (Some(map), Some(revision)) = (body.as_object_mut(), compared(app)) {
        map.insert("revision".to_owned(), Value::from(revision));
    }
    let git = match text(app, "/status/sync/revision") {
        "" => String::new(),
        seen => format!(" ({})", line(&version::short(seen))),
    };
    let effect = format!("syncs {} to what git holds{git}", place.words());
    let goal = Goal::Mended { key: Some(key.to_owned()) };
    let mut plan = begun(vec![Step { call: Call::Sync(body), effect, goal: goal.clone() }], goal);
    plan.blocks.extend(running(read));
    plan.blocks.extend(window(read));
    let whose = "what was changed by hand is overwritten";
    plan.loses.push(if prune { format!("{whose}, and what is not in git is deleted") } else { whose.to_owned() });
    Ok(plan)
}
