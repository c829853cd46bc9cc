//! A restart: every pod anew, once, and nothing else changed.

use super::ground::{
    NEW, Watched, backend, cause, image, operation, other_key, perform, placed, rolled, rolled_sets, set_image,
    settled, soon, summary,
};
use crate::cluster::{Cluster, Does};
use crate::support::{key, sink, until};
use crate::undisturbed as tokio;
use chrono::{DateTime, Utc};
use holdpoint::backend::{Backend, Certainty, Done, Fault};
use holdpoint::domain::journal_id::Key;
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::Found;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn restart(service: &str) -> Operation {
    operation(Verb::Restart, service, &[])
}

async fn again(cluster: &Cluster, service: &str, key: Key) -> Result<Done, Fault> {
    soon(backend(cluster).perform(restart(service), key, sink(None).0)).await
}

async fn probe(cluster: &Cluster, service: &str) -> Found {
    soon(backend(cluster).probe(&restart(service), key())).await.unwrap()
}

/// The time that a workload's template bears.
fn stamp(cluster: &Cluster, resource: &str, name: &str) -> String {
    let object = cluster.get(resource, name).unwrap();
    let at = &object["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"];
    at.as_str().unwrap_or_default().to_owned()
}

/// The names of all pods.
fn pods(cluster: &Cluster) -> BTreeSet<String> {
    let state = cluster.state();
    state.store.all("pods", None).map(|pod| pod["metadata"]["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_pod_is_replaced_and_the_version_stays() {
    let cluster = rolled().await;
    let (before, began) = (pods(&cluster), Utc::now());
    let Ok(Done::Whole(receipt)) = perform(&cluster, restart("api")).await else { panic!("not in whole") };
    assert_eq!(receipt.summary, "deployment payments/api is restarted: 2 pods anew, at 4.2.0 as before");
    assert_eq!(receipt.detail["version"], "4.2.0");
    assert!(!receipt.detail.contains_key("previous"), "{receipt:?}");
    until("the old ones are gone", || pods(&cluster).len() == 2 && pods(&cluster).is_disjoint(&before)).await;
    assert_eq!(image(&cluster, "deployments", "api"), NEW);
    let at = DateTime::parse_from_rfc3339(&stamp(&cluster, "deployments", "api")).unwrap().to_utc();
    assert!((at - began).num_seconds().abs() <= 30, "{at} {began}");
    let sent = cluster.mutations();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert!(cause(&cluster.get("deployments", "api").unwrap()).contains(&key().to_string()));
    let found = probe(&cluster, "api").await;
    assert!(matches!(&found, Found::Applied(_)), "{found:?}");
}

#[tokio::test]
async fn sets_are_restarted_too() {
    let cluster = rolled_sets().await;
    for (resource, name, words) in [
        ("statefulsets", "db", "statefulset payments/db is restarted: 2 pods anew, at 4.2.0 as before"),
        ("daemonsets", "agent", "daemonset payments/agent is restarted: 3 pods anew, at 4.2.0 as before"),
    ] {
        let before = cluster.get(resource, name).unwrap()["status"]["updateRevision"].clone();
        assert_eq!(summary(perform(&cluster, restart(name)).await), words);
        assert!(!stamp(&cluster, resource, name).is_empty());
        let after = cluster.get(resource, name).unwrap();
        assert_ne!(after["status"]["updateRevision"], before);
        // The rest of the template is as it was.
        assert_eq!(after["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"], "hello");
        assert_eq!(image(&cluster, resource, name), NEW);
    }
    assert_eq!(cluster.mutations().len(), 2);
}

#[tokio::test]
async fn a_second_press_with_the_same_key_restarts_nothing() {
    let (cluster, sets) = (rolled().await, rolled_sets().await);
    for (cluster, resource, name) in
        [(&cluster, "deployments", "api"), (&sets, "statefulsets", "db"), (&sets, "daemonsets", "agent")]
    {
        perform(cluster, restart(name)).await.unwrap();
        let (at, sent) = (stamp(cluster, resource, name), cluster.mutations().len());
        let said = summary(perform(cluster, restart(name)).await);
        assert!(said.contains("is restarted: "), "{said}");
        assert_eq!((stamp(cluster, resource, name), cluster.mutations().len()), (at, sent));
    }
}

#[tokio::test]
async fn another_key_restarts_it_anew_and_the_first_one_is_not_repeated() {
    let cluster = rolled().await;
    perform(&cluster, restart("api")).await.unwrap();
    let first = stamp(&cluster, "deployments", "api");
    until("another second", || Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true) != first).await;
    again(&cluster, "api", other_key()).await.unwrap();
    assert_ne!(stamp(&cluster, "deployments", "api"), first);
    assert_eq!(cluster.mutations().len(), 2);
    // Of the first only a revision tells any more; how far it came, nobody does.
    let found = probe(&cluster, "api").await;
    assert!(
        matches!(&found, Found::Unknown { why } if why.contains("something else was rolled out since")),
        "{found:?}"
    );
    let fault = perform(&cluster, restart("api")).await.unwrap_err();
    assert_eq!(fault.certainty(), Certainty::Unknown, "{fault}");
    assert_eq!(cluster.mutations().len(), 2);
}

#[tokio::test]
async fn a_paused_deployment_is_not_restarted_and_it_says_what_to_do() {
    let cluster = rolled().await;
    cluster.change("deployments", "api", |object| object["spec"]["paused"] = true.into());
    let fault = perform(&cluster, restart("api")).await.unwrap_err();
    assert_eq!(fault.certainty(), Certainty::NotDone, "{fault}");
    assert!(fault.to_string().contains("it is paused") && fault.to_string().contains("resume it first"), "{fault}");
    let preview = soon(backend(&cluster).preview(&restart("api"))).await.unwrap();
    assert!(preview.refused.iter().any(|why| why.contains("resume it first")), "{preview:?}");
    assert_eq!((cluster.mutations().len(), stamp(&cluster, "deployments", "api").as_str()), (0, ""));
}

#[tokio::test]
async fn a_restart_that_names_a_version_is_of_no_other() {
    let cluster = rolled().await;
    let named = |version: &str| operation(Verb::Restart, "api", &[("version", version)]);
    let fault = perform(&cluster, named("4.3.0")).await.unwrap_err();
    assert_eq!(fault.certainty(), Certainty::NotDone, "{fault}");
    assert!(fault.to_string().contains("it is to have 4.2.0, not 4.3.0"), "{fault}");
    assert_eq!(cluster.mutations().len(), 0);
    perform(&cluster, named("4.2.0")).await.unwrap();
    assert_eq!(cluster.mutations().len(), 1);
}

#[tokio::test]
async fn what_is_replaced_by_hand_is_not_restarted() {
    let cluster = rolled_sets().await;
    for (resource, name) in [("statefulsets", "db"), ("daemonsets", "agent")] {
        cluster.change(resource, name, |set| set["spec"]["updateStrategy"] = json!({ "type": "OnDelete" }));
        let preview = soon(backend(&cluster).preview(&restart(name))).await.unwrap();
        assert!(preview.refused.iter().any(|why| why.contains("delete them by hand")), "{preview:?}");
        let fault = perform(&cluster, restart(name)).await.unwrap_err();
        assert_eq!(fault.certainty(), Certainty::NotDone, "{fault}");
        assert!(fault.to_string().contains("OnDelete"), "{fault}");
    }
    assert_eq!(cluster.mutations().len(), 0);
}

#[tokio::test]
async fn what_a_partition_keeps_back_is_named_and_not_called_done() {
    let cluster = rolled_sets().await;
    cluster.change("statefulsets", "db", |set| {
        set["spec"]["updateStrategy"]["rollingUpdate"]["partition"] = 1.into();
    });
    settled(&cluster, "statefulsets", "db").await;
    let preview = soon(backend(&cluster).preview(&restart("db"))).await.unwrap();
    assert_eq!(preview.obstacles, ["its partition is 1: db-0 stays as it is, 1 of 2 pods"]);
    let done = perform(&cluster, restart("db")).await;
    assert!(matches!(&done, Ok(Done::Partly(1, 2, _))), "{done:?}");
    let found = probe(&cluster, "db").await;
    assert!(matches!(&found, Found::Partly { done: 1, of: 2, .. }), "{found:?}");
}

#[tokio::test]
async fn of_two_operators_one_is_refused() {
    let cluster = rolled().await;
    cluster.fault("GET", "/replicasets", Does::Held, 1);
    let performing = perform(&cluster, restart("api"));
    let looked = || cluster.state().asked.iter().any(|asked| asked.path.ends_with("/replicasets"));
    let other = async {
        until("it has been looked at", looked).await;
        set_image(&cluster, "deployments", "api", "reg.example/api:5.0.0");
        cluster.release();
    };
    let (ended, ()) = futures_util::future::join(performing, other).await;
    let fault = ended.unwrap_err();
    assert_eq!(fault.certainty(), Certainty::NotDone, "{fault}");
    assert!(fault.to_string().contains("422") && fault.to_string().contains("decide anew"), "{fault}");
    assert_eq!(stamp(&cluster, "deployments", "api"), "");
}

#[tokio::test]
async fn a_lost_answer_is_found_and_not_sent_twice() {
    let cluster = rolled().await;
    cluster.fault("PATCH", "/deployments/api", Does::CutBefore, 1);
    let fault = perform(&cluster, restart("api")).await.unwrap_err();
    assert_eq!(fault.certainty(), Certainty::Unknown, "{fault}");
    let found = probe(&cluster, "api").await;
    assert!(matches!(&found, Found::NotApplied { r#final: false, .. }), "{found:?}");
    cluster.fault("PATCH", "/deployments/api", Does::CutAfter, 1);
    let fault = perform(&cluster, restart("api")).await.unwrap_err();
    assert_eq!(fault.certainty(), Certainty::Unknown, "{fault}");
    settled(&cluster, "deployments", "api").await;
    let found = probe(&cluster, "api").await;
    assert!(matches!(&found, Found::Applied(_)), "{found:?}");
    let (at, sent) = (stamp(&cluster, "deployments", "api"), cluster.mutations().len());
    summary(perform(&cluster, restart("api")).await);
    assert_eq!((stamp(&cluster, "deployments", "api"), cluster.mutations().len()), (at, sent));
}

#[tokio::test]
async fn what_does_not_come_up_is_in_part() {
    let cluster = rolled().await;
    set_image(&cluster, "deployments", "api", "reg.example/api:4.2.0-deadline");
    let ended = perform(&cluster, restart("api")).await;
    assert!(
        matches!(&ended, Ok(Done::Partly(0, 2, told)) if told.summary.contains("accepted, and failed")),
        "{ended:?}"
    );
    let found = probe(&cluster, "api").await;
    assert!(matches!(&found, Found::Partly { done: 0, of: 2, .. }), "{found:?}");
}

#[tokio::test]
async fn a_preview_tries_it_dry_and_changes_nothing() {
    let cluster = rolled().await;
    cluster.change("deployments", "api", |object| {
        object["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] = "pay:apps/Deployment:payments/api".into();
        object["spec"]["strategy"] = json!({ "type": "Recreate" });
    });
    settled(&cluster, "deployments", "api").await;
    let before = cluster.get("deployments", "api");
    let preview = soon(backend(&cluster).preview(&restart("api"))).await.unwrap();
    assert_eq!(preview.effects[0], "deployment payments/api rolls 2 pods anew, at 4.2.0 as before");
    for words in ["config maps", "Recreate"] {
        assert!(preview.loses.iter().any(|loss| loss.contains(words)), "{words}: {preview:?}");
    }
    assert_eq!(preview.obstacles.len(), 1, "{preview:?}");
    assert!(preview.obstacles[0].contains("Argo CD owns it (application pay)"), "{preview:?}");
    let dry = |asked: &crate::cluster::Asked| asked.method == "PATCH" && asked.query.contains("dryRun=All");
    assert_eq!(cluster.state().asked.iter().filter(|asked| dry(asked)).count(), 1);
    assert_eq!((cluster.get("deployments", "api"), cluster.mutations().len()), (before, 0));
    cluster.state().denied.push("patch deployments".to_owned());
    let preview = soon(backend(&cluster).preview(&restart("api"))).await.unwrap();
    for words in ["you may not patch deployments in payments", "would refuse it now"] {
        assert!(preview.refused.iter().any(|why| why.contains(words)), "{words}: {preview:?}");
    }
}

#[tokio::test]
async fn the_way_back_leads_past_what_was_only_restarted() {
    let cluster = rolled().await;
    perform(&cluster, restart("api")).await.unwrap();
    let mut watched = Watched::new(&cluster);
    watched.until("it is stable", |w| w.api().is_some_and(|row| row.state == "stable")).await;
    assert_eq!(
        (watched.api().unwrap().version.as_str(), &watched.api().unwrap().history),
        ("4.2.0", &vec!["4.1.9".to_owned()])
    );
    // The same of what a verb reads, which is whole.
    let fault =
        soon(backend(&cluster).perform(super::ground::back("1.0"), other_key(), sink(None).0)).await.unwrap_err();
    assert!(fault.to_string().ends_with("kept are 4.1.9"), "{fault}");
    let other = soon(backend(&cluster).perform(super::ground::back("4.1.9"), other_key(), sink(None).0)).await;
    assert_eq!(summary(other), "deployment payments/api runs 4.1.9");
    // Both revisions of the version that was left are one to return to.
    watched
        .until("the old one", |w| w.rows[&placed("api")].version == "4.1.9" && w.rows[&placed("api")].state == "stable")
        .await;
    assert_eq!(watched.api().unwrap().history, ["4.2.0"]);
}

/// What a restart of an object means at an instant.
fn planned(object: &Value, now: &str) -> Result<holdpoint::backend::kubernetes::plan::Plan, String> {
    use holdpoint::backend::kubernetes::cause::Asker;
    use holdpoint::backend::kubernetes::place::Place;
    use holdpoint::backend::kubernetes::restart::{Asked, plan};
    let kind = object["kind"].as_str().unwrap().to_lowercase();
    let place = Place::read(&format!("payments/{kind}/x"), "").unwrap();
    let now = DateTime::parse_from_rfc3339(now).unwrap().to_utc();
    let (operation, at) = (restart("api"), Default::default());
    plan(&Asked { operation: &operation, asker: Asker::default(), place: &place, object, all: &[], at: &at, now })
}

#[test]
fn the_time_is_written_as_kubectl_writes_it_and_not_twice_in_a_second() {
    let mut object = crate::cluster::deployment("api", NEW, 1);
    let plan = planned(&object, "2026-11-22T09:00:00.987Z").unwrap();
    let body = plan.patch.unwrap().body;
    // There were none: that is part of the lock.
    assert_eq!((&body[2]["op"], &body[2]["value"]), (&json!("test"), &Value::Null));
    let stamps = &body[3]["value"];
    assert_eq!(stamps, &json!({ "kubectl.kubernetes.io/restartedAt": "2026-11-22T09:00:00Z" }));
    assert!(plan.effects[0].contains("rolls 1 pod anew"), "{:?}", plan.effects);
    object["spec"]["template"]["metadata"]["annotations"] = stamps.clone();
    assert!(planned(&object, "2026-11-22T09:00:00.999Z").unwrap_err().contains("within this second"));
    assert!(planned(&object, "2026-11-22T09:00:01Z").is_ok());
}

#[test]
fn what_is_under_way_is_said() {
    let mut object = crate::cluster::deployment("api", NEW, 2);
    object["status"] = json!({ "updatedReplicas": 1, "replicas": 3, "availableReplicas": 3 });
    let plan = planned(&object, "2026-11-22T09:00:00Z").unwrap();
    let said = plan.loses.join("\n");
    assert!(said.contains("1 out of 2 new replicas have been updated): pods that are new by then"), "{said}");
}

#[test]
fn the_pods_that_a_partition_keeps_are_named_by_their_ordinals() {
    use holdpoint::backend::kubernetes::place::Kind;
    use holdpoint::backend::kubernetes::restart::stays;
    let mut set = crate::cluster::stateful_set("db", NEW, 3);
    let mut said = |partition: u64, start: u64| {
        set["spec"]["updateStrategy"]["rollingUpdate"]["partition"] = partition.into();
        set["spec"]["ordinals"] = json!({ "start": start });
        stays(Kind::StatefulSet, &set)
    };
    assert_eq!(said(0, 0), None);
    assert_eq!(said(2, 0).unwrap(), "its partition is 2: db-0 to db-1 stay as they are, 2 of 3 pods");
    assert_eq!(said(1, 5).unwrap(), "its partition is 1: db-5 stays as it is, 1 of 3 pods");
    assert_eq!(said(9, 0).unwrap(), "its partition is 9: db-0 to db-2 stay as they are, 3 of 3 pods");
    assert_eq!(stays(Kind::DaemonSet, &set), None);
}
