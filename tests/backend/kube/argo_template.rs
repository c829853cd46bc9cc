//! Rollouts whose template lies in a deployment (`workloadRef`): written there, seen at the rollout.

use super::ground::{cause, soon};
use super::staged::{NEW, OLD, backend, done, image, operation, perform, phase, referring, refused, steps};
use crate::cluster::{Cluster, Does};
use crate::support::{key, until};
use crate::undisturbed as tokio;
use futures_util::future::join;
use holdpoint::backend::kubernetes::rollouts::elsewhere::joined;
use holdpoint::backend::kubernetes::rollouts::state::followed;
use holdpoint::backend::{Backend, Certainty, Done};
use holdpoint::domain::operation::Verb;
use holdpoint::domain::report::Found;
use serde_json::json;
use std::time::Duration;

const BACK: &[(&str, &str)] = &[("to", "4.1.9")];
const DEPLOY: &[(&str, &str)] = &[("version", "4.3.0")];

/// The image that is declared, and where each change was sent.
fn declared(cluster: &Cluster) -> (String, Vec<String>) {
    let sent = cluster.mutations().iter().map(|asked| asked.path.rsplit('/').next().unwrap().to_owned()).collect();
    (super::ground::image(cluster, "deployments", "pods"), sent)
}

#[tokio::test]
async fn the_way_back_is_written_to_what_holds_the_template_and_seen_at_the_rollout() {
    let cluster = referring(steps()).await;
    let preview = soon(backend(&cluster).preview(&operation(Verb::RollBack, "web", BACK))).await.unwrap();
    assert!(preview.refused.is_empty(), "{preview:?}");
    assert_eq!(
        preview.effects[..2],
        [
            "rollout payments/web returns to 4.1.9 (revision 1)",
            "it is written to deployment payments/pods, which holds its template"
        ]
    );
    assert_eq!(done(&cluster, Verb::RollBack, "web", BACK).await, "rollout payments/web runs 4.1.9");
    assert_eq!(declared(&cluster), (OLD.to_owned(), vec!["pods".to_owned()]));
    let web = cluster.get("rollouts", "web").unwrap();
    assert!(web["spec"].get("template").is_none() && web["status"]["phase"] == "Healthy", "{web}");
    assert_eq!(web["status"]["currentPodHash"], web["status"]["stableRS"]);
    assert!(cause(&cluster.get("deployments", "pods").unwrap()).contains(&key().to_string()));
    // The same key again finds its mark there.
    done(&cluster, Verb::RollBack, "web", BACK).await;
    let found = soon(backend(&cluster).probe(&operation(Verb::RollBack, "web", BACK), key())).await;
    assert!(matches!(&found, Ok(Found::Applied(receipt)) if !receipt.summary.contains("this key")), "{found:?}");
    assert_eq!(cluster.mutations().len(), 1);
}

#[tokio::test]
async fn a_version_is_deployed_there_and_stands_at_the_first_stop() {
    let cluster = referring(steps()).await;
    let said = done(&cluster, Verb::Deploy, "web", DEPLOY).await;
    assert!(said.starts_with("rollout payments/web has 4.3.0 at step 2 of 4 "), "{said}");
    assert_eq!(declared(&cluster), ("reg.example/web:4.3.0".to_owned(), vec!["pods".to_owned()]));
    // Which version is on its way is known, so that it can be promoted by its name.
    let promote = [("step", "2"), ("version", "4.3.0")];
    done(&cluster, Verb::Promote, "web", &promote).await;
    assert!(refused(&cluster, Verb::Promote, "web", &[("step", "4"), ("version", "9")]).await.contains("4.3.0 is"));
}

/// What was there before the controller has taken anything is not taken for what was sent.
#[tokio::test]
async fn what_its_controller_has_not_taken_is_not_done() {
    let cluster = referring(steps()).await;
    done(&cluster, Verb::Promote, "web", &[("how", "full")]).await;
    phase(&cluster, "web", "Healthy").await;
    cluster.state().controllers = false;
    let ended = perform(&cluster, Verb::RollBack, "web", BACK).await;
    let Ok(Done::Partly(0, _, receipt)) = &ended else { panic!("{ended:?}") };
    assert!(receipt.summary.contains("for the reference workload"), "{ended:?}");
    let found = soon(backend(&cluster).probe(&operation(Verb::RollBack, "web", BACK), key())).await;
    assert!(matches!(&found, Ok(Found::Unknown { .. })), "{found:?}");
}

#[tokio::test]
async fn what_holds_the_template_is_what_is_locked() {
    for (other, taken) in [("status", true), ("spec", false)] {
        let cluster = referring(steps()).await;
        cluster.state().asked.clear();
        cluster.fault("GET", "/replicasets", Does::Slow(Duration::from_secs(3)), 1);
        let looked = || cluster.state().asked.iter().any(|asked| asked.path.ends_with("/replicasets"));
        let other = async {
            until("it has been looked at", looked).await;
            match other {
                "status" => cluster.change("deployments", "pods", |pods| pods["status"]["collisionCount"] = 7.into()),
                _ => image(&cluster, "deployments", "pods", "reg.example/web:5.0.0"),
            }
        };
        let (ended, ()) = join(perform(&cluster, Verb::RollBack, "web", BACK), other).await;
        match ended {
            Ok(Done::Whole(_)) => assert!(taken),
            Err(fault) => assert!(!taken && fault.certainty() == Certainty::NotDone, "{fault}"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn what_cannot_be_read_keeps_no_other_verb_from_being_done() {
    let cluster = referring(steps()).await;
    cluster.state().denied.push("get deployments".to_owned());
    for (verb, args) in [(Verb::RollBack, BACK), (Verb::Deploy, DEPLOY)] {
        let said = refused(&cluster, verb, "web", args).await;
        assert!(said.contains("deployment payments/pods, which holds its template, cannot be read"), "{said}");
    }
    assert_eq!(cluster.mutations().len(), 0);
    done(&cluster, Verb::Abort, "web", &[]).await;
}

#[tokio::test]
async fn what_would_go_another_way_is_said_beforehand() {
    let cluster = referring(steps()).await;
    cluster.state().denied.push("patch rollouts".to_owned());
    let preview = async || soon(backend(&cluster).preview(&operation(Verb::RollBack, "web", BACK))).await.unwrap();
    // It is written to the deployment alone.
    assert!(preview().await.refused.is_empty());
    cluster.change("deployments", "pods", |pods| {
        pods["spec"]["replicas"] = 3.into();
        pods["metadata"]["labels"]["app.kubernetes.io/managed-by"] = "Helm".into();
        pods["metadata"]["annotations"]["meta.helm.sh/release-namespace"] = "payments".into();
        pods["metadata"]["annotations"]["meta.helm.sh/release-name"] = "shop".into();
    });
    cluster.change("rollouts", "web", |web| web["spec"]["paused"] = true.into());
    let said = preview().await;
    assert!(said.loses.iter().any(|what| what.contains("pods has 3 replicas of its own")), "{said:?}");
    assert!(said.effects.iter().any(|what| what.contains("paused by hand, and stays so")), "{said:?}");
    assert!(said.obstacles.iter().any(|what| what.contains("helm rollback shop")), "{said:?}");
    assert!(refused(&cluster, Verb::Deploy, "web", DEPLOY).await.contains("resume it first"));
    cluster.state().denied.push("patch deployments".to_owned());
    assert!(preview().await.refused.iter().any(|why| why.contains("you may not patch deployments")));
    assert_eq!(super::ground::image(&cluster, "deployments", "pods"), NEW);
}

/// A controller that tells no number has not been seen to take what the workload says.
#[test]
fn what_no_number_is_told_of_is_not_taken() {
    let held = json!({ "metadata": { "generation": 3 }, "spec": { "template": {} } });
    let taken = |status| {
        let rollout = json!({ "metadata": { "name": "web" }, "status": status,
            "spec": { "workloadRef": { "kind": "Deployment", "name": "pods" } } });
        followed(&joined(rollout, &held))
    };
    assert!(taken(json!({ "workloadObservedGeneration": "3" })));
    for unsaid in [json!("2"), json!(""), json!("soon"), json!(3), json!(null)] {
        assert!(!taken(json!({ "workloadObservedGeneration": unsaid })), "{unsaid}");
    }
    assert!(!taken(json!({ "phase": "Healthy" })));
}
