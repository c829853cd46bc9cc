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

/// A rollout in `payments` that goes through these steps.
pub fn rollout(name: &str, image: &str, replicas: u32, steps: Value) -> Value {
    json!({
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout",
        "metadata": { "name": name, "namespace": "payments", "labels": { "app": name } },
        "spec": {
            "replicas": replicas, "selector": { "matchLabels": { "app": name } },
            "template": template(name, image), "revisionHistoryLimit": 10,
            "strategy": { "canary": { "canaryService": "new", "stableService": "old",
                "trafficRouting": { "nginx": { "stableIngress": "x" } }, "steps": steps } },
        },
    })
}

/// A blue-green rollout in `payments` that waits before it switches.
pub fn blue_green(name: &str, image: &str, replicas: u32) -> Value {
    let mut rollout = rollout(name, image, replicas, json!([]));
    rollout["spec"]["strategy"] = json!({ "blueGreen": { "activeService": "live", "autoPromotionEnabled": false } });
    rollout
}

/// A canary in `payments` of the deployment of its own name, with these gates.
pub fn canary(name: &str, gates: &[&str]) -> Value {
    let url = |kind: &str| match kind {
        "rollback" => "http://flagger-loadtester.test/rollback/check",
        _ => "http://flagger-loadtester.test/gate/check",
    };
    let hooks: Vec<Value> = gates.iter().map(|kind| json!({ "name": kind, "type": kind, "url": url(kind) })).collect();
    json!({
        "apiVersion": "flagger.app/v1beta1", "kind": "Canary",
        "metadata": { "name": name, "namespace": "payments" },
        "spec": {
            "targetRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": name },
            "service": { "port": 80 },
            "analysis": { "interval": "30s", "threshold": 5, "maxWeight": 50, "stepWeight": 25, "webhooks": hooks },
        },
    })
}
