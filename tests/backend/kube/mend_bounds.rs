//! What is not mended, because more would come of it than is shown, and what is said of it first.

use super::ground::{NEW, applied, backend, image, perform, placed, rolled, rolled_sets, settled, soon};
use super::mend::{APPLIED, Args, drift, drifted, meant, mend, previewed, refused, whole, wish};
use crate::cluster::Cluster;
use crate::undisturbed as tokio;
use holdpoint::backend::Backend;
use holdpoint::domain::operation::Operation;
use serde_json::{Value, json};

/// Changes a workload, and then what was applied to it to what this makes of it.
fn declare(cluster: &Cluster, resource: &str, name: &str, make: impl Fn(&mut Value)) {
    cluster.change(resource, name, |object| {
        let mut was = json!({ "apiVersion": "apps/v1", "kind": object["kind"], "spec": object["spec"],
            "metadata": { "name": name, "namespace": "payments" } });
        make(&mut was["spec"]);
        object["metadata"]["annotations"][APPLIED] = was.to_string().into();
    });
}

/// That it is refused for this beforehand and when it comes to it, that no line for it is offered, and nothing is sent.
async fn not_mended(cluster: &Cluster, operation: &Operation, why: &str) {
    let offered = soon(backend(cluster).drift(&placed(operation.service.as_ref().unwrap().as_str()))).await.unwrap();
    assert!(offered.mend.is_empty() && !offered.differences.is_empty(), "{offered:?}");
    let preview = previewed(cluster, operation).await;
    assert!(preview.refused.iter().any(|said| said.contains(why)), "{why}: {preview:?}");
    let said = refused(perform(cluster, operation.clone()).await);
    assert!(said.contains(why), "{said}");
    unsent(cluster);
}

/// That nothing was sent but dry runs.
fn unsent(cluster: &Cluster) {
    let state = cluster.state();
    let mut sent = state.asked.iter().filter(|asked| asked.method == "PATCH");
    assert!(sent.all(|asked| asked.query.contains("dryRun=All")), "something was sent");
}

#[tokio::test]
async fn what_somebody_holds_is_not_let_go_on() {
    let decide = "decide that first";
    // Paused by hand in the middle of a version, which is not declared.
    let cluster = rolled().await;
    declare(&cluster, "deployments", "api", |spec| spec["paused"] = json!(false));
    cluster.change("deployments", "api", |object| {
        object["spec"]["paused"] = json!(true);
        object["spec"]["template"]["spec"]["containers"][0]["image"] = json!("reg.example/api:4.3.0");
    });
    declare(&cluster, "deployments", "api", |spec| spec["paused"] = json!(false));
    not_mended(&cluster, &mend(&Args::new()), decide).await;

    // A partition by hand.
    let cluster = rolled_sets().await;
    let rolling = |n: u32| json!({ "type": "RollingUpdate", "rollingUpdate": { "partition": n } });
    cluster.change("statefulsets", "db", |set| {
        set["spec"]["updateStrategy"] = rolling(1);
        set["spec"]["template"]["spec"]["containers"][0]["image"] = json!("reg.example/api:4.3.0");
    });
    declare(&cluster, "statefulsets", "db", |spec| spec["updateStrategy"] = rolling(0));
    settled(&cluster, "statefulsets", "db").await;
    not_mended(&cluster, &wish("db", &Args::new()), decide).await;

    // Where all pods have the template, nothing comes of it.
    let cluster = rolled().await;
    cluster.change("deployments", "api", |object| object["spec"]["paused"] = json!(true));
    declare(&cluster, "deployments", "api", |spec| spec["paused"] = json!(false));
    settled(&cluster, "deployments", "api").await;
    let receipt = whole(perform(&cluster, mend(&meant(&cluster).await)).await);
    assert_eq!(receipt.summary, "deployment payments/api is as it was last applied");
}

#[tokio::test]
async fn what_would_change_beside_what_is_told_is_not_mended() {
    let term =
        |all: Value| json!({ "podAffinityTerm": { "namespaceSelector": all, "topologyKey": "zone" }, "weight": 1 });
    let near =
        |all: Value| json!({ "podAffinity": { "preferredDuringSchedulingIgnoredDuringExecution": [term(all)] } });
    let cluster = rolled().await;
    cluster.change("deployments", "api", |object| {
        object["spec"]["template"]["spec"]["affinity"] = near(Value::Null);
    });
    declare(&cluster, "deployments", "api", |spec| {
        spec["template"]["spec"]["affinity"] = near(json!({}));
        spec["template"]["spec"]["terminationGracePeriodSeconds"] = json!(77);
    });
    settled(&cluster, "deployments", "api").await;
    let beside = "beside what differs, /spec/template has another order or other empty fields";
    not_mended(&cluster, &mend(&Args::new()), beside).await;
}

#[tokio::test]
async fn more_than_a_dialog_shows_is_not_mended_and_the_gravest_is_said_first() {
    let labels = |n: usize| (0..n).map(|n| (format!("l{n}"), json!("x"))).collect::<serde_json::Map<_, _>>();
    for (n, mended) in [(14, true), (15, false)] {
        let cluster = drifted().await;
        cluster.change("deployments", "api", |object| {
            let mut was: Value =
                serde_json::from_str(object["metadata"]["annotations"][APPLIED].as_str().unwrap()).unwrap();
            was["metadata"]["labels"] = labels(n).into();
            object["metadata"]["annotations"][APPLIED] = was.to_string().into();
        });
        if mended {
            let preview = previewed(&cluster, &mend(&meant(&cluster).await)).await;
            assert_eq!(preview.effects.len(), 19, "{preview:?}");
            assert_eq!(preview.effects[1], "version 4.1.9 comes in place of 4.2.0");
            assert_eq!(preview.effects[2], "its pods are replaced, as by a deploy");
        } else {
            not_mended(&cluster, &mend(&Args::new()), "16 fields differ, more than can be shown").await;
        }
    }
}

#[tokio::test]
async fn a_version_that_does_not_come_or_has_no_plain_name_is_not_mended() {
    // Somebody else has declared what is live since.
    let cluster = rolled().await;
    applied(&cluster, "deployments", "api");
    let named = meant(&cluster).await;
    declare(&cluster, "deployments", "api", |_| {});
    assert!(drift(&cluster).await.differences.is_empty());
    let nothing = "it is as it was last applied, at 4.2.0: nothing is to be mended, and no version 4.1.9 comes";
    let preview = previewed(&cluster, &mend(&named)).await;
    assert!(preview.refused.iter().any(|said| said.contains(nothing)), "{preview:?}");
    assert!(refused(perform(&cluster, mend(&named)).await).contains(nothing));
    unsent(&cluster);

    let cluster = rolled().await;
    declare(&cluster, "deployments", "api", |spec| {
        spec["template"]["spec"]["containers"][0]["image"] = json!("reg.example/api:4.1.9;reboot");
    });
    not_mended(&cluster, &mend(&Args::new()), "has no plain name").await;
    assert_eq!(image(&cluster, "deployments", "api"), NEW);
}

#[tokio::test]
async fn an_autoscaler_that_goes_on_does_not_take_back_what_was_meant() {
    let cluster = drifted().await;
    let scaled = |n: u32| {
        cluster.change("deployments", "api", |object| {
            object["spec"]["replicas"] = json!(n);
            object["metadata"]["managedFields"] = json!([{ "manager": "kube-controller-manager", "subresource": "scale",
                "operation": "Update", "time": "2026-11-22T10:00:00Z", "fieldsV1": { "f:spec": { "f:replicas": {} } } }]);
        });
    };
    scaled(5);
    let seal = meant(&cluster).await;
    scaled(6);
    assert_eq!(meant(&cluster).await, seal);
    // What is hidden is no part of it: there the spec as it was read stands for it.
    let secret = |value: &str| json!([{ "name": "DB_PASSWORD", "value": value }]);
    declare(&cluster, "deployments", "api", |spec| {
        spec["template"]["spec"]["containers"][0]["env"] = secret("one");
    });
    let seal = meant(&cluster).await;
    scaled(7);
    assert_ne!(meant(&cluster).await, seal);
}

#[tokio::test]
async fn what_its_controller_deletes_is_said_and_volumes_are_not_risked() {
    let cluster = rolled().await;
    cluster.change("deployments", "api", |object| object["spec"]["revisionHistoryLimit"] = json!(10));
    declare(&cluster, "deployments", "api", |spec| spec["revisionHistoryLimit"] = json!(0));
    let preview = previewed(&cluster, &mend(&meant(&cluster).await)).await;
    let kept = "its revisions but the newest 0 are deleted: nothing leads back to them";
    assert!(preview.loses.iter().any(|loss| loss == kept), "{preview:?}");

    let retains = |what: &str| json!({ "whenDeleted": "Retain", "whenScaled": what });
    let cluster = rolled_sets().await;
    cluster.change("statefulsets", "db", |set| {
        set["spec"]["persistentVolumeClaimRetentionPolicy"] = retains("Delete");
    });
    declare(&cluster, "statefulsets", "db", |spec| spec["replicas"] = json!(1));
    let seal = soon(backend(&cluster).drift(&placed("db"))).await.unwrap().mend;
    let preview = previewed(&cluster, &wish("db", &seal)).await;
    let gone = "the volumes of the pods beyond 1 are deleted (whenScaled: Delete)";
    assert!(preview.loses.iter().any(|loss| loss == gone), "{preview:?}");
    cluster.change("statefulsets", "db", |set| {
        set["spec"]["persistentVolumeClaimRetentionPolicy"] = retains("Retain");
    });
    declare(&cluster, "statefulsets", "db", |spec| {
        spec["persistentVolumeClaimRetentionPolicy"] = retains("Delete");
    });
    not_mended(&cluster, &wish("db", &Args::new()), "volumes may be deleted by it").await;
}

#[tokio::test]
async fn what_is_hidden_is_meant_as_it_was_read_wherever_it_stands() {
    let token = |metadata: &mut Value, value: &str| metadata["annotations"]["shop/api-token"] = json!(value);
    let cluster = rolled().await;
    cluster.change("deployments", "api", |object| {
        let mut was = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "spec": object["spec"],
            "metadata": { "name": "api", "namespace": "payments" } });
        token(&mut was["metadata"], "one");
        token(&mut object["metadata"], "two");
        object["metadata"]["annotations"][APPLIED] = was.to_string().into();
    });
    let seal = meant(&cluster).await;
    assert_eq!(seal, meant(&cluster).await);
    // On either side, where it moves no generation.
    cluster.change("deployments", "api", |object| token(&mut object["metadata"], "three"));
    let live = meant(&cluster).await;
    cluster.change("deployments", "api", |object| {
        let said = object["metadata"]["annotations"][APPLIED].as_str().unwrap().replace("one", "four");
        object["metadata"]["annotations"][APPLIED] = said.into();
    });
    let declared = meant(&cluster).await;
    assert!(seal != live && live != declared, "{seal:?} {live:?} {declared:?}");
    for old in [&seal, &live] {
        assert!(refused(perform(&cluster, mend(old)).await).contains("what differs is not what of="));
    }
    unsent(&cluster);
    whole(perform(&cluster, mend(&declared)).await);
    assert_eq!(cluster.get("deployments", "api").unwrap()["metadata"]["annotations"]["shop/api-token"], "four");
}
