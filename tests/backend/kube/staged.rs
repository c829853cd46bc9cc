//! A cluster with rollouts in steps and canaries in it, and the backend that leads there.

use super::ground::soon;
use crate::cluster::{Cluster, blue_green, canary, deployment, rollout};
use crate::support::{key, sink, until};
use holdpoint::backend::kubernetes::KubernetesBackend;
use holdpoint::backend::{Backend, Done, Fault};
use holdpoint::domain::backend::KubernetesSpec;
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::Receipt;
use holdpoint::domain::span::Span;
use serde_json::{Value, json};

pub const OLD: &str = "reg.example/web:4.1.9";
pub const NEW: &str = "reg.example/web:4.2.0";

/// 20 %, a person, 50 %, a person, and then all.
pub fn steps() -> Value {
    json!([{ "setWeight": 20 }, { "pause": {} }, { "setWeight": 50 }, { "pause": {} }])
}

/// The same with an analysis in place of the first person; `comes` is what it comes to.
pub fn analysed(comes: &str) -> Value {
    let analysis = json!({ "templates": [{ "templateName": comes }] });
    json!([{ "setWeight": 20 }, { "analysis": analysis }, { "setWeight": 50 }, { "pause": {} }])
}

/// A cluster where `web` was 4.1.9 and 4.2.0 is on its way, at its first stop.
pub async fn underway(steps: Value) -> Cluster {
    let cluster = Cluster::start();
    add(&cluster, "web", steps).await;
    cluster
}

/// Another such rollout.
pub async fn add(cluster: &Cluster, name: &str, steps: Value) {
    cluster.put("rollouts", rollout(name, OLD, 10, steps));
    phase(cluster, name, "Healthy").await;
    image(cluster, "rollouts", name, NEW);
    moved(cluster, name).await;
}

/// `web` whose template lies in the deployment `pods`, which has no pods of its own: it was 4.1.9, and 4.2.0 is
/// at its first stop.
pub async fn referring(steps: Value) -> Cluster {
    let cluster = Cluster::start();
    let mut pods = deployment("web", OLD, 0);
    pods["metadata"]["name"] = "pods".into();
    cluster.put("deployments", pods);
    let mut web = rollout("web", OLD, 10, steps);
    web["spec"].as_object_mut().unwrap().remove("template");
    web["spec"]["workloadRef"] = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "name": "pods" });
    cluster.put("rollouts", web);
    phase(&cluster, "web", "Healthy").await;
    image(&cluster, "deployments", "pods", NEW);
    moved(&cluster, "web").await;
    cluster
}

/// `web` as blue-green, waiting to be switched to 4.2.0.
pub async fn coloured() -> Cluster {
    let cluster = Cluster::start();
    cluster.put("rollouts", blue_green("web", OLD, 2));
    phase(&cluster, "web", "Healthy").await;
    image(&cluster, "rollouts", "web", NEW);
    phase(&cluster, "web", "Paused").await;
    cluster
}

/// `shop`, a canary of Flagger's with these gates, at 4.1.9.
pub async fn shop(gates: &[&str]) -> Cluster {
    let cluster = Cluster::start();
    cluster.put("deployments", deployment("shop", OLD, 2));
    cluster.put("canaries", canary("shop", gates));
    stands(&cluster, "Initialized").await;
    cluster
}

/// The same with 4.2.0 on its way, in this phase.
pub async fn shopping(gates: &[&str], phase: &str) -> Cluster {
    let cluster = shop(gates).await;
    image(&cluster, "deployments", "shop", NEW);
    stands(&cluster, phase).await;
    cluster
}

pub fn image(cluster: &Cluster, resource: &str, name: &str, image: &str) {
    cluster.change(resource, name, |object| {
        object["spec"]["template"]["spec"]["containers"][0]["image"] = image.into();
    });
}

/// Waits until a new version stands, or is given up.
async fn moved(cluster: &Cluster, name: &str) {
    use holdpoint::backend::kubernetes::rollouts::{goal::stands, state::flag};
    until("the new version stands", || {
        cluster.get("rollouts", name).is_some_and(|r| {
            r["status"]["currentPodHash"] != r["status"]["stableRS"] && (stands(&r) || flag(&r, "/status/abort"))
        })
    })
    .await;
}

pub async fn phase(cluster: &Cluster, name: &str, wanted: &str) {
    use holdpoint::backend::kubernetes::status::observed;
    let is = || cluster.get("rollouts", name).is_some_and(|r| r["status"]["phase"] == wanted && observed(&r));
    until(wanted, is).await;
}

pub async fn stands(cluster: &Cluster, phase: &str) {
    until(phase, || cluster.get("canaries", "shop").is_some_and(|c| c["status"]["phase"] == phase)).await;
}

pub fn index(cluster: &Cluster, name: &str) -> u64 {
    cluster.get("rollouts", name).unwrap()["status"]["currentStepIndex"].as_u64().unwrap()
}

pub fn backend(cluster: &Cluster) -> KubernetesBackend {
    let spec = KubernetesSpec { kubeconfig: Some(cluster.kubeconfig()), ..KubernetesSpec::default() };
    let at = |service: &str, scope: &str| ((service.into(), "prod".into()), scope.to_owned());
    let scopes = [
        at("web", "payments/rollout/web#web"),
        at("fx", "payments/rollout/fx"),
        at("pay", "rollout/pay"),
        at("shop", "payments/canary/shop"),
        at("api", "payments/deployment/api#api"),
    ];
    KubernetesBackend::new("eu".into(), Span::secs(1), spec, scopes.into())
}

pub fn operation(verb: Verb, service: &str, args: &[(&str, &str)]) -> Operation {
    super::ground::operation(verb, service, args)
}

pub async fn perform(cluster: &Cluster, verb: Verb, service: &str, args: &[(&str, &str)]) -> Result<Done, Fault> {
    soon(backend(cluster).perform(operation(verb, service, args), key(), sink(None).0)).await
}

/// The words of a verb that was done in whole.
pub async fn done(cluster: &Cluster, verb: Verb, service: &str, args: &[(&str, &str)]) -> String {
    match perform(cluster, verb, service, args).await {
        Ok(Done::Whole(Receipt { summary, .. })) => summary,
        other => panic!("{verb} {args:?}: {other:?}"),
    }
}

/// The words of a verb that was certainly not done.
pub async fn refused(cluster: &Cluster, verb: Verb, service: &str, args: &[(&str, &str)]) -> String {
    match perform(cluster, verb, service, args).await {
        Err(Fault::Refused { why, .. }) => why,
        other => panic!("{verb} {args:?}: {other:?}"),
    }
}

/// The words of a verb that was done in part.
pub async fn part(cluster: &Cluster, verb: Verb, service: &str, args: &[(&str, &str)]) -> Receipt {
    match perform(cluster, verb, service, args).await {
        Ok(Done::Partly(_, _, receipt)) => receipt,
        other => panic!("{verb} {args:?}: {other:?}"),
    }
}

/// The words of a verb of which nobody knows whether it was done.
pub async fn lost(cluster: &Cluster, verb: Verb, service: &str, args: &[(&str, &str)]) -> String {
    match perform(cluster, verb, service, args).await {
        Err(Fault::Lost { why, .. }) => why,
        other => panic!("{verb} {args:?}: {other:?}"),
    }
}
