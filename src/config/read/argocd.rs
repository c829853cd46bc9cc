//! An Argo CD in `holdpoint.toml`, and which of its applications a service is.
//!
//! The scope it writes is `namespace/application#image`; namespace and image may be missing.

use super::Reading;
use super::endpoint::endpoint;
use super::kubernetes::is_name;
use crate::config::raw::deployed_by::DeployedBy;
use crate::config::raw::workspace as raw;
use crate::config::spot::Spot;
use crate::domain::backend::ArgoCdSpec;
use crate::domain::name::ServiceName;

const RULE: &str = "small letters, digits and `-`, as Argo CD writes it";

/// Reads a backend of kind `argocd`.
pub fn argocd(r: &mut Reading<'_>, raw: &raw::Backend) -> ArgoCdSpec {
    for (what, spot) in [("project", &raw.project), ("namespace", &raw.namespace)] {
        if let Some(spot) = spot.as_ref().filter(|spot| !is_name(spot)) {
            r.mistake(&spot.at, format!("{:?} is no {what}", spot.value), RULE);
        }
    }
    if let Some(selector) = raw.selector.as_ref().filter(|selector| selector.trim().is_empty()) {
        r.mistake(&selector.at, "it is empty", "write it, or leave the key out");
    }
    let text = |spot: &Option<Spot<String>>| spot.as_ref().map(|spot| spot.value.clone());
    ArgoCdSpec {
        endpoint: endpoint(r, raw),
        project: text(&raw.project),
        namespace: text(&raw.namespace),
        selector: text(&raw.selector),
    }
}

/// Which application a service is: as written, or the one of its own name.
pub fn scope(r: &mut Reading<'_>, service: &ServiceName, spec: &ArgoCdSpec, by: &Spot<DeployedBy>) -> Option<String> {
    for spot in by.route.iter().chain(&by.canary) {
        r.mistake(&spot.at, "an application has no route", "leave it out; a cluster's own backend shows routes");
    }
    if let Some(container) = &by.container {
        let help = "name the `image` whose tag is the version, or leave it out";
        r.mistake(&container.at, "an application has no container", help);
    }
    let image = match &by.image {
        Some(image) if !is_image(image) => {
            let help = "write it without its tag, such as reg.example/team/api";
            r.mistake(&image.at, format!("{:?} is no image", image.value), help);
            return None;
        }
        Some(image) => format!("#{}", image.value),
        None => String::new(),
    };
    let (at, written) = match &by.value.at {
        Some(at) => (at.at.clone(), at.value.clone()),
        None => (by.named().at, service.to_string()),
    };
    let (namespace, name) = match written.split_once('/') {
        Some((namespace, name)) => (Some(namespace), name),
        None => (spec.namespace.as_deref(), written.as_str()),
    };
    if !is_name(name) || !namespace.is_none_or(is_name) {
        r.mistake(&at, format!("{written:?} is no application"), "write `at` as namespace/name, or the name alone");
        return None;
    }
    let namespace = namespace.map(|namespace| format!("{namespace}/")).unwrap_or_default();
    Some(format!("{namespace}{name}{image}"))
}

/// Whether a text is the name of an image without tag and digest.
fn is_image(text: &str) -> bool {
    let last = text.rsplit('/').next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | ':');
    !last.is_empty() && !last.contains(':') && text.chars().all(plain)
}
