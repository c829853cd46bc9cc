//! Comparing anew: before a deploy is shown and before it is sent, and for drift; where it is no more than a look.

use super::calendar::wired;
use super::ground::{at, automated, back, backend, deploy, key_of, operation, placed, preview, probe, soon, synced};
use crate::argo_server::{ArgoCd, Does, commit};
use crate::support::{Place, key, sink};
use crate::undisturbed as tokio;
use chrono::{TimeDelta, Utc};
use holdpoint::backend::argocd::anew::before_sending;
use holdpoint::backend::{Backend, Done, Fault};
use holdpoint::domain::backend::{Granted, PluginSpec};
use holdpoint::domain::drift::{Drift, Word};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::span::Span;
use serde_json::json;
use std::time::Duration;

/// What must be said, and what somebody does meanwhile.
type Move = (&'static str, fn(&ArgoCd));

/// A server at `bbbbbbb` where git holds `ccccccc`, and nobody has told Argo CD.
async fn merged() -> ArgoCd {
    let server = synced().await;
    server.merge_untold("main", &commit('c'));
    server
}

const NEW: &str = "syncs application api to main (ccccccc) for main, in place of bbbbbbb";
const OLD: &str = "syncs application api to main (bbbbbbb) for main, in place of bbbbbbb";

/// Does it without having shown it, and gives what it says meanwhile.
async fn told(server: &ArgoCd, operation: Operation) -> (Result<Done, Fault>, Vec<String>) {
    let (sink, mut lines) = sink(None);
    let done = soon(backend(server).perform(operation, key(), sink)).await;
    (done, std::iter::from_fn(|| lines.try_recv().ok()).collect())
}

fn refused(done: Result<Done, Fault>) -> String {
    match done {
        Err(Fault::Refused { why, .. }) => why,
        other => panic!("{other:?}"),
    }
}

async fn drift(server: &ArgoCd) -> Drift {
    soon(backend(server).drift(&placed("api"))).await.unwrap()
}

#[tokio::test]
async fn a_deploy_is_shown_and_sent_as_git_is_now() {
    let server = merged().await;
    let state = |image: &str| json!({ "spec": { "image": image } }).to_string();
    server.state().managed = json!({ "items": [{ "kind": "Deployment", "namespace": "api", "name": "api",
        "normalizedLiveState": state("api:1"), "predictedLiveState": state("api:2") }] });
    // The right to read is all that it takes.
    server.state().denied.push("update".to_owned());
    let shown = preview(&server, &deploy("main")).await;
    assert_eq!(shown.obstacles, [""; 0]);
    assert_eq!(shown.effects, [NEW, "as compared just now: Deployment api/api: spec.image api:1 → api:2"]);
    assert_eq!((server.refreshes(), server.sent()), (1, Vec::new()));
    server.merge_untold("main", &commit('d'));
    let (done, said) = told(&server, deploy("main")).await;
    assert!(matches!(done, Ok(Done::Whole(_))), "{done:?}");
    assert_eq!((server.refreshes(), at(&server)), (2, commit('d')));
    assert!(said.iter().all(|line| !line.contains("not anew")), "{said:?}");
    assert!(server.get("api")["metadata"]["annotations"].as_object().is_none_or(|all| all.is_empty()));
}

#[tokio::test]
async fn what_nobody_asked_for_and_what_compares_nothing_asks_for_no_comparison() {
    let server = merged().await;
    let shown = soon(backend(&server).glance(&deploy("main"))).await.unwrap();
    assert_eq!(shown.effects, [OLD]);
    for verb in backend(&server).manifest().verbs.keys().filter(|verb| !verb.deploys()) {
        let args: &[_] = match verb {
            Verb::RollBack => &[("to", "aaaaaaa")],
            Verb::Action => &[("action", "restart"), ("kind", "Pod"), ("name", "api-1")],
            _ => &[],
        };
        preview(&server, &operation(*verb, args)).await;
    }
    probe(&server, &deploy("main")).await;
    told(&server, back("aaaaaaa")).await.0.unwrap();
    assert_eq!(server.refreshes(), 0);
}

#[tokio::test]
async fn what_has_changed_since_it_was_shown_is_not_sent() {
    let moves: [Move; 3] = [
        ("(ddddddd)", |server| server.merge_untold("main", &commit('d'))),
        // Argo CD has seen it by itself meanwhile.
        ("(ddddddd)", |server| server.merge("main", &commit('d'))),
        ("ConfigMap api/rates differs from git now, and did not when it was shown at ", |server| {
            server.state().by_hand =
                vec![json!({ "kind": "ConfigMap", "namespace": "api", "name": "rates", "status": "OutOfSync" })];
        }),
    ];
    for (says, moves) in moves {
        let server = merged().await;
        let own = backend(&server);
        assert_eq!(soon(own.preview(&deploy("main"))).await.unwrap().effects, [NEW]);
        moves(&server);
        let why = refused(soon(own.perform(deploy("main"), key(), sink(None).0)).await);
        assert!(why.contains(says) && why.ends_with("; look again and decide anew"), "{why}");
        assert!(says.starts_with("ConfigMap") || why.contains(NEW), "{why}");
        assert_eq!(server.sent(), [""; 0]);
        // Whoever was told so may decide anew.
        let done = soon(own.perform(deploy("main"), key(), sink(None).0)).await;
        assert!(matches!(done, Ok(Done::Whole(_))), "{done:?}");
        assert_eq!(server.sent(), ["POST api/sync"]);
    }
}

#[tokio::test]
async fn what_was_shown_of_something_else_or_is_as_it_was_shown_stops_nothing() {
    let server = merged().await;
    let own = backend(&server);
    for shown in [deploy(&commit('c')), deploy("main")] {
        soon(own.preview(&shown)).await.unwrap();
    }
    soon(own.preview(&deploy("release-7"))).await.unwrap();
    server.merge_untold("main", &commit('d'));
    // The last that was shown was another deploy.
    let done = soon(own.perform(deploy("main"), key(), sink(None).0)).await;
    assert!(matches!(done, Ok(Done::Whole(_))), "{done:?}");
    soon(own.preview(&deploy(&commit('c')))).await.unwrap();
    // That git goes on is nothing to who names a revision.
    server.merge_untold("main", &commit('e'));
    let done = soon(own.perform(deploy(&commit('c')), key_of(500), sink(None).0)).await;
    assert!(matches!(done, Ok(Done::Whole(_))), "{done:?}");
    assert_eq!(at(&server), commit('c'));
}

#[tokio::test]
async fn where_no_revision_is_sent_git_must_be_where_it_was_shown() {
    let server = automated().await;
    server.state().controller = false;
    server.merge("main", &commit('c'));
    let own = backend(&server);
    soon(own.preview(&deploy("main"))).await.unwrap();
    server.merge("main", &commit('d'));
    let why = refused(soon(own.perform(deploy("main"), key(), sink(None).0)).await);
    assert!(why.contains("git was at ccccccc when it was shown at ") && why.contains(", and is at ddddddd"), "{why}");
    assert_eq!(server.sent(), [""; 0]);
}

/// Everything that an answer may be in place of a comparison, and what is said of it.
const FAILS: [(Does, &str); 8] = [
    (Does::Hang, "not anew: it did not come back within "),
    (Does::Nothing, "not anew: it answered, and has not compared it since"),
    (Does::Empty, "not anew: what was answered is not application api"),
    (Does::Garbage, "not anew: "),
    (Does::CutBefore, "not anew: "),
    (Does::CutAfter, "not anew: "),
    (Does::Status(403), "status 403"),
    (Does::Hostile(500), "\\u{1b}"),
];

#[tokio::test]
async fn what_does_not_come_back_is_said_and_is_not_taken_for_new() {
    let all = FAILS.iter().map(|(does, says)| async move {
        let server = merged().await;
        server.fault("GET", "?refresh", does.clone(), 99);
        let operation = Operation { limit: Span::secs(8), ..deploy("main") };
        let shown = preview(&server, &operation).await;
        let [open] = shown.unknown.as_slice() else { panic!("{does:?}: {shown:?}") };
        assert!(open.starts_with("what git holds now: compared at ") && open.contains(says), "{does:?}: {open}");
        assert!(open.contains(" ago), not anew: ") && !open.contains('\u{1b}'), "{does:?}: {open}");
        assert_eq!(shown.obstacles, [""; 0], "{does:?}");
        // It was cut once it was compared: what was read before is shown all the same.
        assert_eq!((shown.effects[0].as_str(), shown.refused.len()), (OLD, 0), "{does:?}");
        // Once: it is not asked on and on.
        assert_eq!((server.refreshes(), server.sent()), (1, Vec::new()), "{does:?}");
        let found = drift(&server).await;
        let said =
            found.unknown.iter().any(|why| why.starts_with("application api: compared at ") && why.contains(says));
        assert!(said, "{does:?}: {found:?}");
        // It stops no deploy, within the time that it has.
        let (done, said) = told(&server, operation).await;
        assert!(matches!(done, Ok(Done::Whole(_))), "{does:?}: {done:?}");
        assert!(said.iter().any(|line| line.contains(says)), "{does:?}: {said:?}");
        assert_eq!(server.sent(), ["POST api/sync"], "{does:?}");
    });
    futures_util::future::join_all(all).await;
}

#[tokio::test]
async fn what_could_not_be_found_out_is_so_over_the_wire_too() {
    let server = merged().await;
    server.fault("GET", "?refresh", Does::Status(403), 99);
    let place = Place::new();
    let verbs = [(Verb::Deploy, Granted { limit: Span::secs(20), idempotent: false })].into();
    let wire = wired(&server, &place, PluginSpec { verbs, ..PluginSpec::default() });
    let (here, there) = (preview(&server, &deploy("main")).await, soon(wire.preview(&deploy("main"))).await.unwrap());
    assert_eq!((here.unknown.len(), there.unknown.len()), (1, 1), "{here:?} {there:?}");
    assert!(there.unknown[0].starts_with("what git holds now: ") && there.obstacles.is_empty(), "{there:?}");
}

#[tokio::test]
async fn what_no_controller_compares_is_not_new() {
    let server = merged().await;
    server.state().controller = false;
    let shown = preview(&server, &deploy("main")).await;
    assert!(shown.unknown[0].contains("not anew: it did not come back within 6s"), "{shown:?}");
    assert_eq!(shown.effects, [OLD]);
    // It is compared later, and so is what is looked at then.
    server.state().controller = true;
    let shown = preview(&server, &deploy("main")).await;
    assert_eq!((shown.obstacles.len(), shown.unknown.len(), shown.effects[0].as_str()), (0, 0, NEW));
}

#[tokio::test]
async fn what_asking_would_bring_about_is_not_asked() {
    let server = automated().await;
    server.merge_untold("main", &commit('c'));
    let hydrated = synced().await;
    hydrated.change("api", |app| app["spec"]["sourceHydrator"] = json!({}));
    let (on, writes) = ("auto-sync is on, and would bring at once what is found", "it would write to git as well");
    for (server, why) in [(&server, on), (&hydrated, writes)] {
        let shown = preview(server, &deploy("main")).await;
        let said =
            |line: &String| line.starts_with("compared at ") && line.contains(&format!(" ago), not anew: {why}"));
        assert!(shown.obstacles.is_empty() && shown.effects.iter().any(said), "{shown:?}");
        let found = drift(server).await;
        assert!(found.word() == Word::Same && found.compared[0].contains(&format!("; not anew: {why}")), "{found:?}");
        assert_eq!((server.refreshes(), server.sent()), (0, Vec::new()));
        assert!(server.get("api")["operation"].is_null());
    }
}

#[tokio::test]
async fn drift_is_what_differs_from_git_as_it_is_now() {
    let server = merged().await;
    let found = drift(&server).await;
    assert_eq!((found.word(), found.unknown.len(), server.refreshes()), (Word::Drift, 0, 1), "{found:?}");
    assert!(found.compared[0].starts_with("application api with git at ccccccc, as Argo CD did at "), "{found:?}");
    assert_eq!(server.sent(), [""; 0]);
}

#[test]
fn no_more_time_is_waited_than_there_is() {
    let far = Some(Utc::now() + TimeDelta::seconds(600));
    assert_eq!(before_sending(Span::secs(600), far), Duration::from_secs(15));
    assert_eq!(before_sending(Span::secs(600), None), Duration::from_secs(15));
    assert_eq!(before_sending(Span::secs(8), far), Duration::from_secs(2));
    assert!(before_sending(Span::secs(600), Some(Utc::now() + TimeDelta::seconds(10))) <= Duration::from_secs(5));
    assert_eq!(before_sending(Span::secs(600), Some(Utc::now() - TimeDelta::seconds(10))), Duration::ZERO);
}
