//! Where a service lies in a cluster: `namespace/kind/name#container>route`.
//!
//! Only this file knows the kinds of workload and their paths in the API.

use super::ask::encoded;
use super::route::Route;

/// A kind of workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Any pod is as good as another.
    Deployment,
    /// Pods with names and an order.
    StatefulSet,
    /// One pod a node.
    DaemonSet,
    /// Argo Rollouts': in steps, or two colours.
    Rollout,
    /// Flagger's: a workload and its primary, and an analysis between them.
    Canary,
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
    /// What shares out its traffic, where that is declared.
    pub route: Option<Route>,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 5] = [Kind::Deployment, Kind::StatefulSet, Kind::DaemonSet, Kind::Rollout, Kind::Canary];

    /// The kind as files and people write it.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Deployment => "deployment",
            Kind::StatefulSet => "statefulset",
            Kind::DaemonSet => "daemonset",
            Kind::Rollout => "rollout",
            Kind::Canary => "canary",
        }
    }

    /// The kind as paths of the API write it.
    pub const fn resource(self) -> &'static str {
        match self {
            Kind::Deployment => "deployments",
            Kind::StatefulSet => "statefulsets",
            Kind::DaemonSet => "daemonsets",
            Kind::Rollout => "rollouts",
            Kind::Canary => "canaries",
        }
    }

    /// Where its earlier versions are kept.
    pub const fn revisions(self) -> &'static str {
        match self {
            Kind::Deployment | Kind::Rollout | Kind::Canary => "replicasets",
            Kind::StatefulSet | Kind::DaemonSet => "controllerrevisions",
        }
    }

    /// Everything that is watched for one of it.
    pub const fn watched(self) -> &'static [&'static str] {
        match self {
            Kind::Deployment => &["deployments", "replicasets", "pods"],
            Kind::StatefulSet => &["statefulsets", "controllerrevisions", "pods"],
            Kind::DaemonSet => &["daemonsets", "controllerrevisions", "pods"],
            Kind::Rollout => &["rollouts", "replicasets", "pods", "analysisruns"],
            Kind::Canary => &["canaries", "deployments", "replicasets", "pods"],
        }
    }
}

impl Place {
    /// Reads a scope; `namespace` is where it lies when it does not say.
    pub fn read(scope: &str, namespace: &str) -> Option<Self> {
        let (scope, route) = match scope.split_once('>') {
            Some((scope, route)) => (scope, Some(Route::read(route)?)),
            None => (scope, None),
        };
        let (at, container) = match scope.split_once('#') {
            Some((at, container)) => (at, Some(container.to_owned())),
            None => (scope, None),
        };
        let mut words = at.rsplit('/');
        let (name, kind) = (words.next()?, words.next()?);
        let namespace = words.next().unwrap_or(namespace);
        let kind = Kind::ALL.into_iter().find(|known| known.word() == kind)?;
        Some(Self { namespace: namespace.to_owned(), kind, name: name.to_owned(), container, route })
    }

    /// Its path in the API.
    pub fn path(&self) -> String {
        format!("{}/{}", collection(&self.namespace, self.kind.resource()), encoded(&self.name))
    }

    /// The path in the API of its route, where one is declared.
    pub fn route_path(&self) -> Option<String> {
        let route = self.route.as_ref()?;
        Some(format!("{}/{}", collection(&self.namespace, route.kind.resource()), encoded(&route.name)))
    }

    /// Every resource that it is made of and that a cluster may lack.
    pub fn resources(&self) -> impl Iterator<Item = &'static str> {
        [self.kind.resource()].into_iter().chain(self.route.as_ref().map(|route| route.kind.resource()))
    }

    /// As people write it: `deployment payments/api`.
    pub fn words(&self) -> String {
        format!("{} {}/{}", self.kind.word(), self.namespace, self.name)
    }
}

/// Argo Rollouts' part of the API.
pub const ROLLOUTS: &str = "/apis/argoproj.io/v1alpha1";
/// Flagger's part of the API.
pub const FLAGGER: &str = "/apis/flagger.app/v1beta1";
/// The Gateway API's part of the API.
pub const GATEWAY: &str = "/apis/gateway.networking.k8s.io/v1";
/// Istio's part of the API, as far as traffic goes.
pub const ISTIO: &str = "/apis/networking.istio.io/v1";

/// The part of the API that a resource belongs to.
fn part(resource: &str) -> &'static str {
    match resource {
        "pods" | "events" | "services" | "configmaps" | "secrets" | "serviceaccounts" => "/api/v1",
        "rollouts" | "analysisruns" => ROLLOUTS,
        "canaries" => FLAGGER,
        "httproutes" | "grpcroutes" => GATEWAY,
        "virtualservices" => ISTIO,
        "endpointslices" => "/apis/discovery.k8s.io/v1",
        _ => "/apis/apps/v1",
    }
}

/// The group of a resource, as roles write it; empty for the core.
pub fn group(resource: &str) -> &'static str {
    part(resource).strip_prefix("/apis/").and_then(|rest| rest.split('/').next()).unwrap_or_default()
}

/// The path of everything of one resource in a namespace.
pub fn collection(namespace: &str, resource: &str) -> String {
    format!("{}/namespaces/{}/{resource}", part(resource), encoded(namespace))
}
