//! How an application differs from git: what Argo CD says, and never *no drift* where it does not.

use super::ground::{backend, placed, soon, synced};
use crate::argo_server::{ArgoCd, Does};
use crate::undisturbed as tokio;
use holdpoint::backend::Backend;
use holdpoint::domain::drift::{Drift, Word};
use serde_json::json;

async fn drift(server: &ArgoCd) -> Drift {
    soon(backend(server).drift(&placed("api"))).await.unwrap()
}

/// Somebody has changed it by hand, and Argo CD does not say what: it only says so of the whole.
fn out_of_sync(server: &ArgoCd) {
    server.state().by_hand = vec![json!({ "kind": "Service", "name": "web", "status": "Synced" })];
}

#[tokio::test]
async fn what_is_in_sync_is_the_same_with_what_nobody_declared_let_be() {
    let server = synced().await;
    let same = drift(&server).await;
    assert_eq!((same.word(), same.differences.len()), (Word::Same, 0), "{same:?}");
    assert!(same.compared[0].starts_with("application api with git at bbbbbbb, as Argo CD did at "), "{same:?}");
    let extra = json!({ "kind": "ConfigMap", "name": "extra", "normalizedLiveState": "{\"a\":1}", "predictedLiveState": "null" });
    server.state().managed = json!({ "items": [extra] });
    assert_eq!(drift(&server).await.word(), Word::Same);
    out_of_sync(&server);
    let found = drift(&server).await;
    assert_eq!((found.word(), found.differences[0].declared.as_str()), (Word::Drift, "it is not in git"), "{found:?}");
    assert!(found.mend.is_empty(), "a sync would bring more than is shown: {found:?}");
    assert_eq!(server.sent(), [""; 0]);
}

#[tokio::test]
async fn what_cannot_be_read_is_not_known() {
    let server = synced().await;
    out_of_sync(&server);
    // It differs, and nothing says where.
    let found = drift(&server).await;
    assert_eq!((found.differences[0].object.as_str(), found.word()), ("application api", Word::Drift), "{found:?}");
    server.fault("GET", "/managed-resources", Does::Status(403), 9);
    let found = drift(&server).await;
    assert!(
        found.word() == Word::Drift && found.unknown[0].starts_with("what exactly differs is not known"),
        "{found:?}"
    );
    server.heal();
    server.state().controller = false;
    server.change("api", |app| {
        app["spec"]["syncPolicy"] = json!({ "automated": {} });
        app["status"]["sync"] = json!({ "status": "", "revision": "" });
    });
    assert_eq!(drift(&server).await.word(), Word::Unknown);
    server.remove("api");
    assert!(soon(backend(&server).drift(&placed("api"))).await.is_err());
    assert!(soon(backend(&server).drift(&placed("nowhere"))).await.is_err());
}

#[tokio::test]
async fn a_comparison_that_is_older_than_what_is_there_is_not_no_drift() {
    let server = synced().await;
    server.state().controller = false;
    // Where auto-sync is on, nothing is compared for a look.
    server.change("api", |app| app["spec"]["syncPolicy"] = json!({ "automated": {} }));
    let was = server.get("api");
    let source = was["spec"]["source"].clone();
    let mut other = source.clone();
    other["targetRevision"] = json!("hotfix");
    for (said, app) in [
        ("is not told", json!({ "/status/reconciledAt": null })),
        ("since its last operation", json!({ "/status/operationState/finishedAt": "2126-11-21T02:00:00Z" })),
        (
            "since its sources were changed",
            json!({ "/spec/source": other, "/status/sync/comparedTo": { "source": source } }),
        ),
    ] {
        server.change("api", |now| {
            *now = was.clone();
            for (at, value) in app.as_object().unwrap() {
                let (parent, key) = at.rsplit_once('/').unwrap();
                let map = now.pointer_mut(parent).unwrap().as_object_mut().unwrap();
                if value.is_null() { drop(map.remove(key)) } else { drop(map.insert(key.to_owned(), value.clone())) }
            }
        });
        let found = drift(&server).await;
        assert!(found.word() == Word::Unknown && found.unknown[0].contains(said), "{said}: {found:?}");
    }
    server.change("api", |now| *now = was.clone());
    assert_eq!(drift(&server).await.word(), Word::Same);
}
