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

/// A route in `payments`, for the gateway `public` of `infra`: of each rule the backends and their weights.
pub fn http_route(name: &str, rules: &[&[(&str, u64)]]) -> Value {
    let parent = json!({ "name": "public", "namespace": "infra", "sectionName": "https" });
    let rule = |(n, backends): (usize, &&[(&str, u64)])| {
        let backend = |(name, weight): &(&str, u64)| json!({ "name": name, "port": 80, "weight": weight });
        let matches = json!([{ "path": { "type": "PathPrefix", "value": format!("/{n}") } }]);
        json!({ "matches": matches, "backendRefs": backends.iter().map(backend).collect::<Vec<_>>() })
    };
    json!({
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
        "metadata": { "name": name, "namespace": "payments" },
        "spec": { "parentRefs": [parent], "hostnames": ["web.example"],
            "rules": rules.iter().enumerate().map(rule).collect::<Vec<_>>() },
    })
}

/// The same for gRPC, without what such a route has not.
pub fn grpc_route(name: &str, rules: &[&[(&str, u64)]]) -> Value {
    let mut route = http_route(name, rules);
    route["kind"] = "GRPCRoute".into();
    for rule in route["spec"]["rules"].as_array_mut().unwrap() {
        rule["matches"] = json!([{ "method": { "service": "shop.Cart" } }]);
    }
    route
}

/// A virtual service in `payments`: of each rule the subsets of the host `web` and their weights.
pub fn virtual_service(name: &str, rules: &[&[(&str, u64)]]) -> Value {
    let rule = |subsets: &&[(&str, u64)]| {
        let one = |(subset, weight): &(&str, u64)| json!({ "destination": { "host": "web", "subset": subset }, "weight": weight });
        json!({ "route": subsets.iter().map(one).collect::<Vec<_>>() })
    };
    json!({
        "apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
        "metadata": { "name": name, "namespace": "payments" },
        "spec": { "hosts": ["web"], "http": rules.iter().map(rule).collect::<Vec<_>>() },
    })
}
