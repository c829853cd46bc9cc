//! What goes wrong on the way: what is certain, what is not, and that nothing is sent twice.

use super::ground::{
    at, automated, back, backend, deploy, operation, other_key, perform, probe, settled, soon, started, synced, under,
};
use crate::argo_server::{ArgoCd, Does, commit};
use crate::support::{sink, until};
use crate::undisturbed as tokio;
use holdpoint::backend::{Backend, Certainty, Done, Fault, Sink};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::Found;
use holdpoint::domain::span::Span;
use serde_json::json;

async fn fault(server: &ArgoCd, operation: Operation) -> Fault {
    perform(server, operation).await.unwrap_err()
}

fn short(operation: Operation) -> Operation {
    Operation { limit: Span::secs(5), ..operation }
}

#[tokio::test]
async fn refusals_are_certain_and_are_not_sent_again() {
    let server = synced().await;
    for (n, does) in [401, 403, 404, 409, 429].map(Does::Status).into_iter().chain([Does::Redirect]).enumerate() {
        for (method, path, operation) in [("POST", "/rollback", back("aaaaaaa")), ("POST", "/sync", deploy("main"))] {
            server.fault(method, path, does.clone(), 1);
            let fault = fault(&server, operation).await;
            assert_eq!(fault.certainty(), Certainty::NotDone, "{does:?}: {fault}");
        }
        assert_eq!(server.sent().len(), 2 * (n + 1), "{does:?}");
    }
    assert_eq!(at(&server), commit('b'));
}

#[tokio::test]
async fn what_may_have_arrived_is_unknown_and_is_not_sent_again() {
    let server = automated().await;
    for (n, does) in [500, 502, 503, 504].map(Does::Status).into_iter().chain([Does::CutBefore]).enumerate() {
        for (method, path, verb) in [("PATCH", "/api", Verb::Pause), ("POST", "/sync", Verb::Deploy)] {
            server.fault(method, path, does.clone(), 1);
            let fault =
                fault(&server, operation(verb, if verb == Verb::Deploy { &[("version", "main")] } else { &[] })).await;
            assert_eq!(fault.certainty(), Certainty::Unknown, "{does:?}: {fault}");
        }
        assert_eq!(server.sent().len(), 2 * (n + 1), "{does:?}");
    }
    let found = probe(&server, &operation(Verb::Pause, &[])).await;
    assert!(matches!(&found, Found::NotApplied { r#final: false, .. }), "{found:?}");
}

#[tokio::test]
async fn a_connection_that_is_cut_after_the_send_is_found_and_not_sent_twice() {
    let server = synced().await;
    server.fault("POST", "/rollback", Does::CutAfter, 1);
    assert_eq!(fault(&server, back("aaaaaaa")).await.certainty(), Certainty::Unknown);
    until("it was done all the same", || at(&server) == commit('a')).await;
    settled(&server).await;
    assert!(matches!(probe(&server, &back("aaaaaaa")).await, Found::Applied(_)));
    perform(&server, back("aaaaaaa")).await.unwrap();
    assert_eq!(server.sent(), ["POST api/rollback"]);
    // A deploy finds itself by its key.
    server.fault("POST", "/sync", Does::CutAfter, 1);
    assert_eq!(under(&server, deploy("main"), other_key()).await.unwrap_err().certainty(), Certainty::Unknown);
    until("it was done all the same", || at(&server) == commit('b')).await;
    settled(&server).await;
    let found = soon(backend(&server).probe(&deploy("main"), other_key())).await;
    assert!(matches!(found, Ok(Found::Applied(_))), "{found:?}");
    assert!(matches!(under(&server, deploy("main"), other_key()).await, Ok(Done::Whole(_))));
    assert_eq!(server.sent(), ["POST api/rollback", "POST api/sync"]);
}

#[tokio::test]
async fn a_way_back_that_is_lost_in_the_middle_is_unknown_and_goes_no_further() {
    let server = automated().await;
    server.fault("PATCH", "/api", Does::CutAfter, 1);
    assert_eq!(fault(&server, back("aaaaaaa")).await.certainty(), Certainty::Unknown);
    assert_eq!(server.sent(), ["PATCH api"]);
    let found = probe(&server, &back("aaaaaaa")).await;
    let said = |why: &str| why.contains("not at aaaaaaa yet; auto-sync was switched off by this key");
    assert!(matches!(&found, Found::NotApplied { r#final: false, why } if said(why)), "{found:?}");
    // Ordered again, it goes on where it was.
    perform(&server, back("aaaaaaa")).await.unwrap();
    assert_eq!(server.sent(), ["PATCH api", "POST api/rollback"]);

    let server = automated().await;
    server.fault("POST", "/rollback", Does::Status(503), 1);
    let fault = fault(&server, back("aaaaaaa")).await;
    assert_eq!(fault.certainty(), Certainty::Unknown);
    assert!(fault.to_string().contains("auto-sync of application api is off; "), "{fault}");
}

#[tokio::test]
async fn a_refusal_in_the_middle_is_certain_of_both_halves() {
    let server = automated().await;
    server.fault("POST", "/rollback", Does::Status(409), 1);
    let done = under(&server, back("aaaaaaa"), other_key()).await.unwrap();
    let Done::Partly(1, 2, receipt) = done else { panic!("{done:?}") };
    assert!(
        receipt.summary.contains("is off; the rest was certainly not done") && receipt.summary.contains("409"),
        "{receipt:?}"
    );
    assert!(server.get("api")["spec"]["syncPolicy"]["automated"].is_null());
    assert_eq!(at(&server), commit('b'));
}

#[tokio::test]
async fn a_server_that_never_answers_leaves_it_unknown() {
    let server = synced().await;
    server.fault("POST", "/rollback", Does::Hang, 1);
    let hung =
        tokio::time::timeout(std::time::Duration::from_secs(60), started(&server, short(back("aaaaaaa")), other_key()));
    assert_eq!(hung.await.unwrap().unwrap_err().certainty(), Certainty::Unknown);
    assert_eq!(server.sent().len(), 1);
}

#[tokio::test]
async fn accepted_and_nothing_happens_is_unknown() {
    let server = synced().await;
    for (path, operation) in [("/rollback", back("aaaaaaa")), ("/sync", deploy("main"))] {
        server.fault("POST", path, Does::Nothing, 1);
        let fault = fault(&server, short(operation)).await;
        assert_eq!(fault.certainty(), Certainty::Unknown);
        assert!(fault.to_string().contains("not seen to happen in time"), "{fault}");
    }
    // Or it is kept, and no controller looks at it.
    server.state().controller = false;
    let fault = fault(&server, short(back("aaaaaaa"))).await;
    assert!(fault.to_string().contains("waits to begin"), "{fault}");
    // An older server does not know how to switch auto-sync off in the way that was asked.
    let server = automated().await;
    server.fault("PATCH", "/api", Does::Nothing, 1);
    assert_eq!(perform(&server, short(back("aaaaaaa"))).await.unwrap_err().certainty(), Certainty::Unknown);
    assert_eq!(server.sent(), ["PATCH api"]);
}

#[tokio::test]
async fn a_window_that_closes_in_between_parks_it_and_is_not_done() {
    let server = synced().await;
    server.state().hanging.push(commit('a'));
    let performing = tokio::spawn(started(&server, short(back("aaaaaaa")), other_key()));
    until("it runs", || server.get("api")["status"]["operationState"]["phase"] == "Running").await;
    server.state().windows = serde_json::json!({ "canSync": false });
    let fault = performing.await.unwrap().unwrap_err();
    assert_eq!(fault.certainty(), Certainty::Unknown);
    assert!(fault.to_string().contains("blocked by sync window"), "{fault}");
}

#[tokio::test]
async fn of_two_operators_one_is_refused() {
    let server = synced().await;
    server.state().hanging.push(commit('c'));
    server.merge("main", &commit('c'));
    let one = tokio::spawn(started(&server, deploy("main"), other_key()));
    until("the first is on its way", || server.get("api")["operation"].is_object()).await;
    let fault = fault(&server, deploy("main")).await;
    assert!(fault.certainty() == Certainty::NotDone && fault.to_string().contains("under way"), "{fault}");
    assert_eq!(server.sent(), ["POST api/sync"]);
    server.state().hanging.clear();
    assert!(matches!(one.await.unwrap(), Ok(Done::Whole(_))));
}

#[tokio::test]
async fn what_comes_between_the_requests_stops_the_rest() {
    // Auto-sync began just before it was switched off; or somebody synced meanwhile.
    let begun = json!({ "operation": { "sync": { "revision": commit('c') }, "initiatedBy": { "automated": true } } });
    let synced =
        json!({ "status": { "history": [{ "id": 9, "revision": commit('c'), "source": { "path": "api" } }] } });
    for (theirs, said) in [(begun, "something has begun meanwhile"), (synced, "its history has moved meanwhile")] {
        let server = automated().await;
        server.state().controller = false;
        server.state().meanwhile = Some(theirs);
        let done = under(&server, back("aaaaaaa"), other_key()).await.unwrap();
        assert!(matches!(&done, Done::Partly(1, 2, receipt) if receipt.summary.contains(said)), "{done:?}");
        assert_eq!(server.sent(), ["PATCH api"]);
    }
}

#[tokio::test]
async fn what_came_about_by_itself_is_no_beginning_and_the_rest_may_be_too_late() {
    for late in [false, true] {
        let server = automated().await;
        // Somebody switches auto-sync off while it is looked at.
        server.meanwhile("GET", "/syncwindows", |state| {
            state.change("api", |app| drop(app["spec"]["syncPolicy"].as_object_mut().unwrap().remove("automated")));
        });
        let not_after = late.then(|| chrono::Utc::now() - chrono::TimeDelta::seconds(1));
        let sink = Sink { not_after, ..sink(None).0 };
        let ended = soon(backend(&server).perform(back("aaaaaaa"), other_key(), sink)).await;
        match (late, ended) {
            (false, Ok(Done::Whole(_))) => assert_eq!(server.sent(), ["POST api/rollback"]),
            (true, Err(Fault::Unreachable(why))) => {
                assert!(why.contains("looking took longer; nothing was sent"), "{why}");
                assert_eq!(server.sent(), [""; 0]);
            }
            (_, other) => panic!("{late}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn what_nobody_looked_at_is_not_ended() {
    let server = automated().await;
    server.state().hanging.push(commit('c'));
    server.merge("main", &commit('c'));
    until("auto-sync hangs", || server.get("api")["status"]["operationState"]["phase"] == "Running").await;
    server.state().controller = false;
    let theirs =
        json!({ "sync": { "revision": commit('d') }, "initiatedBy": { "username": "kim", "automated": null } });
    server.state().meanwhile = Some(json!({ "operation": theirs, "status": { "operationState":
        { "phase": "Running", "startedAt": "2026-11-21T02:00:09Z", "operation": theirs } } }));
    let done = under(&server, back("aaaaaaa"), other_key()).await.unwrap();
    let said = |text: &str| text.contains("something else has begun meanwhile") && text.contains("by kim");
    assert!(matches!(&done, Done::Partly(1, 3, receipt) if said(&receipt.summary)), "{done:?}");
    assert_eq!(server.sent(), ["PATCH api"]);
}

#[tokio::test]
async fn that_auto_sync_is_off_is_said_however_it_ends() {
    let off = |text: &str| text.contains("auto-sync of application api is off") && text.contains("auto-sync is OFF");
    for (does, certain) in [(Does::Status(409), true), (Does::Status(503), false)] {
        let server = automated().await;
        server.state().hanging.push(commit('c'));
        server.merge("main", &commit('c'));
        until("auto-sync hangs", || server.get("api")["status"]["operationState"]["phase"] == "Running").await;
        server.fault("POST", "/rollback", does, 1);
        let ended = under(&server, back("aaaaaaa"), other_key()).await;
        assert_eq!(server.sent().len(), 3);
        match ended {
            Ok(Done::Partly(2, 3, receipt)) if certain => {
                assert!(off(&receipt.summary) && receipt.summary.contains("nothing is under way"), "{receipt:?}");
                assert_eq!(receipt.detail["auto-sync"], "off");
            }
            Err(Fault::Lost { why, .. }) if !certain => assert!(off(&why), "{why}"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn what_takes_its_limit_to_look_at_is_not_sent() {
    let server = synced().await;
    server.fault("GET", "/syncwindows", Does::Hang, 9);
    let fault = fault(&server, short(back("aaaaaaa"))).await;
    assert!(fault.certainty() == Certainty::NotDone && fault.to_string().contains("took all of its limit"), "{fault}");
    assert_eq!(server.sent(), [""; 0]);
}

#[tokio::test]
async fn nobody_there_is_not_done_and_a_lost_look_sends_nothing() {
    let server = synced().await;
    server.fault("GET", "/syncwindows", Does::Status(500), 9);
    let fault = fault(&server, back("aaaaaaa")).await;
    assert_eq!(fault.certainty(), Certainty::NotDone, "{fault}");
    server.heal();
    server.fault("GET", "/applications/api", Does::Garbage, 1);
    let fault = perform(&server, back("aaaaaaa")).await.unwrap_err();
    assert_eq!(fault.certainty(), Certainty::NotDone, "{fault}");
    assert_eq!(server.sent(), [""; 0]);
    server.writes_token("not-the-token");
    let fault = perform(&server, back("aaaaaaa")).await.unwrap_err();
    assert!(fault.certainty() == Certainty::NotDone && fault.to_string().contains("renew it"), "{fault}");
    assert!(!fault.to_string().contains("not-the-token"), "{fault}");
}

#[tokio::test]
async fn a_token_that_ends_under_way_leaves_it_unknown_and_is_not_hammered() {
    let server = synced().await;
    server.state().hanging.push(commit('a'));
    let performing = tokio::spawn(started(&server, back("aaaaaaa"), other_key()));
    until("it runs", || server.get("api")["status"]["operationState"]["phase"] == "Running").await;
    server.state().token = "another".to_owned();
    let before = server.count("/api/v1/applications/api");
    let fault = performing.await.unwrap().unwrap_err();
    assert!(fault.certainty() == Certainty::Unknown && fault.to_string().contains("not read back"), "{fault}");
    assert!(server.count("/api/v1/applications/api") - before <= 4);
}

#[tokio::test]
async fn what_cannot_be_looked_at_between_two_requests_ends_it_there() {
    let server = automated().await;
    server.fault_after(("PATCH", "/applications/api"), "GET", "/applications/api", Does::Status(404), 1000);
    let ended = started(&server, back("aaaaaaa"), other_key()).await;
    // Not read back at all, or read back and then not looked at: never more than the first.
    assert!(matches!(&ended, Ok(Done::Partly(1, 2, _)) | Err(Fault::Lost { .. })), "{ended:?}");
    assert_eq!(server.sent(), ["PATCH api"]);
    assert_eq!(at(&server), commit('b'));
}

#[tokio::test]
async fn an_abort_whose_answer_was_lost_is_unknown_while_anything_runs() {
    let server = synced().await;
    server.state().hanging.push(commit('c'));
    server.change("api", |app| app["spec"]["syncPolicy"] = json!({ "automated": {} }));
    server.merge("main", &commit('c'));
    let running = || server.get("api")["status"]["operationState"]["phase"] == "Running";
    until("auto-sync hangs", running).await;
    server.state().controller = false;
    server.fault("DELETE", "/operation", Does::CutAfter, 1);
    assert_eq!(fault(&server, operation(Verb::Abort, &[])).await.certainty(), Certainty::Unknown);
    // It was ended, and somebody has begun anew since.
    let theirs = json!({ "sync": { "revision": commit('d') }, "initiatedBy": { "username": "kim" } });
    server.change("api", |app| {
        app["operation"] = theirs.clone();
        app["status"]["operationState"] =
            json!({ "phase": "Running", "startedAt": "2026-11-21T09:00:00Z", "operation": theirs });
    });
    let found = probe(&server, &operation(Verb::Abort, &[])).await;
    assert!(matches!(&found, Found::Unknown { why } if why.contains("by kim")), "{found:?}");
    server.change("api", |app| {
        app.as_object_mut().unwrap().remove("operation");
        app["status"]["operationState"]["phase"] = json!("Succeeded");
    });
    let found = probe(&server, &operation(Verb::Abort, &[])).await;
    assert!(matches!(&found, Found::Applied(_)), "{found:?}");
}

#[tokio::test]
async fn a_look_that_nobody_asked_for_leaves_a_host_alone_that_fails() {
    let (server, operation) = (synced().await, back("aaaaaaa"));
    let argo = backend(&server);
    let seen = soon(argo.glance(&operation)).await.unwrap();
    assert_eq!(seen, soon(argo.preview(&operation)).await.unwrap());
    server.fault("GET", "/applications/api", Does::Status(500), u32::MAX);
    let asked = || server.state().asked.len();
    let mut left = None;
    for _ in 0..20 {
        let before = asked();
        let fault = soon(argo.glance(&operation)).await.unwrap_err();
        if asked() == before {
            left = Some(fault.to_string());
            break;
        }
    }
    assert!(left.as_ref().is_some_and(|why| why.contains("is not asked")), "{left:?}");
    // Who asks for it is answered all the same.
    server.heal();
    assert_eq!(seen.effects, soon(argo.preview(&operation)).await.unwrap().effects);
}
