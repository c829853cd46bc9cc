//! Objects to begin with.

use serde_json::{Value, json};

fn template(name: &str, image: &str) -> Value {
    json!({
        "metadata": { "labels": { "app": name } },
        "spec": { "containers": [{
            "name": name, "image": image, "imagePullPolicy": "IfNotPresent",
            "env": [{ "name": "GREETING", "value": "hello" }],
        }], "restartPolicy": "Always" },
    })
}

/// A deployment in `payments`.
pub fn deployment(name: &str, image: &str, replicas: u32) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": { "name": name, "namespace": "payments", "labels": { "app": name } },
        "spec": {
            "replicas": replicas, "selector": { "matchLabels": { "app": name } },
            "template": template(name, image), "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600,
            "strategy": { "type": "RollingUpdate", "rollingUpdate": { "maxSurge": 1, "maxUnavailable": 0 } },
        },
    })
}

/// A stateful set in `payments`.
pub fn stateful_set(name: &str, image: &str, replicas: u32) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet",
        "metadata": { "name": name, "namespace": "payments", "labels": { "app": name } },
        "spec": {
            "replicas": replicas, "selector": { "matchLabels": { "app": name } }, "serviceName": name,
            "template": template(name, image), "podManagementPolicy": "OrderedReady", "revisionHistoryLimit": 10,
            "updateStrategy": { "type": "RollingUpdate", "rollingUpdate": { "partition": 0 } },
        },
    })
}

/// A daemon set in `payments`, on three nodes.
pub fn daemon_set(name: &str, image: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet",
        "metadata": { "name": name, "namespace": "payments", "labels": { "app": name } },
        "spec": {
            "selector": { "matchLabels": { "app": name } }, "template": template(name, image),
            "revisionHistoryLimit": 10, "updateStrategy": { "type": "RollingUpdate", "rollingUpdate": { "maxUnavailable": 1 } },
        },
    })
}
