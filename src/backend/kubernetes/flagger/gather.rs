//! A canary with its workload and what serves.
//!
//! It is read anew for every call; nothing of an earlier look is trusted.

use super::super::super::Fault;
use super::super::Declared;
use super::super::act::{self, Workload};
use super::super::answer::line;
use super::super::client::Cluster;
use super::super::object::text;
use super::super::place::{Kind, Place};
use super::super::plan::Wants;
use super::{serve, state};
use serde_json::Value;

/// A canary as it is.
pub struct Ground {
    /// Its workload, with its own past; its place is the workload's.
    pub workload: Workload,
    /// Where the canary lies.
    pub place: Place,
    /// The canary.
    pub canary: Value,
    /// What serves; none before Flagger has made it.
    pub primary: Option<Value>,
}

/// Reads everything that a verb is decided on.
pub async fn gather(declared: &Declared, cluster: Cluster, place: Place) -> Result<Ground, Fault> {
    let canary = cluster.read(&place.path()).await.map_err(|e| e.of_read(&place.words()))?;
    let of = workload_of(&place, &canary)?;
    let serves = Place { name: state::primary(&of.name), ..of.clone() };
    let workload = act::gather(declared, cluster, of).await?;
    let primary = match workload.cluster.read(&serves.path()).await {
        Ok(primary) => Some(primary),
        Err(error) if error.absent() => None,
        Err(error) => return Err(error.of_read(&serves.words())),
    };
    Ok(Ground { workload, place, canary, primary })
}

/// Where the workload of a canary lies.
///
/// # Errors
/// That it is of a kind that is not led.
pub fn workload_of(place: &Place, canary: &Value) -> Result<Place, Fault> {
    match state::target(canary) {
        ("Deployment", name) => {
            // Flagger writes the route.
            Ok(Place { kind: Kind::Deployment, name: name.to_owned(), route: None, ..place.clone() })
        }
        (kind, _) => {
            let why = format!("{}: its target is a {kind}; only those of a Deployment are led", place.words());
            Err(Fault::Refused { why: line(&why), output: None })
        }
    }
}

impl Ground {
    /// The version that is being analysed, or is to be.
    pub fn newer(&self) -> String {
        self.version(&self.workload.object)
    }

    /// The version that serves; empty where nothing does yet.
    pub fn serving(&self) -> String {
        self.primary.as_ref().map(|primary| self.version(primary)).unwrap_or_default()
    }

    /// Whether what serves is what was meant, on all of its pods.
    pub fn serves(&self, wants: &Wants) -> bool {
        self.primary.as_ref().is_some_and(|primary| serve::serves(primary, wants, &self.workload.at))
    }

    fn version(&self, workload: &Value) -> String {
        line(&self.workload.at.version(workload.pointer("/spec/template").unwrap_or(&Value::Null)))
    }

    /// Whether the workload is scaled down to nothing, so that scaling it up shows that Flagger began.
    pub fn down(&self) -> bool {
        state::replicas(&self.workload.object) == Some(0)
    }

    /// The canary as its gates know it.
    pub fn payload(&self) -> Value {
        serde_json::json!({ "name": text(&self.canary, "/metadata/name"), "namespace": self.place.namespace })
    }
}
