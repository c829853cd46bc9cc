//! Drift mended: what was last applied is applied once more, exactly the fields that are shown, and nothing is taken
//! from whoever changed them unless somebody says so.

use super::ground::{NEW, OLD, Watched, applied, backend, image, operation, perform, placed, rolled, soon};
use crate::cluster::{Asked, Cluster, deployment};
use crate::support::{key, sink};
use holdpoint::backend::{Backend, Done, Fault, Sink};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::Preview;
use serde_json::{Value, json};

fn mend(args: &[(&str, &str)]) -> Operation {
    operation(Verb::Mend, "api", args)
}

/// `api` at 4.2.0, where 4.1.9 was applied.
async fn drifted() -> Cluster {
    let cluster = rolled().await;
    applied(&cluster, "deployments", "api");
    cluster
}

async fn previewed(cluster: &Cluster, operation: &Operation) -> Preview {
    soon(backend(cluster).preview(operation)).await.unwrap()
}

/// What was applied for good.
fn sent(cluster: &Cluster) -> Vec<Asked> {
    cluster.mutations().into_iter().filter(|asked| asked.kind == "application/apply-patch+yaml").collect()
}

#[tokio::test]
async fn exactly_what_is_shown_is_applied_once_and_locked_to_what_was_read() {
    let cluster = drifted().await;
    let preview = previewed(&cluster, &mend(&[])).await;
    assert!(preview.refused.is_empty(), "{preview:?}");
    let wanted = [
        "deployment payments/api gets what was last applied to it, in 1 field".to_owned(),
        format!("spec.template.spec.containers[api].image: {NEW} → {OLD}"),
        "its pods are replaced, as by a deploy".to_owned(),
    ];
    assert_eq!(preview.effects.get(..3), Some(&wanted[..]), "{preview:?}");
    assert_eq!(cluster.mutations().len(), 0);

    let before = cluster.get("deployments", "api").unwrap();
    let out = Sink { by: Some("ana".into()), ..sink(None).0 };
    let done = soon(backend(&cluster).perform(mend(&[]), key(), out)).await.unwrap();
    let Done::Whole(receipt) = done else { panic!("{done:?}") };
    assert_eq!(receipt.summary, "deployment payments/api is as it was last applied");
    let told = |name: &str| receipt.detail.get(name).map(String::as_str);
    assert_eq!((told("previous"), told("version")), (Some("4.2.0"), Some("4.1.9")));
    assert_eq!(image(&cluster, "deployments", "api"), OLD);
    let (mutations, all) = (cluster.mutations().len(), sent(&cluster));
    assert_eq!((mutations, all.len()), (1, 1));
    assert_eq!(all[0].query, "fieldManager=holdpoint-mend");
    let body: Value = serde_json::from_str(&all[0].body).unwrap();
    for at in ["/metadata/uid", "/metadata/resourceVersion"] {
        assert_eq!(body.pointer(at), before.pointer(at), "{at}");
    }
    let note = format!("holdpoint {}: mend by ana", key());
    assert_eq!(body["metadata"]["annotations"], json!({ "holdpoint/mended": note }));
    // Nothing differs any more.
    let again = previewed(&cluster, &mend(&[])).await;
    assert_eq!(again.effects[0], "deployment payments/api is as it was last applied; nothing is sent");
    let nothing = perform(&cluster, mend(&[])).await;
    assert!(matches!(nothing, Ok(Done::Whole(_))) && sent(&cluster).len() == 1, "{nothing:?}");

    // The row names who had it mended.
    cluster.change("deployments", "api", |object| {
        object["metadata"]["managedFields"] = json!([{ "manager": "holdpoint-mend", "operation": "Apply",
            "time": "2026-11-22T10:00:00Z", "fieldsV1": { "f:spec": { "f:template": {} } } }]);
    });
    let mut watched = Watched::new(&cluster);
    let by = |watched: &Watched| watched.rows.get(&placed("api")).and_then(|row| row.by.clone());
    watched.until("who mended it", |watched| by(watched).as_deref() == Some("ana (mended drift)")).await;
}

#[tokio::test]
async fn what_somebody_else_holds_is_taken_over_only_when_that_is_said() {
    let cluster = drifted().await;
    let conflict = "Apply failed with 1 conflict: conflict with \"kubectl-edit\" using apps/v1: .spec.template";
    cluster.state().owned = Some(conflict.to_owned());
    let preview = previewed(&cluster, &mend(&[])).await;
    let refused = preview.refused.join("; ");
    assert!(refused.contains("kubectl-edit") && refused.contains("force=true takes over"), "{preview:?}");
    match perform(&cluster, mend(&[])).await {
        Err(Fault::Refused { why, .. }) => assert!(why.contains("force=true takes over"), "{why}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(image(&cluster, "deployments", "api"), NEW);
    let forced = mend(&[("force", "true")]);
    let preview = previewed(&cluster, &forced).await;
    assert!(preview.refused.is_empty() && preview.loses.iter().any(|lost| lost.contains("(force)")), "{preview:?}");
    let done = perform(&cluster, forced).await;
    assert!(matches!(done, Ok(Done::Whole(_))), "{done:?}");
    assert_eq!(image(&cluster, "deployments", "api"), OLD);
}

#[tokio::test]
async fn what_an_autoscaler_set_is_left_and_what_was_declared_nowhere_is_not_mended() {
    let cluster = drifted().await;
    cluster.change("deployments", "api", |object| {
        object["spec"]["replicas"] = json!(5);
        object["metadata"]["managedFields"] = json!([{ "manager": "kube-controller-manager", "subresource": "scale",
            "operation": "Update", "time": "2026-11-22T10:00:00Z", "fieldsV1": { "f:spec": { "f:replicas": {} } } }]);
    });
    let preview = previewed(&cluster, &mend(&[])).await;
    assert!(preview.effects[0].ends_with("in 1 field"), "{preview:?}");
    assert!(preview.loses.iter().any(|lost| lost.contains("spec.replicas stays at 5")), "{preview:?}");
    let done = perform(&cluster, mend(&[])).await;
    assert!(matches!(done, Ok(Done::Whole(_))), "{done:?}");
    assert_eq!(cluster.get("deployments", "api").unwrap()["spec"]["replicas"], 5);

    let cluster = Cluster::start();
    cluster.put("deployments", deployment("api", OLD, 2));
    let preview = previewed(&cluster, &mend(&[])).await;
    assert!(preview.refused.iter().any(|why| why.contains("what was declared is not known")), "{preview:?}");
    assert!(matches!(perform(&cluster, mend(&[])).await, Err(Fault::Refused { .. })));
    assert_eq!(cluster.state().asked.iter().filter(|asked| asked.method == "PATCH").count(), 0);
}

#[tokio::test]
async fn a_server_that_keeps_dry_runs_is_found_out_and_nothing_more_is_sent() {
    let cluster = drifted().await;
    cluster.state().controllers = false;
    cluster.state().keeps_dry_runs = true;
    match perform(&cluster, mend(&[])).await {
        Err(Fault::Refused { why, .. }) => assert!(why.contains("keeps dry runs"), "{why}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(sent(&cluster).len(), 0);
}
