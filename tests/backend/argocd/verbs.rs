//! What each verb sends, in which order, and what stands in its way.

use super::ground::{
    Watched, at, automated, back, backend, deploy, operation, other_key, perform, preview, probe, synced, under,
};
use crate::argo_server::{Does, commit};
use crate::support::{key, until};
use crate::undisturbed as tokio;
use holdpoint::backend::{Certainty, Done, Fault};
use holdpoint::domain::operation::Verb;
use holdpoint::domain::report::Found;
use serde_json::json;

#[tokio::test]
async fn a_rollback_switches_auto_sync_off_first_and_leaves_it_off() {
    let server = automated().await;
    let shown = preview(&server, &back("aaaaaaa")).await;
    assert_eq!(shown.obstacles, [""; 0]);
    assert_eq!(shown.effects[0], "switches auto-sync of application api off (it was on with prune, self-heal)");
    assert!(
        shown.effects[1].starts_with("rolls application api back to aaaaaaa (history 0 of "),
        "{:?}",
        shown.effects
    );
    assert!(shown.effects[2].starts_with("leaves auto-sync OFF") && shown.effects.len() == 3, "{:?}", shown.effects);
    assert_eq!(server.sent(), [""; 0]);
    let receipt = perform(&server, back("aaaaaaa")).await.unwrap();
    // What was shown is what was sent.
    assert_eq!(server.sent(), ["PATCH api", "POST api/rollback"]);
    assert!(
        receipt.summary.contains("api is at aaaaaaa") && receipt.summary.contains("auto-sync is OFF"),
        "{receipt:?}"
    );
    assert_eq!((receipt.detail["previous"].as_str(), receipt.detail["auto-sync"].as_str()), ("bbbbbbb", "off"));
    let app = server.get("api");
    // For as long as it is off, whoever watches sees since when and by what.
    let watch = async |what, seen: fn(&holdpoint::domain::observed::Deployment) -> bool| {
        let backend = backend(&server);
        let mut watched = Watched::new(&backend);
        watched.until(what, |watched| watched.api().is_some_and(seen)).await;
        watched.api().unwrap().left_off.clone()
    };
    let off = watch("it is off", |row| row.left_off.is_some()).await.unwrap();
    assert_eq!((off.of.as_str(), off.key, off.since.is_some()), ("application api", key().to_string(), true));
    assert!(app["spec"]["syncPolicy"]["automated"].is_null());
    // What else stands beside it is left alone.
    assert_eq!(app["spec"]["syncPolicy"]["syncOptions"], json!(["CreateNamespace=true"]));
    assert_eq!(at(&server), commit('a'));
    assert!(matches!(probe(&server, &back("aaaaaaa")).await, Found::Applied(_)));
    // The same again finds it there, whoever asks.
    let again = under(&server, back("aaaaaaa"), other_key()).await.unwrap();
    assert!(matches!(again, Done::Whole(_)));
    assert_eq!(server.sent().len(), 2);
    perform(&server, operation(Verb::Resume, &[])).await.unwrap();
    assert_eq!(watch("it is on", |row| row.left_off.is_none()).await, None);
}

#[tokio::test]
async fn auto_sync_is_put_back_as_it_was() {
    let server = automated().await;
    perform(&server, operation(Verb::Pause, &[])).await.unwrap();
    let shown = preview(&server, &operation(Verb::Pause, &[])).await;
    assert_eq!(shown.effects, ["auto-sync of application api is off already; nothing is sent"]);
    perform(&server, operation(Verb::Pause, &[])).await.unwrap();
    assert_eq!(server.sent(), ["PATCH api"]);
    server.merge("main", &commit('c'));
    until("git is ahead", || server.get("api")["status"]["sync"]["status"] == "OutOfSync").await;
    let shown = preview(&server, &operation(Verb::Resume, &[])).await;
    assert_eq!(shown.effects, ["switches auto-sync of application api on (it is on with prune, self-heal)"]);
    assert_eq!(shown.loses, ["git holds ccccccc: it is brought at once, without asking again"]);
    perform(&server, operation(Verb::Resume, &[])).await.unwrap();
    let app = server.get("api");
    assert_eq!(app["spec"]["syncPolicy"]["automated"], json!({ "prune": true, "selfHeal": true }));
    assert_eq!(app["metadata"]["annotations"], json!({}));
    until("git is brought", || at(&server) == commit('c')).await;
}

#[tokio::test]
async fn auto_sync_that_somebody_else_switched_off_is_not_guessed() {
    let server = synced().await;
    let shown = preview(&server, &operation(Verb::Resume, &[])).await;
    assert!(shown.obstacles[0].contains("does not know how it was"), "{shown:?}");
    let fault = perform(&server, operation(Verb::Resume, &[])).await.unwrap_err();
    assert!(matches!(fault, Fault::Refused { .. }));
    // Some write it as off in place of leaving it out: then it must say that it is on.
    server.change("api", |app| app["spec"]["syncPolicy"] = json!({ "automated": { "enabled": false, "prune": true } }));
    perform(&server, operation(Verb::Resume, &[("self-heal", "true")])).await.unwrap();
    assert_eq!(server.get("api")["spec"]["syncPolicy"]["automated"]["enabled"], true);
    assert_eq!(server.get("api")["spec"]["syncPolicy"]["automated"]["selfHeal"], true);
}

#[tokio::test]
async fn what_hangs_is_ended_before_the_way_back() {
    let server = automated().await;
    server.state().hanging.push(commit('c'));
    server.merge("main", &commit('c'));
    until("auto-sync hangs", || server.get("api")["status"]["operationState"]["phase"] == "Running").await;
    let shown = preview(&server, &back("bbbbbbb")).await;
    assert_eq!(shown.obstacles, [""; 0]);
    assert!(
        shown.effects[1].starts_with(&format!("ends what is under way: a sync to {} by auto-sync", commit('c'))),
        "{shown:?}"
    );
    perform(&server, back("bbbbbbb")).await.unwrap();
    assert_eq!(server.sent(), ["PATCH api", "DELETE api/operation", "POST api/rollback"]);
    assert_eq!(at(&server), commit('b'));
}

#[tokio::test]
async fn what_ends_by_itself_right_before_it_is_ended_is_no_reason_to_stop_on_the_way_back() {
    let server = automated().await;
    server.state().hanging.push(commit('c'));
    server.merge("main", &commit('c'));
    until("auto-sync hangs", || server.get("api")["status"]["operationState"]["phase"] == "Running").await;
    server.meanwhile("DELETE", "/operation", |state| {
        state.change("api", |app| {
            app.as_object_mut().unwrap().remove("operation");
            app["status"]["operationState"]["phase"] = json!("Failed");
        });
    });
    perform(&server, back("bbbbbbb")).await.unwrap();
    assert_eq!(server.sent(), ["PATCH api", "DELETE api/operation", "POST api/rollback"]);
    assert_eq!(at(&server), commit('b'));
}

#[tokio::test]
async fn a_way_back_that_somebody_else_has_taken_is_not_crossed() {
    let server = synced().await;
    server.merge("main", &commit('c'));
    perform(&server, deploy("main")).await.unwrap();
    server.state().hanging.push(commit('a'));
    server.state().asked.clear();
    let other = tokio::spawn(super::ground::started(&server, back("aaaaaaa"), other_key()));
    until("another is on the way", || server.get("api")["operation"]["sync"]["revision"] == json!(commit('a'))).await;
    let fault = perform(&server, back("bbbbbbb")).await.unwrap_err();
    assert!(matches!(&fault, Fault::Refused { why, .. } if why.contains("somebody leads it back already")), "{fault}");
    // To the same place it is only waited for.
    let shown = preview(&server, &back("aaaaaaa")).await;
    assert!(shown.effects[0].contains("is on its way to aaaaaaa"), "{shown:?}");
    assert_eq!(server.sent(), ["POST api/rollback"]);
    server.state().hanging.clear();
    perform(&server, back("aaaaaaa")).await.unwrap();
    assert!(matches!(other.await.unwrap(), Ok(Done::Whole(_))));
    assert_eq!(server.sent(), ["POST api/rollback"]);
}

#[tokio::test]
async fn what_the_server_does_not_say_is_not_known() {
    let server = synced().await;
    server.merge("main", &commit('c'));
    server.fault("GET", "/account/can-i/", Does::Status(500), 99);
    server.fault("GET", "/managed-resources", Does::Status(403), 99);
    let shown = preview(&server, &deploy("main")).await;
    for said in ["what the token may do: ", "what it changes: "] {
        assert!(shown.unknown.iter().any(|why| why.starts_with(said)), "{said}: {shown:?}");
    }
    assert_eq!((shown.obstacles.len(), shown.refused.len()), (0, 0), "{shown:?}");
}

#[tokio::test]
async fn nothing_is_sent_outside_of_a_window() {
    let server = automated().await;
    let window = json!({ "kind": "deny", "schedule": "0 22 * * *", "duration": "8h", "manualSync": false });
    server.state().windows = json!({ "canSync": false, "activeWindows": [window], "assignedWindows": [window] });
    for operation in [back("aaaaaaa"), deploy("main2")] {
        let shown = preview(&server, &operation).await;
        let named = "the sync window is closed (deny `0 22 * * *` for 8h, people too, on now)";
        assert!(shown.obstacles.iter().any(|o| o.contains(named)), "{shown:?}");
        let fault = perform(&server, operation).await.unwrap_err();
        assert!(matches!(&fault, Fault::Refused { why, .. } if why.contains(named)), "{fault}");
    }
    assert_eq!(server.sent(), [""; 0]);
    // Windows that say nothing of now are closed.
    server.state().windows = json!({ "assignedWindows": [window] });
    assert!(perform(&server, back("aaaaaaa")).await.is_err());
    // Auto-sync may be switched off in any window: that is the careful way.
    perform(&server, operation(Verb::Pause, &[])).await.unwrap();
}

#[tokio::test]
async fn a_deploy_carries_its_key_and_is_believed_when_it_is_well() {
    let server = synced().await;
    server.merge("release-7", &commit('c'));
    let shown = preview(&server, &deploy("release-7")).await;
    assert_eq!(shown.effects[0], "syncs application api to release-7 for release-7, in place of bbbbbbb");
    let receipt = perform(&server, deploy("release-7")).await.unwrap();
    assert_eq!(receipt.detail["previous"], "bbbbbbb");
    let info = &server.get("api")["status"]["operationState"]["operation"]["info"];
    assert_eq!(*info, json!([{ "name": "holdpoint", "value": key().to_string() }]));
    assert!(matches!(probe(&server, &deploy("release-7")).await, Found::Applied(_)));
    // The same key again is not sent again.
    perform(&server, deploy("release-7")).await.unwrap();
    assert_eq!(server.sent(), ["POST api/sync"]);
    // What it was before can be returned to by the name that it was given.
    perform(&server, back(&receipt.detail["previous"])).await.unwrap();
    assert_eq!(at(&server), commit('b'));
}

#[tokio::test]
async fn with_auto_sync_on_git_is_the_way() {
    let server = automated().await;
    let shown = preview(&server, &deploy("release-7")).await;
    assert!(shown.obstacles[0].contains("auto-sync is on and set to main"), "{shown:?}");
    let fault = perform(&server, deploy("release-7")).await.unwrap_err();
    assert_eq!(fault.certainty(), Certainty::NotDone);
    assert_eq!(server.sent(), [""; 0]);
}

#[tokio::test]
async fn a_deploy_shows_what_differs_and_that_it_is_not_well() {
    let server = synced().await;
    let state = |image: &str| json!({ "spec": { "containers": [{ "name": "api", "image": image }] } }).to_string();
    server.state().managed = json!({ "items": [
        { "kind": "Deployment", "namespace": "api", "name": "api", "normalizedLiveState": state("api:1"), "predictedLiveState": state("api:2") },
        { "kind": "Job", "name": "migrate", "hook": true },
        { "kind": "Service", "namespace": "api", "name": "new", "normalizedLiveState": "null", "predictedLiveState": "{}" } ] });
    let bad = commit('d');
    server.merge("main", &bad);
    server.state().bad.push(bad);
    let shown = preview(&server, &deploy("main")).await;
    assert_eq!(
        shown.effects[1..],
        [
            "as compared just now: Deployment api/api: spec.containers[api].image api:1 → api:2",
            "as compared just now: creates Service api/new"
        ]
    );
    let short =
        holdpoint::domain::operation::Operation { limit: holdpoint::domain::span::Span::secs(3), ..deploy("main") };
    let Done::Partly(0, 1, told) = under(&server, short, key()).await.unwrap() else { panic!() };
    assert!(told.summary.contains("not well in time: synced; it is Degraded"), "{told:?}");
    assert!(told.summary.contains("progress deadline") && told.detail.contains_key("previous"), "{told:?}");
    assert!(matches!(probe(&server, &deploy("main")).await, Found::Unknown { .. }));
    // A sync that fails is over.
    server.state().failing.push(commit('e'));
    server.merge("main", &commit('e'));
    let Done::Partly(0, 1, told) = under(&server, deploy("main"), other_key()).await.unwrap() else { panic!() };
    assert!(told.summary.contains("it was taken, and it failed: one or more objects"), "{told:?}");
}

#[tokio::test]
async fn what_is_under_way_can_be_ended() {
    let server = synced().await;
    let shown = preview(&server, &operation(Verb::Abort, &[])).await;
    assert_eq!(shown.effects, ["nothing is under way at application api; nothing is sent"]);
    perform(&server, operation(Verb::Abort, &[])).await.unwrap();
    server.state().hanging.push(commit('c'));
    server.merge("main", &commit('c'));
    let short =
        holdpoint::domain::operation::Operation { limit: holdpoint::domain::span::Span::secs(3), ..deploy("main") };
    assert_eq!(perform(&server, short).await.unwrap_err().certainty(), Certainty::Unknown);
    let fault = under(&server, deploy("main"), other_key()).await.unwrap_err();
    assert!(fault.to_string().contains("abort it first"), "{fault}");
    perform(&server, operation(Verb::Abort, &[])).await.unwrap();
    assert_eq!(server.sent(), ["POST api/sync", "DELETE api/operation"]);
    assert!(server.get("api")["operation"].is_null());
    // With auto-sync on it begins again at once; what was to end has ended all the same.
    server.change("api", |app| app["spec"]["syncPolicy"] = json!({ "automated": {} }));
    until("auto-sync has begun", || server.get("api")["status"]["operationState"]["phase"] == "Running").await;
    let shown = preview(&server, &operation(Verb::Abort, &[])).await;
    assert!(shown.loses.iter().any(|l| l.contains("may begin it again")), "{shown:?}");
    perform(&server, operation(Verb::Abort, &[])).await.unwrap();
}

#[tokio::test]
async fn hooks_and_owners_and_missing_rights_are_named() {
    let server = automated().await;
    server.change("api", |app| {
        app["status"]["operationState"]["syncResult"] =
            json!({ "resources": [{ "kind": "Job", "name": "migrate\u{1b}[2J", "hookType": "PreSync" }], "revision": "x" });
        app["metadata"]["ownerReferences"] = json!([{ "kind": "ApplicationSet", "name": "all", "apiVersion": "v1", "uid": "u" }]);
    });
    server.state().denied = vec!["sync".to_owned(), "update".to_owned()];
    let shown = preview(&server, &back("aaaaaaa")).await;
    assert_eq!(
        shown.obstacles,
        [
            "the token may not sync applications default/api",
            "the token may not update applications default/api",
            "ApplicationSet all writes this application and may switch auto-sync back by itself"
        ]
    );
    assert!(
        shown.loses.contains(&"a rollback runs no hooks; the last sync had PreSync Job migrate\\u{1b}[2J".to_owned()),
        "{shown:?}"
    );
    assert!(shown.takes.is_some());
    let fault = perform(&server, back("aaaaaaa")).await.unwrap_err();
    assert!(fault.certainty() == Certainty::NotDone && fault.to_string().contains("applications, update"), "{fault}");
    // Half of it may be allowed: then that half is done, certainly, and no more.
    server.state().denied = vec!["sync".to_owned()];
    let done = under(&server, back("aaaaaaa"), other_key()).await.unwrap();
    assert!(
        matches!(&done, Done::Partly(1, 2, receipt) if receipt.summary.contains("auto-sync of application api is off; the rest was certainly not done")),
        "{done:?}"
    );
}

#[tokio::test]
async fn what_cannot_be_is_said() {
    let server = synced().await;
    for (operation, said) in [
        (operation(Verb::RollBack, &[]), "no version to return to"),
        (back("9.9.9"), "its history has no version 9.9.9; kept are aaaaaaa"),
        (back("#9"), "its history has no #9"),
        (operation(Verb::RollBack, &[("to", "aaaaaaa"), ("force", "true")]), "takes no argument force"),
        (operation(Verb::RollBack, &[("to", "aaaaaaa"), ("prune", "maybe")]), "prune is true or false"),
        (operation(Verb::Deploy, &[]), "no version is given"),
    ] {
        let fault = perform(&server, operation.clone()).await.unwrap_err();
        assert!(matches!(&fault, Fault::Refused { why, .. } if why.contains(said)), "{fault}");
        assert!(preview(&server, &operation).await.obstacles[0].contains(said));
    }
    server.change("api", |app| {
        app["status"]["history"][0].as_object_mut().unwrap().remove("source");
        app["metadata"]["deletionTimestamp"] = json!("2026-11-21T02:00:00Z");
    });
    let fault = perform(&server, back("#0")).await.unwrap_err().to_string();
    assert!(fault.contains("it is being deleted") && fault.contains("too old to return to"), "{fault}");
    server.remove("api");
    let fault = perform(&server, back("aaaaaaa")).await.unwrap_err();
    assert!(fault.certainty() == Certainty::NotDone && fault.to_string().contains("404"), "{fault}");
    assert_eq!(server.sent(), [""; 0]);
}

#[tokio::test]
async fn a_deploy_brings_what_git_was_seen_to_hold_and_not_what_was_merged_since() {
    let server = synced().await;
    server.merge("main", &commit('c'));
    server.state().controller = false;
    // Nobody has compared this yet, so no dialog shows it.
    server.state().git.insert("main".to_owned(), commit('d'));
    server.fault("GET", "?refresh", Does::Status(503), 9);
    let shown = preview(&server, &deploy("main")).await;
    assert_eq!(shown.effects[0], "syncs application api to main (ccccccc) for main, in place of bbbbbbb");
    let performing = tokio::spawn(super::ground::started(&server, deploy("main"), key()));
    until("it is sent", || server.get("api")["operation"].is_object()).await;
    assert_eq!(server.get("api")["operation"]["sync"]["revision"], commit('c'));
    server.state().controller = true;
    assert!(matches!(performing.await.unwrap(), Ok(Done::Whole(_))));
    assert_eq!(at(&server), commit('c'));
}

#[tokio::test]
async fn where_no_revision_can_be_sent_a_deploy_is_not_when_git_moves_meanwhile() {
    let server = automated().await;
    server.state().controller = false;
    server.merge("main", &commit('c'));
    server.fault("GET", "/syncwindows", Does::Hang, 1);
    let performing = tokio::spawn(super::ground::started(&server, deploy("main"), key()));
    until("it is looked at", || server.count("/api/v1/applications/api/syncwindows") == 1).await;
    server.merge("main", &commit('d'));
    let fault = performing.await.unwrap().unwrap_err();
    assert!(matches!(&fault, Fault::Refused { why, .. } if why.contains("git has moved meanwhile")), "{fault}");
    assert_eq!(server.sent(), [""; 0]);
}
