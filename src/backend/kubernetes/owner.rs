//! Who else holds a workload: what is changed behind an owner's back, the owner reverts.
//!
//! Pure; it only reads labels and annotations.

use super::answer::line;
use super::object::{annotation, label};
use serde_json::Value;

/// What stands in the way because something else owns the workload, naming its own way back.
pub fn owners(object: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let argo = annotation(object, "argocd.argoproj.io/tracking-id").and_then(|id| id.split(':').next());
    if let Some(app) = argo.or_else(|| label(object, "argocd.argoproj.io/instance")) {
        found.push(format!(
            "Argo CD owns it (application {app}): with self-heal it will undo this; go back there: argocd app rollback {app}"
        ));
    }
    if let Some(name) = label(object, "kustomize.toolkit.fluxcd.io/name") {
        found.push(format!(
            "Flux owns it (kustomization {name}): it will undo this; revert in git, or first: flux suspend kustomization {name}"
        ));
    }
    if let Some(name) = label(object, "helm.toolkit.fluxcd.io/name") {
        found.push(format!(
            "Flux owns it (helm release {name}): it will undo this; revert in git, or first: flux suspend helmrelease {name}"
        ));
    } else if let Some(name) = annotation(object, "meta.helm.sh/release-name") {
        found.push(format!(
            "Helm owns it (release {name}): the next upgrade will overwrite this; go back there: helm rollback {name}"
        ));
    }
    found.iter().map(|text| line(text)).collect()
}
