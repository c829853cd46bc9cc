//! Actions on a resource: what is offered is run once, what is not is not sent, and what Argo CD
//! does not tell is not claimed.

use super::ground::{backend, operation, other_key, perform, preview, probe, soon, synced, under};
use crate::argo_server::{ArgoCd, Does};
use crate::support::{key, sink, until};
use crate::undisturbed as tokio;
use holdpoint::backend::argocd::action::newer;
use holdpoint::backend::{Backend, Certainty, Done, Fault};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::Found;
use serde_json::{Value, json};

/// An Argo CD whose `api` has a deployment with two actions, one of them disabled.
async fn acting() -> ArgoCd {
    let server = synced().await;
    let node = |kind: &str, group: &str, namespace: &str| {
        json!({ "kind": kind, "group": group, "version": "v1", "namespace": namespace, "name": "api",
            "uid": format!("{kind}-{namespace}"), "resourceVersion": "7" })
    };
    server.state().tree =
        json!([node("Deployment", "apps", "shop"), node("Service", "", "shop"), node("Service", "", "other")]);
    server.state().actions = json!([{ "name": "restart" }, { "name": "pause", "disabled": true },
        { "name": "scale", "params": [{ "name": "replicas" }] }]);
    server
}

fn action(args: &[(&str, &str)]) -> Operation {
    operation(Verb::Action, args)
}

fn restart() -> Operation {
    action(&[("action", "restart"), ("kind", "Deployment"), ("name", "api")])
}

fn body(server: &ArgoCd) -> Value {
    let state = server.state();
    let sent = state.asked.iter().rfind(|asked| asked.method == "POST").unwrap();
    serde_json::from_str(&sent.body).unwrap()
}

#[tokio::test]
async fn what_is_offered_is_shown_with_what_it_needs_and_sent_once() {
    let server = acting().await;
    let shown = preview(&server, &restart()).await;
    assert_eq!(
        shown.effects,
        [
            "has Argo CD run its action restart of Deployment shop/api, of application api",
            "needs `applications, action/apps/Deployment/restart`, which Argo CD judges only when it is to run it"
        ]
    );
    assert!(shown.obstacles.is_empty() && shown.loses == ["what it does is not taken back"], "{shown:?}");
    assert_eq!(shown.unknown, ["what it does: that is a script of that Argo CD"]);
    assert_eq!(server.sent(), [""; 0]);
    let receipt = perform(&server, restart()).await.unwrap();
    assert_eq!(receipt.summary, "Argo CD took restart of Deployment shop/api; the resource has changed since");
    assert_eq!(
        (receipt.detail["action"].as_str(), receipt.detail["resource"].as_str()),
        ("restart", "Deployment shop/api")
    );
    assert_eq!(server.sent(), ["POST api/resource/actions/v2"]);
    assert_eq!(
        body(&server),
        json!({ "name": "api", "project": "default", "namespace": "shop", "resourceName": "api", "version": "v1",
            "group": "apps", "kind": "Deployment", "action": "restart", "resourceActionParameters": [] })
    );
    let scale = action(&[("action", "scale"), ("kind", "Deployment"), ("name", "api"), ("parameter-replicas", "3")]);
    let receipt = perform(&server, scale).await.unwrap();
    assert!(receipt.summary.contains("scale of Deployment shop/api with replicas = 3"), "{receipt:?}");
    assert_eq!(body(&server)["resourceActionParameters"], json!([{ "name": "replicas", "value": "3" }]));
}

#[tokio::test]
async fn an_older_argo_cd_is_asked_in_its_own_way() {
    let server = acting().await;
    server.state().says_version = "v2.14.3+abc".to_owned();
    perform(&server, restart()).await.unwrap();
    assert_eq!((server.sent(), body(&server)), (vec!["POST api/resource/actions".to_owned()], json!("restart")));
    let scale = action(&[("action", "scale"), ("kind", "Deployment"), ("name", "api"), ("parameter-replicas", "3")]);
    let fault = perform(&server, scale).await.unwrap_err();
    assert!(fault.to_string().contains("takes no parameters of actions"), "{fault}");
    for (version, is) in [("v3.1.0", true), ("v3.0.9+x", false), ("v4.0", true), ("3.5.1", true), ("latest", true)] {
        assert_eq!(newer(version), is, "{version}");
    }
}

#[tokio::test]
async fn what_cannot_be_run_is_not_sent_and_says_why() {
    let server = acting().await;
    let of = |all: &[(&'static str, &'static str)]| {
        let mut args = vec![("action", "restart"), ("kind", "Deployment"), ("name", "api")];
        args.retain(|(name, _)| !all.iter().any(|(other, _)| other == name));
        args.extend(all.iter().filter(|(name, value)| !value.is_empty() || *name == "group"));
        action(&args)
    };
    for (operation, said) in [
        (of(&[("action", "")]), "no action is given"),
        (of(&[("kind", "")]), "no kind is given"),
        (of(&[("name", "")]), "no name is given"),
        (of(&[("force", "true")]), "action takes no argument force"),
        (of(&[("name", "web")]), "it has no Deployment web"),
        (of(&[("group", "extensions")]), "it has no Deployment api"),
        (of(&[("group", "")]), "it has no Deployment api"),
        (of(&[("kind", "Service")]), "more than one Service api; name namespace and group too"),
        (of(&[("action", "abort")]), "offers no action abort for Deployment shop/api; it offers restart, pause, scale"),
        (of(&[("action", "pause")]), "has pause of Deployment shop/api disabled as it is now"),
        (of(&[("action", "scale")]), "add args = { parameter-replicas = \"…\" }"),
        (of(&[("parameter-x", "1")]), "restart takes no parameter x"),
    ] {
        let shown = preview(&server, &operation).await;
        assert!(shown.refused.iter().any(|why| why.contains(said)), "{said}: {shown:?}");
        let fault = perform(&server, operation).await.unwrap_err();
        assert!(matches!(&fault, Fault::Refused { why, .. } if why.contains(said)), "{said}: {fault}");
    }
    let other = of(&[("kind", "Service"), ("namespace", "other"), ("group", "")]);
    assert_eq!(preview(&server, &other).await.refused, [""; 0]);
    assert_eq!(server.sent(), [""; 0]);
    server.change("api", |app| app["metadata"]["deletionTimestamp"] = json!("2026-11-21T02:00:00Z"));
    assert!(perform(&server, restart()).await.unwrap_err().to_string().contains("being deleted"));
    assert_eq!(server.sent(), [""; 0]);
}

#[tokio::test]
async fn what_the_token_may_not_do_is_certainly_not_done_and_a_lost_answer_is_in_doubt() {
    let server = acting().await;
    server.state().denied = vec!["action/apps/Deployment/restart".to_owned()];
    let fault = perform(&server, restart()).await.unwrap_err();
    assert!(
        fault.certainty() == Certainty::NotDone && fault.to_string().contains("action/apps/Deployment/restart"),
        "{fault}"
    );
    server.state().denied.clear();
    for does in [Does::CutAfter, Does::CutBefore, Does::Status(500)] {
        server.fault("POST", "/resource/actions", does, 1);
        assert_eq!(under(&server, restart(), other_key()).await.unwrap_err().certainty(), Certainty::Unknown);
    }
    assert_eq!(server.sent().len(), 4);
    // A script may have changed the first of its resources before it was refused the second.
    // Argo CD passes on what the cluster said to it, so that a 400 or a 401 may come halfway too.
    for code in [400, 401, 403, 404, 409, 422] {
        server.fault("POST", "/resource/actions", Does::Status(code), 1);
        let fault = under(&server, restart(), other_key()).await.unwrap_err();
        assert_eq!(fault.certainty(), Certainty::Unknown, "{code}: {fault}");
    }
    // Its own door says so before anything has begun.
    server.fault("POST", "/resource/actions", Does::No(401, "invalid session: token is expired"), 1);
    assert_eq!(under(&server, restart(), other_key()).await.unwrap_err().certainty(), Certainty::NotDone);
    // Nothing tells whose it was, so nothing is claimed.
    let Found::Unknown { why } = probe(&server, &restart()).await else { panic!() };
    assert!(why.contains("ResourceActionRan") && why.contains("carry no key"), "{why}");
}

#[tokio::test]
async fn what_is_not_seen_to_take_effect_is_not_said_to_have_and_it_is_taken_all_the_same() {
    let short = || Operation { limit: holdpoint::domain::span::Span::secs(6), ..restart() };
    let run = async |server: &ArgoCd| {
        let done = soon(backend(server).perform(short(), key(), sink(None).0)).await.unwrap();
        let Done::Whole(receipt) = done else { panic!("{done:?}") };
        receipt.summary
    };
    let open = "Argo CD took restart of Deployment shop/api; whether it took effect is to be seen: the resource has not changed since";
    let server = acting().await;
    server.fault("POST", "/resource/actions", Does::Nothing, 1);
    assert_eq!(run(&server).await, open);
    // Nobody can be asked any more, or what is answered says nothing.
    for does in [Does::CutBefore, Does::Empty] {
        let server = acting().await;
        server.fault("POST", "/resource/actions", Does::Nothing, 1);
        let running = run(&server);
        let breaks = async {
            until("it was sent", || !server.sent().is_empty()).await;
            server.fault("GET", "/resource-tree", does.clone(), 1000);
        };
        assert_eq!(futures_util::future::join(running, breaks).await.0, open, "{does:?}");
        let looks = server.state().asked.iter().filter(|asked| asked.path.ends_with("/resource-tree")).count();
        assert!(looks > 2, "{does:?}: it was looked at {looks} times");
    }
    // It may be what the action does that there is no such resource any more.
    let server = acting().await;
    server.fault("POST", "/resource/actions", Does::Nothing, 1);
    let gone = async {
        until("it was sent", || !server.sent().is_empty()).await;
        server.state().tree.as_array_mut().unwrap().remove(0);
    };
    let told = futures_util::future::join(run(&server), gone).await.0;
    assert!(told.ends_with("the resource is no longer there"), "{told}");
}
