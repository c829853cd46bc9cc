//! A cluster with services in it, and the backend that leads there.

use crate::cluster::{Cluster, daemon_set, deployment, stateful_set};
use crate::standstill::stood_still;
use crate::support::{key, sink, until};
use futures_util::StreamExt;
use holdpoint::backend::kubernetes::KubernetesBackend;
use holdpoint::backend::{Backend, Done, Fault};
use holdpoint::domain::backend::KubernetesSpec;
use holdpoint::domain::journal_id::Key;
use holdpoint::domain::observed::{Deployment, Observation, Placed};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::span::Span;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// Longer than a host that is back may have to wait until it is asked.
const LIMIT: Duration = Duration::from_secs(90);
pub const OLD: &str = "reg.example/api:4.1.9";
pub const NEW: &str = "reg.example/api:4.2.0";

/// A cluster where `api` was 4.1.9 and is 4.2.0, all rolled out.
pub async fn rolled() -> Cluster {
    let cluster = Cluster::start();
    cluster.put("deployments", deployment("api", OLD, 2));
    settled(&cluster, "deployments", "api").await;
    set_image(&cluster, "deployments", "api", NEW);
    settled(&cluster, "deployments", "api").await;
    cluster
}

/// The same for a stateful set `db` and a daemon set `agent`.
pub async fn rolled_sets() -> Cluster {
    let cluster = Cluster::start();
    cluster.put("statefulsets", stateful_set("db", OLD, 2));
    cluster.put("daemonsets", daemon_set("agent", OLD));
    for (resource, name) in [("statefulsets", "db"), ("daemonsets", "agent")] {
        settled(&cluster, resource, name).await;
        set_image(&cluster, resource, name, NEW);
        settled(&cluster, resource, name).await;
    }
    cluster
}

pub fn set_image(cluster: &Cluster, resource: &str, name: &str, image: &str) {
    cluster.change(resource, name, |object| {
        object["spec"]["template"]["spec"]["containers"][0]["image"] = image.into();
    });
}

pub fn image(cluster: &Cluster, resource: &str, name: &str) -> String {
    let object = cluster.get(resource, name).unwrap();
    object["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap().to_owned()
}

/// Waits until the controllers have nothing more to do.
pub async fn settled(cluster: &Cluster, resource: &str, name: &str) {
    use holdpoint::backend::kubernetes::place::Kind;
    use holdpoint::backend::kubernetes::status::{Progress, status};
    let kind = Kind::ALL.into_iter().find(|kind| kind.resource() == resource).unwrap();
    let done = || cluster.get(resource, name).is_some_and(|o| matches!(status(kind, &o), Progress::Done(_)));
    until("the rollout is done", done).await;
}

/// Notes what it was with the old image as what was last applied, as `kubectl apply` does.
pub fn applied(cluster: &Cluster, resource: &str, name: &str) {
    cluster.change(resource, name, |object| {
        let meta = &object["metadata"];
        let mut was = json!({ "apiVersion": object["apiVersion"], "kind": object["kind"], "spec": object["spec"],
            "metadata": { "name": meta["name"], "namespace": meta["namespace"], "labels": meta["labels"] } });
        was["spec"]["template"]["spec"]["containers"][0]["image"] = OLD.into();
        let note = "kubectl.kubernetes.io/last-applied-configuration";
        object["metadata"]["annotations"][note] = was.to_string().into();
    });
}

pub fn backend(cluster: &Cluster) -> KubernetesBackend {
    let spec = KubernetesSpec { kubeconfig: Some(cluster.kubeconfig()), ..KubernetesSpec::default() };
    let at = |service: &str, scope: &str| ((service.into(), "prod".into()), scope.to_owned());
    let scopes =
        [at("api", "payments/deployment/api#api"), at("db", "statefulset/db"), at("agent", "payments/daemonset/agent")];
    KubernetesBackend::new("eu".into(), Span::secs(1), spec, scopes.into())
}

pub fn operation(verb: Verb, service: &str, args: &[(&str, &str)]) -> Operation {
    Operation {
        backend: "eu".into(),
        verb,
        service: Some(service.into()),
        environment: Some("prod".into()),
        args: args.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        argv: Vec::new(),
        limit: Span::secs(60),
        idempotent: false,
    }
}

pub fn back(to: &str) -> Operation {
    operation(Verb::RollBack, "api", &[("to", to)])
}

pub fn other_key() -> Key {
    Key { seq: 413, ..key() }
}

pub async fn perform(cluster: &Cluster, operation: Operation) -> Result<Done, Fault> {
    soon(backend(cluster).perform(operation, key(), sink(None).0)).await
}

pub async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, what).await.expect("it took longer than 90 s")
}

pub fn placed(service: &str) -> Placed {
    (service.into(), "prod".into())
}

/// A watch, and what it has told so far.
pub struct Watched {
    stream: futures_util::stream::BoxStream<'static, Result<Observation, Fault>>,
    pub rows: std::collections::BTreeMap<Placed, Arc<Deployment>>,
    pub faults: Vec<String>,
    pub heartbeats: usize,
    pub snapshots: usize,
    /// How often one row was told.
    pub told: usize,
    /// For how long the machine had stood still when it began.
    still: Duration,
}

impl Watched {
    pub fn new(cluster: &Cluster) -> Self {
        Self::of(&backend(cluster))
    }

    pub fn of(backend: &KubernetesBackend) -> Self {
        let stream = backend.watch(holdpoint::backend::Topic::Deployments);
        let still = stood_still();
        Self { stream, rows: Default::default(), faults: Vec::new(), heartbeats: 0, snapshots: 0, told: 0, still }
    }

    /// Watches on until something is seen.
    pub async fn until(&mut self, what: &str, seen: impl Fn(&Self) -> bool) {
        let watching = async {
            while !seen(self) {
                match self.stream.next().await.unwrap() {
                    Ok(Observation::Deployments(all)) => {
                        self.rows = all.into_iter().collect();
                        self.snapshots += 1;
                    }
                    Ok(Observation::Deployment(place, row)) => {
                        self.told += 1;
                        self.rows.insert(place, row);
                    }
                    Ok(Observation::DeploymentGone(place)) => drop(self.rows.remove(&place)),
                    Ok(Observation::Heartbeat) => self.heartbeats += 1,
                    Ok(other) => panic!("{other:?}"),
                    Err(fault) => self.faults.push(fault.to_string()),
                }
            }
        };
        if tokio::time::timeout(LIMIT, watching).await.is_err() {
            panic!("never seen: {what}; rows {:?}, faults {:?}", self.rows, self.faults);
        }
    }

    /// What went wrong; that a watch fell silent while the whole machine stood still is right.
    pub fn wrong(&self) -> Vec<&str> {
        let still = stood_still() > self.still;
        // Nor is a connection what it was, on a machine that stood still.
        let lost = |fault: &str| fault.ends_with(" fell silent") || fault.contains("connection error");
        let wrong = self.faults.iter().filter(|fault| !(still && lost(fault)));
        wrong.map(String::as_str).collect()
    }

    pub fn api(&self) -> Option<&Deployment> {
        self.rows.get(&placed("api")).map(Arc::as_ref)
    }
}

pub fn summary(done: Result<Done, Fault>) -> String {
    match done {
        Ok(Done::Whole(receipt)) => receipt.summary,
        other => panic!("{other:?}"),
    }
}

pub fn cause(object: &Value) -> &str {
    object["metadata"]["annotations"]["kubernetes.io/change-cause"].as_str().unwrap_or_default()
}
