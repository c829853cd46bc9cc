//! A restart of what goes in steps: rollouts are restarted where they stand, and of a canary what serves.

use super::flagger::GATES;
use super::ground::{other_key, soon};
use super::staged::{
    add, backend, coloured, done, image, index, lost, operation, refused, shop, shopping, steps, underway,
};
use crate::cluster::{Cluster, Does};
use crate::support::{key, sink, until};
use crate::undisturbed as tokio;
use chrono::{DateTime, Utc};
use holdpoint::backend::kubernetes::act::Look;
use holdpoint::backend::kubernetes::place::Place;
use holdpoint::backend::kubernetes::rollouts::restart::{Goal, look};
use holdpoint::backend::{Backend, Certainty};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::Found;
use holdpoint::domain::span::Span;
use serde_json::{Value, json};

async fn probe(cluster: &Cluster, service: &str) -> Found {
    soon(backend(cluster).probe(&operation(Verb::Restart, service, &[]), key())).await.unwrap()
}

/// When each pod was made.
fn ages(cluster: &Cluster) -> Vec<DateTime<Utc>> {
    let state = cluster.state();
    let age =
        |pod: &Value| DateTime::parse_from_rfc3339(pod["metadata"]["creationTimestamp"].as_str().unwrap()).unwrap();
    state.store.all("pods", None).map(|pod| age(pod).to_utc()).collect()
}

fn restart_at(cluster: &Cluster) -> String {
    cluster.get("rollouts", "web").unwrap()["spec"]["restartAt"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_rollout_is_restarted_at_the_step_that_it_is_at() {
    let cluster = underway(steps()).await;
    let before = cluster.get("rollouts", "web").unwrap();
    let preview = soon(backend(&cluster).preview(&operation(Verb::Restart, "web", &[]))).await.unwrap();
    assert!(preview.effects[0].contains("it stays at the step that it is at"), "{preview:?}");
    assert_eq!((preview.obstacles.len(), cluster.mutations().len()), (0, 0), "{preview:?}");
    let n = ages(&cluster).len();
    let said = done(&cluster, Verb::Restart, "web", &[]).await;
    assert_eq!(said, format!("rollout payments/web is restarted: {n} pods anew and ready"));
    let at = DateTime::parse_from_rfc3339(&restart_at(&cluster)).unwrap().to_utc();
    assert!(n >= 10 && ages(&cluster).iter().all(|made| *made >= at), "{:?} {at}", ages(&cluster));
    let after = cluster.get("rollouts", "web").unwrap();
    assert_eq!(after["spec"]["template"], before["spec"]["template"]);
    assert_eq!((index(&cluster, "web"), &after["status"]["phase"]), (1, &json!("Paused")));
    // A second press finds it done.
    done(&cluster, Verb::Restart, "web", &[]).await;
    assert_eq!(
        (cluster.mutations().len(), restart_at(&cluster)),
        (1, after["spec"]["restartAt"].as_str().unwrap().to_owned())
    );
    assert!(matches!(probe(&cluster, "web").await, Found::Applied(_)));
    // It goes on as if nothing had been.
    done(&cluster, Verb::Promote, "web", &[("step", "2")]).await;
}

#[tokio::test]
async fn one_that_was_paused_by_hand_and_one_of_two_colours_are_restarted_too() {
    let cluster = underway(steps()).await;
    done(&cluster, Verb::Pause, "web", &[]).await;
    done(&cluster, Verb::Restart, "web", &[]).await;
    let cluster = coloured().await;
    done(&cluster, Verb::Restart, "web", &[]).await;
    assert_eq!(cluster.get("rollouts", "web").unwrap()["status"]["phase"], "Paused");
}

#[tokio::test]
async fn another_template_ends_a_restart_and_it_is_not_called_done() {
    let cluster = underway(steps()).await;
    cluster.state().controllers = false;
    let short = Operation { limit: Span::secs(20), ..operation(Verb::Restart, "web", &[]) };
    let performing = tokio::spawn(backend(&cluster).perform(short, key(), sink(None).0));
    until("it was sent", || cluster.mutations().len() == 1).await;
    image(&cluster, "rollouts", "web", "reg.example/web:5.0.0");
    cluster.state().controllers = true;
    let fault = soon(performing).await.unwrap().unwrap_err();
    assert_eq!(fault.certainty(), Certainty::Unknown, "{fault}");
    assert!(fault.to_string().contains("which ends a restart"), "{fault}");
}

#[tokio::test]
async fn whoever_was_slower_is_refused_and_a_lost_answer_is_found() {
    let cluster = underway(steps()).await;
    cluster.fault("PATCH", "/rollouts/web", Does::Status(409), 1);
    assert!(refused(&cluster, Verb::Restart, "web", &[]).await.contains("409"));
    cluster.fault("PATCH", "/rollouts/web", Does::CutBefore, 1);
    lost(&cluster, Verb::Restart, "web", &[]).await;
    let found = probe(&cluster, "web").await;
    assert!(matches!(&found, Found::NotApplied { r#final: false, .. }), "{found:?}");
    cluster.fault("PATCH", "/rollouts/web", Does::CutAfter, 1);
    lost(&cluster, Verb::Restart, "web", &[]).await;
    let sent = cluster.mutations().len();
    done(&cluster, Verb::Restart, "web", &[]).await;
    assert_eq!(cluster.mutations().len(), sent);
    // The lock is on the spec that was read.
    let body = cluster.mutations().last().unwrap().body.clone();
    assert!(body.contains(r#""op":"test","path":"/metadata/generation""#), "{body}");
}

#[tokio::test]
async fn one_restart_leaves_another_in_peace() {
    let cluster = underway(steps()).await;
    add(&cluster, "fx", steps()).await;
    done(&cluster, Verb::Restart, "web", &[]).await;
    assert!(cluster.get("rollouts", "fx").unwrap()["spec"]["restartAt"].is_null());
    let ended =
        soon(backend(&cluster).perform(operation(Verb::Restart, "web", &[("with", "fx")]), other_key(), sink(None).0))
            .await;
    assert!(ended.unwrap_err().to_string().contains("one service at a time"));
}

fn pod(made: &str, ready: &str) -> Value {
    json!({ "metadata": { "creationTimestamp": made },
        "status": { "conditions": [{ "type": "Ready", "status": ready }] } })
}

/// What is seen of a rollout of two pods that was restarted at nine.
fn seen(told: &str, pods: &[Value]) -> Look {
    let object = json!({ "metadata": { "generation": 2 }, "spec": { "replicas": 2, "restartAt": "2026-11-22T09:00:00Z" },
        "status": { "observedGeneration": "2", "currentPodHash": "h", "restartedAt": told } });
    let goal = Goal { at: "2026-11-22T09:00:00Z".to_owned(), hash: "h".to_owned() };
    look(&goal, &Place::read("payments/rollout/web", "").unwrap(), &object, &pods.iter().collect::<Vec<_>>())
}

#[test]
fn it_is_the_pods_that_are_believed() {
    let (old, new) = (pod("2026-11-22T08:59:59Z", "True"), pod("2026-11-22T09:00:00Z", "True"));
    let done = "2026-11-22T09:00:00Z";
    assert!(matches!(seen(done, &[new.clone(), new.clone()]), Look::Seen(_)));
    // Its controller says so when the last one is told to go, and when another template has ended it.
    assert!(matches!(seen(done, &[new.clone(), old.clone()]), Look::Not(_)));
    assert!(matches!(seen(done, &[new.clone(), pod(done, "False")]), Look::Not(_)));
    assert!(matches!(seen(done, std::slice::from_ref(&new)), Look::Not(_)));
    assert!(matches!(seen("2026-11-21T09:00:00Z", &[new.clone(), new.clone()]), Look::Not(_)));
    let (mut going, mut ended) = (old, pod(done, "False"));
    going["metadata"]["deletionTimestamp"] = json!("2026-11-22T09:00:05Z");
    ended["status"]["phase"] = json!("Failed");
    assert!(matches!(seen(done, &[new.clone(), going, ended, new]), Look::Seen(_)));
}

#[tokio::test]
async fn of_a_canary_what_serves_is_restarted_and_nothing_is_analysed() {
    let cluster = shop(&GATES).await;
    let before = cluster.get("deployments", "shop").unwrap()["spec"].clone();
    let preview = soon(backend(&cluster).preview(&operation(Verb::Restart, "shop", &[]))).await.unwrap();
    assert_eq!(preview.effects[0], "deployment payments/shop-primary rolls 2 pods anew, at 4.1.9 as before");
    assert!(preview.refused.is_empty() && preview.obstacles.is_empty(), "{preview:?}");
    for _ in 0..2 {
        let said = done(&cluster, Verb::Restart, "shop", &[]).await;
        assert_eq!(said, "deployment payments/shop-primary is restarted: 2 pods anew, at 4.1.9 as before");
        assert_eq!(cluster.mutations().len(), 1);
    }
    assert!(cluster.mutations()[0].path.ends_with("/deployments/shop-primary"));
    assert!(matches!(probe(&cluster, "shop").await, Found::Applied(_)));
    assert_eq!(cluster.get("deployments", "shop").unwrap()["spec"], before);
    assert_eq!(cluster.get("canaries", "shop").unwrap()["status"]["phase"], "Initialized");
}

#[tokio::test]
async fn what_is_being_analysed_is_not_disturbed() {
    let cluster = shopping(&["confirm-promotion"], "WaitingPromotion").await;
    let said = refused(&cluster, Verb::Restart, "shop", &[]).await;
    assert!(said.contains("4.2.0 is waitingpromotion") && said.contains("abort it, then restart"), "{said}");
    let preview = soon(backend(&cluster).preview(&operation(Verb::Restart, "shop", &[]))).await.unwrap();
    assert!(preview.refused.iter().any(|why| why.contains("abort it, then restart")), "{preview:?}");
    assert_eq!(cluster.mutations().len(), 0);
}
