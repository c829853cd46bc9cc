//! What a snapshot is of: the workload alone and, of a canary, the workload that it leads with the canary beside it.
//!
//! Only that must be readable. The preview reads by this too, so that it judges by nothing that taking it does without.

use super::super::super::Fault;
use super::super::Declared;
use super::super::answer::line;
use super::super::client::Cluster;
use super::super::flagger;
use super::super::place::{Kind, Place};
use super::gather::{Workload, seen};
use serde_json::Value;

/// Reads it.
///
/// # Errors
/// Why it cannot be read, or that the canary leads no workload that is known here.
pub async fn subject(
    declared: &Declared,
    cluster: Cluster,
    place: Place,
) -> Result<(Workload, Option<(Place, Value)>), Fault> {
    if place.kind != Kind::Canary {
        return Ok((seen(declared, cluster, place).await?, None));
    }
    let canary = cluster.read(&place.path()).await.map_err(|e| e.of_read(&place.words()))?;
    let (word, name) = flagger::target(&canary);
    let kind = match word {
        "Deployment" => Kind::Deployment,
        "StatefulSet" => Kind::StatefulSet,
        "DaemonSet" => Kind::DaemonSet,
        _ => {
            let why = format!("{}: its target is a {word}, of which no snapshot is taken", place.words());
            return Err(Fault::Refused { why: line(&why), output: None });
        }
    };
    let of = Place { kind, name: name.to_owned(), ..place.clone() };
    Ok((seen(declared, cluster, of).await?, Some((place, canary))))
}
