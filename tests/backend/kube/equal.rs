//! Ours beside `kubectl`'s: what an undo and a restart leave behind, and what a status says.

use super::ground::{back, cause, perform, rolled, rolled_sets, settled};
use super::kubectl::kubectl;
use crate::cluster::{Cluster, daemon_set, deployment, stateful_set};
use crate::undisturbed as tokio;
use holdpoint::backend::kubernetes::place::Kind;
use holdpoint::backend::kubernetes::status::{Progress, status};
use holdpoint::domain::operation::Verb;
use serde_json::{Value, json};

/// An object without what differs between two servers and two clients.
pub fn left(cluster: &Cluster, resource: &str, name: &str) -> Value {
    let mut object = cluster.get(resource, name).unwrap();
    for key in ["resourceVersion", "uid", "creationTimestamp"] {
        object["metadata"].as_object_mut().unwrap().remove(key);
    }
    if let Some(annotations) = object["metadata"]["annotations"].as_object_mut() {
        annotations.remove("kubernetes.io/change-cause");
    }
    without_nulls(&object)
}

#[tokio::test]
async fn an_undo_leaves_behind_what_kubectl_leaves() {
    let (ours, theirs) = (rolled().await, rolled().await);
    for cluster in [&ours, &theirs] {
        cluster.change("deployments", "api", |object| {
            object["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"] = "{}".into();
            object["metadata"]["annotations"]["team"] = "payments".into();
        });
        settled(cluster, "deployments", "api").await;
    }
    let Some((ok, said)) = kubectl(&theirs, &["rollout", "undo", "deployment/api"]) else { return };
    assert!(ok, "{said}");
    perform(&ours, back("4.1.9")).await.unwrap();
    settled(&theirs, "deployments", "api").await;
    settled(&ours, "deployments", "api").await;
    assert_eq!(left(&ours, "deployments", "api"), left(&theirs, "deployments", "api"));
    assert!(cause(&ours.get("deployments", "api").unwrap()).starts_with("holdpoint "));
    // And what was sent is the same, but for the lock and the cause.
    let (ours, theirs) = (&ours.mutations()[0], &theirs.mutations()[0]);
    assert_eq!((&ours.method, &ours.path, &ours.kind), (&theirs.method, &theirs.path, &theirs.kind));
    let (mut ours, theirs): (Value, Value) =
        (serde_json::from_str(&ours.body).unwrap(), serde_json::from_str(&theirs.body).unwrap());
    assert_eq!(locks(&mut ours), ["/metadata/uid", "/metadata/generation"]);
    ours[1]["value"].as_object_mut().unwrap().remove("kubernetes.io/change-cause");
    let template = |patch: &Value| patch[0]["value"].to_string();
    assert_eq!(without_nulls(&ours), without_nulls(&theirs), "{} {}", template(&ours), template(&theirs));
}

/// Takes the lock off a patch: what is tested of what it was decided on.
fn locks(patch: &mut Value) -> Vec<Value> {
    let steps = patch.as_array_mut().unwrap();
    let tests: Vec<Value> = steps.extract_if(.., |step| step["op"] == "test").collect();
    tests.iter().map(|test| test["path"].clone()).collect()
}

/// `kubectl` writes `creationTimestamp: null`, `resources: {}` and the like, which say nothing and
/// which a real server reads as absent.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().map(|(k, v)| (k.clone(), without_nulls(v)));
            Value::Object(kept.filter(|(_, v)| !v.is_null() && *v != json!({})).collect())
        }
        Value::Array(all) => all.iter().map(without_nulls).collect(),
        value => value.clone(),
    }
}

#[tokio::test]
async fn sets_are_led_back_as_kubectl_does() {
    let (ours, theirs) = (rolled_sets().await, rolled_sets().await);
    for (resource, name) in [("statefulsets", "db"), ("daemonsets", "agent")] {
        let what = format!("{}/{name}", resource.trim_end_matches('s'));
        let Some((ok, said)) = kubectl(&theirs, &["rollout", "undo", &what]) else { return };
        assert!(ok, "{said}");
        let back = super::ground::operation(Verb::RollBack, name, &[("to", "4.1.9")]);
        perform(&ours, back).await.unwrap();
        settled(&theirs, resource, name).await;
        assert_eq!(left(&ours, resource, name), left(&theirs, resource, name));
    }
}

/// An object after a restart: of its time and of revisions that are named by it only that they are there.
fn restarted(cluster: &Cluster, resource: &str, name: &str) -> Value {
    let mut object = left(cluster, resource, name);
    let at = &mut object["spec"]["template"]["metadata"]["annotations"][RESTARTED];
    assert_eq!(at.as_str().map(chrono::DateTime::parse_from_rfc3339).map(|at| at.is_ok()), Some(true), "{at}");
    *at = "then".into();
    for revision in ["currentRevision", "updateRevision"] {
        if let Some(revision) = object["status"].get_mut(revision) {
            *revision = "then".into();
        }
    }
    object
}

const RESTARTED: &str = "kubectl.kubernetes.io/restartedAt";

#[tokio::test]
async fn a_restart_sends_and_leaves_behind_what_kubectls_does() {
    let (ours, theirs) = (rolled().await, rolled().await);
    let (our_sets, their_sets) = (rolled_sets().await, rolled_sets().await);
    for (ours, theirs, resource, name) in [
        (&ours, &theirs, "deployments", "api"),
        (&our_sets, &their_sets, "statefulsets", "db"),
        (&our_sets, &their_sets, "daemonsets", "agent"),
    ] {
        // A template that has annotations of its own keeps them.
        for cluster in [ours, theirs] {
            cluster.change(resource, name, |object| {
                object["spec"]["template"]["metadata"]["annotations"] = json!({ "team": "payments" });
            });
            settled(cluster, resource, name).await;
        }
        let what = format!("{}/{name}", resource.trim_end_matches('s'));
        let Some((ok, said)) = kubectl(theirs, &["rollout", "restart", &what]) else { return };
        assert!(ok, "{said}");
        perform(ours, super::ground::operation(Verb::Restart, name, &[])).await.unwrap();
        settled(theirs, resource, name).await;
        settled(ours, resource, name).await;
        assert_eq!(restarted(ours, resource, name), restarted(theirs, resource, name));
        let (ours, theirs) = (ours.mutations(), theirs.mutations());
        let (ours, theirs) = (ours.last().unwrap(), theirs.last().unwrap());
        assert_eq!((&ours.method, &ours.path), (&theirs.method, &theirs.path));
        // Theirs names the time alone, and so does ours, but for the lock and the cause.
        let time = |value: &Value| assert!(value.as_str().is_some_and(|at| at.len() >= 20), "{value}");
        let mut theirs: Value = serde_json::from_str(&theirs.body).unwrap();
        time(&theirs["spec"]["template"]["metadata"]["annotations"][RESTARTED].take());
        let alone = json!({ "spec": { "template": { "metadata": { "annotations": {} } } } });
        assert_eq!(without_nulls(&theirs), without_nulls(&alone));
        let mut ours: Value = serde_json::from_str(&ours.body).unwrap();
        assert_eq!(locks(&mut ours)[..2], ["/metadata/uid", "/metadata/generation"]);
        let paths: Vec<&str> = ours.as_array().unwrap().iter().map(|step| step["path"].as_str().unwrap()).collect();
        assert_eq!(paths[0], "/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt");
        // Where there was no annotation yet the whole map is written.
        assert!(paths.len() == 2 && paths[1].starts_with("/metadata/annotations"), "{paths:?}");
        time(&ours[0]["value"]);
    }
}

#[tokio::test]
async fn what_is_paused_kubectl_does_not_restart_either() {
    let cluster = rolled().await;
    cluster.change("deployments", "api", |object| object["spec"]["paused"] = true.into());
    let Some((ok, said)) = kubectl(&cluster, &["rollout", "restart", "deployment/api"]) else { return };
    assert!(!ok && said.contains("can't restart paused deployment"), "{said}");
    assert!(perform(&cluster, super::ground::operation(Verb::Restart, "api", &[])).await.is_err());
    assert_eq!(cluster.mutations().len(), 0);
}

/// States of a rollout, and what is changed to be in them.
const DEPLOYMENTS: [&str; 6] = [
    r#"{}"#,
    r#"{"observedGeneration":0}"#,
    r#"{"updatedReplicas":1,"replicas":3}"#,
    r#"{"replicas":3}"#,
    r#"{"availableReplicas":1,"unavailableReplicas":1}"#,
    r#"{"conditions":[{"type":"Progressing","status":"False","reason":"ProgressDeadlineExceeded"}]}"#,
];
const STATEFUL_SETS: [&str; 4] =
    [r#"{}"#, r#"{"observedGeneration":0}"#, r#"{"readyReplicas":1}"#, r#"{"updatedReplicas":1}"#];
const DAEMON_SETS: [&str; 4] =
    [r#"{}"#, r#"{"observedGeneration":0}"#, r#"{"updatedNumberScheduled":1}"#, r#"{"numberAvailable":2}"#];

#[tokio::test]
async fn the_status_is_kubectls() {
    let cluster = Cluster::start();
    let kinds = [
        (Kind::Deployment, deployment("api", "x:1", 2), &DEPLOYMENTS[..]),
        (Kind::StatefulSet, stateful_set("api", "x:1", 2), &STATEFUL_SETS[..]),
        (Kind::DaemonSet, daemon_set("api", "x:1"), &DAEMON_SETS[..]),
    ];
    for (kind, object, states) in kinds {
        cluster.state().controllers = true;
        cluster.put(kind.resource(), object);
        settled(&cluster, kind.resource(), "api").await;
        cluster.state().controllers = false;
        let well = cluster.get(kind.resource(), "api").unwrap();
        for state in states {
            let mut object = well.clone();
            for (key, value) in serde_json::from_str::<serde_json::Map<String, Value>>(state).unwrap() {
                object["status"][key] = value;
            }
            cluster.put(kind.resource(), object.clone());
            let what = format!("{}/api", kind.word());
            let Some((ok, said)) = kubectl(&cluster, &["rollout", "status", &what, "--watch=false"]) else { return };
            let (words, fails) = match status(kind, &object) {
                Progress::Going(words) | Progress::Done(words) => (words, false),
                Progress::Failed(words) => (words, true),
            };
            assert_eq!(ok, !fails, "{kind:?} {state}: {said}");
            assert_eq!(said.trim().trim_start_matches("error: "), words, "{kind:?} {state}");
        }
    }
}
