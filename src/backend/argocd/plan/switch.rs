//! Auto-sync off and on again, and the end of what is under way.
//!
//! Off is noted in the application, with what it was, so that it can be put back as it was.

use super::super::app::{self, MARK};
use super::super::goal::Goal;
use super::{Call, Plan, Read, Step, begun, flag};
use crate::domain::operation::Operation;
use serde_json::{Value, json};

/// The request that switches auto-sync off; none when it is off.
pub fn step_off(key: &str, read: &Read<'_>) -> Option<Step> {
    let was = app::auto_sync(read.app)?;
    let noted = json!({ "key": key, "at": read.now.format("%FT%TZ").to_string(), "was": was }).to_string();
    let patch =
        json!({ "metadata": { "annotations": { MARK: noted } }, "spec": { "syncPolicy": { "automated": null } } });
    let effect = format!("switches auto-sync of {} off ({})", read.place.words(), options(was));
    Some(Step { call: Call::Patch(patch), effect, goal: Goal::AutoSync(false) })
}

/// The options of auto-sync in words.
fn options(automated: &Value) -> String {
    let on = |key: &str| automated.get(key) == Some(&Value::Bool(true));
    let all = [("prune", on("prune")), ("self-heal", on("selfHeal")), ("allow-empty", on("allowEmpty"))];
    let all: Vec<_> = all.iter().filter(|(_, on)| *on).map(|(word, _)| *word).collect();
    if all.is_empty() { "it has no options".to_owned() } else { format!("it was on with {}", all.join(", ")) }
}

/// Auto-sync off: what runs goes on, nothing new is synced by itself.
pub fn off(key: &str, read: &Read<'_>) -> Plan {
    let step = step_off(key, read);
    let words = read.place.words();
    let mut plan = begun(step.into_iter().collect(), Goal::AutoSync(false));
    match plan.steps.first() {
        None => plan.effects.push(format!("auto-sync of {words} is off already; nothing is sent")),
        Some(_) => plan.loses.push("auto-sync stays OFF until it is resumed: what is merged is not brought".to_owned()),
    }
    plan
}

/// Auto-sync on again, as it was.
///
/// # Errors
/// Nobody noted how it was, and nobody says.
pub fn on(operation: &Operation, read: &Read<'_>) -> Result<Plan, String> {
    let (prune, heal) = (flag(operation, "prune")?, flag(operation, "self-heal")?);
    let words = read.place.words();
    if app::auto_sync(read.app).is_some() {
        let mut plan = begun(Vec::new(), Goal::AutoSync(true));
        plan.effects.push(format!("auto-sync of {words} is on already; nothing is sent"));
        return Ok(plan);
    }
    let noted = app::mark(read.app).and_then(|mark| mark.get("was").filter(|was| was.is_object()).cloned());
    let said = prune.is_some() || heal.is_some();
    let Some(mut was) = noted.or_else(|| said.then(|| json!({}))) else {
        return Err(format!(
            "holdpoint did not switch auto-sync of {words} off and does not know how it was; give the step args = {{ prune = \"false\", self-heal = \"false\" }} as it should be"
        ));
    };
    if let Some(map) = was.as_object_mut() {
        // It says in place of being there whether it is on, where it says.
        map.remove("enabled");
        map.extend(prune.map(|prune| ("prune".to_owned(), Value::Bool(prune))));
        map.extend(heal.map(|heal| ("selfHeal".to_owned(), Value::Bool(heal))));
    }
    // A merge leaves alone what it does not name, and `enabled = false` would keep it off.
    let mut automated = was.clone();
    if let (Some(map), Some(_)) = (automated.as_object_mut(), read.app.pointer("/spec/syncPolicy/automated/enabled")) {
        map.insert("enabled".to_owned(), Value::Bool(true));
    }
    let noted = app::mark(read.app).map(|_| json!({ "annotations": { MARK: null } }));
    let mut patch = json!({ "spec": { "syncPolicy": { "automated": automated } } });
    if let (Some(map), Some(noted)) = (patch.as_object_mut(), noted) {
        map.insert("metadata".to_owned(), noted);
    }
    let effect = format!("switches auto-sync of {words} on ({})", options(&was).replace("it was on", "it is on"));
    let mut plan =
        begun(vec![Step { call: Call::Patch(patch), effect, goal: Goal::AutoSync(true) }], Goal::AutoSync(true));
    if app::sync(read.app) != "Synced" {
        let wanted = super::super::version::wanted(read.app, None);
        plan.loses.push(format!("git holds {wanted}: it is brought at once, without asking again"));
    }
    Ok(plan)
}

/// The end of what is under way.
pub fn abort(read: &Read<'_>) -> Plan {
    let step = step_abort(read);
    let mut plan = begun(step.into_iter().collect(), Goal::Idle);
    match plan.steps.first() {
        None => plan.effects.push(format!("nothing is under way at {}; nothing is sent", read.place.words())),
        Some(_) => {
            plan.loses.push("what it has applied stays: the application may be between two versions".to_owned());
            if app::auto_sync(read.app).is_some() {
                plan.loses.push("auto-sync is on and may begin it again; pause first to keep it from that".to_owned());
            }
        }
    }
    plan
}

/// The request that ends what is under way; none when nothing is.
pub fn step_abort(read: &Read<'_>) -> Option<Step> {
    let running = app::running(read.app)?;
    let effect = format!("ends what is under way: {}", running.told());
    Some(Step { call: Call::Terminate, effect, goal: Goal::Idle })
}
