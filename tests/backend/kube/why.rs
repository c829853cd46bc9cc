//! Why a workload is not well: what its pods say, for how long that is told, and which events explain it.

use super::ground::placed;
use chrono::{DateTime, TimeDelta};
use holdpoint::backend::kubernetes::news::News;
use holdpoint::backend::kubernetes::place::Place;
use holdpoint::backend::kubernetes::seen::Seen;
use holdpoint::domain::Timestamp;
use serde_json::{Value, json};

pub fn now() -> Timestamp {
    DateTime::parse_from_rfc3339("2026-11-22T10:15:00Z").unwrap().to_utc()
}

/// So long before now, as objects write it.
pub fn ago(text: &str) -> String {
    let span: holdpoint::domain::span::Span = text.parse().unwrap();
    (now() - span.delta()).format("%FT%TZ").to_string()
}

fn at(resource: &'static str) -> (String, &'static str) {
    ("payments".to_owned(), resource)
}

/// `api` with a set, before any pod.
fn api() -> Seen {
    let place = Place::read("payments/deployment/api", "x").unwrap();
    let mut seen = Seen::of([(placed("api"), place)].into(), None);
    let template = json!({ "spec": { "containers": [{ "name": "api", "image": "api:1" }] } });
    seen.apply(
        &at("deployments"),
        json!({ "metadata": { "name": "api", "uid": "u" }, "spec": { "replicas": 2, "template": template },
            "status": { "replicas": 2 } }),
    );
    let owner = json!({ "kind": "Deployment", "name": "api", "uid": "u", "controller": true });
    let set = json!({ "kind": "ReplicaSet", "metadata": { "name": "api-5", "uid": "s", "creationTimestamp": ago("30m"),
        "ownerReferences": [owner] }, "spec": { "replicas": 2, "template": template }, "status": { "replicas": 2 } });
    seen.apply(&at("replicasets"), set);
    seen
}

fn pod(seen: &mut Seen, name: &str, status: Value) {
    let owner = json!({ "kind": "ReplicaSet", "name": "api-5", "uid": "s", "controller": true });
    let meta = json!({ "name": name, "uid": format!("uid-{name}"), "creationTimestamp": ago("20m"), "ownerReferences": [owner] });
    seen.apply(&at("pods"), json!({ "metadata": meta, "status": status }));
}

/// A pod that has been created for so long, and waits.
fn creating(since: &str) -> Value {
    json!({ "phase": "Pending", "startTime": ago(since), "conditions": [
            { "type": "PodScheduled", "status": "True", "lastTransitionTime": ago(since) },
            { "type": "Ready", "status": "False", "lastTransitionTime": ago(since) }],
        "containerStatuses": [{ "name": "api", "ready": false, "restartCount": 0,
            "state": { "waiting": { "reason": "ContainerCreating" } } }] })
}

/// A pod that is ready, and ended so long ago for the last time.
fn restarted(ago_: &str) -> Value {
    json!({ "phase": "Running", "conditions": [{ "type": "Ready", "status": "True" }], "containerStatuses": [
        { "name": "proxy", "ready": true, "restartCount": 0, "state": { "running": { "startedAt": ago("20m") } } },
        { "name": "api", "ready": true, "restartCount": 3, "state": { "running": { "startedAt": ago(ago_) } },
          "lastState": { "terminated": { "reason": "OOMKilled", "exitCode": 137, "startedAt": ago("19m"),
            "finishedAt": ago(ago_) } } }] })
}

/// A pod that runs and is not ready, since then.
fn unready(since: &str) -> Value {
    json!({ "phase": "Running", "conditions": [{ "type": "Ready", "status": "False", "reason": "ContainersNotReady" }],
        "containerStatuses": [{ "name": "api", "ready": false, "restartCount": 0,
            "state": { "running": { "startedAt": ago(since) } } }] })
}

/// A warning about something; `more` goes over it.
pub fn warning(kind: &str, name: &str, reason: &str, message: &str, more: Value) -> News {
    let mut event = json!({ "type": "Warning", "reason": reason, "message": message, "count": 1,
        "involvedObject": { "kind": kind, "name": name, "namespace": "payments" },
        "firstTimestamp": ago("5m"), "lastTimestamp": ago("20s") });
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    News::read(&event).unwrap()
}

fn trouble(seen: &Seen) -> Vec<String> {
    seen.row(&placed("api"), now()).unwrap().trouble
}

#[test]
fn what_is_still_created_after_a_minute_says_what_it_waits_for() {
    let mut seen = api();
    pod(&mut seen, "api-5-a", creating("50s"));
    assert_eq!(trouble(&seen), [""; 0], "it has only begun");
    pod(&mut seen, "api-5-a", creating("3m40s"));
    pod(&mut seen, "api-5-b", creating("2m"));
    assert_eq!(trouble(&seen), ["2 pods: still creating after 3m"]);
    seen.hear(
        "payments",
        vec![
            warning("Pod", "api-5-a", "FailedMount", "configmap \"rates\" not found", json!({ "count": 7 })),
            warning("Pod", "api-5-b", "FailedMount", "an older word", json!({ "lastTimestamp": ago("30s") })),
            warning("Pod", "other-1", "FailedMount", "of somebody else", json!({})),
        ],
    );
    let said = "2 pods: still creating after 3m: FailedMount: configmap \"rates\" not found (5+ times since 10:10Z)";
    assert_eq!(trouble(&seen), [said]);
    // Once it runs and is not ready, that is what is told, and what was said before is not about it.
    pod(&mut seen, "api-5-a", unready("10s"));
    pod(&mut seen, "api-5-b", unready("10s"));
    assert_eq!(trouble(&seen), ["2 pods: runs and is not ready: its readiness probe fails, or has not passed yet"]);
    let probe = "Readiness probe failed: HTTP probe failed with statuscode: 500";
    let news = json!({ "series": { "count": 3, "lastObservedTime": ago("5s") }, "firstTimestamp": null, "eventTime": ago("9s") });
    seen.hear("payments", vec![warning("Pod", "api-5-b", "Unhealthy", probe, news)]);
    assert!(
        trouble(&seen)[0].ends_with(&format!("; Unhealthy: {probe} (3 times since 10:14Z)")),
        "{:?}",
        trouble(&seen)
    );
}

#[test]
fn that_a_rollout_does_not_go_on_stands_behind_what_keeps_it() {
    let mut seen = api();
    let conditions = json!([{ "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded" }]);
    let object = |more: Value| {
        let template = json!({ "spec": { "containers": [{ "name": "api", "image": "api:1" }] } });
        json!({ "metadata": { "name": "api", "uid": "u" }, "spec": { "replicas": 2, "template": template }, "status": more })
    };
    seen.apply(&at("deployments"), object(json!({ "replicas": 2, "conditions": conditions })));
    assert_eq!(trouble(&seen), ["ProgressDeadlineExceeded"], "nothing else is known");
    let waits = json!({ "phase": "Running", "conditions": [{ "type": "Ready", "status": "False" }], "containerStatuses": [
        { "name": "api", "ready": false, "restartCount": 0, "state": { "waiting": { "reason": "ImagePullBackOff" } } }] });
    pod(&mut seen, "api-5-a", waits);
    assert_eq!(trouble(&seen), ["ImagePullBackOff (container api)", "ProgressDeadlineExceeded"]);
    // What keeps pods from being made comes before both, and what events say of that before the deadline too.
    let quota = json!({ "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota: pods" });
    let all = json!([conditions[0], quota]);
    seen.apply(&at("deployments"), object(json!({ "replicas": 1, "conditions": all })));
    seen.hear("payments", vec![warning("Deployment", "api", "ReplicaSetCreateError", "no more sets", json!({}))]);
    let told = trouble(&seen);
    assert_eq!(told[..2], ["quota: exceeded quota: pods", "ImagePullBackOff (container api)"], "{told:?}");
    assert!(told[2].starts_with("ReplicaSetCreateError: no more sets"), "{told:?}");
    assert_eq!(told[3..], ["ProgressDeadlineExceeded"], "{told:?}");
}

#[test]
fn how_long_and_how_often_are_told_in_steps() {
    let mut seen = api();
    for (since, told) in [("1m", "1m"), ("4m59s", "3m"), ("14m", "10m"), ("59m", "45m"), ("3h", "3h")] {
        pod(&mut seen, "api-5-a", creating(since));
        assert_eq!(trouble(&seen), [format!("still creating after {told}")]);
    }
    pod(&mut seen, "api-5-a", creating("9m"));
    for (count, told) in [
        (1, "at 10:14Z"),
        (4, "4 times since 10:10Z"),
        (9, "5+ times since 10:10Z"),
        (19, "10+ times since 10:10Z"),
        (49, "20+ times since 10:10Z"),
        (u64::MAX, "10000000000000000000+ times since 10:10Z"),
    ] {
        seen.hear("payments", vec![warning("Pod", "api-5-a", "FailedMount", "no", json!({ "count": count }))]);
        assert_eq!(trouble(&seen), [format!("still creating after 5m: FailedMount: no ({told})")]);
    }
}

#[test]
fn a_restart_of_what_is_ready_again_is_told_for_ten_minutes() {
    let mut seen = api();
    pod(&mut seen, "api-5-a", restarted("9m"));
    let said = "container api restarted 3 times, last ended as OOMKilled 137";
    assert_eq!(trouble(&seen), [said]);
    // Why it ended is what was said before it did.
    let liveness = "Liveness probe failed: timeout";
    let said_at = |at: &str| warning("Pod", "api-5-a", "Unhealthy", liveness, json!({ "lastTimestamp": ago(at) }));
    seen.hear("payments", vec![said_at("8m")]);
    assert_eq!(trouble(&seen), [said]);
    seen.hear("payments", vec![said_at("9m")]);
    assert_eq!(trouble(&seen), [format!("{said}; Unhealthy: {liveness} (at 10:06Z)")]);
    assert_eq!(seen.row(&placed("api"), now() + TimeDelta::minutes(2)).unwrap().trouble, [""; 0]);
    let look = |minutes| seen.look(&placed("api"), now() + TimeDelta::minutes(minutes)).unwrap();
    assert!(look(0).timed && look(0).unwell);
    assert!(!look(2).timed && !look(2).unwell, "nobody looks again at what is over");
    pod(&mut seen, "api-5-a", restarted("11m"));
    assert_eq!(trouble(&seen), [""; 0]);
}

#[test]
fn what_is_not_ready_says_how_it_ended_before() {
    let mut seen = api();
    let mut status = restarted("11m");
    status["conditions"][0]["status"] = "False".into();
    status["containerStatuses"][1]["ready"] = false.into();
    pod(&mut seen, "api-5-a", status);
    assert!(trouble(&seen)[0].ends_with("(container api, restarted 3 times, last ended as OOMKilled 137)"));
    let gate = json!({ "phase": "Running", "containerStatuses": [{ "name": "api", "ready": true, "state": { "running": {} } }],
        "conditions": [{ "type": "Ready", "status": "False", "reason": "ReadinessGatesNotReady", "message": "no target" }] });
    pod(&mut seen, "api-5-a", gate);
    assert_eq!(trouble(&seen), ["ReadinessGatesNotReady: no target"]);
    let mut first = creating("12m");
    first["initContainerStatuses"] = json!([{ "name": "migrate", "ready": false, "restartCount": 0,
        "state": { "running": { "startedAt": ago("11m") } } }]);
    pod(&mut seen, "api-5-a", first.clone());
    assert_eq!(trouble(&seen), ["init container migrate still runs after 10m"]);
    first["initContainerStatuses"][0]["state"]["running"]["startedAt"] = ago("9m").into();
    pod(&mut seen, "api-5-a", first);
    assert_eq!(trouble(&seen), [""; 0], "it may take its time");
}

#[test]
fn what_is_old_or_of_another_is_no_news() {
    let mut seen = api();
    pod(&mut seen, "api-5-a", creating("12m"));
    let own = ["still creating after 10m"];
    for stale in [
        json!({ "lastTimestamp": ago("10m") }),
        json!({ "lastTimestamp": ago("2h"), "firstTimestamp": ago("3h") }),
        json!({ "involvedObject": { "kind": "Pod", "name": "api-5-a", "uid": "of-a-pod-before" } }),
        json!({ "involvedObject": { "kind": "Pod", "name": "api-5-gone" } }),
        json!({ "involvedObject": { "kind": "Node", "name": "api-5-a" } }),
        json!({ "reason": "BackOff" }),
        json!({ "reason": "Failed", "message": "Error: ImagePullBackOff" }),
    ] {
        let words = stale.to_string();
        seen.hear("payments", vec![warning("Pod", "api-5-a", "FailedMount", "no", stale)]);
        assert_eq!(trouble(&seen), own, "{words}");
    }
    assert!(News::read(&json!({ "type": "Normal", "lastTimestamp": ago("1s") })).is_none());
    assert!(News::read(&json!({ "type": "Warning", "message": "it does not say when" })).is_none());
    // What one namespace says is nothing of another.
    seen.hear("other", vec![warning("Pod", "api-5-a", "FailedMount", "no", json!({}))]);
    assert_eq!(trouble(&seen), own);
    // What is well asks nobody, whatever is said.
    pod(&mut seen, "api-5-a", json!({ "phase": "Running", "conditions": [{ "type": "Ready", "status": "True" }] }));
    seen.hear("payments", vec![warning("Pod", "api-5-a", "FailedMount", "no", json!({}))]);
    assert_eq!(trouble(&seen), [""; 0]);
    assert!(!seen.look(&placed("api"), now()).unwrap().unwell);
}

#[test]
fn a_set_that_lacks_pods_says_why() {
    let mut seen = api();
    let why = "pods \"api-5-x\" is forbidden: exceeded quota: small";
    let of_set = |more: Value| vec![warning("ReplicaSet", "api-5", "FailedCreate", why, more)];
    seen.hear("payments", of_set(json!({})));
    assert_eq!(trouble(&seen), [""; 0], "it has all its pods");
    let owner = json!({ "kind": "Deployment", "name": "api", "uid": "u", "controller": true });
    let lacks = json!({ "metadata": { "name": "api-5", "ownerReferences": [owner] }, "spec": { "replicas": 2 }, "status": { "replicas": 1 } });
    seen.apply(&at("replicasets"), lacks);
    assert_eq!(trouble(&seen), [format!("FailedCreate: {why} (at 10:14Z)")]);
    assert!(seen.look(&placed("api"), now()).unwrap().unwell);
    seen.hear("payments", of_set(json!({ "lastTimestamp": ago("11m") })));
    assert_eq!(trouble(&seen), [""; 0]);
    // A condition that says the same is not said twice.
    seen.hear("payments", of_set(json!({})));
    let failure = json!([{ "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": why }]);
    seen.apply(
        &at("deployments"),
        json!({ "metadata": { "name": "api", "uid": "u" }, "spec": { "replicas": 2 }, "status": { "conditions": failure } }),
    );
    assert_eq!(trouble(&seen), [format!("quota: {why}")]);
}

#[test]
fn a_stateful_set_that_lacks_pods_says_why_unless_that_was_of_its_version_before() {
    let place = Place::read("payments/statefulset/db", "x").unwrap();
    let mut seen = Seen::of([(placed("db"), place)].into(), None);
    let object = json!({ "metadata": { "name": "db", "uid": "d" }, "status": { "replicas": 2 },
        "spec": { "replicas": 3, "updateStrategy": { "type": "RollingUpdate" } } });
    seen.apply(&at("statefulsets"), object);
    let owner = json!({ "kind": "StatefulSet", "name": "db", "uid": "d", "controller": true });
    let kept = |made: &str| json!({ "metadata": { "name": "db-1", "creationTimestamp": ago(made), "ownerReferences": [owner] } });
    seen.apply(&at("controllerrevisions"), kept("1h"));
    seen.hear(
        "payments",
        vec![warning("StatefulSet", "db", "FailedCreate", "quota", json!({ "lastTimestamp": ago("2m") }))],
    );
    let said = |seen: &Seen| seen.row(&placed("db"), now()).unwrap().trouble;
    assert_eq!(said(&seen), ["FailedCreate: quota (at 10:13Z)"]);
    seen.apply(&at("controllerrevisions"), kept("1m"));
    assert_eq!(said(&seen), [""; 0]);
}

#[test]
fn what_events_say_cannot_act_on_a_terminal_and_fills_no_screen() {
    let mut seen = api();
    pod(&mut seen, "api-5-a", creating("3m"));
    let hostile = format!("\u{1b}]52;c;x\u{7}\u{202e}{}", "no end ".repeat(100_000));
    seen.hear(
        "payments",
        vec![warning("Pod", "api-5-a", &"\u{1b}[2JBoo".repeat(1000), &hostile, json!({ "count": u64::MAX }))],
    );
    let said = trouble(&seen);
    assert_eq!(said.len(), 1);
    assert!(!said[0].chars().any(|c| c.is_control() || c == '\u{202e}'), "{said:?}");
    assert!(said[0].starts_with("still creating after 3m: \\u{1b}[2JBoo") && said[0].contains("\\u{202e}"), "{said:?}");
    assert!(said[0].chars().count() < 400, "{}", said[0].chars().count());
    // However many there are, some are told.
    let flood = |n: usize| warning("Pod", "api-5-a", &format!("Reason{n}"), &format!("no {n}"), json!({}));
    seen.hear("payments", (0..5000).map(flood).collect());
    assert_eq!(trouble(&seen).len(), 1);
    assert!(trouble(&seen)[0].chars().count() < 400);
}

#[test]
fn the_newest_of_what_is_alike_is_shown_without_what_stands_before_it() {
    let mut seen = api();
    pod(&mut seen, "api-5-a", creating("3m"));
    seen.hear(
        "payments",
        vec![
            warning("Pod", "api-5-a", "FailedMount", "older", json!({ "lastTimestamp": ago("1m") })),
            warning("Pod", "api-5-a", "FailedMount", "(combined from similar events): newer", json!({})),
            warning("Pod", "api-5-a", "FailedAttachVolume", "in use", json!({ "lastTimestamp": ago("2m") })),
            warning("Pod", "api-5-a", "Third", "is not told", json!({ "lastTimestamp": ago("2m30s") })),
        ],
    );
    let said = "still creating after 3m: FailedMount: newer (at 10:14Z); FailedAttachVolume: in use (at 10:13Z)";
    assert_eq!(trouble(&seen), [said]);
}
