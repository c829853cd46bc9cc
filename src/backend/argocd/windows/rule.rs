//! A sync window as a project declares it: which applications it is about, and when it is on.
//!
//! Pure. What it comes to for a deployment is `domain::window`.

use super::super::json::{line, list, text};
use super::cron::Cron;
use super::{declared, duration, glob, spans};
use crate::domain::Timestamp;
use crate::domain::window::WindowKind;
use crate::domain::zone::Zone;
use serde_json::Value;

/// The zone that Argo CD takes where it does not know the one that is named.
const OTHERWISE: &str = "UTC";

/// What a window does; none for a word that Argo CD does not heed either.
pub fn kind(window: &Value) -> Option<WindowKind> {
    match text(window, "/kind") {
        "allow" => Some(WindowKind::Allow),
        "deny" => Some(WindowKind::Deny),
        _ => None,
    }
}

/// Whether it lets people sync at any time.
pub fn people(window: &Value) -> bool {
    window.get("manualSync") == Some(&Value::Bool(true))
}

/// What it is called: what it says of itself, and what it was declared with.
pub fn title(window: &Value) -> String {
    match text(window, "/description").trim() {
        "" => line(&declared(window)),
        said => line(&format!("{said}: {}", declared(window))),
    }
}

/// Whether a window is about an application: by its name, its cluster or its namespace; by all
/// that are given, where the window says so, and else by any.
pub fn covers(window: &Value, app: &Value) -> bool {
    let any = |pointer: &str, names: &[&str]| {
        let patterns = list(window, pointer).iter().filter_map(Value::as_str);
        let fits = |pattern: &str| names.iter().any(|name| glob::matches(pattern, name));
        let (mut given, mut matched) = (false, false);
        for pattern in patterns {
            (given, matched) = (true, matched || fits(pattern));
        }
        given.then_some(matched)
    };
    let of = |pointer: &str| text(app, pointer);
    let clusters: Vec<&str> = [of("/spec/destination/name"), of("/spec/destination/server")]
        .into_iter()
        .filter(|name| !name.is_empty())
        .collect();
    let asked = [
        any("/applications", &[of("/metadata/name")]),
        any("/clusters", &clusters),
        any("/namespaces", &[of("/spec/destination/namespace")]),
    ];
    let mut asked = asked.into_iter().flatten().peekable();
    match window.get("andOperator") {
        Some(Value::Bool(true)) => asked.peek().is_some() && asked.all(|matched| matched),
        _ => asked.any(|matched| matched),
    }
}

/// When it is on between two instants.
///
/// # Errors
/// Why that cannot be said; Argo CD lets nothing in then.
pub fn spans(window: &Value, from: Timestamp, to: Timestamp) -> Result<Vec<(Timestamp, Timestamp)>, String> {
    let wrong = |why: String| line(&format!("{}: {why}", declared(window)));
    let cron = Cron::read(text(window, "/schedule")).map_err(wrong)?;
    let lasts = duration::read(text(window, "/duration")).map_err(wrong)?;
    let named = match text(window, "/timeZone") {
        "" => OTHERWISE,
        "Local" => return Err(wrong("it goes by the clock of Argo CD's own machine".to_owned())),
        zone => zone,
    };
    let zone = Zone::named(named).or_else(|| Zone::named(OTHERWISE));
    let zone = zone.ok_or_else(|| wrong("no zones are known".to_owned()))?;
    Ok(spans::spans(&cron, lasts, &zone, from, to))
}
