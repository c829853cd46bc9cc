//! What the server says of itself, so that `kubectl` finds its way.

use serde_json::{Value, json};

const APPS: &[(&str, &str, &str)] = &[
    ("deployments", "Deployment", "deploy"),
    ("replicasets", "ReplicaSet", "rs"),
    ("statefulsets", "StatefulSet", "sts"),
    ("daemonsets", "DaemonSet", "ds"),
    ("controllerrevisions", "ControllerRevision", ""),
];
const CORE: &[(&str, &str, &str)] = &[
    ("pods", "Pod", "po"),
    ("events", "Event", "ev"),
    ("configmaps", "ConfigMap", "cm"),
    ("secrets", "Secret", ""),
    ("serviceaccounts", "ServiceAccount", "sa"),
];

const ARGO: &[(&str, &str, &str)] = &[("rollouts", "Rollout", "ro"), ("analysisruns", "AnalysisRun", "ar")];
const SLICES: &[(&str, &str, &str)] = &[("endpointslices", "EndpointSlice", "")];
const FLAGGER: &[(&str, &str, &str)] = &[("canaries", "Canary", "")];
const GATEWAY: &[(&str, &str, &str)] = &[("httproutes", "HTTPRoute", ""), ("grpcroutes", "GRPCRoute", "")];
const ISTIO: &[(&str, &str, &str)] = &[("virtualservices", "VirtualService", "vs")];

pub fn answer(path: &str, absent: &[&str]) -> Option<Value> {
    Some(match path {
        "/version" => json!({ "major": "1", "minor": "34", "gitVersion": "v1.34.1", "platform": "linux/amd64" }),
        "/api" => json!({ "kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [] }),
        "/apis" => {
            let mut groups: Vec<Value> =
                ["apps", "authorization.k8s.io", "authentication.k8s.io", "autoscaling", "discovery.k8s.io"]
                    .map(|name| group(name, "v1"))
                    .to_vec();
            let added = [
                ("argoproj.io", "v1alpha1"),
                ("flagger.app", "v1beta1"),
                ("gateway.networking.k8s.io", "v1"),
                ("networking.istio.io", "v1"),
            ];
            groups.extend(added.iter().filter(|(name, _)| !absent.contains(name)).map(|(name, v)| group(name, v)));
            json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": groups })
        }
        "/apis/argoproj.io" => group("argoproj.io", "v1alpha1"),
        "/apis/flagger.app" => group("flagger.app", "v1beta1"),
        "/apis/argoproj.io/v1alpha1" => {
            let there: Vec<_> = ARGO.iter().filter(|(name, ..)| !absent.contains(name)).copied().collect();
            list("argoproj.io/v1alpha1", &there)
        }
        "/apis/flagger.app/v1beta1" => list("flagger.app/v1beta1", FLAGGER),
        "/apis/gateway.networking.k8s.io" => group("gateway.networking.k8s.io", "v1"),
        "/apis/networking.istio.io" => group("networking.istio.io", "v1"),
        "/apis/gateway.networking.k8s.io/v1" => {
            let there: Vec<_> = GATEWAY.iter().filter(|(name, ..)| !absent.contains(name)).copied().collect();
            list("gateway.networking.k8s.io/v1", &there)
        }
        "/apis/networking.istio.io/v1" => list("networking.istio.io/v1", ISTIO),
        "/apis/discovery.k8s.io/v1" => list("discovery.k8s.io/v1", SLICES),
        "/api/v1" => list("v1", CORE),
        "/apis/apps/v1" => list("apps/v1", APPS),
        "/apis/authorization.k8s.io/v1" => {
            list("authorization.k8s.io/v1", &[("selfsubjectaccessreviews", "SelfSubjectAccessReview", "")])
        }
        "/apis/authentication.k8s.io/v1" => {
            list("authentication.k8s.io/v1", &[("selfsubjectreviews", "SelfSubjectReview", "")])
        }
        "/apis/autoscaling/v1" => list("autoscaling/v1", &[]),
        _ => return None,
    })
}

pub fn kind(resource: &str) -> Option<&'static str> {
    APPS.iter()
        .chain(CORE)
        .chain(ARGO)
        .chain(FLAGGER)
        .chain(SLICES)
        .chain(GATEWAY)
        .chain(ISTIO)
        .find(|(name, ..)| *name == resource)
        .map(|(_, kind, _)| *kind)
}

fn group(name: &str, version: &str) -> Value {
    let version = json!({ "groupVersion": format!("{name}/{version}"), "version": version });
    json!({ "name": name, "versions": [version], "preferredVersion": version })
}

fn list(version: &str, all: &[(&str, &str, &str)]) -> Value {
    let mut resources = Vec::new();
    for (name, kind, short) in all {
        let namespaced = !name.starts_with("selfsubject");
        let short: Vec<&str> = [*short].into_iter().filter(|s| !s.is_empty()).collect();
        resources.push(json!({
            "name": name, "singularName": kind.to_lowercase(), "namespaced": namespaced, "kind": kind,
            "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"], "shortNames": short,
        }));
        if matches!(*name, "deployments" | "statefulsets" | "rollouts") {
            resources.push(json!({
                "name": format!("{name}/scale"), "singularName": "", "namespaced": true, "kind": "Scale",
                "group": "autoscaling", "version": "v1", "verbs": ["get", "patch", "update"],
            }));
        }
        if matches!(*name, "rollouts" | "canaries" | "httproutes" | "grpcroutes" | "virtualservices") {
            resources.push(json!({
                "name": format!("{name}/status"), "singularName": "", "namespaced": true, "kind": kind,
                "verbs": ["get", "patch", "update"],
            }));
        }
    }
    json!({ "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources })
}
