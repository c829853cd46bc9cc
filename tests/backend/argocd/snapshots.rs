//! Snapshots of an application: what is kept, what is hidden, and what is said of what is missing.

use super::ground::{backend, operation, soon, synced};
use crate::argo_server::Does;
use crate::support::{key, sink};
use crate::undisturbed as tokio;
use holdpoint::backend::{Backend, Done};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::span::Span;
use serde_json::{Value, json};

#[tokio::test]
async fn a_snapshot_keeps_what_there_is_and_only_reads() {
    let server = synced().await;
    server.change("api", |app| {
        app["spec"]["source"]["helm"] = json!({ "parameters": [{ "name": "db.password", "value": "hunter2" }],
            "valuesObject": { "db": { "password": "hunter2", "host": "db-1" }, "tokens": ["hunter2"] },
            "values": "db:\n  password: hunter2\n" });
        let source = app["spec"]["source"].clone();
        app["status"]["history"][0]["source"] = source.clone();
        app["status"]["operationState"]["operation"]["sync"]["source"] = source;
        let with = |name: &str, key: &str, value: Value| json!({ "name": name, key: value });
        app["spec"]["source"]["plugin"] = json!({ "name": "p", "parameters": [
            with("api-token", "string", json!("hunter2")), with("keys", "array", json!(["hunter2"])),
            with("auth", "map", json!({ "a": "hunter2" })), with("plain", "map", json!({ "db_password": "hunter2" })),
            with("replicas", "string", json!("three")) ] });
        app["metadata"]["annotations"] =
            json!({ "kubectl.kubernetes.io/last-applied-configuration": "{\"value\":\"hunter2\"}" });
    });
    let dir = tempfile::TempDir::new().unwrap();
    let (out, _lines) = sink(Some(dir.path().join("kept")));
    let done = soon(Backend::perform(&backend(&server), operation(Verb::Snapshot, &[]), key(), out)).await.unwrap();
    let Done::Whole(receipt) = done else { panic!("{done:?}") };
    assert_eq!(receipt.summary, "saved application api, resource-tree (1), events (1), 0 differences");
    let kept = std::fs::read_to_string(dir.path().join("kept")).unwrap();
    assert!(
        kept.contains("\"targetRevision\": \"main\"")
            && kept.contains("api-1")
            && kept.contains("db-1")
            && kept.contains("three")
            && !kept.contains('\u{1b}')
            && !kept.contains("hunter2"),
        "{kept}"
    );
    assert!(receipt.output.is_some_and(|output| output.bytes > 500));
    assert_eq!(server.sent(), [""; 0]);
    // The description has them as bytes; servers send them as they are.
    server.state().violations.retain(|wrong| !wrong.contains("valuesObject"));
    let _: Value = server.get("api");
}

#[tokio::test]
async fn a_snapshot_that_lacks_a_part_is_saved_in_part() {
    let server = synced().await;
    server.fault("GET", "/events", Does::Status(403), 9);
    server.fault("GET", "/syncwindows", Does::Status(403), 9);
    let dir = tempfile::TempDir::new().unwrap();
    let (out, _lines) = sink(Some(dir.path().join("kept")));
    let to = backend(&server);
    let done = Backend::perform(&to, operation(Verb::Snapshot, &[]), key(), out);
    let done = soon(done).await.unwrap();
    let Done::Partly(3, 4, receipt) = done else { panic!("{done:?}") };
    let said = "partly saved application api, resource-tree (1), 0 differences; not saved: events (";
    assert!(receipt.summary.starts_with(said), "{receipt:?}");
}

#[tokio::test]
async fn a_snapshot_does_not_wait_for_what_is_not_answered_and_does_not_count_what_has_no_room() {
    let server = synced().await;
    server.fault("GET", "/events", Does::Hang, 99);
    let dir = tempfile::TempDir::new().unwrap();
    let take = async |name: &str, limit: u64| {
        let (out, _lines) = sink(Some(dir.path().join(name)));
        let asked = Operation { limit: Span::secs(limit), ..operation(Verb::Snapshot, &[]) };
        let to = backend(&server);
        soon(Backend::perform(&to, asked, key(), out)).await.unwrap()
    };
    let Done::Partly(3, 4, receipt) = take("late", 5).await else { panic!() };
    assert!(receipt.summary.ends_with("0 differences; not saved: events (its time was up)"), "{receipt:?}");
    server.heal();
    server.state().tree = json!([{ "kind": "Pod", "version": "v1", "name": "x".repeat(5 << 20) }]);
    let Done::Partly(1, 4, receipt) = take("full", 20).await else { panic!() };
    assert!(receipt.summary.ends_with(" bytes, for which there was no room"), "{receipt:?}");
    assert_eq!(receipt.output.unwrap().bytes, 4 << 20);
}
