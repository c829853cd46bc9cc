//! Which parts of the API a cluster has: what Argo Rollouts and Flagger add may be absent.
//!
//! It reads discovery only. Argo CD shares the group of Argo Rollouts, so the group alone says nothing.

use super::answer::{Unanswered, line};
use super::client::Cluster;
use super::object::{list, text};
use super::place::{FLAGGER, ROLLOUTS};
use serde_json::Value;

/// What is added to a cluster, by people's word, its part of the API, and what has to be in it.
pub const ADDED: [(&str, &str, &[&str]); 2] =
    [("Argo Rollouts", ROLLOUTS, &["rollouts", "analysisruns"]), ("Flagger", FLAGGER, &["canaries"])];

/// Whether a part is there, with all that belongs to it.
pub async fn has(cluster: &Cluster, part: &str) -> Result<bool, Unanswered> {
    let wanted = ADDED.iter().find(|(_, known, _)| *known == part).map_or(&[][..], |(.., wanted)| *wanted);
    match cluster.read(part).await {
        Ok(said) => {
            let there = |name: &&str| list(&said, "/resources").iter().any(|resource| text(resource, "/name") == *name);
            Ok(wanted.iter().all(there))
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
