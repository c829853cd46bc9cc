//! Ours beside `kubectl argo rollouts`: what is sent, and what is left behind.

use super::staged::{analysed, coloured, done, perform, phase, referring, steps, underway};
use crate::cluster::Cluster;
use crate::undisturbed as tokio;
use holdpoint::domain::operation::Verb;
use serde_json::{Value, json};
use std::process::Command;

/// Runs the plugin; none when there is none. `HOLDPOINT_TEST_ARGO_PLUGIN` says where it is.
fn plugin(cluster: &Cluster, words: &[&str]) -> Option<String> {
    let program = std::env::var_os("HOLDPOINT_TEST_ARGO_PLUGIN").unwrap_or_else(|| "kubectl-argo-rollouts".into());
    let said = Command::new(program)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", cluster.dir())
        .env("KUBECONFIG", cluster.kubeconfig())
        .args(words)
        .output();
    let Ok(output) = said else {
        crate::wanted::skipped("kubectl-argo-rollouts");
        return None;
    };
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(output.status.success(), "{words:?}: {said}");
    Some(said)
}

/// A rollout without what differs between two servers and two clients.
fn left(cluster: &Cluster) -> Value {
    let mut rollout = cluster.get("rollouts", "web").unwrap();
    for key in ["resourceVersion", "uid", "creationTimestamp"] {
        rollout["metadata"].as_object_mut().unwrap().remove(key);
    }
    rollout["metadata"]["annotations"].as_object_mut().unwrap().remove("kubernetes.io/change-cause");
    // A false that was written says as much as one that was not.
    rollout["status"].as_object_mut().unwrap().retain(|_, value| *value != json!(false));
    without_nulls(&rollout)
}

/// Waits until both are left alike, or shows how they differ.
async fn alike(ours: &Cluster, theirs: &Cluster) {
    let began = std::time::Instant::now();
    while left(ours) != left(theirs) && began.elapsed().as_secs() < 60 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(left(ours), left(theirs));
}

/// What a request leads to, by the paths that it changes.
fn changes(body: &str) -> Value {
    let sent: Value = serde_json::from_str(body).unwrap();
    let Some(steps) = sent.as_array() else { return sent };
    let mut whole = json!({});
    for step in steps.iter().filter(|step| step["op"] != "test") {
        let words: Vec<&str> = step["path"].as_str().unwrap().split('/').skip(1).collect();
        if words[0] != "metadata" {
            whole[words[0]][words[1]] = step["value"].clone();
        }
    }
    whole
}

#[tokio::test]
async fn every_verb_sends_and_leaves_what_the_plugins_does() {
    type Case = (&'static str, Verb, &'static [(&'static str, &'static str)], &'static [&'static str]);
    let cases: [Case; 6] = [
        ("stop", Verb::Promote, &[("step", "2")], &["promote", "web"]),
        ("inconclusive", Verb::Promote, &[("step", "2")], &["promote", "web"]),
        ("running", Verb::Promote, &[("how", "skip"), ("step", "2")], &["promote", "web"]),
        ("running", Verb::Promote, &[("how", "full")], &["promote", "web", "--full"]),
        ("stop", Verb::Abort, &[], &["abort", "web"]),
        ("blue-green", Verb::Promote, &[], &["promote", "web"]),
    ];
    for (comes, verb, args, words) in cases {
        let begin = async || match comes {
            "stop" => underway(steps()).await,
            "blue-green" => coloured().await,
            other => underway(analysed(other)).await,
        };
        let (ours, theirs) = (begin().await, begin().await);
        if plugin(&theirs, words).is_none() {
            return;
        }
        done(&ours, verb, "web", args).await;
        let standing = ours.get("rollouts", "web").unwrap()["status"]["phase"].as_str().unwrap().to_owned();
        phase(&theirs, "web", &standing).await;
        alike(&ours, &theirs).await;
        let (ours, theirs) = (ours.mutations(), theirs.mutations());
        assert_eq!((ours.len(), theirs.len()), (1, 1), "{words:?}");
        assert_eq!((&ours[0].method, &ours[0].path), (&theirs[0].method, &theirs[0].path), "{words:?}");
        let mut plugins = changes(&theirs[0].body);
        // It clears what is not there as well, which says nothing.
        if comes == "running" && verb == Verb::Promote {
            plugins["status"].as_object_mut().unwrap().remove("pauseConditions");
        }
        assert_eq!(changes(&ours[0].body), plugins, "{words:?}");
    }
}

#[tokio::test]
async fn a_restart_sends_and_leaves_what_the_plugins_does() {
    let (ours, theirs) = (underway(steps()).await, underway(steps()).await);
    if plugin(&theirs, &["restart", "web"]).is_none() {
        return;
    }
    done(&ours, Verb::Restart, "web", &[]).await;
    let over = || {
        let web = theirs.get("rollouts", "web").unwrap();
        web["spec"]["restartAt"].is_string() && web["status"]["restartedAt"] == web["spec"]["restartAt"]
    };
    crate::support::until("theirs is over", over).await;
    let left = |cluster| {
        let mut web = left(cluster);
        web["spec"]["restartAt"] = "then".into();
        web["status"]["restartedAt"] = "then".into();
        web
    };
    assert_eq!(left(&ours), left(&theirs));
    let sent = |cluster: &Cluster| {
        let sent = cluster.mutations();
        let mut changes = changes(&sent[0].body);
        assert_eq!(changes["spec"]["restartAt"].take().as_str().map(str::len), Some(20));
        (sent.len(), sent[0].path.clone(), changes)
    };
    assert_eq!(sent(&ours), sent(&theirs));
}

#[tokio::test]
async fn a_retry_and_an_undo_leave_what_the_plugins_leave() {
    let (ours, theirs) = (underway(steps()).await, underway(steps()).await);
    for cluster in [&ours, &theirs] {
        done(cluster, Verb::Abort, "web", &[]).await;
    }
    if plugin(&theirs, &["retry", "rollout", "web"]).is_none() {
        return;
    }
    done(&ours, Verb::Resume, "web", &[("how", "retry")]).await;
    for cluster in [&ours, &theirs] {
        phase(cluster, "web", "Paused").await;
    }
    assert_eq!(left(&ours), left(&theirs));
    assert_eq!(changes(&ours.mutations()[1].body), changes(&theirs.mutations()[1].body));
    for cluster in [&ours, &theirs] {
        done(cluster, Verb::Promote, "web", &[("how", "full")]).await;
    }
    // The whole way back: what is left is the plugin's, but for the cause.
    plugin(&theirs, &["undo", "web"]).unwrap();
    perform(&ours, Verb::RollBack, "web", &[("to", "4.1.9")]).await.unwrap();
    phase(&theirs, "web", "Paused").await;
    alike(&ours, &theirs).await;
    let (ours, theirs) = (ours.mutations(), theirs.mutations());
    let template = |sent: &crate::cluster::Asked| without_nulls(&changes(&sent.body)["spec"]["template"]);
    assert_eq!(template(ours.last().unwrap()), template(theirs.last().unwrap()));
    assert_eq!(ours.last().unwrap().kind, theirs.last().unwrap().kind);
}

#[tokio::test]
async fn an_undo_of_a_template_that_lies_elsewhere_leaves_what_the_plugins_leaves() {
    let (ours, theirs) = (referring(steps()).await, referring(steps()).await);
    if plugin(&theirs, &["undo", "web"]).is_none() {
        return;
    }
    done(&ours, Verb::RollBack, "web", &[("to", "4.1.9")]).await;
    phase(&theirs, "web", "Healthy").await;
    alike(&ours, &theirs).await;
    let declared = |cluster: &Cluster| without_nulls(&cluster.get("deployments", "pods").unwrap()["spec"]);
    assert_eq!(declared(&ours), declared(&theirs));
    let (ours, theirs) = (ours.mutations(), theirs.mutations());
    assert_eq!((ours.len(), theirs.len()), (1, 1));
    assert_eq!((&ours[0].method, &ours[0].path, &ours[0].kind), (&theirs[0].method, &theirs[0].path, &theirs[0].kind));
    assert_eq!(without_nulls(&changes(&ours[0].body)), without_nulls(&changes(&theirs[0].body)));
}

/// The plugin writes `creationTimestamp: null` and `resources: {}`, which say nothing.
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
