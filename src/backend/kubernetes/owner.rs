//! Who else holds a workload: what is changed behind an owner's back, the owner reverts.
//!
//! Pure; it only reads labels and annotations, each by the rule that its owner itself goes by.

use super::object::{annotation, label, name, text};
use super::place::{Kind, group};
use super::route::RouteKind;
use crate::domain::owner::{Owner, OwnerKind};
use serde_json::Value;

/// Everything that holds a workload of this kind.
pub fn owners(kind: Kind, object: &Value) -> Vec<Owner> {
    of((group(kind.resource()), api(kind)), object)
}

/// Everything that holds an object of this group and kind.
fn of(kind: (&str, &str), object: &Value) -> Vec<Owner> {
    let flux = |kind, of: &str| {
        let namespace = label(object, &format!("{of}.toolkit.fluxcd.io/namespace"));
        Owner::named(kind, namespace, label(object, &format!("{of}.toolkit.fluxcd.io/name"))?)
    };
    let released = flux(OwnerKind::FluxHelmRelease, "helm");
    // Flux brings by Helm, which marks what it brings all the same.
    let helm = if released.is_none() { helm(object) } else { None };
    [argo(kind, object), flux(OwnerKind::FluxKustomization, "kustomize"), released, helm]
        .into_iter()
        .flatten()
        .collect()
}

/// The application. An annotation that does not name this very object came with a copy of another, and owns
/// nothing; where there is one, the label is for others to read. `app.kubernetes.io/instance` is Helm's as well.
fn argo((group, kind): (&str, &str), object: &Value) -> Option<Owner> {
    let written = match annotation(object, "argocd.argoproj.io/tracking-id") {
        Some(id) => {
            let (app, of) = id.split_once(':')?;
            let own = format!("{group}/{kind}:{}/{}", namespace(object), name(object));
            (of == own).then_some(app)?
        }
        None => label(object, "argocd.argoproj.io/instance")?,
    };
    // An application outside Argo CD's own namespace; no name of either has this sign.
    let (namespace, app) = written.split_once('_').map_or((None, written), |(space, app)| (Some(space), app));
    Owner::named(OwnerKind::ArgoCdApplication, namespace, app)
}

/// The release, where all three marks stand by which Helm knows what is its own.
fn helm(object: &Value) -> Option<Owner> {
    label(object, "app.kubernetes.io/managed-by").filter(|by| *by == "Helm")?;
    let namespace = annotation(object, "meta.helm.sh/release-namespace")?;
    Owner::named(OwnerKind::HelmRelease, Some(namespace), annotation(object, "meta.helm.sh/release-name")?)
}

fn namespace(object: &Value) -> &str {
    text(object, "/metadata/namespace")
}

/// The kind as the API writes it; objects of a list do not say.
fn api(kind: Kind) -> &'static str {
    match kind {
        Kind::Deployment => "Deployment",
        Kind::StatefulSet => "StatefulSet",
        Kind::DaemonSet => "DaemonSet",
        Kind::Rollout => "Rollout",
        Kind::Canary => "Canary",
    }
}

/// What stands in the way because something else holds the workload, naming its own way back.
pub fn obstacles(kind: Kind, object: &Value) -> Vec<String> {
    owners(kind, object).iter().map(obstacle).collect()
}

/// The same of a route.
pub fn obstacles_of_route(kind: RouteKind, object: &Value) -> Vec<String> {
    let api = match kind {
        RouteKind::Http => "HTTPRoute",
        RouteKind::Grpc => "GRPCRoute",
        RouteKind::Virtual => "VirtualService",
    };
    of((group(kind.resource()), api), object).iter().map(obstacle).collect()
}

fn obstacle(owner: &Owner) -> String {
    let Owner { kind, namespace, name } = owner;
    let within = namespace.as_ref().map(|namespace| format!(" -n {namespace}")).unwrap_or_default();
    let app = namespace.as_ref().map(|namespace| format!("{namespace}/{name}")).unwrap_or_else(|| name.clone());
    match kind {
        OwnerKind::ArgoCdApplication => format!(
            "Argo CD owns it (application {app}): with self-heal it will undo this; go back there: argocd app rollback {app}"
        ),
        OwnerKind::FluxKustomization => format!(
            "Flux owns it (kustomization {app}): it will undo this; revert in git, or first: flux suspend kustomization {name}{within}"
        ),
        OwnerKind::FluxHelmRelease => format!(
            "Flux owns it (helm release {app}): its drift detection, or its next upgrade, will undo this; revert in \
             git, or first: flux suspend helmrelease {name}{within}"
        ),
        OwnerKind::HelmRelease => format!(
            "Helm owns it (release {app}): the next upgrade will overwrite this; go back there: helm rollback {name}{within}"
        ),
    }
}
