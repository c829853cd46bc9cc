//! Requests to Argo CD's API, each as its published description has it.
//!
//! It decides nothing. Every application is asked for with its project where one is known:
//! without it, one that does not exist is a 403 in place of a 404.

use super::super::Fault;
use super::super::http::recovery::WATCHED;
use super::super::http::{Client, Request};
use super::Declared;
use super::action::{Resource, Wanted};
use super::place::Place;
use super::plan::Call;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// The largest list that is taken, in bytes.
const LARGEST: usize = 32 << 20;
/// How long the answer to a change may take.
const ANSWER: Duration = Duration::from_secs(20);
/// How long a stream lasts before it is opened anew.
const LASTS: Duration = Duration::from_secs(300);

/// An application's own query.
fn about(request: Request, place: &Place, project: Option<&str>) -> Request {
    let pairs = [("appNamespace", place.namespace.as_deref()), ("project", project)];
    pairs.into_iter().fold(request, |request, (name, value)| match value {
        Some(value) => request.with(name, value),
        None => request,
    })
}

/// What narrows a list or a stream to what is declared.
fn narrowed(request: Request, declared: &Declared) -> Request {
    let pairs = [("projects", &declared.spec.project), ("selector", &declared.spec.selector)];
    pairs.into_iter().fold(request, |request, (name, value)| match value {
        Some(value) => request.with(name, value.as_str()),
        None => request,
    })
}

/// All applications that are declared of, and the version of the list.
pub async fn list(client: &Client, declared: &Declared) -> Result<Value, Fault> {
    let request = narrowed(Request::get("/api/v1/applications"), declared);
    client.read(&Request { largest: LARGEST, limit: WATCHED, ..request }).await?.json()
}

/// The request for what changes from a version on.
pub fn changes(declared: &Declared, version: &str) -> Request {
    let request = narrowed(Request::get("/api/v1/stream/applications"), declared);
    let request = if version.is_empty() { request } else { request.with("resourceVersion", version) };
    Request { accept: "text/event-stream", limit: LASTS, ..request }
}

/// One application.
pub async fn application(client: &Client, place: &Place, project: Option<&str>) -> Result<Value, Fault> {
    client.read(&about(Request::get(place.path()), place, project)).await?.json()
}

/// The same, which Argo CD answers once it has compared it anew, for as long as `limit`. That says nothing of
/// the host: it waits for another part of Argo CD.
pub async fn compared(client: &Client, place: &Place, project: &str, limit: Duration) -> Result<Value, Fault> {
    let request = about(Request::get(place.path()), place, Some(project)).with("refresh", "normal");
    // Whoever waits gives up first, and says so.
    let limit = limit.saturating_add(Duration::from_secs(1));
    client.read(&Request { limit, aside: true, ..request }).await?.json()
}

/// Something of an application, such as `syncwindows`.
pub async fn part(client: &Client, place: &Place, project: &str, part: &str) -> Result<Value, Fault> {
    let request = about(Request::get(format!("{}/{part}", place.path())), place, Some(project));
    client.read(&Request { largest: LARGEST, ..request }).await?.json()
}

/// Anything that is named by its path alone.
pub async fn named(client: &Client, path: &str) -> Result<Value, Fault> {
    client.read(&Request::get(path)).await?.json()
}

/// Whether the token may do something, as the server judges it. Never proof.
pub async fn may(client: &Client, resource: &str, action: &str, subject: &str) -> Result<bool, Fault> {
    let said = named(client, &format!("/api/v1/account/can-i/{resource}/{action}/{subject}")).await?;
    Ok(said.get("value").and_then(Value::as_str) == Some("yes"))
}

/// The actions that are offered for a resource.
pub async fn actions(client: &Client, place: &Place, project: &str, of: &Resource) -> Result<Value, Fault> {
    let request = Request::get(format!("{}/resource/actions", place.path()));
    client.read(&asked_for(about(request, place, Some(project)), of)).await?.json()
}

fn asked_for(request: Request, of: &Resource) -> Request {
    of.query().into_iter().fold(request, |request, (name, value)| request.with(name, value))
}

/// Has an action run: once, in the newer way or the older one.
pub async fn act(
    client: &Client,
    place: &Place,
    project: &str,
    (wanted, of, newer): (&Wanted<'_>, &Resource, bool),
    limit: Duration,
) -> Result<(), Fault> {
    let path = format!("{}/resource/actions", place.path());
    let request = match newer {
        true => Request::json(format!("{path}/v2"), with(who(place, project), wanted.body(of))),
        false => asked_for(about(Request::json(path, Value::from(wanted.action)), place, Some(project)), of),
    };
    // It changes one resource after another, and says no as well once some of them are changed.
    client.send(&Request { limit: limit.min(ANSWER), piecemeal: true, ..request }).await.map(|_| ())
}

/// Which application a request is about, as bodies have it.
fn who(place: &Place, project: &str) -> Value {
    let mut body = json!({ "name": place.name, "project": project });
    if let (Some(map), Some(namespace)) = (body.as_object_mut(), &place.namespace) {
        map.insert("appNamespace".to_owned(), Value::from(namespace.as_str()));
    }
    body
}

fn with(mut body: Value, more: Value) -> Value {
    if let (Some(map), Value::Object(more)) = (body.as_object_mut(), more) {
        map.extend(more);
    }
    body
}

/// Sends what changes something: once. An answer may take as long as `limit`, and no longer than usual.
pub async fn send(client: &Client, place: &Place, project: &str, call: &Call, limit: Duration) -> Result<(), Fault> {
    let body = who(place, project);
    let with = |body: Value, more: Value| super::super::http::request::Body::Json(with(body, more));
    let path = place.path();
    let request = match call {
        Call::Patch(patch) => {
            let body = with(body, json!({ "patch": patch.to_string(), "patchType": "merge" }));
            Request::new(Method::PATCH, path, body)
        }
        Call::RollBack { id, prune } => {
            let body = with(body, json!({ "id": id, "prune": prune }));
            Request::new(Method::POST, format!("{path}/rollback"), body)
        }
        Call::Sync(more) => Request::new(Method::POST, format!("{path}/sync"), with(body, more.clone())),
        Call::Terminate => {
            let none = super::super::http::request::Body::None;
            about(Request::new(Method::DELETE, format!("{path}/operation"), none), place, Some(project))
        }
    };
    // What it answers is the application before anything has happened: nothing is read from it.
    client.send(&Request { limit: limit.min(ANSWER), ..request }).await.map(|_| ())
}
