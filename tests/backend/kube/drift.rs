//! How a workload differs from what was last applied to it, and who changed it: by a dry run,
//! and never *no drift* where that is not known.

use super::ground::{OLD, backend, placed, set_image, settled, soon};
use crate::cluster::{Cluster, Does, deployment};
use crate::support::until;
use crate::undisturbed as tokio;
use holdpoint::backend::Backend;
use holdpoint::domain::drift::{Drift, Literal, Word};
use serde_json::{Value, json};

const APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// `api`, as somebody applied it.
fn applied() -> Cluster {
    let cluster = Cluster::start();
    let mut object = deployment("api", OLD, 2);
    let env = json!([{ "name": "GREETING", "value": "hello" }, { "name": "DB_PASSWORD", "value": "hunter1" }]);
    object["spec"]["template"]["spec"]["containers"][0]["env"] = env;
    let noted = object.to_string();
    object["metadata"]["annotations"] = json!({ APPLIED: noted });
    cluster.put("deployments", object);
    cluster
}

/// What somebody has changed since, as the API server keeps it.
fn wrote(cluster: &Cluster, manager: &str, subresource: &str, at: &str, fields: Value) {
    cluster.change("deployments", "api", |object| {
        let entry = json!({ "manager": manager, "operation": "Update", "subresource": subresource, "time": at,
            "fieldsType": "FieldsV1", "fieldsV1": fields });
        match object["metadata"]["managedFields"].as_array_mut() {
            Some(all) => all.push(entry),
            None => object["metadata"]["managedFields"] = json!([entry]),
        }
    });
}

async fn drift(cluster: &Cluster) -> Drift {
    soon(backend(cluster).drift(&placed("api"))).await.unwrap()
}

/// Path, declared, live and who, of each.
fn told(drift: &Drift) -> Vec<[String; 4]> {
    let by = |one: &holdpoint::domain::drift::Difference| one.by.as_ref().map(|by| by.by.clone()).unwrap_or_default();
    drift.differences.iter().map(|d| [d.path.clone(), d.declared.clone(), d.live.clone(), by(d)]).collect()
}

fn row(all: [&str; 4]) -> [String; 4] {
    all.map(str::to_owned)
}

#[tokio::test]
async fn what_is_as_it_was_applied_is_the_same_and_only_a_dry_run_is_sent() {
    let cluster = applied();
    // What changes meanwhile is compared once more, with another dry run.
    settled(&cluster, "deployments", "api").await;
    let same = drift(&cluster).await;
    assert_eq!((same.word(), same.differences.len()), (Word::Same, 0), "{same:?}");
    assert_eq!(same.compared, ["deployment payments/api with what was last applied to it"]);
    let within = "deployment payments/api containers[api]".to_owned();
    let literal = |name: &str, value: &str, secret| Literal {
        within: within.clone(),
        argument: None,
        name: name.to_owned(),
        value: value.to_owned(),
        secret,
    };
    assert_eq!(same.literals, [literal("GREETING", "hello", false), literal("DB_PASSWORD", "hunter1", true)]);
    assert!(!format!("{same:?}").contains("hunter1") && !json!(same).to_string().contains("hunter1"));
    assert_eq!(cluster.mutations().len(), 0);
    let state = cluster.state();
    let dry: Vec<_> = state.asked.iter().filter(|asked| asked.method == "PATCH").collect();
    assert_eq!(dry.len(), 1);
    assert_eq!(dry[0].query, "dryRun=All&fieldManager=holdpoint-drift&force=true");
    assert_eq!(dry[0].kind, "application/apply-patch+yaml");
    assert!(!dry[0].body.contains("last-applied"), "{}", dry[0].body);
}

#[tokio::test]
async fn what_differs_is_told_with_both_sides_who_changed_it_and_when() {
    let cluster = applied();
    set_image(&cluster, "deployments", "api", "reg.example/api:hot\u{1b}[2Jfix");
    cluster.change("deployments", "api", |object| {
        object["spec"]["replicas"] = json!(5);
        object["metadata"]["labels"] = json!({ "app": "api", "tier": "added" });
        object["spec"]["template"]["spec"]["containers"][0]["env"][1]["value"] = json!("hunter2");
        object["spec"]["template"]["spec"]["containers"][0].as_object_mut().unwrap().remove("imagePullPolicy");
    });
    let container = |fields: Value| json!({ "f:spec": { "f:template": { "f:spec": { "f:containers": { "k:{\"name\":\"api\"}": fields } } } } });
    wrote(&cluster, "kubectl", "", "2026-11-20T02:00:00Z", container(json!({ ".": {}, "f:image": {}, "f:env": {} })));
    let late = "2026-11-21T02:00:00Z";
    wrote(&cluster, "ana\u{202e}-edit", "", late, container(json!({ "f:image": {} })));
    wrote(&cluster, "status-writer", "status", "2026-11-22T02:00:00Z", container(json!({ "f:image": {} })));
    let replicas = json!({ "f:spec": { "f:replicas": {} } });
    wrote(&cluster, "kube-controller-manager", "scale", late, replicas.clone());
    settled(&cluster, "deployments", "api").await;
    let found = drift(&cluster).await;
    let path = |rest: &str| format!("spec.template.spec.containers[api].{rest}");
    assert_eq!(
        told(&found),
        [
            row(["spec.replicas", "2", "5", "kube-controller-manager"]),
            row([&path("env[DB_PASSWORD].value"), "(hidden)", "(hidden)", "kubectl"]),
            row([&path("image"), OLD, "reg.example/api:hot\\u{1b}[2Jfix", "ana\\u{202e}-edit"]),
            row([&path("imagePullPolicy"), "IfNotPresent", "(nothing)", ""]),
        ],
        "{found:#?}"
    );
    assert_eq!(found.differences.iter().map(|one| one.scaled).collect::<Vec<_>>(), [true, false, false, false]);
    assert_eq!(found.differences[2].by.as_ref().unwrap().at.unwrap().to_rfc3339(), "2026-11-21T02:00:00+00:00");
    assert_eq!((found.word(), cluster.mutations().len()), (Word::Drift, 0));
    // What an autoscaler set is no drift by itself; what a person did over it is.
    let cluster = applied();
    cluster.change("deployments", "api", |object| object["spec"]["replicas"] = json!(5));
    wrote(&cluster, "kube-controller-manager", "scale", "2026-11-20T02:00:00Z", replicas.clone());
    settled(&cluster, "deployments", "api").await;
    assert_eq!(drift(&cluster).await.word(), Word::Same);
    wrote(&cluster, "kubectl", "scale", "2026-11-20T03:00:00Z", replicas);
    assert_eq!(drift(&cluster).await.word(), Word::Drift);
}

#[tokio::test]
async fn what_was_declared_nowhere_or_cannot_be_asked_is_not_known() {
    let cluster = Cluster::start();
    cluster.put("deployments", deployment("api", OLD, 2));
    wrote(&cluster, "helm", "", "2026-11-20T02:00:00Z", json!({ "f:spec": {} }));
    wrote(&cluster, "kubelet", "status", "2026-11-20T02:00:00Z", json!({ "f:status": {} }));
    let unknown = drift(&cluster).await;
    let why = "deployment payments/api: what was declared is not known: nothing was applied to it by `kubectl apply`; it was written by helm";
    assert_eq!((unknown.word(), unknown.unknown.as_slice()), (Word::Unknown, &[why.to_owned()][..]));
    for noted in ["{", "[]", "{\"kind\":\"Deployment\",\"metadata\":{\"name\":\"other\"}}"] {
        cluster.change("deployments", "api", |object| object["metadata"]["annotations"] = json!({ APPLIED: noted }));
        assert_eq!(drift(&cluster).await.word(), Word::Unknown, "{noted}");
    }
    assert_eq!(cluster.state().asked.iter().filter(|asked| asked.method != "GET").count(), 0);
    let cluster = applied();
    cluster.state().denied.push("patch deployments".to_owned());
    let refused = drift(&cluster).await;
    assert!(refused.word() == Word::Unknown && refused.unknown[0].contains("403"), "{refused:?}");
    cluster.state().denied.clear();
    for does in [Does::Status(500), Does::CutBefore, Does::Garbage, Does::Empty] {
        cluster.fault("PATCH", "deployments/api", does.clone(), 1);
        let lost = drift(&cluster).await;
        assert_eq!((lost.word(), lost.differences.len()), (Word::Unknown, 0), "{does:?}: {lost:?}");
    }
    cluster.remove("deployments", "api");
    assert!(soon(backend(&cluster).drift(&placed("api"))).await.unwrap_err().to_string().contains("404"));
    assert!(soon(backend(&cluster).drift(&placed("nowhere"))).await.unwrap_err().to_string().contains("deployed_by"));
}

#[tokio::test]
async fn both_sides_are_of_the_same_moment() {
    let cluster = applied();
    cluster.state().controllers = false;
    cluster.fault("PATCH", "deployments/api", Does::Held, 1);
    let asking = tokio::spawn(backend(&cluster).drift(&placed("api")));
    let asked = || cluster.state().asked.iter().any(|asked| asked.method == "PATCH");
    until("the dry run is asked for", asked).await;
    set_image(&cluster, "deployments", "api", "reg.example/api:moved");
    cluster.release();
    let found = soon(asking).await.unwrap().unwrap();
    assert_eq!(told(&found)[0][2], "reg.example/api:moved", "{found:?}");
    assert_eq!(cluster.state().asked.iter().filter(|asked| asked.method == "PATCH").count(), 2);
}

#[tokio::test]
async fn more_than_can_be_read_is_counted() {
    let cluster = applied();
    cluster.change("deployments", "api", |object| {
        let all = (0..60).map(|n| (format!("l{n}"), json!("x".repeat(4000)))).collect::<serde_json::Map<_, _>>();
        let noted = object["metadata"]["annotations"][APPLIED].as_str().unwrap();
        let mut noted: Value = serde_json::from_str(noted).unwrap();
        noted["metadata"]["labels"] = all.into();
        object["metadata"]["annotations"][APPLIED] = json!(noted.to_string());
    });
    let found = drift(&cluster).await;
    assert_eq!((found.differences.len(), found.more), (50, 10));
    assert!(found.differences.iter().all(|one| one.declared.chars().count() <= 120), "{:?}", found.differences[0]);
}

#[tokio::test]
async fn a_dry_run_that_is_kept_is_said_loudly_and_never_sent_again() {
    let cluster = applied();
    cluster.state().controllers = false;
    set_image(&cluster, "deployments", "api", "reg.example/api:hotfix");
    cluster.state().keeps_dry_runs = true;
    let patches = || cluster.state().asked.iter().filter(|asked| asked.method == "PATCH").count();
    let fault = soon(backend(&cluster).drift(&placed("api"))).await.unwrap_err().to_string();
    assert!(fault.contains("THE DRY RUN WAS KEPT") && patches() == 1, "{fault}");
    let fault = soon(backend(&cluster).drift(&placed("api"))).await.unwrap_err().to_string();
    assert!(fault.contains("was written by holdpoint-drift") && patches() == 1, "{fault}");
}

#[tokio::test]
async fn a_dry_run_that_is_kept_and_not_answered_is_said_as_loudly() {
    let cluster = applied();
    cluster.state().controllers = false;
    set_image(&cluster, "deployments", "api", "reg.example/api:hotfix");
    cluster.state().keeps_dry_runs = true;
    cluster.fault("PATCH", "deployments/api", Does::CutAfter, 1);
    let fault = soon(backend(&cluster).drift(&placed("api"))).await.unwrap_err().to_string();
    assert!(fault.contains("THE DRY RUN WAS KEPT"), "{fault}");
}

/// What somebody applied, as `kubectl apply` leaves it.
fn noted(mut object: Value) -> Value {
    let noted = object.to_string();
    object["metadata"]["annotations"] = json!({ APPLIED: noted });
    object
}

#[tokio::test]
async fn pods_that_are_declared_elsewhere_are_compared_there_or_not_known() {
    let cluster = Cluster::start();
    cluster.state().controllers = false;
    let mut rollout = crate::cluster::rollout("web", OLD, 2, json!([]));
    rollout["spec"].as_object_mut().unwrap().remove("template");
    rollout["spec"]["workloadRef"] = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "name": "pods" });
    cluster.put("rollouts", noted(rollout.clone()));
    cluster.put("deployments", noted(deployment("pods", OLD, 0)));
    let look = async || soon(super::staged::backend(&cluster).drift(&placed("web"))).await.unwrap();
    let same = look().await;
    assert_eq!((same.word(), same.compared.len()), (Word::Same, 2), "{same:?}");
    set_image(&cluster, "deployments", "pods", "reg.example/api:hotfix");
    assert_eq!(look().await.word(), Word::Drift);
    rollout["spec"]["workloadRef"]["kind"] = json!("PodTemplate");
    cluster.put("rollouts", noted(rollout));
    let unknown = look().await;
    assert!(unknown.word() == Word::Unknown && unknown.unknown[0].contains("PodTemplate pods"), "{unknown:?}");
}

#[tokio::test]
async fn what_serves_of_a_canary_is_compared_with_its_workload() {
    let cluster = Cluster::start();
    cluster.state().controllers = false;
    cluster.put("deployments", noted(deployment("shop", OLD, 2)));
    let mut canary = noted(crate::cluster::canary("shop", &[]));
    canary["status"]["phase"] = json!("Succeeded");
    cluster.put("canaries", canary);
    let look = async || soon(super::staged::backend(&cluster).drift(&placed("shop"))).await.unwrap();
    let without = look().await;
    assert!(without.word() == Word::Unknown && without.unknown[0].contains("shop-primary"), "{without:?}");
    let mut primary = deployment("shop", OLD, 2);
    primary["metadata"]["name"] = json!("shop-primary");
    cluster.put("deployments", primary);
    assert_eq!(look().await.word(), Word::Same);
    set_image(&cluster, "deployments", "shop-primary", "reg.example/api:hotfix");
    let found = look().await;
    assert_eq!(
        (found.word(), found.differences[0].live.as_str()),
        (Word::Drift, "reg.example/api:hotfix"),
        "{found:?}"
    );
    cluster.change("canaries", "shop", |canary| canary["status"]["phase"] = json!("Failed"));
    let through = look().await;
    assert!(through.word() == Word::Unknown && through.unknown[0].contains("is not through"), "{through:?}");
}
