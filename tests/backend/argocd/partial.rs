//! What the history does not tell of: syncs of some resources, and changes by hand.

use super::ground::{at, back, soon, spec, synced, with};
use crate::argo_server::{ArgoCd, commit};
use crate::support::{key, sink, until};
use crate::undisturbed as tokio;
use holdpoint::backend::Backend;
use holdpoint::backend::argocd::goal::{Goal, Look, look};
use holdpoint::backend::argocd::place::Place;
use holdpoint::backend::argocd::{app, past, there};
use holdpoint::domain::report::Found;
use serde_json::{Value, json};

const IMAGE: &str = "reg.example/api";

/// As `kim` leaves it who brings `ccccccc` for one resource only: no entry tells of it.
fn brought_in_part(server: &ArgoCd, health: &str) {
    server.state().controller = false;
    server.change("api", |app| {
        let one = json!([{ "group": "apps", "kind": "Deployment", "name": "api" }]);
        let operation = json!({ "sync": { "revision": commit('c'), "resources": one },
            "initiatedBy": { "username": "kim" } });
        app["status"]["operationState"] = json!({ "phase": "Succeeded", "startedAt": "2026-11-21T09:00:00Z",
            "finishedAt": "2026-11-21T09:00:09Z", "operation": operation });
        app["status"]["reconciledAt"] = json!("2026-11-21T09:00:10Z");
        app["status"]["sync"] = json!({ "status": "OutOfSync", "revision": commit('c') });
        app["status"]["health"]["status"] = json!(health);
    });
}

#[tokio::test]
async fn a_partial_sync_can_be_taken_back_and_is_no_way_back_by_itself() {
    for health in ["Healthy", "Degraded"] {
        let server = synced().await;
        brought_in_part(&server, health);
        let own = with(spec(&server), "api");
        let found = soon(own.probe(&back("bbbbbbb"), key())).await.unwrap();
        assert!(matches!(&found, Found::NotApplied { r#final: false, .. }), "{health}: {found:?}");
        let shown = soon(own.preview(&back("bbbbbbb"))).await.unwrap();
        assert!(shown.effects[0].starts_with("rolls application api back to bbbbbbb (history 1"), "{shown:?}");
        // Looking anew, the controller would find that nothing differs: it works again once it has something to do.
        let performing = tokio::spawn(own.perform(back("bbbbbbb"), key(), sink(None).0));
        until("it is sent", || !server.sent().is_empty()).await;
        server.state().controller = true;
        let done = soon(performing).await.unwrap();
        assert!(done.is_ok(), "{health}: {done:?}");
        assert_eq!((server.sent(), at(&server)), (vec!["POST api/rollback".to_owned()], commit('b')));
        let found = soon(own.probe(&back("bbbbbbb"), key())).await.unwrap();
        assert!(matches!(&found, Found::Applied(_)), "{health}: {found:?}");
    }
}

#[tokio::test]
async fn a_partial_sync_under_way_is_not_on_its_way_back() {
    let server = synced().await;
    server.state().hanging.push(commit('b'));
    server.change("api", |app| {
        app["operation"] = json!({ "sync": { "revision": commit('b'), "resources": [{ "kind": "Job", "name": "x" }] },
            "initiatedBy": { "username": "kim" } });
    });
    until("it runs", || server.get("api")["status"]["operationState"]["phase"] == "Running").await;
    let own = with(spec(&server), "api");
    let shown = soon(own.preview(&back("bbbbbbb"))).await.unwrap();
    assert!(shown.effects[0].starts_with("ends what is under way: a sync of some resources to"), "{shown:?}");
    let found = soon(own.probe(&back("bbbbbbb"), key())).await.unwrap();
    assert!(matches!(&found, Found::NotApplied { .. }), "{found:?}");
}

fn source(tag: &str) -> Value {
    json!({ "repoURL": "https://git.example/team/deploy.git", "path": "api", "targetRevision": "main",
        "kustomize": { "images": [format!("{IMAGE}:{tag}")] } })
}

/// An application that was synced to 4.1.9 as a whole, is compared with it, and looked at since.
fn whole() -> Value {
    let at = "2026-11-21T02:00:09Z";
    json!({ "metadata": { "name": "api" }, "spec": { "source": source("4.1.9") },
        "status": { "health": { "status": "Healthy" }, "sync": { "status": "Synced", "revision": commit('a') },
            "summary": { "images": [format!("{IMAGE}:4.1.9")] }, "reconciledAt": at,
            "history": [{ "id": 1, "revision": commit('a'), "source": source("4.1.9") }],
            "operationState": { "phase": "Succeeded", "startedAt": at, "finishedAt": at,
                "operation": { "sync": { "revision": commit('a') } } } } })
}

#[test]
fn what_differs_from_the_newest_entry_is_not_there() {
    let place = Place::read(&format!("api#{IMAGE}")).unwrap();
    let seen = |change: &dyn Fn(&mut Value)| {
        let mut app = whole();
        change(&mut app);
        let past = past::past(&app, Some(IMAGE));
        let entry = past[0].clone();
        let there = there::is_there(&app, &past, &entry, Some(IMAGE));
        let seen = matches!(look(&Goal::Back(entry), &place, &app, None), Look::Seen(_));
        assert_eq!(there, seen, "one judgement: {app}");
        there
    };
    assert!(seen(&|_| {}));
    // By hand, where it is compared with the entry itself.
    assert!(!seen(&|app| app["status"]["sync"]["status"] = json!("OutOfSync")));
    assert!(!seen(&|app| app["status"]["sync"]["status"] = json!("Unknown")));
    // Compared with something newer, that says nothing.
    let ahead = |app: &mut Value| app["status"]["sync"] = json!({ "status": "OutOfSync", "revision": commit('c') });
    assert!(seen(&ahead));
    let resources = |all: Value| {
        move |app: &mut Value| {
            app["status"]["sync"]["status"] = json!("OutOfSync");
            app["status"]["resources"] = all.clone();
        }
    };
    // What was not to be deleted stays, and is no change.
    let extra = json!({ "kind": "Service", "status": "OutOfSync", "requiresPruning": true });
    assert!(seen(&resources(json!([extra, { "kind": "Job", "status": "Synced" }]))));
    assert!(!seen(&resources(json!([extra, { "kind": "Deployment", "status": "OutOfSync" }]))));
    // The image that runs is another one.
    let images = |tags: &'static [&'static str]| {
        move |app: &mut Value| {
            ahead(app);
            app["status"]["summary"]["images"] = tags.iter().map(|tag| json!(format!("{IMAGE}:{tag}"))).collect();
        }
    };
    assert!(!seen(&images(&["4.2.0"])) && !seen(&images(&["4.1.9", "4.2.0"])) && seen(&images(&[])));
    // Auto-sync heals one resource at a time: what is synced with the entry is there.
    let healed = |app: &mut Value| app["status"]["operationState"]["operation"]["sync"]["resources"] = json!([{}]);
    assert!(seen(&healed));
    assert!(!seen(&|app| {
        healed(app);
        ahead(app);
    }));
    assert_eq!(app::phase(&whole()), "Succeeded");
}
