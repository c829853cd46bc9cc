//! The verbs against a cluster that works: sent once, read back, found again.

use super::ground::{
    NEW, OLD, Watched, back, backend, cause, image, operation, other_key, perform, placed, rolled, rolled_sets,
    set_image, settled, soon, summary,
};
use crate::support::{key, sink};
use crate::undisturbed as tokio;
use holdpoint::backend::{Backend, Certainty, Done};
use holdpoint::domain::journal_id::Key;
use holdpoint::domain::operation::Verb;
use holdpoint::domain::report::Found;

#[tokio::test]
async fn a_rollback_goes_back_and_says_what_was_before() {
    let cluster = rolled().await;
    let Ok(Done::Whole(receipt)) = perform(&cluster, back("4.1.9")).await else { panic!() };
    assert_eq!(receipt.summary, "deployment payments/api runs 4.1.9");
    assert_eq!(receipt.detail["previous"], "4.2.0");
    assert_eq!(image(&cluster, "deployments", "api"), OLD);
    let sent = cluster.mutations();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert!(cause(&cluster.get("deployments", "api").unwrap()).contains(&key().to_string()));
    let found = soon(backend(&cluster).probe(&back("4.1.9"), key())).await;
    assert!(matches!(&found, Ok(Found::Applied(_))), "{found:?}");
}

#[tokio::test]
async fn sets_go_back_too() {
    let cluster = rolled_sets().await;
    for (resource, name) in [("statefulsets", "db"), ("daemonsets", "agent")] {
        let back = operation(Verb::RollBack, name, &[("to", "4.1.9")]);
        let said = summary(perform(&cluster, back).await);
        assert!(said.ends_with("runs 4.1.9"), "{said}");
        assert_eq!(image(&cluster, resource, name), OLD);
        // The rest of the template is as it was, and nothing of the patch is left in it.
        let object = cluster.get(resource, name).unwrap();
        assert_eq!(object["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"], "hello");
        assert!(object["spec"]["template"].get("$patch").is_none());
    }
}

#[tokio::test]
async fn a_version_is_deployed_and_found_by_its_key() {
    let cluster = rolled().await;
    let deploy = operation(Verb::Deploy, "api", &[("version", "4.3.0")]);
    let found = soon(backend(&cluster).probe(&deploy, key())).await;
    assert!(matches!(&found, Ok(Found::NotApplied { r#final: false, .. })), "{found:?}");
    assert_eq!(summary(perform(&cluster, deploy.clone()).await), "deployment payments/api runs 4.3.0");
    assert_eq!(image(&cluster, "deployments", "api"), "reg.example/api:4.3.0");
    let found = soon(backend(&cluster).probe(&deploy, key())).await;
    assert!(matches!(&found, Ok(Found::Applied(_))), "{found:?}");
}

#[tokio::test]
async fn pause_resume_and_scale_are_read_back() {
    let cluster = rolled().await;
    let verb = |verb, args: &[(&str, &str)]| operation(verb, "api", args);
    assert_eq!(summary(perform(&cluster, verb(Verb::Pause, &[])).await), "deployment payments/api is paused");
    // Nothing is deployed to a paused one; nothing is sent.
    let refused = perform(&cluster, verb(Verb::Deploy, &[("version", "4.3.0")])).await.unwrap_err().to_string();
    assert!(refused.contains("resume it first"), "{refused}");
    assert_eq!(summary(perform(&cluster, verb(Verb::Resume, &[])).await), "deployment payments/api is resumed");
    let said = summary(perform(&cluster, verb(Verb::Scale, &[("replicas", "3")])).await);
    assert_eq!(said, "deployment payments/api has 3 replicas, all ready");
    assert_eq!(cluster.mutations().len(), 3);
    for (verb, args) in [(Verb::Scale, vec![("replicas", "-1")]), (Verb::Scale, vec![]), (Verb::Deploy, vec![])] {
        assert!(perform(&cluster, operation(verb, "api", &args)).await.is_err());
    }
    assert_eq!(cluster.mutations().len(), 3);
}

#[tokio::test]
async fn the_way_back_of_a_paused_one_goes_on_in_the_same_request() {
    let cluster = rolled().await;
    summary(perform(&cluster, operation(Verb::Pause, "api", &[])).await);
    set_image(&cluster, "deployments", "api", "reg.example/api:4.3.0");
    let preview = soon(backend(&cluster).preview(&back("4.2.0"))).await.unwrap();
    assert!(preview.effects[0].ends_with("it was paused, and goes on with that"), "{preview:?}");
    assert_eq!(summary(perform(&cluster, back("4.2.0")).await), "deployment payments/api runs 4.2.0");
    assert_eq!(cluster.mutations().len(), 2);
    assert_eq!(cluster.get("deployments", "api").unwrap()["spec"]["paused"], false);
    // Paused where it is to return to: it goes on all the same, for something may stand there half.
    soon(backend(&cluster).perform(operation(Verb::Pause, "api", &[]), other_key(), sink(None).0)).await.unwrap();
    let again = soon(backend(&cluster).perform(back("4.2.0"), Key { seq: 414, ..key() }, sink(None).0)).await;
    assert_eq!(summary(again), "deployment payments/api runs 4.2.0");
    assert_eq!(cluster.mutations().len(), 4);
}

#[tokio::test]
async fn what_is_there_already_is_not_sent_again() {
    let cluster = rolled().await;
    for operation in [back("4.2.0"), operation(Verb::Deploy, "api", &[("version", "4.2.0")])] {
        assert!(matches!(perform(&cluster, operation).await, Ok(Done::Whole(_))));
    }
    assert_eq!(cluster.mutations().len(), 0);
}

#[tokio::test]
async fn a_snapshot_keeps_manifests_logs_and_a_digest() {
    let cluster = rolled().await;
    cluster.change("deployments", "api", |object| {
        let env = serde_json::json!([{ "name": "DB_PASSWORD", "value": "hunter2" }]);
        object["spec"]["template"]["spec"]["containers"][0]["env"] = env;
    });
    settled(&cluster, "deployments", "api").await;
    let file = cluster.dir().join("kept.log");
    let snapshot = operation(Verb::Snapshot, "api", &[]);
    let done = soon(backend(&cluster).perform(snapshot, key(), sink(Some(file.clone())).0)).await;
    let Ok(Done::Whole(receipt)) = done else { panic!("{done:?}") };
    let kept = std::fs::read_to_string(file).unwrap();
    assert!(receipt.output.is_some_and(|output| output.bytes == kept.len() as u64));
    assert!(kept.contains("says hello") && kept.contains(NEW), "{kept}");
    assert!(!kept.contains("hunter2") && kept.contains("(hidden)"), "{kept}");
    assert_eq!(cluster.mutations().len(), 0);
}

#[tokio::test]
async fn a_snapshot_that_cannot_be_kept_was_not_taken() {
    let cluster = rolled().await;
    let nowhere = cluster.dir().join("no such directory/kept.log");
    let snapshot = operation(Verb::Snapshot, "api", &[]);
    let fault = soon(backend(&cluster).perform(snapshot, key(), sink(Some(nowhere)).0)).await.unwrap_err();
    assert!(fault.to_string().contains("nothing is saved"), "{fault}");
}

#[tokio::test]
async fn what_a_partition_keeps_back_is_not_done() {
    let cluster = rolled_sets().await;
    cluster.change("statefulsets", "db", |set| {
        set["spec"]["updateStrategy"]["rollingUpdate"]["partition"] = 1.into();
    });
    settled(&cluster, "statefulsets", "db").await;
    let deploy = operation(Verb::Deploy, "db", &[("version", "4.3.0")]);
    let preview = soon(backend(&cluster).preview(&deploy)).await.unwrap();
    assert_eq!(preview.obstacles, ["its partition is 1: the first 1 of 2 pods stay as they are"]);
    let done = perform(&cluster, deploy.clone()).await;
    assert!(matches!(&done, Ok(Done::Partly(1, 2, _))), "{done:?}");
    let found = soon(backend(&cluster).probe(&deploy, key())).await;
    assert!(matches!(&found, Ok(Found::Partly { done: 1, of: 2, .. })), "{found:?}");
    let mut watched = Watched::new(&cluster);
    watched.until("a snapshot", |w| w.snapshots == 1).await;
    let db = &watched.rows[&placed("db")];
    assert_eq!((db.version.as_str(), db.state.as_str()), ("4.2.0", "canary"));
    assert_eq!(db.candidate.as_deref(), Some("4.3.0"));
}

#[tokio::test]
async fn what_is_replaced_by_hand_is_not_sent() {
    let cluster = rolled_sets().await;
    for (resource, name) in [("statefulsets", "db"), ("daemonsets", "agent")] {
        cluster.change(resource, name, |set| set["spec"]["updateStrategy"] = serde_json::json!({ "type": "OnDelete" }));
        for operation in [("to", "4.1.9", Verb::RollBack), ("version", "4.3.0", Verb::Deploy)] {
            let (argument, value, verb) = operation;
            let fault =
                perform(&cluster, super::ground::operation(verb, name, &[(argument, value)])).await.unwrap_err();
            assert_eq!(fault.certainty(), Certainty::NotDone, "{fault}");
            assert!(fault.to_string().contains("OnDelete"), "{fault}");
        }
    }
    assert_eq!(cluster.mutations().len(), 0);
}

#[tokio::test]
async fn a_preview_says_what_happens_and_changes_nothing() {
    let cluster = rolled().await;
    cluster.change("deployments", "api", |object| {
        object["metadata"]["labels"]["app.kubernetes.io/managed-by"] = "Helm".into();
        object["metadata"]["annotations"]["meta.helm.sh/release-namespace"] = "payments".into();
        object["metadata"]["annotations"]["meta.helm.sh/release-name"] = "api-release".into();
    });
    let before = cluster.get("deployments", "api");
    let preview = soon(backend(&cluster).preview(&back("4.1.9"))).await.unwrap();
    assert_eq!(preview.effects[0], "deployment payments/api returns to 4.1.9 (revision 1)");
    assert!(preview.loses.iter().any(|loss| loss.contains("config maps")), "{preview:?}");
    assert!(preview.obstacles.iter().any(|o| o.contains("helm rollback api-release")), "{preview:?}");
    assert_eq!(preview.obstacles.len(), 1, "{preview:?}");
    assert_eq!(cluster.get("deployments", "api"), before);
    cluster.state().denied.push("patch deployments".to_owned());
    let preview = soon(backend(&cluster).preview(&back("4.1.9"))).await.unwrap();
    assert!(
        preview.obstacles.iter().any(|o| o.starts_with("you may not patch deployments in payments")),
        "{preview:?}"
    );
    assert!(preview.obstacles.iter().any(|o| o.contains("would refuse it now") && o.contains("403")), "{preview:?}");
    let preview = soon(backend(&cluster).preview(&back("1.0"))).await.unwrap();
    assert!(preview.obstacles.iter().any(|o| o.contains("kept are 4.1.9")), "{preview:?}");
}
