//! The server itself: `kubectl` takes it for a cluster.

use super::kubectl::kubectl;
use crate::cluster::{Cluster, daemon_set, deployment, stateful_set};
use crate::support::until;
use crate::undisturbed as tokio;

#[tokio::test]
async fn kubectl_rolls_out_and_undoes() {
    let cluster = Cluster::start();
    cluster.put("deployments", deployment("api", "reg.example/api:4.1.9", 2));
    cluster.put("statefulsets", stateful_set("db", "reg.example/db:15.1", 2));
    cluster.put("daemonsets", daemon_set("agent", "reg.example/agent:1.0"));
    for what in ["deployment/api", "statefulset/db", "daemonset/agent"] {
        let name = what.split_once('/').unwrap().1;
        let Some((ok, said)) = kubectl(&cluster, &["rollout", "status", what, "--timeout=10s"]) else { return };
        assert!(ok, "{said}");
        let image = format!("{name}=reg.example/{name}:9.9");
        let (ok, said) = kubectl(&cluster, &["set", "image", what, &image]).unwrap();
        assert!(ok, "{said}");
        let (ok, said) = kubectl(&cluster, &["rollout", "status", what, "--timeout=10s"]).unwrap();
        assert!(ok, "{said}");
        let (ok, said) = kubectl(&cluster, &["rollout", "history", what]).unwrap();
        assert!(ok && said.contains("\n2 "), "{said}");
        let (ok, said) = kubectl(&cluster, &["rollout", "undo", what]).unwrap();
        assert!(ok, "{said}");
        let (ok, said) = kubectl(&cluster, &["rollout", "status", what, "--timeout=10s"]).unwrap();
        assert!(ok, "{said}");
    }
    let (ok, said) = kubectl(&cluster, &["get", "deployments,replicasets,pods"]).unwrap();
    assert!(ok && said.contains("deployment.apps/api"), "{said}");
    let (ok, said) = kubectl(&cluster, &["scale", "deployment/api", "--replicas=4"]).unwrap();
    assert!(ok, "{said}");
    until("four replicas", || cluster.get("deployments", "api").unwrap()["status"]["replicas"] == 4).await;
    let (ok, said) = kubectl(&cluster, &["auth", "can-i", "patch", "deployments"]).unwrap();
    assert!(ok && said.contains("yes"), "{said}");
}

#[tokio::test]
async fn a_rollout_fails_as_told() {
    let cluster = Cluster::start();
    cluster.put("deployments", deployment("api", "reg.example/api:4.2.0-deadline", 2));
    let Some((ok, said)) = kubectl(&cluster, &["rollout", "status", "deployment/api", "--timeout=10s"]) else { return };
    assert!(!ok && said.contains("exceeded its progress deadline"), "{said}");
    cluster.put("deployments", deployment("web", "reg.example/web:4.2.0-nopull", 1));
    let (ok, said) = kubectl(&cluster, &["rollout", "status", "deployment/web", "--timeout=1s"]).unwrap();
    assert!(!ok && said.contains("timed out"), "{said}");
    let (_, said) = kubectl(&cluster, &["get", "pods", "-o", "yaml"]).unwrap();
    assert!(said.contains("ImagePullBackOff"), "{said}");
}
