//! Clusters in `holdpoint.toml`, and where a service lies in one.
//!
//! The scope it writes is `namespace/kind/name#container>route/name=canary`; all but kind and name may be missing.

use super::Reading;
use crate::config::raw::deployed_by::DeployedBy;
use crate::config::raw::workspace as raw;
use crate::config::spot::Spot;
use crate::domain::backend::KubernetesSpec;
use crate::domain::name::ServiceName;
use std::path::PathBuf;

/// Kinds of workload by every word that `kubectl` takes for them.
const KINDS: [(&str, &[&str]); 5] = [
    ("deployment", &["deployment", "deployments", "deploy"]),
    ("statefulset", &["statefulset", "statefulsets", "sts"]),
    ("daemonset", &["daemonset", "daemonsets", "ds"]),
    ("rollout", &["rollout", "rollouts", "ro"]),
    ("canary", &["canary", "canaries"]),
];

/// A cluster as declared.
pub fn cluster(r: &mut Reading<'_>, raw: &raw::Backend) -> KubernetesSpec {
    for text in [&raw.kubeconfig, &raw.context].into_iter().flatten().filter(|text| text.trim().is_empty()) {
        r.mistake(&text.at, "it is empty", "write it, or leave the key out");
    }
    if let Some(namespace) = raw.namespace.as_ref().filter(|namespace| !is_name(namespace)) {
        r.mistake(&namespace.at, format!("{:?} is no namespace", namespace.value), RULE);
    }
    let text = |spot: &Option<Spot<String>>| spot.as_ref().map(|spot| spot.value.clone());
    KubernetesSpec {
        kubeconfig: raw.kubeconfig.as_ref().map(|path| r.workspace.root.join(PathBuf::from(&path.value))),
        context: text(&raw.context),
        namespace: text(&raw.namespace),
        version_label: text(&raw.version_label),
    }
}

/// Kinds of route by every word that `kubectl` takes for them.
const ROUTES: [(&str, &[&str]); 3] = [
    ("httproute", &["httproute", "httproutes", "httproute.gateway.networking.k8s.io"]),
    ("grpcroute", &["grpcroute", "grpcroutes", "grpcroute.gateway.networking.k8s.io"]),
    ("virtualservice", &["virtualservice", "virtualservices", "vs", "virtualservice.networking.istio.io"]),
];

const RULE: &str = "small letters, digits and `-`, as the cluster writes it";

/// Where a service lies: as written, or the deployment of its own name.
pub fn scope(r: &mut Reading<'_>, service: &ServiceName, spec: &KubernetesSpec, by: &DeployedBy) -> Option<String> {
    if let Some(image) = &by.image {
        r.mistake(&image.at, "a cluster does not ask for an image", "name the `container` that holds the version");
    }
    let container = match &by.container {
        Some(name) if !is_name(name) => {
            r.mistake(&name.at, format!("{:?} is no container", name.value), RULE);
            return None;
        }
        Some(name) => format!("#{}", name.value),
        None => String::new(),
    };
    let route = route(r, by)?;
    let namespace = spec.namespace.as_ref().map(|namespace| format!("{namespace}/")).unwrap_or_default();
    let Some(at) = &by.at else { return Some(format!("{namespace}deployment/{service}{container}{route}")) };
    let words: Vec<&str> = at.split('/').collect();
    let (namespace, kind, name) = match words.as_slice() {
        [kind, name] => (namespace, *kind, *name),
        [namespace, kind, name] if is_name(namespace) => (format!("{namespace}/"), *kind, *name),
        _ => {
            let help = "write namespace/kind/name, such as payments/deployment/api";
            r.mistake(&at.at, format!("{:?} is no place in a cluster", at.value), help);
            return None;
        }
    };
    let Some((kind, _)) = KINDS.iter().find(|(_, words)| words.contains(&kind.to_lowercase().as_str())) else {
        let help = "deployment, statefulset, daemonset, rollout or canary";
        r.mistake(&at.at, format!("{kind:?} is no kind of workload"), help);
        return None;
    };
    if !is_name(name) {
        r.mistake(&at.at, format!("{name:?} is no name of a workload"), RULE);
        return None;
    }
    if let Some(canary) = by.canary.as_ref().filter(|_| matches!(*kind, "rollout" | "canary")) {
        let what = format!("its controller writes the weights of a {kind}'s route");
        r.mistake(&canary.at, what, "leave `canary` out; promote and abort give it traffic and take it away");
        return None;
    }
    Some(format!("{namespace}{kind}/{name}{container}{route}"))
}

/// What shares out its traffic, as the end of a scope; empty where that is not declared, none where it is wrong.
fn route(r: &mut Reading<'_>, by: &DeployedBy) -> Option<String> {
    let Some(route) = &by.route else {
        let Some(canary) = &by.canary else { return Some(String::new()) };
        r.mistake(&canary.at, "a canary is a backend of a route", "write the `route` beside it, such as httproute/web");
        return None;
    };
    let known = |kind: &str| ROUTES.iter().find(|(_, words)| words.contains(&kind.to_lowercase().as_str()));
    let found = route.split_once('/').and_then(|(kind, name)| Some((known(kind)?.0, name)));
    let Some((kind, name)) = found.filter(|(_, name)| is_name(name)) else {
        let help = "write httproute/NAME, grpcroute/NAME or virtualservice/NAME; it lies in the workload's namespace";
        r.mistake(&route.at, format!("{:?} is no route", route.value), help);
        return None;
    };
    let canary = match &by.canary {
        Some(name) if !name.split('/').all(is_name) => {
            r.mistake(&name.at, format!("{:?} is no backend of a route", name.value), RULE);
            return None;
        }
        Some(name) => format!("={}", name.value),
        None => String::new(),
    };
    Some(format!(">{kind}/{name}{canary}"))
}

/// Whether a text is a DNS subdomain, as the names of workloads are.
pub(super) fn is_name(text: &str) -> bool {
    let end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let part = |part: &str| part.starts_with(end) && part.ends_with(end) && part.chars().all(|c| end(c) || c == '-');
    text.len() <= 253 && text.split('.').all(part)
}
