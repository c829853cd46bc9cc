//! Everything that an operation is decided on, read in one go.
//!
//! It is read anew for every call: nothing of an earlier look is trusted.

use super::super::super::Fault;
use super::super::Declared;
use super::super::client::Cluster;
use super::super::history::{Revision, revisions};
use super::super::object::selector;
use super::super::place::{Place, collection};
use super::super::version::Where;
use crate::domain::operation::Operation;
use serde_json::Value;

/// A workload as it is, and its past.
pub struct Workload {
    /// The way in.
    pub cluster: Cluster,
    /// Where it lies.
    pub place: Place,
    /// What it is.
    pub object: Value,
    /// What it was, newest first.
    pub revisions: Vec<Revision>,
    /// Where its version stands.
    pub at: Where,
}

/// Where an operation is about, and the way there.
pub async fn reach(declared: &Declared, operation: &Operation) -> Result<(Cluster, Place), Fault> {
    let refused = |why: String| Fault::Refused { why, output: None };
    let (service, environment) =
        operation.target().ok_or_else(|| refused("it names no service and environment".to_owned()))?;
    let scope = declared.scopes.get(&(service.clone(), environment.clone()));
    let scope = scope.ok_or_else(|| {
        refused(format!(
            "{} does not know where {service} lies in {environment}; write it under deployed_by",
            declared.name
        ))
    })?;
    let cluster = Cluster::reach(declared).await.map_err(|e| e.of_read(declared.name.as_str()))?;
    let place = Place::read(scope, &cluster.namespace);
    let place = place.ok_or_else(|| refused(format!("{scope:?} is no place in a cluster")))?;
    Ok((cluster, place))
}

/// Reads what an operation is about.
pub async fn gather(declared: &Declared, cluster: Cluster, place: Place) -> Result<Workload, Fault> {
    let object = cluster.read(&place.path()).await.map_err(|e| e.of_read(&place.words()))?;
    let kept = collection(&place.namespace, place.kind.revisions());
    let query = selector(&object).map(|s| format!("labelSelector={}", super::super::ask::encoded(&s)));
    let kept = cluster.list(&kept, &query.unwrap_or_default()).await;
    let kept = kept.map_err(|e| e.of_read(&format!("the history of {}", place.words())))?;
    let at = Where { container: place.container.clone(), label: declared.spec.version_label.clone() };
    let revisions = revisions(place.kind, &object, kept.items.iter(), &at);
    Ok(Workload { cluster, place, object, revisions, at })
}
