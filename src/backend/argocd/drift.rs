//! How an application differs from git, as Argo CD compared them last: which resources are out of
//! sync, at which paths, and who changed them last.
//!
//! It reads only, and has it compared anew first, where that is no more than a look (`anew`).

use super::super::Fault;
use super::super::compare::{Found, compare, difference};
use super::super::literal::literals;
use super::act::application;
use super::anew::{self, Anew};
use super::json::{line, list, named, text, time};
use super::managed::{Managed, state};
use super::place::Place;
use super::{Declared, api, app};
use crate::domain::drift::{Difference, Drift};
use crate::domain::observed::Placed;
use serde_json::Value;

/// How many differences are told.
const MOST: usize = 50;

/// Says how what is live differs from git.
pub async fn drift(declared: &Declared, at: &Placed) -> Result<Drift, Fault> {
    let (place, client, found) = application(declared, at, true).await?;
    let (found, anew) = anew::compare(&client, place, found, anew::LOOK).await;
    if !matches!(app::sync(&found), "Synced" | "OutOfSync") {
        return Ok(Drift::unknown(uncompared(place, &found)));
    }
    let spared = if let Anew::Spared(why) = anew { format!("; not anew: {why}") } else { String::new() };
    let mut drift = Drift { compared: vec![compared(place, &found) + &spared], ..Drift::default() };
    match api::part(&client, place, app::project(&found), "managed-resources").await {
        Ok(said) => {
            let items = list(&said, "/items");
            drift.differences = resources(&found, items);
            drift.literals = items.iter().flat_map(|item| literals(&named(item), &state(item, "/liveState"))).collect();
        }
        // That all is in sync the application says itself.
        Err(_) if app::sync(&found) == "Synced" => {}
        Err(fault) => drift.unknown.push(format!("what exactly differs is not known: {fault}")),
    }
    drift.differences.extend(others(&found, &drift.differences));
    drift.unknown.extend(stale(&found).map(|why| format!("{}: {why}", place.words())));
    // It was to be new, and is not: what is there now may be something else.
    let missed = anew::words(&declared.reach, &found, &anew).filter(|_| spared.is_empty());
    drift.unknown.extend(missed.map(|words| format!("{}: {words}", place.words())));
    // That it differs is certain, also where nothing says where.
    if app::sync(&found) == "OutOfSync" && drift.differences.is_empty() {
        drift.differences.push(out_of_sync(place.words()));
    }
    // Argo CD does not count what it was told to let be, so that there may be more.
    if app::sync(&found) == "OutOfSync" && drift.differences.iter().all(|one| one.scaled) {
        drift.unknown.push(format!("{} is out of sync, and nothing but what scales it is told", place.words()));
    }
    drift.more = drift.differences.len().saturating_sub(MOST);
    drift.differences.truncate(MOST);
    Ok(drift)
}

fn compared(place: &Place, app: &Value) -> String {
    let at = time(app, "/status/reconciledAt").map(|at| at.format(" at %F %H:%M:%SZ").to_string());
    let git = super::version::wanted(app, None);
    format!("{} with git at {git}, as Argo CD did{}", place.words(), at.unwrap_or_default())
}

/// Why the comparison may be older than what is there now.
fn stale(app: &Value) -> Option<&'static str> {
    let to = app.pointer("/status/sync/comparedTo").filter(|to| !app::sources(to).is_empty());
    let spec = app.get("spec").map(app::sources).unwrap_or_default();
    if time(app, "/status/reconciledAt").is_none() {
        return Some("when Argo CD compared it is not told");
    }
    if time(app, "/status/operationState/finishedAt").is_some() && !app::looked_since(app) {
        return Some("Argo CD has not compared it since its last operation");
    }
    if to.is_some_and(|to| app::sources(to) != spec) {
        return Some("Argo CD has not compared it since its sources were changed");
    }
    None
}

/// That Argo CD could not compare, and what it says of that.
fn uncompared(place: &Place, app: &Value) -> String {
    let errors = list(app, "/status/conditions").iter().filter(|one| text(one, "/type").ends_with("Error"));
    let why: Vec<_> = errors.map(|one| line(text(one, "/message"))).collect();
    let why = if why.is_empty() { line(app::sync(app)) } else { why.join("; ") };
    format!("how {} compares with git is not known to Argo CD: {why}", place.words())
}

/// What differs, resource by resource.
fn resources(app: &Value, items: &[Value]) -> Vec<Difference> {
    let synced = app::sync(app) == "Synced";
    let all = items.iter().filter_map(|item| Some((item, Managed::read(item)?)));
    all.flat_map(|(item, managed)| one(item, managed, synced)).collect()
}

fn one(item: &Value, Managed { name, live, wanted }: Managed, synced: bool) -> Vec<Difference> {
    let whole = |declared: &str, live: &str| {
        let (declared, live) = (declared.to_owned(), live.to_owned());
        vec![Difference { object: name.clone(), declared, live, ..Difference::default() }]
    };
    match (live.is_null(), wanted.is_null()) {
        (true, true) => Vec::new(),
        (true, false) => whole("it is there", "it is not there"),
        // Some things are let be that nobody declared.
        (false, true) if synced => Vec::new(),
        (false, true) => whole("it is not in git", "it is there"),
        (false, false) => {
            let seen = state(item, "/liveState");
            let fields = list(&seen, "/metadata/managedFields");
            let told = |found: &Found| difference(&name, found, &live, fields);
            compare(&live, &wanted).iter().map(told).collect()
        }
    }
}

/// Resources that the application says are out of sync, and of which nothing else tells.
fn others(app: &Value, known: &[Difference]) -> Vec<Difference> {
    let out = list(app, "/status/resources").iter().filter(|one| text(one, "/status") == "OutOfSync");
    let all = out.map(named).filter(|name| !known.iter().any(|one| one.object == *name));
    all.map(out_of_sync).collect()
}

fn out_of_sync(object: String) -> Difference {
    let (declared, live) = ("as git has it".to_owned(), "out of sync".to_owned());
    Difference { object, declared, live, ..Difference::default() }
}
