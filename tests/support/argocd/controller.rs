//! The application controller: operations begin, wait for windows, end, leave history; auto-sync.

use super::{Inner, REFRESH, State, TICK};
use serde_json::{Value, json};
use std::sync::Arc;

pub fn start(inner: Arc<Inner>) {
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(TICK);
            let mut state = inner.state.lock().unwrap();
            if state.over {
                return;
            }
            if !state.controller {
                continue;
            }
            let before = state.version;
            for app in state.apps.values().cloned().collect::<Vec<_>>() {
                look(&mut state, app);
            }
            let told = state.version != before;
            drop(state);
            if told {
                inner.changed.notify_all();
            }
        }
    });
}

fn look(state: &mut State, mut app: Value) {
    let before = app.clone();
    if app["metadata"]["annotations"][REFRESH].is_string() {
        anew(state, &mut app);
        return if app != before {
            state.store(app)
        };
    }
    let phase = app["status"]["operationState"]["phase"].as_str().unwrap_or_default().to_owned();
    match (app["operation"].is_object(), phase.as_str()) {
        (_, "Terminating") => end(state, &mut app, "Failed", "Operation terminated"),
        (true, "Running") => go_on(state, &mut app),
        (true, _) => begin(state, &mut app),
        (false, _) => settle(state, &mut app),
    }
    if app != before {
        state.store(app);
    }
}

fn begin(state: &mut State, app: &mut Value) {
    let at = state.tick();
    app["status"]["operationState"] = json!({ "phase": "Running", "startedAt": at, "operation": app["operation"], "message": "waiting for completion" });
}

fn revision(app: &Value) -> String {
    app["status"]["operationState"]["operation"]["sync"]["revision"].as_str().unwrap_or_default().to_owned()
}

fn go_on(state: &mut State, app: &mut Value) {
    let revision = revision(app);
    if state.windows["canSync"] == false {
        app["status"]["operationState"]["message"] = json!("Sync operation blocked by sync window");
    } else if state.failing.contains(&revision) {
        end(state, app, "Failed", "one or more objects failed to apply: admission webhook denied the request");
    } else if !state.hanging.contains(&revision) {
        end(state, app, "Succeeded", "successfully synced (all tasks run)");
        brought(state, app, &revision);
    }
}

fn end(state: &mut State, app: &mut Value, phase: &str, message: &str) {
    let at = state.tick();
    let operation = &mut app["status"]["operationState"];
    operation["phase"] = json!(phase);
    operation["message"] = json!(message);
    operation["finishedAt"] = json!(at);
    app.as_object_mut().unwrap().remove("operation");
}

fn brought(state: &mut State, app: &mut Value, revision: &str) {
    let sync = app["status"]["operationState"]["operation"]["sync"].clone();
    let history = app["status"]["history"].as_array_mut().unwrap();
    let id = history.last().map_or(0, |last| last["id"].as_i64().unwrap() + 1);
    let (began, ended) =
        (app["status"]["operationState"]["startedAt"].clone(), app["status"]["operationState"]["finishedAt"].clone());
    let by = app["status"]["operationState"]["operation"]["initiatedBy"].clone();
    let history = app["status"]["history"].as_array_mut().unwrap();
    history.push(json!({ "id": id, "revision": revision, "source": sync["source"], "deployStartedAt": began,
        "deployedAt": ended, "initiatedBy": by }));
    if history.len() > 10 {
        history.remove(0);
    }
    // What was changed by hand is as git has it.
    state.by_hand.clear();
    // What the look at it will change; until then its health is the old one.
    if let Some(image) = state.images.get(revision) {
        app["status"]["summary"] = json!({ "images": [image] });
    }
}

/// A comparison that was asked for: git is asked, whatever was known of it, and who asked is told by what goes.
/// Where git does not know the revision nothing is compared, and it stays asked for.
fn anew(state: &mut State, app: &mut Value) {
    let Some(wanted) = state.resolve(target(app)) else { return };
    app["metadata"]["annotations"].as_object_mut().unwrap().remove(REFRESH);
    compare(state, app, &wanted, true);
}

fn target(app: &Value) -> &str {
    app["spec"]["source"]["targetRevision"].as_str().unwrap_or("HEAD")
}

/// What is compared by itself, where something has changed, and whether auto-sync has something to do.
fn settle(state: &mut State, app: &mut Value) {
    let known = app["status"]["sync"]["revision"].as_str().filter(|_| state.late).map(str::to_owned);
    let Some(wanted) = known.or_else(|| state.resolve(target(app))) else { return };
    if compare(state, app, &wanted, false) {
        return;
    }
    let automated = &app["spec"]["syncPolicy"]["automated"];
    let on = automated.is_object() && automated["enabled"] != false;
    let tried =
        app["status"]["operationState"]["operation"]["initiatedBy"]["automated"] == true && revision(app) == wanted;
    if on && app["status"]["sync"]["status"] == "OutOfSync" && !tried {
        app["operation"] = json!({ "sync": { "revision": wanted, "source": app["spec"]["source"] },
            "initiatedBy": { "automated": true } });
    }
}

/// What a comparison finds: health and drift. Whether there was one: without anything new there is none, unless it
/// is asked for.
fn compare(state: &mut State, app: &mut Value, wanted: &str, asked: bool) -> bool {
    let live = app["status"]["history"].as_array().and_then(|all| all.last()).map(|last| last["revision"].clone());
    let live = live.and_then(|revision| revision.as_str().map(str::to_owned)).unwrap_or_default();
    let sync = if wanted == live && state.by_hand.is_empty() { "Synced" } else { "OutOfSync" };
    let health = if state.bad.contains(&live) { "Degraded" } else { "Healthy" };
    let finished = app["status"]["operationState"]["finishedAt"].as_str().unwrap_or_default().to_owned();
    let stale = app["status"]["reconciledAt"].as_str().unwrap_or_default() < finished.as_str();
    let (now, was) = (json!({ "status": sync, "revision": wanted }), app["status"]["sync"].clone());
    let new = asked || was != now || app["status"]["health"]["status"] != health || stale;
    if new {
        let at = state.tick();
        app["status"]["sync"] = now;
        app["status"]["health"]["status"] = json!(health);
        app["status"]["reconciledAt"] = json!(at);
        app["status"]["resources"] = match health {
            "Healthy" => json!(state.by_hand),
            bad => json!([{ "kind": "Deployment", "name": "api", "namespace": "api", "group": "apps", "version": "v1",
                "health": { "status": bad, "message": "Deployment \"api\" exceeded its progress deadline" } }]),
        };
    }
    new
}
