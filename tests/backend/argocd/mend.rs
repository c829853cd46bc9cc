//! Drift mended: a sync to the commit it was compared with, of what was shown as out of sync, and only by whoever says so.

use super::ground::{
    at, automated, backend, by_hand, operation, other_key, perform, placed, preview, probe, soon, synced, under,
};
use crate::argo_server::{ArgoCd, commit};
use crate::support::until;
use crate::undisturbed as tokio;
use holdpoint::backend::{Backend, Certainty};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::Found;
use serde_json::{Value, json};

fn mend(args: &[(&str, &str)]) -> Operation {
    operation(Verb::Mend, args)
}

/// What says that exactly what differs now is meant.
async fn of(server: &ArgoCd) -> Option<String> {
    soon(backend(server).drift(&placed("api"))).await.unwrap().mend.remove("of")
}

fn sync(server: &ArgoCd) -> Value {
    let state = server.state();
    let asked = state.asked.iter().rev().find(|asked| asked.path.ends_with("/sync")).unwrap();
    serde_json::from_str(&asked.body).unwrap()
}

async fn no(server: &ArgoCd, args: &[(&str, &str)]) -> String {
    let fault = under(server, mend(args), other_key()).await.unwrap_err();
    assert_eq!(fault.certainty(), Certainty::NotDone, "{fault}");
    fault.to_string()
}

#[tokio::test]
async fn what_was_changed_by_hand_is_as_git_has_it_again_and_what_is_not_in_git_stays() {
    let server = by_hand().await;
    let seal = of(&server).await.unwrap();
    let shown = preview(&server, &mend(&[])).await;
    assert_eq!(shown.refused, [format!("say that exactly this is meant: of={seal}")]);
    let effects = [
        "syncs application api to bbbbbbb once more, the commit that was deployed last",
        "ConfigMap api/rates: as git has it",
        "Secret api/made: stays, though it is not in git",
    ];
    assert_eq!(shown.effects.get(..3).unwrap(), effects, "{shown:?}");
    assert!(no(&server, &[]).await.ends_with(&format!("of={seal}")));
    let meant = mend(&[("of", &seal)]);
    let shown = preview(&server, &meant).await;
    assert_eq!(
        (shown.refused.len(), shown.effects.get(..3).unwrap()),
        (0, &effects.map(str::to_owned)[..]),
        "{shown:?}"
    );
    assert_eq!(server.sent(), [""; 0]);
    let receipt = perform(&server, meant.clone()).await.unwrap();
    assert_eq!(receipt.summary, "application api is as git has it and Healthy, but for what is not in git");
    assert_eq!((server.sent(), at(&server)), (vec!["POST api/sync".to_owned()], commit('b')));
    assert_eq!((&sync(&server)["revision"], &sync(&server)["prune"]), (&json!(commit('b')), &json!(false)));
    assert!(matches!(probe(&server, &meant).await, Found::Applied(_)));
    perform(&server, meant).await.unwrap();
    assert_eq!(server.sent().len(), 1);

    // What is left goes only where that is said, which is something else to agree to.
    assert_eq!(of(&server).await, None);
    let shown = preview(&server, &mend(&[])).await;
    let left = "application api is as git has it, but for what is not in git (prune=true deletes it); nothing is sent";
    assert_eq!((shown.effects[0].as_str(), shown.refused.len()), (left, 0));
    let asked = no(&server, &[("prune", "true"), ("of", &seal)]).await;
    let seal = asked.split("of=").nth(2).unwrap().split(' ').next().unwrap();
    let meant = [("prune", "true"), ("of", seal)];
    let shown = preview(&server, &mend(&meant)).await;
    assert!(shown.effects.contains(&"Secret api/made: deleted, as it is not in git".to_owned()), "{shown:?}");
    under(&server, mend(&meant), other_key()).await.unwrap();
    assert_eq!(server.get("api")["status"]["sync"]["status"], "Synced");
    assert_eq!(sync(&server)["prune"], true);
    let shown = preview(&server, &mend(&[])).await;
    assert_eq!(shown.effects[0], "application api is as git has it already; nothing is sent");
}

#[tokio::test]
async fn what_differs_otherwise_by_then_is_not_what_was_meant() {
    let server = by_hand().await;
    let seal = of(&server).await.unwrap();
    let meant = [("of", seal.as_str())];
    let other = format!("is not what of={seal} was said of");
    // One more resource, another change by hand of the same, other sources, and another commit.
    let more = json!({ "kind": "Deployment", "namespace": "api", "name": "api", "status": "OutOfSync" });
    server.state().by_hand.push(more);
    assert!(no(&server, &meant).await.contains(&other));
    server.state().by_hand.pop();
    let rates = |live: u32| {
        json!({ "items": [{ "kind": "ConfigMap", "namespace": "api", "name": "rates",
            "normalizedLiveState": json!({ "data": { "eur": live } }).to_string(),
            "predictedLiveState": json!({ "data": { "eur": 1 } }).to_string() }] })
    };
    server.state().managed = rates(2);
    let seal = of(&server).await.unwrap();
    server.state().managed = rates(3);
    assert!(no(&server, &[("of", &seal)]).await.contains(&format!("is not what of={seal} was said of")));
    server.change("api", |app| app["spec"]["source"]["kustomize"] = json!({ "images": ["api:9"] }));
    assert!(no(&server, &[("of", &seal)]).await.contains("deploy it"));
    assert_eq!(of(&server).await, None);
    server.change("api", |app| drop(app["spec"]["source"].as_object_mut().unwrap().remove("kustomize")));
    server.merge_untold("main", &commit('c'));
    let why = no(&server, &[("of", &seal)]).await;
    assert!(why.contains("git holds ccccccc") && why.ends_with("deploy it"), "{why}");
    assert_eq!(server.sent(), [""; 0]);
}

#[tokio::test]
async fn git_that_goes_on_meanwhile_and_hooks_are_said() {
    let server = by_hand().await;
    server.change("api", |app| {
        app["status"]["operationState"]["syncResult"] =
            json!({ "resources": [{ "hookType": "PreSync", "kind": "Job", "name": "migrate", "status": "Synced" }] });
    });
    let seal = of(&server).await.unwrap();
    let meant = mend(&[("of", &seal)]);
    let shown = preview(&server, &meant).await;
    assert!(
        shown.loses.contains(&"a sync runs the hooks too; the last one had PreSync Job migrate".to_owned()),
        "{shown:?}"
    );
    server.meanwhile("POST", "/applications/api/sync", |state| {
        state.git.insert("main".to_owned(), commit('c'));
    });
    let receipt = perform(&server, meant).await.unwrap();
    assert_eq!(receipt.summary, "application api was synced to bbbbbbb and is Healthy; git holds ccccccc since");
}

#[tokio::test]
async fn where_argo_cd_cannot_be_held_to_a_commit_nothing_is_sent() {
    let server = by_hand().await;
    server.change("api", |app| app["status"]["sync"]["status"] = json!("Unknown"));
    server.state().controller = false;
    server.change("api", |app| app["status"]["sync"]["status"] = json!("Unknown"));
    assert!(no(&server, &[]).await.contains("is not known to Argo CD"));
    server.change("api", |app| {
        app["status"]["sync"]["status"] = json!("OutOfSync");
        app["spec"]["sources"] = json!([app["spec"]["source"], app["spec"]["source"]]);
    });
    assert!(no(&server, &[]).await.contains("several sources"));

    let server = automated().await;
    server.state().controller = false;
    server.change("api", |app| app["status"]["sync"]["status"] = json!("OutOfSync"));
    assert!(no(&server, &[]).await.contains("auto-sync is on"));
    assert_eq!(of(&server).await, None);
    assert_eq!(server.sent(), [""; 0]);
}

#[tokio::test]
async fn a_window_and_what_is_under_way_stand_in_its_way() {
    let server = by_hand().await;
    let seal = of(&server).await.unwrap();
    let meant = [("of", seal.as_str())];
    server.state().windows =
        json!({ "canSync": false, "activeWindows": [{ "kind": "deny", "schedule": "* * * * *" }] });
    let shown = preview(&server, &mend(&meant)).await;
    assert!(shown.refused.iter().any(|why| why.contains("window")), "{shown:?}");
    no(&server, &meant).await;
    let server = synced().await;
    server.state().hanging.push(commit('b'));
    server.state().by_hand =
        vec![json!({ "kind": "ConfigMap", "namespace": "api", "name": "rates", "status": "OutOfSync" })];
    until("it differs", || server.get("api")["status"]["sync"]["status"] == "OutOfSync").await;
    let seal = of(&server).await.unwrap();
    server.change("api", |app| app["operation"] = json!({ "sync": { "revision": commit('b') } }));
    until("it runs", || server.get("api")["status"]["operationState"]["phase"] == "Running").await;
    assert!(no(&server, &[("of", &seal)]).await.contains("wait for it, or abort it first"));
    assert_eq!(server.sent(), [""; 0]);
}
