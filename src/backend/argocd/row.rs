//! An application as the screens show a deployment.
//!
//! Pure. Its state is its health and whether something is under way, never what is wanted.

use super::app;
use super::json::{line, list, text};
use super::past::{names, past};
use super::place::Place;
use super::version::{serving, wanted};
use crate::domain::observed::Deployment;
use serde_json::Value;

/// The most reasons that a row gives.
const MOST: usize = 6;

/// The row of an application.
pub fn row(place: &Place, app: &Value) -> Deployment {
    let image = place.image.as_deref();
    let past = past(app, image);
    let (version, beside) = serving(app, image);
    let running = app::running(app);
    // With an image named, the tag that a revision brings is not known until it runs.
    let coming = running.as_ref().filter(|_| image.is_none()).map(|running| {
        let revision = running.revision.as_str();
        let known = past.iter().find(|entry| entry.revision == revision).map(|entry| entry.version.clone());
        let as_git = revision.is_empty() || revision == app::revision(app, "/status/sync");
        known.unwrap_or_else(|| if as_git { wanted(app, image) } else { line(&super::version::short(revision)) })
    });
    let newest = past.first();
    Deployment {
        candidate: beside.or(coming).filter(|coming| !coming.is_empty() && *coming != version),
        version,
        weight: None,
        state: state(app).to_owned(),
        ready: None,
        wanted: None,
        stages: None,
        left_off: app::left_off(place, app),
        owners: Vec::new(),
        owners_left_out: 0,
        reverts: app::self_heals(app),
        by: newest.map(|entry| entry.by.clone()).filter(|by| !by.is_empty()),
        since: newest.and_then(|entry| entry.at),
        trouble: trouble(app),
        history: names(&past),
    }
}

fn state(app: &Value) -> &'static str {
    if app::running(app).is_some() {
        return "rolling";
    }
    match app::health(app) {
        "Progressing" => "rolling",
        "Suspended" => "paused",
        "Healthy" if matches!(app::phase(app), "Failed" | "Error") => "degraded",
        "Healthy" => match app::sync(app) {
            "Synced" => "stable",
            "OutOfSync" => "out-of-sync",
            _ => "degraded",
        },
        _ => "degraded",
    }
}

/// Why it is not as it should be. That we left something off is no reason, and is told of itself.
fn trouble(app: &Value) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    if let Some(running) = app::running(app).filter(|running| blocked(&running.words)) {
        all.push(format!("parked: {}", running.told()));
    }
    let phase = app::phase(app);
    if matches!(phase, "Failed" | "Error") {
        let word = if phase == "Failed" { "failed" } else { "ended in an error" };
        all.push(format!("the last sync {word}: {}", app::message(app)));
    }
    for condition in list(app, "/status/conditions").iter().filter(|one| text(one, "/type").ends_with("Error")) {
        all.push(line(&format!("{}: {}", text(condition, "/type"), text(condition, "/message"))));
    }
    for resource in list(app, "/status/resources") {
        let health = text(resource, "/health/status");
        if matches!(health, "Degraded" | "Missing" | "Unknown") {
            let gap = if text(resource, "/health/message").is_empty() { "" } else { ": " };
            let name = format!("{} {}", text(resource, "/kind"), text(resource, "/name"));
            all.push(line(&format!("{name} is {health}{gap}{}", text(resource, "/health/message"))));
        }
    }
    if all.is_empty() && matches!(app::health(app), "Degraded" | "Missing" | "Unknown") {
        all.push(format!("it is {}", line(app::health(app))));
    }
    if !matches!(app::sync(app), "Synced" | "OutOfSync") {
        all.push(format!("how it compares with git is not known: {}", line(app::sync(app))));
    }
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|reason| seen.insert(reason.clone()));
    all.truncate(MOST);
    all
}

/// Whether an operation was taken and waits for a window: it begins by itself when one opens.
fn blocked(words: &str) -> bool {
    words.contains("blocked by sync window")
}
