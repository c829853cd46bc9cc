//! What each path answers, watches apart.

use super::http::query;
use super::patch::{self, Unpatched};
use super::store::{Id, selected};
use super::{Asked, Inner, State, crd, discovery, gates};
use serde_json::{Value, json};

pub enum Answer {
    Json(u16, Value),
    Text(String),
    Raw(u16, String),
}

/// Where a path leads.
pub struct Path {
    pub resource: String,
    pub namespace: String,
    pub name: String,
    pub sub: String,
}

/// A failure as the API writes it.
pub fn status(code: u16, message: &str) -> Answer {
    Answer::Json(code, failure(code, message))
}

pub fn failure(code: u16, message: &str) -> Value {
    let reason = match code {
        400 => "BadRequest",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        409 => "Conflict",
        410 => "Expired",
        415 => "UnsupportedMediaType",
        422 => "Invalid",
        429 => "TooManyRequests",
        503 => "ServiceUnavailable",
        504 => "Timeout",
        _ => "InternalError",
    };
    json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": code })
}

pub fn path(text: &str) -> Option<Path> {
    let parts = [
        "/api/v1/",
        "/apis/apps/v1/",
        "/apis/argoproj.io/v1alpha1/",
        "/apis/flagger.app/v1beta1/",
        "/apis/discovery.k8s.io/v1/",
        "/apis/gateway.networking.k8s.io/v1/",
        "/apis/networking.istio.io/v1/",
    ];
    let rest = parts.iter().find_map(|part| text.strip_prefix(part))?;
    let mut words: Vec<&str> = rest.split('/').collect();
    let namespace = if words.first() == Some(&"namespaces") && words.len() > 2 {
        let namespace = words[1].to_owned();
        words.drain(..2);
        namespace
    } else {
        String::new()
    };
    let word = |n: usize| words.get(n).copied().unwrap_or_default().to_owned();
    Some(Path { resource: word(0), namespace, name: word(1), sub: word(2) })
}

/// Answers; with `nothing` a change is answered and not made.
pub fn answer(inner: &Inner, asked: &Asked, nothing: bool) -> Answer {
    let mut state = inner.state.lock().unwrap();
    let dry = query(asked, "dryRun") == "All" && !state.keeps_dry_runs;
    let answer = route(&mut state, asked, nothing || dry);
    drop(state);
    inner.changed.notify_all();
    answer
}

fn route(state: &mut State, asked: &Asked, dry: bool) -> Answer {
    if state.absent.iter().any(|group| asked.path.starts_with(&format!("/apis/{group}"))) {
        return status(404, "the server could not find the requested resource");
    }
    let gates = dry.then(|| state.gates.clone());
    if let Some(answer) = gates::answer(state, asked) {
        if let Some(before) = gates {
            state.gates = before;
        }
        return answer;
    }
    if let Some(said) = discovery::answer(&asked.path, &state.absent) {
        return Answer::Json(200, said);
    }
    if asked.path.ends_with("/selfsubjectaccessreviews") {
        return Answer::Json(201, review(state, asked));
    }
    if asked.path.ends_with("/selfsubjectreviews") {
        let info = json!({ "username": "ana", "groups": ["release", "system:authenticated"] });
        return Answer::Json(
            201,
            json!({ "kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1",
            "metadata": {}, "status": { "userInfo": info } }),
        );
    }
    let Some(path) = path(&asked.path).filter(|path| discovery::kind(&path.resource).is_some()) else {
        return status(404, "the server could not find the requested resource");
    };
    let verb = match (asked.method.as_str(), path.name.is_empty()) {
        ("GET", true) => "list",
        ("GET", false) => "get",
        ("PATCH", _) => "patch",
        ("PUT", _) => "update",
        ("DELETE", _) => "delete",
        _ => "create",
    };
    if state.denied.contains(&format!("{verb} {}", path.resource)) {
        let what = &path.resource;
        return status(403, &format!("{what} is forbidden: User \"ana\" cannot {verb} resource \"{what}\""));
    }
    match verb {
        "list" => list(state, asked, &path),
        "create" => match serde_json::from_str::<Value>(&asked.body) {
            Ok(object) => Answer::Json(201, state.store.put(&path.resource, object)),
            Err(e) => status(422, &e.to_string()),
        },
        _ => one(state, asked, &path, verb, dry),
    }
}

fn one(state: &mut State, asked: &Asked, path: &Path, verb: &str, dry: bool) -> Answer {
    let id = Id::new(&path.resource, &path.namespace, &path.name);
    let Some(object) = state.store.objects.get(&id).cloned() else {
        return status(404, &format!("{} \"{}\" not found", path.resource, path.name));
    };
    if path.sub == "log" {
        let lines = query(asked, "tailLines").parse().unwrap_or(usize::MAX);
        return log(&object, &query(asked, "container"), query(asked, "previous") == "true", lines);
    }
    let scale = path.sub == "scale";
    let manager = query(asked, "fieldManager");
    let seen = if scale { scaled(&object) } else { object.clone() };
    match verb {
        "get" if asked.accept.contains("as=PartialObjectMetadata") => {
            return Answer::Json(
                200,
                json!({ "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": seen["metadata"] }),
            );
        }
        "get" => return Answer::Json(200, seen),
        "delete" => return Answer::Json(200, state.store.remove(&id).unwrap_or_default()),
        _ => {}
    }
    let new = match verb {
        "update" => serde_json::from_str(&asked.body).unwrap_or_default(),
        _ => match patch::apply(&asked.kind, &seen, &asked.body) {
            Ok(new) => new,
            Err(Unpatched::Invalid) => {
                return status(422, "the server rejected our request due to an error in our request");
            }
            Err(Unpatched::Malformed(why)) => return status(400, &why),
            Err(Unpatched::Unsupported) => return status(415, "the body of the request was in an unknown format"),
        },
    };
    if new["metadata"]["resourceVersion"] != seen["metadata"]["resourceVersion"] {
        let why = "the object has been modified; please apply your changes to the latest version and try again";
        return status(409, &format!("Operation cannot be fulfilled on {} \"{}\": {why}", path.resource, path.name));
    }
    if new["spec"]["replicas"].as_i64().is_some_and(|n| n < 0) {
        return status(422, "spec.replicas: Invalid value: must be greater than or equal to 0");
    }
    let mut new = new;
    if state.keeps_dry_runs && !manager.is_empty() {
        new["metadata"]["managedFields"] = serde_json::json!([{ "manager": manager, "operation": "Apply" }]);
    }
    let new = if scale { new } else { crd::kept(&path.resource, &path.sub, &object, new) };
    let misfits = if scale { Vec::new() } else { crd::misfits(&path.resource, &new) };
    if !misfits.is_empty() {
        return status(422, &misfits.join(", "));
    }
    let whole = match scale {
        true => {
            let mut whole = object;
            whole["spec"]["replicas"] = json!(new["spec"]["replicas"].as_u64().unwrap_or(0));
            whole
        }
        false => new,
    };
    let stored = if dry { whole } else { state.store.put(&path.resource, whole) };
    Answer::Json(200, if scale { scaled(&stored) } else { stored })
}

/// The last lines of a container's own log, or the pod's; of the one before only where there is one.
fn log(pod: &Value, container: &str, previous: bool, lines: usize) -> Answer {
    let kept = |key: String| pod["metadata"]["annotations"][key].as_str().map(str::to_owned);
    let said = match previous {
        true => kept(format!("fake/previous/{container}")).or_else(|| kept("fake/previous".into())),
        false => kept(format!("fake/log/{container}")).or_else(|| Some(kept("fake/log".into()).unwrap_or_default())),
    };
    let gone = || format!("previous terminated container \"{container}\" in pod {} not found", pod["metadata"]["name"]);
    let end = |log: String| {
        let from = log.split_inclusive('\n').count().saturating_sub(lines);
        Answer::Text(log.split_inclusive('\n').skip(from).collect())
    };
    said.map_or_else(|| status(400, &gone()), end)
}

fn list(state: &State, asked: &Asked, path: &Path) -> Answer {
    let (labels, fields) = (query(asked, "labelSelector"), query(asked, "fieldSelector"));
    let limit = query(asked, "limit").parse::<usize>().ok().filter(|n| *n > 0).unwrap_or(state.page).min(state.page);
    let token = query(asked, "continue");
    let (version, after) = token.split_once('|').unwrap_or_default();
    if !token.is_empty() && version.parse::<u64>().map_or(true, |v| v < state.store.compacted) {
        return status(410, "The provided continue parameter is too old to display a consistent list result");
    }
    let all = state.store.all(&path.resource, Some(&path.namespace)).filter(|o| selected(o, &labels, &fields));
    let name = |o: &Value| {
        format!("{}/{}", o["metadata"]["namespace"].as_str().unwrap(), o["metadata"]["name"].as_str().unwrap())
    };
    let mut items: Vec<Value> = all.filter(|o| name(o).as_str() > after).cloned().collect();
    let version = if version.is_empty() { state.store.version.to_string() } else { version.to_owned() };
    let mut metadata = json!({ "resourceVersion": version });
    if items.len() > limit {
        metadata["remainingItemCount"] = json!(items.len() - limit);
        items.truncate(limit);
        metadata["continue"] = json!(format!("{version}|{}", name(items.last().unwrap())));
    }
    let (group, kind) = (group(&path.resource), discovery::kind(&path.resource).unwrap_or_default());
    Answer::Json(
        200,
        json!({ "kind": format!("{kind}List"), "apiVersion": group, "metadata": metadata, "items": items }),
    )
}

fn group(resource: &str) -> &'static str {
    match crd::added(resource) {
        Some((group, ..)) => group,
        None if matches!(resource, "pods" | "events" | "configmaps" | "secrets" | "serviceaccounts") => "v1",
        None => "apps/v1",
    }
}

fn scaled(object: &Value) -> Value {
    let meta = &object["metadata"];
    // What is 0 is left out, as the API has it.
    let spec = match &object["spec"]["replicas"] {
        n if n.as_u64().is_none_or(|n| n == 0) => json!({}),
        n => json!({ "replicas": n }),
    };
    json!({ "kind": "Scale", "apiVersion": "autoscaling/v1",
        "metadata": { "name": meta["name"], "namespace": meta["namespace"], "uid": meta["uid"],
            "resourceVersion": meta["resourceVersion"], "creationTimestamp": meta["creationTimestamp"] },
        "spec": spec, "status": { "replicas": object["status"]["replicas"] } })
}

fn review(state: &State, asked: &Asked) -> Value {
    let mut review: Value = serde_json::from_str(&asked.body).unwrap_or_default();
    let of = &review["spec"]["resourceAttributes"];
    let text = |key: &str| of[key].as_str().unwrap_or_default().to_owned();
    let denied = state.denied.contains(&format!("{} {}", text("verb"), text("resource")));
    review["status"] = json!({ "allowed": !denied, "reason": if denied { "no role allows it" } else { "" } });
    review
}
