//! Who else holds a workload: what brings it from a source of its own, and has a way back of its own.
//!
//! Values only. `backend::kubernetes::owner` reads them off objects, `engine::owner` finds their rows.

use super::backend::BackendKind;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OwnerKind {
    /// An application of Argo CD.
    #[serde(rename = "argocd-application")]
    ArgoCdApplication,
    /// A kustomization of Flux.
    FluxKustomization,
    /// A release that Flux brings by Helm.
    #[serde(rename = "flux-helmrelease")]
    FluxHelmRelease,
    /// A release of Helm.
    HelmRelease,
}

/// One that holds a workload.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    /// What it is.
    pub kind: OwnerKind,
    /// Where it lies; Argo CD's own namespace when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

impl OwnerKind {
    /// Every kind.
    pub const ALL: [OwnerKind; 4] =
        [Self::ArgoCdApplication, Self::FluxKustomization, Self::FluxHelmRelease, Self::HelmRelease];

    /// The kind as files write it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ArgoCdApplication => "argocd-application",
            Self::FluxKustomization => "flux-kustomization",
            Self::FluxHelmRelease => "flux-helmrelease",
            Self::HelmRelease => "helm-release",
        }
    }

    /// The kind as people say it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::ArgoCdApplication => "Argo CD application",
            Self::FluxKustomization => "Flux kustomization",
            Self::FluxHelmRelease => "Flux helm release",
            Self::HelmRelease => "Helm release",
        }
    }
}

impl Owner {
    /// One by its kind and names; none where one of these is no name that a cluster knows.
    pub fn named(kind: OwnerKind, namespace: Option<&str>, name: &str) -> Option<Self> {
        let known = is_name(name) && namespace.is_none_or(is_name);
        known.then(|| Self { kind, namespace: namespace.map(str::to_owned), name: name.to_owned() })
    }

    /// Reads `helm-release/shop/api`, or without a namespace an application of Argo CD: `argocd-application/api`.
    pub fn read(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once('/')?;
        let kind = OwnerKind::ALL.into_iter().find(|known| known.word() == kind)?;
        match rest.split_once('/') {
            Some((namespace, name)) => Self::named(kind, Some(namespace), name),
            None if kind == OwnerKind::ArgoCdApplication => Self::named(kind, None, rest),
            None => None,
        }
    }

    /// What a service is by its scope, where what deploys it holds workloads of others: an application
    /// (`namespace/name#image`), or what a script or a plugin is said to stand for.
    pub fn of_scope(kind: &BackendKind, scope: &str) -> Option<Self> {
        match kind {
            BackendKind::ArgoCd(_) => {
                let at = scope.split('#').next().unwrap_or_default();
                let (namespace, name) = at.split_once('/').map_or((None, at), |(space, name)| (Some(space), name));
                Self::named(OwnerKind::ArgoCdApplication, namespace, name)
            }
            BackendKind::Command(_) | BackendKind::Plugin(_) => Self::read(scope),
            _ => None,
        }
    }

    /// Whether it may be the `declared` one: an application in Argo CD's own namespace may be declared with that.
    pub fn is(&self, declared: &Self) -> bool {
        let here = self.namespace == declared.namespace
            || (self.kind == OwnerKind::ArgoCdApplication && self.namespace.is_none());
        here && self.kind == declared.kind && self.name == declared.name
    }

    /// As people say it: `Helm release shop/api`.
    pub fn words(&self) -> String {
        let namespace = self.namespace.iter().map(|namespace| format!("{namespace}/"));
        format!("{} {}{}", self.kind.words(), namespace.collect::<String>(), self.name)
    }
}

impl fmt::Display for Owner {
    /// `helm-release/shop/api`, as files write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.kind.word())?;
        self.namespace.iter().try_for_each(|namespace| write!(f, "{namespace}/"))?;
        f.write_str(&self.name)
    }
}

/// Whether a text is a name as clusters, Helm and Argo CD give them.
fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    let end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.len() <= 253 && text.starts_with(end) && text.ends_with(end) && text.chars().all(plain)
}
