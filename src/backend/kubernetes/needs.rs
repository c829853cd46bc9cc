//! What the pods of a template do not start without: the config maps, secrets and the service account that it names.
//!
//! Pure. What a template itself calls optional is passed over. Keys within a config map or a secret are not
//! looked at: that would be to read what a secret holds.

use super::object::{list, text};
use serde_json::Value;

/// A kind of thing that a pod template names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// Settings, in plain text.
    ConfigMap,
    /// Settings that nobody is to see.
    Secret,
    /// Who the pods are towards the API.
    ServiceAccount,
}

/// One thing that a pod template names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// What it is.
    pub what: Named,
    /// Its name, as it stands in the template: not made harmless.
    pub name: String,
    /// Whether it is only for pulling images; some may be on the nodes already, or open to all.
    pub pulls: bool,
}

impl Named {
    /// Every kind.
    pub const ALL: [Named; 3] = [Named::ConfigMap, Named::Secret, Named::ServiceAccount];

    /// The kind as manifests write it.
    pub const fn word(self) -> &'static str {
        match self {
            Named::ConfigMap => "ConfigMap",
            Named::Secret => "Secret",
            Named::ServiceAccount => "ServiceAccount",
        }
    }

    /// The kind as paths of the API write it.
    pub const fn resource(self) -> &'static str {
        match self {
            Named::ConfigMap => "configmaps",
            Named::Secret => "secrets",
            Named::ServiceAccount => "serviceaccounts",
        }
    }
}

impl Need {
    /// Whether an object could bear its name at all; what could not is certainly not there.
    pub fn could_be(&self) -> bool {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let name = self.name.as_str();
        name.len() <= 253
            && name.starts_with(plain)
            && name.ends_with(plain)
            && name.chars().all(|c| plain(c) || matches!(c, '-' | '.'))
    }
}

/// Everything that a pod template needs, each once, in the order in which it is named.
pub fn needs(template: &Value) -> Vec<Need> {
    let mut all = Vec::new();
    for container in ["/spec/initContainers", "/spec/containers"].iter().flat_map(|at| list(template, at)) {
        for from in list(container, "/envFrom") {
            add(&mut all, Named::ConfigMap, from.get("configMapRef"), "/name");
            add(&mut all, Named::Secret, from.get("secretRef"), "/name");
        }
        for from in list(container, "/env").iter().filter_map(|one| one.get("valueFrom")) {
            add(&mut all, Named::ConfigMap, from.get("configMapKeyRef"), "/name");
            add(&mut all, Named::Secret, from.get("secretKeyRef"), "/name");
        }
    }
    for volume in list(template, "/spec/volumes") {
        add(&mut all, Named::ConfigMap, volume.get("configMap"), "/name");
        add(&mut all, Named::Secret, volume.get("secret"), "/secretName");
        for source in list(volume, "/projected/sources") {
            add(&mut all, Named::ConfigMap, source.get("configMap"), "/name");
            add(&mut all, Named::Secret, source.get("secret"), "/name");
        }
    }
    add(&mut all, Named::ServiceAccount, template.get("spec"), "/serviceAccountName");
    for secret in list(template, "/spec/imagePullSecrets") {
        put(&mut all, Need { what: Named::Secret, name: text(secret, "/name").to_owned(), pulls: true });
    }
    all
}

fn add(all: &mut Vec<Need>, what: Named, by: Option<&Value>, at: &str) {
    let Some(by) = by.filter(|by| by.get("optional") != Some(&Value::Bool(true))) else { return };
    put(all, Need { what, name: text(by, at).to_owned(), pulls: false });
}

fn put(all: &mut Vec<Need>, need: Need) {
    let known = all.iter().any(|one| one.what == need.what && one.name == need.name);
    if !need.name.is_empty() && !known {
        all.push(need);
    }
}
