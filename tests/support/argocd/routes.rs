//! What each path answers: Argo CD's own rules, in the order in which it checks them.

use super::{Asked, State};
use serde_json::{Value, json};

/// A status and a body.
pub type Answer = (u16, Value);

fn no(status: u16, code: u16, message: &str) -> Answer {
    (status, json!({ "error": message, "message": message, "code": code }))
}

/// Answers; with `idle` as if it were done, and nothing is.
pub fn answer(state: &mut State, asked: &Asked, idle: bool) -> Answer {
    if asked.path == "/api/version" {
        return (200, json!({ "Version": state.says_version }));
    }
    let known = asked.token == state.token;
    if asked.path == "/api/v1/session/userinfo" {
        let who = json!({ "loggedIn": true, "username": "release", "iss": "argocd", "groups": ["ops"] });
        return (200, if known { who } else { json!({ "loggedIn": false }) });
    }
    if !known {
        return no(401, 16, "invalid session: token is expired");
    }
    let before = idle.then(|| (state.apps.clone(), state.tree.clone()));
    let answer = route(state, asked);
    if let Some(before) = before {
        (state.apps, state.tree) = before;
    }
    answer
}

fn query<'a>(asked: &'a Asked, name: &str) -> Option<&'a str> {
    asked.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn route(state: &mut State, asked: &Asked) -> Answer {
    let parts: Vec<&str> = asked.path.trim_start_matches("/api/v1/").split('/').collect();
    match (asked.method.as_str(), parts.as_slice()) {
        ("GET", ["applications"]) => list(state, asked),
        ("GET", ["account", "can-i", "applications", action, ..]) => {
            (200, json!({ "value": if state.denied.iter().any(|one| one == action) { "no" } else { "yes" } }))
        }
        ("GET", ["projects", name, rest @ ..]) => project(state, name, rest),
        (method, ["applications", name, rest @ ..]) => {
            let body: Value = serde_json::from_str(&asked.body).unwrap_or_default();
            let of = |key: &str| body[key].as_str().or(query(asked, key)).map(str::to_owned);
            let namespace = of("appNamespace").unwrap_or_else(|| "argocd".to_owned());
            let Some(app) = state.apps.get(&(namespace, (*name).to_owned())).cloned() else {
                // Without a project it does not tell whether it exists.
                return match of("project") {
                    Some(_) => no(404, 5, &format!("applications.argoproj.io \"{name}\" not found")),
                    None => no(403, 7, "permission denied"),
                };
            };
            match rest {
                ["resource", "actions", ..] => actions(state, asked, rest, app, &body),
                _ => of_application(state, method, rest, app, &body),
            }
        }
        _ => no(404, 5, "Not Found"),
    }
}

/// A project, and those above it. One that nobody wrote declares nothing.
fn project(state: &State, name: &str, rest: &[&str]) -> Answer {
    if state.denied.iter().any(|one| one == "projects") {
        return no(403, 7, &format!("permission denied: projects, get, {name}"));
    }
    let of = |name: &str| {
        let plain = || json!({ "metadata": { "name": name }, "spec": {} });
        state.projects.get(name).cloned().unwrap_or_else(plain)
    };
    match rest {
        [] => (200, of(name)),
        ["globalprojects"] => {
            let above: Vec<_> = state.global.iter().filter(|one| *one != name).map(|name| of(name)).collect();
            // As Go writes an empty list.
            (200, if above.is_empty() { json!({}) } else { json!({ "items": above }) })
        }
        _ => no(404, 5, "Not Found"),
    }
}

fn list(state: &State, asked: &Asked) -> Answer {
    let mine = |app: &&Value| query(asked, "projects").is_none_or(|project| app["spec"]["project"] == project);
    let items: Vec<Value> = state.apps.values().filter(mine).cloned().collect();
    // As Go writes an empty list.
    let items = if items.is_empty() { Value::Null } else { Value::Array(items) };
    let mut list = json!({ "metadata": { "resourceVersion": state.version.to_string() } });
    if !items.is_null() {
        list["items"] = items;
    }
    (200, list)
}

fn of_application(state: &mut State, method: &str, rest: &[&str], app: Value, body: &Value) -> Answer {
    let denied = |action: &str| state.denied.iter().any(|one| one == action);
    let subject = format!("{}/{}", app["spec"]["project"].as_str().unwrap(), app["metadata"]["name"].as_str().unwrap());
    let forbidden = |action: &str| no(403, 7, &format!("permission denied: applications, {action}, {subject}"));
    if denied("get") {
        return forbidden("get");
    }
    match (method, rest) {
        ("GET", []) => (200, app),
        ("GET", ["syncwindows"]) => (200, state.windows.clone()),
        ("GET", ["managed-resources"]) => (200, state.managed.clone()),
        ("GET", ["resource-tree"]) => (200, json!({ "nodes": state.tree })),
        ("GET", ["events"]) => (200, json!({ "items": [{ "reason": "Failed\u{1b}[2J", "message": "it failed" }] })),
        ("PATCH", []) if denied("update") => forbidden("update"),
        ("PATCH", []) => patch(state, app, body),
        ("POST", ["rollback"]) if denied("sync") => forbidden("sync"),
        ("POST", ["rollback"]) => roll_back(state, app, body),
        ("POST", ["sync"]) => {
            if state.windows["canSync"] == false {
                return no(403, 7, "cannot sync: blocked by sync window");
            }
            if denied("sync") { forbidden("sync") } else { sync(state, app, body) }
        }
        ("DELETE", ["operation"]) if denied("sync") => forbidden("sync"),
        ("DELETE", ["operation"]) => terminate(state, app),
        _ => no(404, 5, "Not Found"),
    }
}

/// What is offered for a resource, or one of it run: which changes the resource. The right to it is one of its own.
fn actions(state: &mut State, asked: &Asked, rest: &[&str], app: Value, body: &Value) -> Answer {
    let v2 = rest.last() == Some(&"v2");
    let of = |key: &str| match v2 {
        true => body[key].as_str().unwrap_or_default().to_owned(),
        false => query(asked, key).unwrap_or_default().to_owned(),
    };
    if state.denied.iter().any(|one| one == "get") {
        return no(403, 7, "permission denied");
    }
    let is = |node: &&mut Value| {
        [
            ("kind", "kind"),
            ("group", "group"),
            ("namespace", "namespace"),
            ("name", "resourceName"),
            ("version", "version"),
        ]
        .into_iter()
        .all(|(mine, asked)| node[mine] == of(asked).as_str())
    };
    let offers = state.actions.clone();
    let Some(node) = state.tree.as_array_mut().unwrap().iter_mut().find(is) else {
        return no(400, 3, &format!("{} {} not found as part of application", of("kind"), of("resourceName")));
    };
    if asked.method == "GET" {
        return (200, json!({ "actions": offers }));
    }
    let action = if v2 { body["action"].as_str() } else { body.as_str() }.unwrap_or_default();
    let right = format!("action/{}/{}/{action}", of("group"), of("kind"));
    if state.denied.contains(&right) {
        let app = app["metadata"]["name"].as_str().unwrap();
        return no(403, 7, &format!("permission denied: applications, {right}, default/{app}"));
    }
    node["resourceVersion"] = json!(format!("{}0", node["resourceVersion"].as_str().unwrap()));
    (200, json!({}))
}

fn automated(app: &Value) -> bool {
    let automated = &app["spec"]["syncPolicy"]["automated"];
    automated.is_object() && automated["enabled"] != false
}

fn patch(state: &mut State, mut app: Value, body: &Value) -> Answer {
    let patch: Value = match serde_json::from_str(body["patch"].as_str().unwrap_or_default()) {
        Ok(patch) if body["patchType"] == "merge" => patch,
        _ => return no(400, 3, "Patch type is not supported"),
    };
    merge(&mut app, &patch);
    state.store(app.clone());
    if let Some(theirs) = state.meanwhile.take() {
        let mut app = app.clone();
        merge(&mut app, &theirs);
        state.store(app);
    }
    (200, app)
}

/// RFC 7386.
fn merge(into: &mut Value, patch: &Value) {
    let Some(patch) = patch.as_object() else { return into.clone_from(patch) };
    if !into.is_object() {
        *into = json!({});
    }
    let map = into.as_object_mut().unwrap();
    for (key, value) in patch {
        if value.is_null() {
            map.remove(key);
        } else {
            merge(map.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

/// One operation at a time.
fn begin(state: &mut State, mut app: Value, operation: Value) -> Answer {
    if app["operation"].is_object() {
        return no(400, 9, "another operation is already in progress");
    }
    app["operation"] = operation;
    if let Some(status) = app["status"].as_object_mut() {
        status.remove("operationState");
    }
    state.store(app.clone());
    (200, app)
}

fn roll_back(state: &mut State, app: Value, body: &Value) -> Answer {
    if app["metadata"]["deletionTimestamp"].is_string() {
        return no(400, 9, "application is deleting");
    }
    if automated(&app) {
        return no(400, 9, "rollback cannot be initiated when auto-sync is enabled");
    }
    let history = app["status"]["history"].as_array().cloned().unwrap_or_default();
    let Some(entry) = history.iter().find(|entry| entry["id"] == body["id"]) else {
        return no(400, 3, &format!("application api does not have deployment with id {}", body["id"]));
    };
    if !entry["source"].is_object() {
        return no(
            400,
            9,
            "cannot rollback to revision deployed with Argo CD v0.11 or lower. sync to revision instead.",
        );
    }
    let sync = json!({ "revision": entry["revision"], "source": entry["source"], "prune": body["prune"],
        "syncStrategy": { "apply": {} } });
    begin(state, app, json!({ "sync": sync, "initiatedBy": { "username": "release" } }))
}

fn sync(state: &mut State, app: Value, body: &Value) -> Answer {
    if app["metadata"]["deletionTimestamp"].is_string() {
        return no(400, 9, "application is deleting");
    }
    let target = app["spec"]["source"]["targetRevision"].as_str().unwrap_or("HEAD").to_owned();
    let named = body["revision"].as_str().filter(|text| !text.is_empty()).unwrap_or(&target);
    if automated(&app) && named != target {
        return no(400, 9, &format!("Cannot sync to {named}: auto-sync currently set to {target}"));
    }
    let Some(revision) = state.resolve(named) else {
        return no(400, 9, &format!("unable to resolve '{named}' to a commit SHA"));
    };
    let sync = json!({ "revision": revision, "source": app["spec"]["source"], "prune": body["prune"] });
    let mut operation = json!({ "sync": sync, "initiatedBy": { "username": "release" } });
    if body["infos"].is_array() {
        operation["info"] = body["infos"].clone();
    }
    begin(state, app, operation)
}

fn terminate(state: &mut State, mut app: Value) -> Answer {
    if !app["operation"].is_object() || !app["status"]["operationState"].is_object() {
        return no(400, 3, "Unable to terminate operation. No operation is in progress");
    }
    app["status"]["operationState"]["phase"] = json!("Terminating");
    state.store(app);
    (200, json!({}))
}
