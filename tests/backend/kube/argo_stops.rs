//! Where a rollout has come to what was asked for, and where it only looks so.

use super::ground::soon;
use super::staged::{
    NEW, OLD, backend, coloured, done, image, operation, part, perform, phase, refused, steps, underway,
};
use crate::cluster::{Cluster, blue_green, rollout};
use crate::support::{key, sink, until};
use crate::undisturbed as tokio;
use holdpoint::backend::kubernetes::act::Look;
use holdpoint::backend::kubernetes::place::Place;
use holdpoint::backend::kubernetes::rollouts::goal::{Goal, look};
use holdpoint::backend::kubernetes::rollouts::state::{Phase, phase as read};
use holdpoint::backend::{Backend, Certainty, Done};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::Found;
use holdpoint::domain::span::Span;
use serde_json::{Value, json};

/// 10 %, a person, 30 %, something in between, 50 %, a person.
fn between(step: Value) -> Value {
    json!([{ "setWeight": 10 }, { "pause": {} }, { "setWeight": 30 }, step, { "setWeight": 50 }, { "pause": {} }])
}

fn analysis(comes: &str) -> Value {
    json!({ "analysis": { "templates": [{ "templateName": comes }] } })
}

fn short(verb: Verb, args: &[(&str, &str)]) -> Operation {
    Operation { limit: Span::secs(5), ..operation(verb, "web", args) }
}

const HALF: &[(&str, &str)] = &[("weight", "50")];

#[tokio::test]
async fn a_promotion_is_done_at_the_stop_that_it_promised_and_not_before() {
    for step in [analysis("running"), json!({ "pause": { "duration": "1h" } })] {
        let cluster = underway(between(step.clone())).await;
        let promote = short(Verb::Promote, HALF);
        let preview = soon(backend(&cluster).preview(&promote)).await.unwrap();
        assert!(preview.effects[0].contains("as far as step 6 of 6 (pause, 50 %)"), "{preview:?}");
        let ended = soon(backend(&cluster).perform(promote, key(), sink(None).0)).await;
        let said = ended.expect_err(&step.to_string());
        assert_eq!(said.certainty(), Certainty::Unknown, "{said}");
        assert!(said.to_string().contains("is at step 4 of 6"), "{said}");
    }
    let cluster = underway(between(analysis("pass"))).await;
    let said = done(&cluster, Verb::Promote, "web", HALF).await;
    assert_eq!(said, "rollout payments/web is at step 6 of 6 (pause, 50 %)");
}

#[tokio::test]
async fn an_inconclusive_analysis_on_the_way_is_in_part() {
    let cluster = underway(between(analysis("inconclusive"))).await;
    let said = part(&cluster, Verb::Promote, "web", HALF).await.summary;
    assert!(said.contains("its analysis is inconclusive"), "{said}");
    let found = soon(backend(&cluster).probe(&operation(Verb::Promote, "web", HALF), key())).await;
    assert!(matches!(&found, Ok(Found::Unknown { .. })), "{found:?}");
}

#[tokio::test]
async fn a_deploy_stops_at_a_pause_and_at_no_open_question() {
    let stable = async |steps: Value| {
        let cluster = Cluster::start();
        cluster.put("rollouts", rollout("web", OLD, 10, steps));
        phase(&cluster, "web", "Healthy").await;
        cluster
    };
    let deploy = short(Verb::Deploy, &[("version", "4.2.0")]);
    for (comes, word) in [("inconclusive", "inconclusive"), ("running", "has not happened in time")] {
        let cluster = stable(json!([{ "setWeight": 20 }, analysis(comes), { "pause": {} }])).await;
        let ended = soon(backend(&cluster).perform(deploy.clone(), key(), sink(None).0)).await;
        let Ok(Done::Partly(1, 3, told)) = ended else { panic!("{comes}: {ended:?}") };
        assert!(told.summary.contains(word), "{told:?}");
    }
    let cluster = stable(json!([{ "setWeight": 20 }, { "pause": { "duration": "1h" } }])).await;
    let said = done(&cluster, Verb::Deploy, "web", &[("version", "4.2.0")]).await;
    assert!(said.ends_with("step 2 of 2 (pause 1h, 20 %)"), "{said}");
}

#[tokio::test]
async fn blue_green_stops_before_its_switch() {
    let cluster = Cluster::start();
    cluster.put("rollouts", blue_green("web", OLD, 2));
    phase(&cluster, "web", "Healthy").await;
    let said = done(&cluster, Verb::Deploy, "web", &[("version", "4.2.0")]).await;
    assert_eq!(said, "rollout payments/web has 4.2.0 at its preview, before its switch");
    done(&cluster, Verb::Promote, "web", &[]).await;
    let back = perform(&cluster, Verb::RollBack, "web", &[("to", "4.1.9")]).await;
    assert!(matches!(&back, Ok(Done::Partly(1, 2, _))), "{back:?}");
    let cluster = coloured().await;
    done(&cluster, Verb::Abort, "web", &[]).await;
}

#[tokio::test]
async fn an_abort_is_done_once_no_new_pod_is_left() {
    let cluster = Cluster::start();
    let mut plain = rollout("web", OLD, 10, steps());
    plain["spec"]["strategy"]["canary"].as_object_mut().unwrap().remove("trafficRouting");
    cluster.put("rollouts", plain);
    phase(&cluster, "web", "Healthy").await;
    image(&cluster, "rollouts", "web", NEW);
    phase(&cluster, "web", "Paused").await;
    cluster.state().controllers = false;
    let performing = tokio::spawn(backend(&cluster).perform(operation(Verb::Abort, "web", &[]), key(), sink(None).0));
    until("it is sent", || cluster.mutations().len() == 1).await;
    // Its controller says at once that it is aborted, and takes pods away one by one.
    cluster.change("rollouts", "web", |r| {
        r["status"]["phase"] = "Degraded".into();
        r["status"]["updatedReplicas"] = 5.into();
    });
    let looks =
        || cluster.state().asked.iter().filter(|a| a.method == "GET" && a.path.ends_with("/rollouts/web")).count();
    let before = looks();
    until("it is looked at again and again", || looks() > before + 2).await;
    assert!(!performing.is_finished());
    cluster.state().controllers = true;
    let ended = soon(performing).await.unwrap();
    assert!(matches!(&ended, Ok(Done::Whole(_))), "{ended:?}");
}

#[test]
fn what_serves_after_an_abort_is_read_from_whoever_leads_the_traffic() {
    let place = Place::read("payments/rollout/web", "x").unwrap();
    let aborted = |strategy: Value, status: Value| {
        let mut object = json!({ "spec": { "replicas": 4, "strategy": strategy },
            "status": { "phase": "Degraded", "abort": true, "currentPodHash": "new", "stableRS": "old" } });
        object["status"].as_object_mut().unwrap().extend(status.as_object().unwrap().clone());
        matches!(look(&Goal::Aborted { hash: "new".into() }, &place, &object), Look::Seen(_))
    };
    let weights = |weight: u64, verified: bool| json!({ "canary": { "weights": { "canary": { "weight": weight }, "verified": verified } } });
    let canary = || json!({ "canary": {} });
    assert!(aborted(canary(), weights(0, true)));
    assert!(!aborted(canary(), weights(0, false)));
    assert!(!aborted(canary(), weights(5, true)));
    assert!(aborted(canary(), json!({ "updatedReplicas": 0, "availableReplicas": 4 })));
    assert!(!aborted(canary(), json!({ "updatedReplicas": 1, "availableReplicas": 4 })));
    assert!(!aborted(canary(), json!({ "updatedReplicas": 0, "availableReplicas": 3 })));
    assert!(aborted(json!({ "blueGreen": {} }), json!({ "blueGreen": { "activeSelector": "old" } })));
    assert!(!aborted(json!({ "blueGreen": {} }), json!({ "blueGreen": { "activeSelector": "new" } })));
}

#[tokio::test]
async fn a_workload_that_its_controller_has_not_seen_is_not_decided_on() {
    let mut object = json!({ "metadata": { "annotations": { "rollout.argoproj.io/workload-generation": "2" } },
        "spec": { "workloadRef": { "kind": "Deployment", "name": "web" } },
        "status": { "phase": "Healthy", "workloadObservedGeneration": "1" } });
    assert_eq!(read(&object).0, Phase::Progressing);
    object["status"]["workloadObservedGeneration"] = "2".into();
    assert_eq!(read(&object).0, Phase::Healthy);
    object["status"]["workloadObservedGeneration"] = "222222222222222222".into();
    assert_eq!(read(&object).0, Phase::Healthy);
    let cluster = underway(steps()).await;
    cluster.state().controllers = false;
    cluster.change("rollouts", "web", |r| {
        r["spec"]["workloadRef"] = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "name": "web" });
        r["status"]["observedGeneration"] = "99".into();
        r["metadata"]["annotations"]["rollout.argoproj.io/workload-generation"] = "2".into();
        r["status"]["workloadObservedGeneration"] = "1".into();
    });
    let said = refused(&cluster, Verb::Promote, "web", &[("step", "2")]).await;
    assert!(said.contains("has not seen the last change yet"), "{said}");
}
