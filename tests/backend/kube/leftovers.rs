//! What an earlier state leaves behind, and what is not believed of it.

use super::ground::{back, backend, placed, rolled, set_image, soon};
use crate::support::{key, sink, until};
use crate::undisturbed as tokio;
use holdpoint::backend::kubernetes::place::Place;
use holdpoint::backend::kubernetes::seen::Seen;
use holdpoint::backend::{Backend, Done};
use serde_json::json;

#[tokio::test]
async fn a_deadline_of_the_bad_version_does_not_fail_the_way_back() {
    let cluster = rolled().await;
    set_image(&cluster, "deployments", "api", "reg.example/api:4.3.0-deadline");
    let late = || {
        cluster.get("deployments", "api").unwrap()["status"]["conditions"][0]["reason"] == "ProgressDeadlineExceeded"
    };
    until("it is late", late).await;
    cluster.state().controllers = false;
    let performing = tokio::spawn(backend(&cluster).perform(back("4.2.0"), key(), sink(None).0));
    until("it is sent", || cluster.mutations().len() == 1).await;
    // Its controller has seen the change, and nothing has moved yet.
    cluster.change("deployments", "api", |api| {
        api["status"]["observedGeneration"] = api["metadata"]["generation"].clone();
    });
    let looks =
        || cluster.state().asked.iter().filter(|a| a.method == "GET" && a.path.ends_with("/deployments/api")).count();
    let before = looks();
    until("it is looked at again and again", || looks() > before + 2).await;
    cluster.state().controllers = true;
    let ended = soon(performing).await.unwrap();
    assert!(matches!(&ended, Ok(Done::Whole(_))), "{ended:?}");
}

#[test]
fn a_pod_that_was_let_go_is_not_told_of_any_more() {
    let place = Place::read("payments/deployment/api", "x").unwrap();
    let mut seen = Seen::of([(placed("api"), place)].into(), None);
    let at = |resource| ("payments".to_owned(), resource);
    let template = json!({ "spec": { "containers": [{ "name": "api", "image": "api:1" }] } });
    seen.apply(
        &at("deployments"),
        json!({ "metadata": { "name": "api", "uid": "u" }, "spec": { "template": template } }),
    );
    let mut pod = json!({ "metadata": { "name": "api-5-x", "ownerReferences": [
            { "kind": "ReplicaSet", "name": "api-5", "uid": "s", "controller": true }] },
        "status": { "phase": "Running", "containerStatuses": [
            { "name": "api", "restartCount": 4, "state": { "waiting": { "reason": "CrashLoopBackOff" } } }] } });
    assert_eq!(seen.apply(&at("pods"), pod.clone()), [placed("api")]);
    let trouble = |seen: &Seen| seen.row(&placed("api"), chrono::Utc::now()).unwrap().trouble;
    assert_eq!(trouble(&seen).len(), 1);
    // Somebody takes it out of its set, to look at it.
    pod["metadata"]["ownerReferences"] = json!([]);
    assert_eq!(seen.apply(&at("pods"), pod.clone()), [placed("api")]);
    assert_eq!(trouble(&seen), [""; 0]);
}
