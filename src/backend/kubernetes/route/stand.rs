//! Whether what a route says is what happens to traffic: only its gateways can say so.
//!
//! Pure. What a gateway said of an earlier version of the route says nothing of this one.

use super::super::answer::line;
use super::super::object::{condition, list, text};
use super::RouteKind;
use serde_json::Value;

/// Whether a route is live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stand {
    /// All that it is for say that they have taken this version of it.
    Live,
    /// Nothing there tells.
    Untold,
    /// It is not, or nobody can say so; why, in words.
    Not(String),
}

/// How a route stands.
pub fn stand(kind: RouteKind, object: &Value) -> Stand {
    if object.pointer("/metadata/deletionTimestamp").is_some() {
        return Stand::Not("it is being deleted".to_owned());
    }
    match kind {
        RouteKind::Http | RouteKind::Grpc => gateways(object).map_or_else(Stand::Not, |()| Stand::Live),
        RouteKind::Virtual => istio(object),
    }
}

/// Whether every gateway that a route is for has taken it as it is.
fn gateways(object: &Value) -> Result<(), String> {
    let wanted = list(object, "/spec/parentRefs");
    if wanted.is_empty() {
        return Err("it names no gateway".to_owned());
    }
    let home = text(object, "/metadata/namespace");
    for parent in wanted {
        let who = words(parent, home);
        let mut said = list(object, "/status/parents").iter().filter(|by| same(parent, by, home)).peekable();
        if said.peek().is_none() {
            return Err(format!("{who} has not said that it takes it"));
        }
        said.try_for_each(|by| taken(object, by, &who))?;
    }
    Ok(())
}

/// Whether a gateway has taken a route as it is.
fn taken(object: &Value, by: &Value, who: &str) -> Result<(), String> {
    let find = |kind: &str| list(by, "/conditions").iter().find(|condition| text(condition, "/type") == kind);
    for (kind, no) in [("Accepted", "does not accept it"), ("ResolvedRefs", "cannot resolve what it names")] {
        let Some(said) = find(kind) else { return Err(format!("{who} has not said {kind}")) };
        current(object, said.get("observedGeneration"), who)?;
        if text(said, "/status") != "True" {
            return Err(format!("{who} {no}{}", because(said)));
        }
    }
    match find("PartiallyInvalid").filter(|said| text(said, "/status") == "True") {
        Some(said) => Err(format!("{who} leaves a part of it out{}", because(said))),
        None => Ok(()),
    }
}

/// Whether what was said was said of the route as it is now.
fn current(object: &Value, seen: Option<&Value>, who: &str) -> Result<(), String> {
    let number = |of: &Value| of.as_u64().or_else(|| of.as_str()?.parse().ok());
    let (now, seen) = (object.pointer("/metadata/generation").and_then(number), seen.and_then(number));
    match (now, seen) {
        (Some(now), Some(seen)) if now == seen => Ok(()),
        (Some(_), Some(_)) => Err(format!("{who} has not yet seen it as it is now")),
        _ => Err(format!("{who} does not say which version of it it has seen")),
    }
}

/// What Istio says of a virtual service, where its status is switched on.
fn istio(object: &Value) -> Stand {
    let errors = list(object, "/status/validationMessages").iter().filter(|said| text(said, "/level") == "ERROR");
    let errors: Vec<_> =
        errors.map(|said| line(&format!("{} {}", text(said, "/type/code"), text(said, "/type/name")))).collect();
    if !errors.is_empty() {
        return Stand::Not(format!("Istio finds it wrong: {}", errors.join(", ")));
    }
    let Some(said) = condition(object, "Reconciled") else { return Stand::Untold };
    let seen = said.get("observedGeneration").or_else(|| object.pointer("/status/observedGeneration"));
    if let Err(why) = current(object, seen, "Istio") {
        return Stand::Not(why);
    }
    match text(said, "/status") {
        "True" => Stand::Live,
        _ => Stand::Not(format!("not every proxy has taken it{}", because(said))),
    }
}

/// Whether what is said is said by one that a route is for.
fn same(parent: &Value, said: &Value, home: &str) -> bool {
    let of = |one: &Value| {
        let or = |at: &str, usual: &str| match text(one, at) {
            "" => usual.to_owned(),
            word => word.to_owned(),
        };
        // The core group is written as an empty one, which is not the usual one.
        let group = one.get("group").and_then(Value::as_str).unwrap_or("gateway.networking.k8s.io").to_owned();
        let port = one.get("port").and_then(Value::as_u64);
        (group, or("/kind", "Gateway"), or("/namespace", home), or("/name", ""), or("/sectionName", ""), port)
    };
    said.get("parentRef").is_some_and(|by| of(by) == of(parent))
}

/// Who a route is for, in words.
fn words(parent: &Value, home: &str) -> String {
    let kind = match text(parent, "/kind") {
        "" => "gateway".to_owned(),
        kind => kind.to_lowercase(),
    };
    let (namespace, section) = (text(parent, "/namespace"), text(parent, "/sectionName"));
    let namespace = if namespace.is_empty() || namespace == home { String::new() } else { format!("{namespace}/") };
    let section = if section.is_empty() { String::new() } else { format!(" ({section})") };
    line(&format!("{kind} {namespace}{}{section}", text(parent, "/name")))
}

/// Why, in its own words.
fn because(said: &Value) -> String {
    let (reason, message) = (line(text(said, "/reason")), line(text(said, "/message")));
    match (reason.as_str(), message.as_str()) {
        ("", "") => String::new(),
        (reason, "") => format!(": {reason}"),
        ("", message) => format!(": {message}"),
        (reason, message) => format!(": {reason}, {message}"),
    }
}
