//! Where a service lies in a cluster: `namespace/kind/name#container`.
//!
//! Only this file knows the kinds of workload and their paths in the API.

use super::ask::encoded;

/// A kind of workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Any pod is as good as another.
    Deployment,
    /// Pods with names and an order.
    StatefulSet,
    /// One pod a node.
    DaemonSet,
}

/// Where a service lies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its namespace.
    pub namespace: String,
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// The container that holds the version; the first when absent.
    pub container: Option<String>,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 3] = [Kind::Deployment, Kind::StatefulSet, Kind::DaemonSet];

    /// The kind as files and people write it.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Deployment => "deployment",
            Kind::StatefulSet => "statefulset",
            Kind::DaemonSet => "daemonset",
        }
    }

    /// The kind as paths of the API write it.
    pub const fn resource(self) -> &'static str {
        match self {
            Kind::Deployment => "deployments",
            Kind::StatefulSet => "statefulsets",
            Kind::DaemonSet => "daemonsets",
        }
    }

    /// Where its earlier versions are kept.
    pub const fn revisions(self) -> &'static str {
        match self {
            Kind::Deployment => "replicasets",
            Kind::StatefulSet | Kind::DaemonSet => "controllerrevisions",
        }
    }
}

impl Place {
    /// Reads a scope; `namespace` is where it lies when it does not say.
    pub fn read(scope: &str, namespace: &str) -> Option<Self> {
        let (at, container) = match scope.split_once('#') {
            Some((at, container)) => (at, Some(container.to_owned())),
            None => (scope, None),
        };
        let mut words = at.rsplit('/');
        let (name, kind) = (words.next()?, words.next()?);
        let namespace = words.next().unwrap_or(namespace);
        let kind = Kind::ALL.into_iter().find(|known| known.word() == kind)?;
        Some(Self { namespace: namespace.to_owned(), kind, name: name.to_owned(), container })
    }

    /// Its path in the API.
    pub fn path(&self) -> String {
        format!("{}/{}", collection(&self.namespace, self.kind.resource()), encoded(&self.name))
    }

    /// As people write it: `deployment payments/api`.
    pub fn words(&self) -> String {
        format!("{} {}/{}", self.kind.word(), self.namespace, self.name)
    }
}

/// The path of everything of one resource in a namespace.
pub fn collection(namespace: &str, resource: &str) -> String {
    let group = if matches!(resource, "pods" | "events") { "/api/v1" } else { "/apis/apps/v1" };
    format!("{group}/namespaces/{}/{resource}", encoded(namespace))
}
