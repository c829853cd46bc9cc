//! Which parts of the API a cluster has: what Argo Rollouts, Flagger, the Gateway API and Istio add may be absent.
//!
//! It reads discovery only. Argo CD shares the group of Argo Rollouts, so the group alone says nothing.

use super::answer::{Unanswered, line};
use super::client::Cluster;
use super::object::{list, text};
use super::place::{FLAGGER, GATEWAY, ISTIO, Place, ROLLOUTS};
use serde_json::Value;

/// Something that is added to a cluster.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Added {
    /// People's word for it.
    pub name: &'static str,
    /// Its part of the API.
    pub part: &'static str,
    /// What has to be in that.
    pub resources: &'static [&'static str],
    /// Whether it is told of also where nothing asks for it.
    pub told: bool,
}

/// What may be added to a cluster.
pub static ADDED: [Added; 5] = [
    Added { name: "Argo Rollouts", part: ROLLOUTS, resources: &["rollouts", "analysisruns"], told: true },
    Added { name: "Flagger", part: FLAGGER, resources: &["canaries"], told: true },
    Added { name: "the Gateway API", part: GATEWAY, resources: &["httproutes"], told: false },
    Added { name: "the Gateway API for gRPC", part: GATEWAY, resources: &["grpcroutes"], told: false },
    Added { name: "Istio", part: ISTIO, resources: &["virtualservices"], told: false },
];

/// What brings a resource, where a cluster may lack it.
pub fn of(resource: &str) -> Option<&'static Added> {
    ADDED.iter().find(|added| added.resources.contains(&resource))
}

/// Everything that a place needs and a cluster may lack.
pub fn needed(place: &Place) -> impl Iterator<Item = &'static Added> {
    place.resources().filter_map(of)
}

/// Whether it is there, with all that belongs to it.
pub async fn has(cluster: &Cluster, added: &Added) -> Result<bool, Unanswered> {
    match cluster.read(added.part).await {
        Ok(said) => {
            let there = |name: &&str| list(&said, "/resources").iter().any(|resource| text(resource, "/name") == *name);
            Ok(added.resources.iter().all(there))
        }
        Err(error) if error.absent() => Ok(false),
        Err(error) => Err(error),
    }
}

/// The versions of a group that a cluster offers, for words to people.
pub async fn versions(cluster: &Cluster, part: &str) -> String {
    let group = part.rsplit_once('/').map_or(part, |(group, _)| group);
    let said = cluster.read(group).await.unwrap_or(Value::Null);
    let all: Vec<_> = list(&said, "/versions").iter().map(|version| line(text(version, "/version"))).collect();
    all.join(", ")
}
