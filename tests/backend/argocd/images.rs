//! Tags of images in one and the same commit: what is under way, what is there, what is meant.

use super::ground::{back, other_key, soon, spec, with};
use crate::argo_server::{ArgoCd, commit};
use crate::support::{key, sink, until};
use crate::undisturbed as tokio;
use holdpoint::backend::argocd::goal::{Goal, Look, look};
use holdpoint::backend::argocd::place::Place;
use holdpoint::backend::argocd::{past, row};
use holdpoint::backend::{Backend, Done};
use holdpoint::domain::journal_id::Key;
use holdpoint::domain::operation::Operation;
use holdpoint::domain::report::{Found, Preview};
use serde_json::{Value, json};

const IMAGE: &str = "reg.example/api";

/// A source that puts this tag in.
fn source(tag: &str, path: &str) -> Value {
    json!({ "repoURL": "https://git.example/team/deploy.git", "path": path, "targetRevision": "main",
        "kustomize": { "images": [format!("{IMAGE}:{tag}")] } })
}

fn entry(id: i64, tag: &str, path: &str) -> Value {
    json!({ "id": id, "revision": commit('a'), "source": source(tag, path), "deployedAt": "2026-11-21T02:00:00Z" })
}

/// A server where `api` has this history, all of it from one commit.
fn tagged(history: &[(i64, &str, &str)]) -> ArgoCd {
    let server = ArgoCd::start();
    server.put("api");
    server.change("api", |app| {
        let (_, tag, path) = history[history.len() - 1];
        app["spec"]["source"] = source(tag, path);
        app["status"]["history"] = history.iter().map(|(id, tag, path)| entry(*id, tag, path)).collect();
    });
    server
}

fn own(server: &ArgoCd) -> impl Backend + use<> {
    with(spec(server), &format!("api#{IMAGE}"))
}

async fn preview(server: &ArgoCd, operation: &Operation) -> Preview {
    soon(own(server).preview(operation)).await.unwrap()
}

async fn probe(server: &ArgoCd, operation: &Operation) -> Found {
    soon(own(server).probe(operation, key())).await.unwrap()
}

#[tokio::test]
async fn a_sync_of_another_tag_in_the_same_commit_is_no_way_back() {
    let server = tagged(&[(0, "4.1.9", "api")]);
    server.state().hanging.push(commit('a'));
    server.change("api", |app| {
        app["spec"]["source"] = source("4.2.0", "api");
        app["operation"] = json!({ "sync": { "revision": commit('a') }, "initiatedBy": { "username": "kim" } });
    });
    until("the bad one hangs", || server.get("api")["status"]["operationState"]["phase"] == "Running").await;
    let shown = preview(&server, &back("4.1.9")).await;
    assert_eq!(shown.obstacles, [""; 0]);
    assert!(shown.effects[0].starts_with("ends what is under way") && shown.effects.len() == 2, "{shown:?}");
    let found = probe(&server, &back("4.1.9")).await;
    assert!(matches!(&found, Found::NotApplied { .. }), "not on its way: {found:?}");
    let performing = tokio::spawn(own(&server).perform(back("4.1.9"), other_key(), sink(None).0));
    let over = || server.get("api")["status"]["operationState"]["phase"] == "Failed" || server.sent().len() == 2;
    until("what hangs is ended", over).await;
    server.state().hanging.clear();
    let done = soon(performing).await.unwrap();
    assert!(matches!(&done, Ok(Done::Whole(_))), "{done:?}");
    assert_eq!(server.sent(), ["DELETE api/operation", "POST api/rollback"]);
    assert_eq!(server.get("api")["status"]["history"][1]["source"], source("4.1.9", "api"));
}

#[tokio::test]
async fn what_auto_sync_or_a_repeat_brings_again_does_not_block_the_way_back() {
    for by in [json!({ "automated": true }), json!({ "username": "kim" })] {
        let server = tagged(&[(0, "4.1.9", "api"), (1, "4.2.0", "api")]);
        server.state().hanging.push(commit('a'));
        server.change("api", |app| {
            app["operation"] = json!({ "sync": { "revision": commit('a') }, "initiatedBy": by });
        });
        until("it runs again", || server.get("api")["status"]["operationState"]["phase"] == "Running").await;
        let shown = preview(&server, &back("4.1.9")).await;
        assert_eq!(shown.obstacles, [""; 0], "{by}");
        assert_eq!(shown.effects.len(), 2, "{shown:?}");
    }
    // A person who leads it back to an earlier one is not crossed.
    let server = tagged(&[(0, "4.1.8", "api"), (1, "4.1.9", "api"), (2, "4.2.0", "api")]);
    server.state().hanging.push(commit('a'));
    server.change("api", |app| {
        app["operation"] = json!({ "sync": { "revision": commit('a'), "source": source("4.1.8", "api") },
            "initiatedBy": { "username": "kim" } });
    });
    let shown = preview(&server, &back("4.1.9")).await;
    assert!(shown.obstacles[0].contains("somebody leads it back already"), "{shown:?}");
    let shown = preview(&server, &back("4.1.8")).await;
    assert!(shown.effects[0].contains("is on its way to 4.1.8"), "{shown:?}");
}

#[tokio::test]
async fn a_way_back_that_was_gone_is_found_and_goes_no_further() {
    let server = tagged(&[(0, "4.1.9", "old"), (1, "4.1.9", "api"), (2, "4.2.0", "api")]);
    let done = soon(own(&server).perform(back("4.1.9"), key(), sink(None).0)).await.unwrap();
    let Done::Whole(receipt) = done else { panic!("{done:?}") };
    assert_eq!(receipt.detail["previous"], "4.2.0");
    assert_eq!(server.get("api")["status"]["history"][3]["source"], source("4.1.9", "api"));
    let found = probe(&server, &back("4.1.9")).await;
    assert!(matches!(&found, Found::Applied(_)), "{found:?}");
    soon(own(&server).perform(back("4.1.9"), other_key(), sink(None).0)).await.unwrap();
    assert_eq!(server.sent(), ["POST api/rollback"]);
    // What was there has a name that leads there and nowhere else.
    let done = soon(own(&server).perform(back("4.2.0"), Key { seq: 9, ..key() }, sink(None).0)).await.unwrap();
    let Done::Whole(receipt) = done else { panic!("{done:?}") };
    assert_eq!(receipt.detail["previous"], "4.1.9#3");
}

#[test]
fn a_version_of_several_entries_is_named_with_its_entry() {
    let app = json!({ "status": { "history": [
        entry(3, "4.1.9", "old"), entry(4, "4.1.8", "api"), entry(5, "4.1.9", "api"), entry(6, "4.2.0", "api")] } });
    let all = past::past(&app, Some(IMAGE));
    assert_eq!(past::names(&all), ["4.1.9#5", "4.1.8", "4.1.9#3"]);
    // By its bare name what is there now is meant.
    let app = json!({ "status": { "history": [entry(3, "4.1.9", "old"), entry(4, "4.1.9", "api")] } });
    let all = past::past(&app, Some(IMAGE));
    assert_eq!(past::find(&all, "4.1.9").map(|entry| entry.id), Ok(4));
    assert_eq!(past::names(&all), ["4.1.9#3"]);
}

/// An application that runs these tags, of which its history knows these.
fn runs(tags: &[&str], history: &[&str], health: &str) -> Value {
    let images: Vec<String> = tags.iter().map(|tag| format!("{IMAGE}:{tag}")).chain(["proxy:1".to_owned()]).collect();
    let entries: Vec<Value> = (0..).zip(history).map(|(id, tag)| entry(id, tag, "api")).collect();
    let at = "2026-11-21T02:00:09Z";
    json!({ "metadata": { "name": "api" }, "spec": { "source": source(history.last().unwrap_or(&""), "api") },
        "status": { "health": { "status": health }, "sync": { "status": "Synced", "revision": commit('a') },
            "summary": { "images": images }, "history": entries, "reconciledAt": at,
            "operationState": { "phase": "Succeeded", "startedAt": at, "finishedAt": at,
                "operation": { "info": [{ "name": "holdpoint", "value": "k7" }] } } } })
}

#[test]
fn of_two_tags_that_run_the_old_one_is_the_version_and_the_new_one_the_candidate() {
    let place = Place::read(&format!("api#{IMAGE}")).unwrap();
    let row = |tags: &[&str], history: &[&str]| {
        let row = row::row(&place, &runs(tags, history, "Suspended"));
        (row.version, row.candidate)
    };
    let canary = ("4.9.0".to_owned(), Some("4.10.0".to_owned()));
    // As the server sorts them, the new one comes first.
    assert_eq!(row(&["4.10.0", "4.9.0"], &["4.9.0", "4.10.0"]), canary);
    let way_back = ("4.10.0".to_owned(), Some("4.9.0".to_owned()));
    assert_eq!(row(&["4.10.0", "4.9.0"], &["4.9.0", "4.10.0", "4.9.0"]), way_back);
    assert_eq!(row(&["4.9.0"], &["4.9.0"]), ("4.9.0".to_owned(), None));
    // Where the history does not tell them apart, neither is called the one that serves.
    assert_eq!(row(&["4.10.0", "4.9.0"], &["9.9.9"]), ("4.10.0 and 4.9.0".to_owned(), None));
}

#[test]
fn a_canary_is_what_was_meant_while_it_waits_and_not_when_it_is_well() {
    let place = Place::read(&format!("api#{IMAGE}")).unwrap();
    let goal = |version: &str| Goal::Synced { key: Some("k7".to_owned()), version: version.to_owned() };
    let seen = |version: &str, tags: &[&str], health: &str| {
        let app = runs(tags, &["4.9.0", "4.10.0"], health);
        matches!(look(&goal(version), &place, &app, Some("b")), Look::Seen(_))
    };
    assert!(seen("4.10.0", &["4.10.0", "4.9.0"], "Suspended") && seen("4.10.0", &["4.10.0"], "Healthy"));
    assert!(!seen("4.11.0", &["4.10.0", "4.9.0"], "Suspended"));
    assert!(!seen("4.10.0", &["4.10.0", "4.9.0"], "Healthy"), "the old one has not gone yet");
}
