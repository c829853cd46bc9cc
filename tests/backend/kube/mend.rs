//! Drift mended: exactly the differences that were shown are taken back, once, and only by whoever says which they are.

use super::equal::left;
use super::ground::{
    NEW, OLD, Watched, applied, backend, image, operation, perform, placed, rolled, rolled_sets, settled, soon,
};
use super::kubectl::kubectl;
use crate::cluster::{Cluster, Does, deployment};
use crate::support::{key, sink};
use crate::undisturbed as tokio;
use holdpoint::backend::{Backend, Certainty, Done, Fault, Sink};
use holdpoint::domain::drift::{Drift, Word};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::{Found, Preview, Receipt};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub const APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

pub type Args = BTreeMap<&'static str, String>;

pub fn wish(service: &str, args: &Args) -> Operation {
    let args: Vec<(&str, &str)> = args.iter().map(|(name, value)| (*name, value.as_str())).collect();
    operation(Verb::Mend, service, &args)
}

pub fn mend(args: &Args) -> Operation {
    wish("api", args)
}

/// The same with one argument more, or another value of it.
fn with(args: &Args, name: &'static str, value: &str) -> Args {
    let mut args = args.clone();
    args.insert(name, value.to_owned());
    args
}

/// `api` at 4.2.0, where 4.1.9 was applied.
pub async fn drifted() -> Cluster {
    let cluster = rolled().await;
    applied(&cluster, "deployments", "api");
    cluster
}

pub async fn drift(cluster: &Cluster) -> Drift {
    // What changes faster than it can be compared is told as such.
    settled(cluster, "deployments", "api").await;
    soon(backend(cluster).drift(&placed("api"))).await.unwrap()
}

/// What says that exactly what differs now is meant.
pub async fn meant(cluster: &Cluster) -> Args {
    drift(cluster).await.mend
}

pub async fn previewed(cluster: &Cluster, operation: &Operation) -> Preview {
    soon(backend(cluster).preview(operation)).await.unwrap()
}

pub fn whole(done: Result<Done, Fault>) -> Receipt {
    match done {
        Ok(Done::Whole(receipt)) => receipt,
        other => panic!("{other:?}"),
    }
}

pub fn refused(done: Result<Done, Fault>) -> String {
    match done {
        Err(Fault::Refused { why, .. }) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn exactly_what_is_shown_is_sent_once_and_locked_to_what_was_read() {
    let cluster = drifted().await;
    // Nobody has said which differences are meant.
    let preview = previewed(&cluster, &mend(&Args::new())).await;
    let seal = meant(&cluster).await;
    let of = &seal["of"];
    let say = format!("say that this is meant, and that 4.1.9 comes in place of 4.2.0: of={of} version=4.1.9");
    assert_eq!((&preview.refused, seal["version"].as_str()), (&vec![say.clone()], "4.1.9"));
    let wanted = [
        "deployment payments/api gets back what was last applied to it, in 1 field".to_owned(),
        "version 4.1.9 comes in place of 4.2.0".to_owned(),
        "its pods are replaced, as by a deploy".to_owned(),
        format!("spec.template.spec.containers[api].image: {NEW} → {OLD}"),
    ];
    assert_eq!(preview.effects.get(..4), Some(&wanted[..]), "{preview:?}");
    assert!(refused(perform(&cluster, mend(&Args::new())).await).ends_with(&say));
    let only = Args::from([("of", of.clone())]);
    assert!(refused(perform(&cluster, mend(&only)).await).ends_with(&say));
    let other = refused(perform(&cluster, mend(&with(&seal, "version", "4.2.1"))).await);
    assert!(other.contains("it brings 4.1.9, not 4.2.1"), "{other}");
    let preview = previewed(&cluster, &mend(&seal)).await;
    assert_eq!((preview.refused.len(), preview.effects.get(..4)), (0, Some(&wanted[..])), "{preview:?}");
    assert_eq!(preview.loses, ["what stands in these fields of deployment payments/api now is overwritten"]);
    assert_eq!(cluster.mutations().len(), 0);

    let before = cluster.get("deployments", "api").unwrap();
    let out = Sink { by: Some("ana".into()), ..sink(None).0 };
    let receipt = whole(soon(backend(&cluster).perform(mend(&seal), key(), out)).await);
    let told = |name: &str| receipt.detail.get(name).map(String::as_str);
    assert_eq!((told("previous"), told("version")), (Some("4.2.0"), None));
    assert_eq!(image(&cluster, "deployments", "api"), OLD);
    let sent = cluster.mutations();
    assert_eq!(sent.len(), 1);
    let steps: Value = serde_json::from_str(&sent[0].body).unwrap();
    let step = |op: &str, path: &str| {
        let mut all = steps.as_array().unwrap().iter();
        all.find(|step| step["op"] == op && step["path"] == path).map(|step| step["value"].clone())
    };
    for at in ["/metadata/uid", "/metadata/generation"] {
        assert_eq!(step("test", at).as_ref(), before.pointer(at), "{at}");
    }
    let note = step("add", "/metadata/annotations/kubernetes.io~1change-cause").unwrap();
    assert_eq!(note, json!(format!("holdpoint {}: mend 4.1.9 by ana", key())));
    let declared = "/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration";
    assert_eq!(step("test", declared).unwrap(), before["metadata"]["annotations"][APPLIED]);
    assert_eq!(steps.as_array().unwrap().len(), 5, "{steps}");

    // Nothing differs any more, and the same key sends nothing again.
    assert_eq!(drift(&cluster).await.word(), Word::Same);
    let again = previewed(&cluster, &mend(&seal)).await;
    assert_eq!(again.effects[0], "deployment payments/api is as it was last applied; nothing is sent");
    whole(perform(&cluster, mend(&seal)).await);
    assert!(matches!(soon(backend(&cluster).probe(&mend(&seal), key())).await, Ok(Found::Applied(_))));
    assert_eq!(cluster.mutations().len(), 1);

    // The row names who had it mended.
    cluster.change("deployments", "api", |object| {
        object["metadata"]["managedFields"] = json!([{ "manager": "holdpoint", "operation": "Update",
            "time": "2026-11-22T10:00:00Z", "fieldsV1": { "f:spec": { "f:template": { "f:spec": {} } },
            "f:metadata": { "f:annotations": { "f:kubernetes.io/change-cause": {} } } } }]);
    });
    let mut watched = Watched::new(&cluster);
    let by = |watched: &Watched| watched.rows.get(&placed("api")).and_then(|row| row.by.clone());
    watched.until("who mended it", |watched| by(watched).as_deref() == Some("ana (mended drift)")).await;
}

#[tokio::test]
async fn what_differs_otherwise_by_then_is_not_what_was_meant() {
    let cluster = drifted().await;
    let seal = meant(&cluster).await;
    cluster.change("deployments", "api", |object| {
        object["spec"]["template"]["spec"]["containers"][0]["image"] = json!("reg.example/api:hotfix");
    });
    let now = meant(&cluster).await;
    assert_ne!(seal, now);
    let why = refused(perform(&cluster, mend(&seal)).await);
    let (was, is) = (&seal["of"], &now["of"]);
    assert!(why.contains(&format!("is not what of={was} was said of; look again: it is of={is} now")), "{why}");
    // Whoever comes in between, after the look.
    let seal = now;
    cluster.meanwhile("PATCH", "/deployments/api$", |state| {
        state.change("deployments", "api", |object| object["spec"]["minReadySeconds"] = json!(7));
    });
    refused(perform(&cluster, mend(&seal)).await);
    assert_eq!(image(&cluster, "deployments", "api"), "reg.example/api:hotfix");
    // And whoever declares something else, which moves no generation.
    let seal = meant(&cluster).await;
    cluster.meanwhile("PATCH", "/deployments/api$", |state| {
        state.change("deployments", "api", |object| object["metadata"]["annotations"][APPLIED] = json!("{}"));
    });
    refused(perform(&cluster, mend(&seal)).await);
    assert_eq!(image(&cluster, "deployments", "api"), "reg.example/api:hotfix");
}

#[tokio::test]
async fn labels_and_fields_beside_the_pods_are_written_one_by_one_and_no_version_comes_of_it() {
    let cluster = rolled().await;
    cluster.change("deployments", "api", |object| {
        let meta = object["metadata"].clone();
        let mut was = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "spec": object["spec"],
            "metadata": { "name": "api", "namespace": "payments", "labels": { "team": "pay", "app": "api" } } });
        // Who changed it last is no drift, whatever was declared of it.
        was["metadata"]["annotations"] =
            json!({ "kubernetes.io/change-cause": "mine", "deployment.kubernetes.io/revision": "1" });
        was["spec"]["minReadySeconds"] = json!(3);
        object["metadata"]["labels"] = json!({ "team": "other", "kept": "as it is" });
        object["metadata"]["annotations"] = meta["annotations"].clone();
        object["metadata"]["annotations"][APPLIED] = was.to_string().into();
    });
    let seal = meant(&cluster).await;
    let preview = previewed(&cluster, &mend(&seal)).await;
    assert!(preview.effects[0].ends_with("in 3 fields"), "{preview:?}");
    assert!(!preview.effects.iter().any(|effect| effect.contains("pods are replaced")), "{preview:?}");
    let receipt = whole(perform(&cluster, mend(&seal)).await);
    assert_eq!(receipt.summary, "deployment payments/api is as it was last applied");
    assert!(!receipt.detail.contains_key("previous") && !receipt.detail.contains_key("version"), "{receipt:?}");
    let now = cluster.get("deployments", "api").unwrap();
    assert_eq!(now["metadata"]["labels"], json!({ "team": "pay", "app": "api", "kept": "as it is" }));
    assert_eq!(now["spec"]["minReadySeconds"], 3);
    assert_eq!(image(&cluster, "deployments", "api"), NEW);
}

#[tokio::test]
async fn what_an_autoscaler_set_is_left_and_what_was_declared_nowhere_is_not_mended() {
    let cluster = drifted().await;
    cluster.change("deployments", "api", |object| {
        object["spec"]["replicas"] = json!(5);
        object["metadata"]["managedFields"] = json!([{ "manager": "kube-controller-manager", "subresource": "scale",
            "operation": "Update", "time": "2026-11-22T10:00:00Z", "fieldsV1": { "f:spec": { "f:replicas": {} } } }]);
    });
    let seal = meant(&cluster).await;
    let preview = previewed(&cluster, &mend(&seal)).await;
    assert!(preview.effects[0].ends_with("in 1 field"), "{preview:?}");
    let stays = "spec.replicas stays at 5: kube-controller-manager scales it";
    assert!(preview.effects.iter().any(|effect| effect == stays), "{preview:?}");
    whole(perform(&cluster, mend(&seal)).await);
    assert_eq!(cluster.get("deployments", "api").unwrap()["spec"]["replicas"], 5);

    let cluster = Cluster::start();
    cluster.put("deployments", deployment("api", OLD, 2));
    let preview = previewed(&cluster, &mend(&Args::new())).await;
    assert!(preview.refused.iter().any(|why| why.contains("what was declared is not known")), "{preview:?}");
    assert!(refused(perform(&cluster, mend(&Args::new())).await).contains("what was declared is not known"));
    assert_eq!(cluster.state().asked.iter().filter(|asked| asked.method == "PATCH").count(), 0);
}

#[tokio::test]
async fn what_would_not_roll_out_is_not_mended_and_says_what_to_do() {
    let cluster = drifted().await;
    cluster.change("deployments", "api", |object| {
        object["spec"]["paused"] = json!(true);
        let mut was: Value =
            serde_json::from_str(object["metadata"]["annotations"][APPLIED].as_str().unwrap()).unwrap();
        was["spec"]["paused"] = json!(true);
        object["metadata"]["annotations"][APPLIED] = was.to_string().into();
    });
    let preview = previewed(&cluster, &mend(&Args::new())).await;
    assert!(preview.refused.iter().any(|why| why.contains("resume it first")), "{preview:?}");

    let cluster = rolled_sets().await;
    applied(&cluster, "statefulsets", "db");
    let db = |args: &Args| wish("db", args);
    cluster.change("statefulsets", "db", |set| set["spec"]["updateStrategy"] = json!({ "type": "OnDelete" }));
    // That the strategy was changed by hand is drift of its own.
    applied(&cluster, "statefulsets", "db");
    let preview = previewed(&cluster, &db(&Args::new())).await;
    assert!(preview.refused.iter().any(|why| why.contains("OnDelete")), "{preview:?}");
    cluster.change("statefulsets", "db", |set| {
        set["spec"]["updateStrategy"] = json!({ "type": "RollingUpdate", "rollingUpdate": { "partition": 1 } });
    });
    applied(&cluster, "statefulsets", "db");
    let preview = previewed(&cluster, &db(&Args::new())).await;
    assert!(preview.obstacles.iter().any(|why| why.starts_with("its partition is 1")), "{preview:?}");
    let seal = soon(backend(&cluster).drift(&placed("db"))).await.unwrap().mend;
    match perform(&cluster, db(&seal)).await {
        Ok(Done::Partly(_, _, receipt)) => assert!(receipt.summary.contains("as its partition has it"), "{receipt:?}"),
        other => panic!("{other:?}"),
    }
}

/// An object as the other leaves it, without its own note of what it applied.
fn unnoted(cluster: &Cluster) -> Value {
    let mut object = left(cluster, "deployments", "api");
    object["metadata"]["annotations"].as_object_mut().unwrap().remove(APPLIED);
    object
}

#[tokio::test]
async fn it_leaves_behind_what_kubectl_apply_leaves() {
    let (ours, theirs) = (drifted().await, drifted().await);
    for cluster in [&ours, &theirs] {
        // By hand: another wait, a variable that was never declared, a label taken away.
        cluster.change("deployments", "api", |object| {
            object["spec"]["minReadySeconds"] = json!(4);
            object["spec"]["template"]["spec"]["containers"][0]["env"] = json!([{ "name": "DEBUG", "value": "1" }]);
        });
        settled(cluster, "deployments", "api").await;
    }
    let noted = theirs.get("deployments", "api").unwrap()["metadata"]["annotations"][APPLIED].clone();
    let file = theirs.dir().join("declared.json");
    std::fs::write(&file, noted.as_str().unwrap()).unwrap();
    let apply = ["apply", "--validate=false", "-f", file.to_str().unwrap()];
    let Some((ok, said)) = kubectl(&theirs, &apply) else { return };
    assert!(ok, "{said}");
    let seal = meant(&ours).await;
    whole(perform(&ours, mend(&seal)).await);
    settled(&theirs, "deployments", "api").await;
    settled(&ours, "deployments", "api").await;
    assert_eq!(unnoted(&ours), unnoted(&theirs));
}

#[tokio::test]
async fn a_server_that_keeps_dry_runs_is_found_out_and_nothing_more_is_sent() {
    let cluster = drifted().await;
    cluster.state().controllers = false;
    cluster.state().keeps_dry_runs = true;
    let done = perform(&cluster, mend(&Args::new())).await.unwrap_err();
    assert!(done.to_string().contains("THE DRY RUN WAS KEPT"), "{done}");
    assert_eq!(done.certainty(), Certainty::Unknown);
    assert_eq!(cluster.mutations().len(), 0);
}

#[tokio::test]
async fn what_nobody_rolls_out_is_mended_beside_its_pods() {
    let cluster = rolled_sets().await;
    cluster.change("statefulsets", "db", |set| {
        set["spec"]["updateStrategy"] = json!({ "type": "OnDelete" });
        let was = json!({ "apiVersion": "apps/v1", "kind": "StatefulSet",
            "metadata": { "name": "db", "namespace": "payments" },
            "spec": { "updateStrategy": { "type": "OnDelete" }, "minReadySeconds": 5 } });
        set["metadata"]["annotations"][APPLIED] = was.to_string().into();
    });
    let seal = soon(backend(&cluster).drift(&placed("db"))).await.unwrap().mend;
    let receipt = whole(perform(&cluster, wish("db", &seal)).await);
    assert_eq!(receipt.summary, "statefulset payments/db is as it was last applied");
    whole(perform(&cluster, wish("db", &seal)).await);
}

#[tokio::test]
async fn a_dry_run_that_cannot_be_looked_after_is_unknown() {
    let cluster = drifted().await;
    cluster.state().controllers = false;
    cluster.state().keeps_dry_runs = true;
    // It is carried out and not answered, and the token is no good any more when one looks what became of it.
    cluster.fault("PATCH", "deployments/api", Does::CutAfter, 1);
    cluster.meanwhile("PATCH", "deployments/api", |state| state.token = Some("another".to_owned()));
    let fault = perform(&cluster, mend(&Args::new())).await.unwrap_err();
    assert_eq!(fault.certainty(), Certainty::Unknown, "{fault}");
    assert!(fault.to_string().contains("whether the dry run was kept is not known"), "{fault}");
    assert_eq!(cluster.mutations().len(), 0);
}
