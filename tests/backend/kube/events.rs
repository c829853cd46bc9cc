//! Warning events of what is not well: asked for seldom, told where they explain it, and no fault when they cannot be had.

use super::ground::{Watched, backend, placed, rolled, soon};
use super::staged;
use crate::cluster::{Cluster, Does, deployment};
use crate::support::{key, sink};
use crate::undisturbed as tokio;
use chrono::{SecondsFormat, TimeDelta, Utc};
use holdpoint::backend::kubernetes::KubernetesBackend;
use holdpoint::backend::{Backend, Done};
use holdpoint::domain::backend::KubernetesSpec;
use holdpoint::domain::operation::Verb;
use holdpoint::domain::span::Span;
use serde_json::{Value, json};

fn ago(seconds: i64) -> String {
    (Utc::now() - TimeDelta::seconds(seconds)).to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Puts an event there, and others that are none of its business.
fn event(cluster: &Cluster, kind: &str, name: &str, reason: &str, message: &str) {
    let of = |id: &str, kind: &str, more: Value| {
        let mut event = json!({ "apiVersion": "v1", "kind": "Event", "type": "Warning", "reason": reason, "message": message,
            "metadata": { "name": format!("{name}.{id}"), "namespace": "payments" }, "count": 12,
            "involvedObject": { "kind": kind, "name": name, "namespace": "payments" },
            "firstTimestamp": ago(120), "lastTimestamp": ago(1) });
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        cluster.put("events", event);
    };
    of("17a", kind, json!({}));
    of("17b", kind, json!({ "type": "Normal", "reason": "Pulled", "message": "is well" }));
    of("17c", "Node", json!({ "reason": "Elsewhere" }));
}

/// A pod of `api` that has been created for so many seconds, and nothing moves any more.
async fn creating(seconds: i64) -> (Cluster, String) {
    let cluster = rolled().await;
    cluster.state().controllers = false;
    let pod = cluster.state().store.all("pods", None).next().unwrap()["metadata"]["name"].as_str().unwrap().to_owned();
    cluster.change("pods", &pod, |pod| {
        pod["status"] = json!({ "phase": "Pending", "startTime": ago(seconds), "conditions": [
                { "type": "Ready", "status": "False", "lastTransitionTime": ago(seconds) }],
            "containerStatuses": [{ "name": "api", "ready": false, "restartCount": 0,
                "state": { "waiting": { "reason": "ContainerCreating" } } }] });
    });
    (cluster, pod)
}

/// For how long it has been created by now.
fn since(cluster: &Cluster, pod: &str) -> TimeDelta {
    let began = cluster.get("pods", pod).unwrap()["status"]["startTime"].as_str().unwrap().to_owned();
    Utc::now() - began.parse::<chrono::DateTime<Utc>>().unwrap()
}

fn asked(cluster: &Cluster) -> Vec<String> {
    let of_events = |asked: &&crate::cluster::Asked| asked.path.ends_with("/events");
    cluster.state().asked.iter().filter(of_events).map(|asked| format!("{}?{}", asked.path, asked.query)).collect()
}

fn told(watched: &Watched, words: &str) -> bool {
    watched.api().is_some_and(|api| api.trouble.iter().any(|trouble| trouble.contains(words)))
}

#[tokio::test]
async fn a_pod_that_is_still_created_says_what_its_node_says() {
    let (cluster, pod) = creating(70 * 60).await;
    event(&cluster, "Pod", &pod, "FailedMount", "MountVolume.SetUp failed: configmap \"rates\" not found");
    let mut watched = Watched::new(&cluster);
    watched.until("a snapshot", |w| w.snapshots == 1).await;
    // At once what the pod says, and then what is said of it.
    assert_eq!(watched.api().unwrap().trouble, ["still creating after 1h"]);
    watched.until("its event", |w| told(w, "FailedMount")).await;
    let trouble = watched.api().unwrap().trouble.clone();
    let said = "still creating after 1h: FailedMount: MountVolume.SetUp failed: configmap \"rates\" not found (10+ times since ";
    assert!(trouble.len() == 1 && trouble[0].starts_with(said), "{trouble:?}");
    let all = asked(&cluster);
    assert!(all.len() == 1 && all[0].starts_with("/api/v1/namespaces/payments/events?limit=500&"), "{all:?}");
    assert!(all[0].contains("involvedObject.namespace%3Dpayments%2Ctype%3DWarning"), "{all:?}");
    // It is well again: nothing is told, and nobody is asked any more.
    cluster.change("pods", &pod, |pod| {
        pod["status"] = json!({ "phase": "Running", "conditions": [{ "type": "Ready", "status": "True" }] })
    });
    watched.until("it is well", |w| w.api().is_some_and(|api| api.trouble.is_empty())).await;
    let (before, asked_before) = (watched.heartbeats, asked(&cluster).len());
    watched.until("life", |w| w.heartbeats >= before + 60).await;
    assert_eq!((asked(&cluster).len(), watched.wrong()), (asked_before, Vec::new()));
}

#[tokio::test]
async fn what_has_only_begun_to_be_created_asks_nobody_until_it_lasts() {
    // A machine that stands still may have made it last before anybody looked.
    let begun = async || loop {
        let (cluster, pod) = creating(45).await;
        event(&cluster, "Pod", &pod, "FailedMount", "no such volume");
        let mut watched = Watched::new(&cluster);
        watched.until("a snapshot", |w| w.snapshots == 1).await;
        let seen = (watched.api().unwrap().trouble.len(), asked(&cluster).len());
        if seen == (0, 0) {
            break (cluster, watched);
        }
        assert!(since(&cluster, &pod) >= TimeDelta::minutes(1), "{seen:?} before it lasted");
    };
    let (_cluster, mut watched) = soon(begun()).await;
    // Nothing more is said of it: the time alone makes it trouble.
    watched.until("that it lasts", |w| told(w, "still creating after 1m")).await;
    watched.until("and why", |w| told(w, "FailedMount: no such volume")).await;
    assert_eq!(watched.wrong(), [""; 0]);
}

#[tokio::test]
async fn who_may_not_read_events_sees_the_rest_and_doctor_says_so_once() {
    let (cluster, pod) = creating(70 * 60).await;
    event(&cluster, "Pod", &pod, "FailedMount", "no such volume");
    cluster.state().denied.push("list events".to_owned());
    let mut watched = Watched::new(&cluster);
    watched.until("what the pod says", |w| told(w, "still creating after 1h")).await;
    watched.until("it was asked", |_| !asked(&cluster).is_empty()).await;
    let before = watched.heartbeats;
    watched.until("life", |w| w.heartbeats >= before + 60).await;
    assert_eq!(watched.api().unwrap().trouble, ["still creating after 1h"]);
    assert_eq!((asked(&cluster).len(), watched.wrong()), (1, Vec::new()));
    let said = soon(backend(&cluster).introduce()).await;
    let lacks: Vec<_> = said.iter().filter(|remark| !remark.ok && remark.text.contains("events")).collect();
    assert_eq!(lacks.len(), 1, "{said:?}");
}

#[tokio::test]
async fn events_that_do_not_come_are_no_fault_of_anything() {
    for does in [Does::Status(500), Does::Garbage, Does::CutBefore, Does::Hang] {
        let (cluster, pod) = creating(70 * 60).await;
        event(&cluster, "Pod", &pod, "FailedMount", "no such volume");
        cluster.fault("GET", "/events", does.clone(), u32::MAX);
        let mut watched = Watched::new(&cluster);
        watched.until("it was asked", |_| !asked(&cluster).is_empty()).await;
        let before = watched.heartbeats;
        watched.until("life", |w| w.heartbeats >= before + 3).await;
        assert_eq!(watched.api().unwrap().trouble, ["still creating after 1h"], "{does:?}");
        // Once: it is not repeated at once.
        assert_eq!((asked(&cluster).len(), watched.wrong()), (1, Vec::new()), "{does:?}");
    }
}

#[tokio::test]
async fn a_token_that_was_not_taken_once_keeps_nobody_from_being_asked_again_soon() {
    let (cluster, pod) = creating(70 * 60).await;
    event(&cluster, "Pod", &pod, "FailedMount", "no such volume");
    cluster.fault("GET", "/events", Does::Status(401), 1);
    let mut watched = Watched::new(&cluster);
    watched.until("it was asked", |_| !asked(&cluster).is_empty()).await;
    // One that may not be read is left alone for ten minutes.
    watched.until("its event", |w| told(w, "FailedMount: no such volume")).await;
    assert_eq!((asked(&cluster).len(), watched.wrong()), (2, Vec::new()));
}

#[tokio::test]
async fn more_than_a_page_is_read_and_a_flood_is_not_read_to_its_end() {
    let (cluster, pod) = creating(70 * 60).await;
    cluster.state().page = 2;
    for n in 0..20 {
        let message = format!("word {n}");
        event(&cluster, "Pod", &format!("another-{n:02}"), "FailedMount", &message);
    }
    event(&cluster, "Pod", &pod, "FailedMount", "no such volume");
    let mut watched = Watched::new(&cluster);
    watched.until("four pages", |_| asked(&cluster).len() == 4).await;
    let before = watched.heartbeats;
    watched.until("life", |w| w.heartbeats >= before + 3).await;
    assert_eq!(asked(&cluster).len(), 4);
}

/// Many deployments, none of which has its pods.
fn many(cluster: &Cluster, all: usize) -> KubernetesBackend {
    let mut scopes = std::collections::BTreeMap::new();
    cluster.state().controllers = false;
    for n in 0..all {
        let name = format!("s{n:03}");
        let mut object = deployment(&name, "reg.example/s:1", 2);
        object["status"] = json!({ "replicas": 2, "conditions": [
            { "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded" }] });
        cluster.put("deployments", object);
        scopes.insert((name.as_str().into(), "prod".into()), format!("payments/deployment/{name}"));
    }
    let spec = KubernetesSpec { kubeconfig: Some(cluster.kubeconfig()), ..KubernetesSpec::default() };
    KubernetesBackend::new("eu".into(), Span::secs(1), spec, scopes)
}

#[tokio::test]
async fn five_hundred_that_are_not_well_are_asked_for_together() {
    let cluster = Cluster::start();
    let backend = many(&cluster, 500);
    event(&cluster, "Deployment", "s499", "ReplicaSetCreateError", "no quota");
    let mut watched = Watched::of(&backend);
    let says = |w: &Watched| w.rows.get(&placed("s499")).is_some_and(|row| row.trouble.concat().contains("no quota"));
    watched.until("what is said of the last", says).await;
    let unwell = watched.rows.values().filter(|row| !row.trouble.is_empty()).count();
    let before = watched.heartbeats;
    watched.until("life", |w| w.heartbeats >= before + 3).await;
    assert_eq!((unwell, watched.wrong()), (500, Vec::new()));
    assert!(asked(&cluster).len() <= 2, "{:?}", asked(&cluster));
}

#[tokio::test]
async fn an_analysis_says_at_which_metric_it_halts() {
    let cluster = staged::shopping(&["confirm-promotion"], "Progressing").await;
    cluster.state().controllers = false;
    cluster.change("canaries", "shop", |canary| {
        canary["spec"]["analysis"]["metrics"] = json!([{ "name": "request-success-rate" }]);
        canary["status"]["phase"] = "Progressing".into();
        canary["status"]["failedChecks"] = 2.into();
    });
    event(&cluster, "Canary", "shop", "Synced", "Halt shop.payments advancement success rate 94.10% < 99%");
    let mut watched = Watched::of(&staged::backend(&cluster));
    let lines = |w: &Watched| -> Vec<String> {
        let stages = w.rows.get(&placed("shop")).and_then(|row| row.stages.as_ref());
        stages.map(|stages| stages.checks.iter().map(|check| check.line()).collect()).unwrap_or_default()
    };
    watched.until("the metric", |w| lines(w).len() == 2).await;
    let all = lines(&watched);
    assert_eq!(all[0], "analysis: running, 2 of 5 failed checks that it may have");
    assert!(all[1].starts_with("request-success-rate: running, 94.10% < 99% (10+ times since "), "{all:?}");
    assert_eq!(watched.rows[&placed("shop")].trouble, [""; 0]);
}

#[tokio::test]
async fn a_canary_of_a_daemon_set_has_snapshots() {
    let cluster = Cluster::start();
    cluster.put("daemonsets", crate::cluster::daemon_set("shop", "reg.example/web:4.1.9"));
    let mut canary = crate::cluster::canary("shop", &[]);
    canary["spec"]["targetRef"]["kind"] = "DaemonSet".into();
    cluster.put("canaries", canary);
    event(&cluster, "Canary", "shop", "Synced", "Halt shop.payments advancement success rate 94.10% < 99%");
    let file = cluster.dir().join("kept.log");
    let operation = staged::operation(Verb::Snapshot, "shop", &[]);
    let done = soon(staged::backend(&cluster).perform(operation, key(), sink(Some(file.clone())).0)).await;
    let Ok(Done::Whole(receipt)) = done else { panic!("{done:?}") };
    assert!(receipt.summary.starts_with("saved daemonset payments/shop with "), "{}", receipt.summary);
    let kept = std::fs::read_to_string(file).unwrap();
    for what in ["--- canary payments/shop\n", "--- daemonset payments/shop\n", "success rate 94.10%"] {
        assert!(kept.contains(what), "{what}: {kept}");
    }
    cluster.change("canaries", "shop", |canary| canary["spec"]["targetRef"]["kind"] = "Service\u{1b}".into());
    let said = staged::refused(&cluster, Verb::Snapshot, "shop", &[]).await;
    assert!(said.ends_with("its target is a Service\\u{1b}, of which no snapshot is taken"), "{said}");
}
