//! What holds for every backend, held to an Argo CD (`tests/backend/contract.rs` has the others).

use super::ground::{
    at, automated, back, backend, deploy, operation, other_key, perform, probe, soon, spec, started, synced,
};
use crate::argo_server::{Does, commit};
use crate::support::{key, launcher, sink, until};
use crate::undisturbed as tokio;
use futures_util::StreamExt;
use holdpoint::backend::{Backend, Certainty, Done, Fault, Topic, registry};
use holdpoint::domain::backend::{ArgoCdSpec, BackendKind, BackendSpec};
use holdpoint::domain::catalogue::Service;
use holdpoint::domain::observed::Observation;
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::Found;
use holdpoint::domain::span::Span;
use holdpoint::domain::workspace::Workspace;

/// An operation by each verb that can be done to `api`.
fn each(verb: Verb) -> Operation {
    let args: &[(&str, &str)] = match verb {
        Verb::Deploy => &[("version", "main")],
        Verb::RollBack => &[("to", "aaaaaaa")],
        Verb::Action => &[("action", "restart"), ("kind", "Pod"), ("name", "api-1")],
        _ => &[],
    };
    operation(verb, args)
}

#[tokio::test]
async fn the_manifest_is_what_it_does() {
    let server = automated().await;
    let backend = backend(&server);
    for verb in Verb::ALL {
        let offered = backend.manifest().verbs.contains_key(&verb);
        assert_eq!(BackendKind::ArgoCd(ArgoCdSpec::default()).offer(verb).is_some(), offered, "{verb}");
        let preview = soon(backend.preview(&each(verb))).await;
        let done = soon(backend.perform(each(verb), other_key(), sink(None).0)).await;
        if offered {
            assert_eq!(preview.unwrap().obstacles, [""; 0], "{verb}");
            assert!(matches!(done, Ok(Done::Whole(_))), "{verb}: {done:?}");
        } else {
            assert!(matches!(preview, Err(Fault::Cannot(..))), "{verb}");
            assert!(matches!(&done, Err(f @ Fault::Cannot(..)) if f.certainty() == Certainty::NotDone), "{verb}");
        }
    }
}

#[tokio::test]
async fn topics_begin_with_a_snapshot_or_end_with_a_fault() {
    let server = synced().await;
    let backend = backend(&server);
    for topic in Topic::ALL {
        for _ in 0..2 {
            let mut watch = backend.watch(topic);
            let first = soon(watch.next()).await.unwrap();
            match backend.manifest().topics.contains(&topic) {
                true => {
                    let fits = match topic {
                        Topic::Windows => matches!(first, Ok(Observation::Windows(_))),
                        _ => matches!(first, Ok(Observation::Deployments(_))),
                    };
                    assert!(fits, "{first:?}");
                    soon(watch.next()).await.unwrap().unwrap();
                }
                false => {
                    assert!(matches!(first, Err(Fault::Cannot(..))));
                    assert!(soon(watch.next()).await.is_none());
                }
            }
        }
    }
}

#[tokio::test]
async fn previews_and_probes_send_nothing_and_a_call_that_nobody_waits_for_is_not_made() {
    let server = automated().await;
    for verb in backend(&server).manifest().verbs.keys() {
        soon(backend(&server).preview(&each(*verb))).await.unwrap();
        soon(backend(&server).probe(&each(*verb), key())).await.unwrap();
        drop(backend(&server).perform(each(*verb), key(), sink(None).0));
    }
    assert_eq!(server.sent(), [""; 0]);
}

#[tokio::test]
async fn a_call_that_is_dropped_can_be_probed() {
    let server = synced().await;
    server.state().hanging.push(commit('a'));
    let performing = tokio::spawn(started(&server, back("aaaaaaa"), key()));
    until("it was sent", || !server.sent().is_empty()).await;
    until("it has begun", || server.get("api")["status"]["operationState"]["phase"] == "Running").await;
    performing.abort();
    assert!(matches!(probe(&server, &back("aaaaaaa")).await, Found::Unknown { .. }));
    server.state().hanging.clear();
    until("it has ended", || at(&server) == commit('a')).await;
    super::ground::settled(&server).await;
    assert!(matches!(probe(&server, &back("aaaaaaa")).await, Found::Applied(_)));
    perform(&server, back("aaaaaaa")).await.unwrap();
    assert_eq!(server.sent(), ["POST api/rollback"]);
}

#[tokio::test]
async fn an_operation_that_never_left_is_found_as_that() {
    let server = synced().await;
    server.fault("POST", "/rollback", Does::CutBefore, 1);
    assert_eq!(perform(&server, back("aaaaaaa")).await.unwrap_err().certainty(), Certainty::Unknown);
    assert!(matches!(probe(&server, &back("aaaaaaa")).await, Found::NotApplied { r#final: false, .. }));
    let found = probe(&server, &deploy("release-7")).await;
    assert!(matches!(found, Found::NotApplied { r#final: false, .. }), "{found:?}");
}

#[tokio::test]
async fn a_workspace_opens_it_and_it_introduces_itself() {
    let server = synced().await;
    server.put("ledger");
    let service = |name: &str| {
        let service = Service {
            name: name.into(),
            title: name.to_owned(),
            owner: None,
            tier: 1,
            data: vec![],
            regions: vec![],
            depends_on: Vec::new(),
            contacts: Vec::new(),
            links: Default::default(),
            deployed_by: [("prod".into(), "argo".into())].into(),
            scopes: [("prod".into(), name.to_owned())].into(),
            after_rollback: Vec::new(),
            rto: None,
            back_within: None,
            reversible: Default::default(),
        };
        (name.into(), service)
    };
    let declared = BackendSpec { name: "argo".into(), every: Span::secs(1), kind: BackendKind::ArgoCd(spec(&server)) };
    let workspace = Workspace {
        backends: [("argo".into(), declared)].into(),
        services: [service("api"), service("ledger")].into(),
        ..Workspace::default()
    };
    let all = registry::open(&workspace, launcher());
    let said = soon(all["argo"].introduce()).await;
    let texts: Vec<&str> = said.iter().map(|remark| remark.text.as_str()).collect();
    assert!(said.iter().all(|remark| remark.ok), "{texts:?}");
    assert_eq!(texts[0], format!("Argo CD v3.5.1+fake at {}", server.url()));
    assert_eq!(
        texts[1..3],
        ["you are release by argocd, groups ops", "the token may do all that holdpoint does with 2 applications"]
    );
    assert!(texts[3].contains("token from the file") && texts[3].contains("without a known end"), "{texts:?}");
    // What a release day would stumble over.
    server.state().denied.push("update".to_owned());
    server.state().windows = serde_json::json!({ "canSync": false });
    server.change("ledger", |app| {
        let mark = r#"{"key":"k7","at":"2026-11-21T02:00:00Z","was":{}}"#;
        app["metadata"]["annotations"] = serde_json::json!({ "holdpoint/auto-sync-off": mark });
    });
    let said = soon(all["argo"].introduce()).await;
    let wrong: Vec<&str> = said.iter().filter(|remark| !remark.ok).map(|remark| remark.text.as_str()).collect();
    assert_eq!(
        wrong,
        [
            "the token may not update applications default/api",
            "the token may not update applications default/ledger",
            "application ledger: auto-sync is OFF since 2026-11-21 02:00:00Z (holdpoint k7): put git right, then resume"
        ]
    );
    assert!(said.iter().any(|remark| remark.ok && remark.text.contains("application api: the sync window is closed")));
    // A token that is over; a JSON Web Token says when it ends.
    server.writes_token("e30.eyJleHAiOjQxMDI0NDQ4MDB9.x");
    let said = soon(all["argo"].introduce()).await;
    assert!(!said[1].ok && said[1].text.contains("does not know who you are"), "{said:?}");
    assert!(said.iter().any(|remark| remark.text.contains("until 2100-01-01 00:00:00Z")), "{said:?}");
    assert_eq!(server.sent(), [""; 0]);
}
