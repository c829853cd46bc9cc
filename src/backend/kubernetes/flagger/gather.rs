//! A canary with its workload and what serves.
//!
//! It is read anew for every call; nothing of an earlier look is trusted.

use super::super::super::Fault;
use super::super::Declared;
use super::super::act::Workload;
use super::super::ask::encoded;
use super::super::client::Cluster;
use super::super::history::revisions;
use super::super::object::{selector, text};
use super::super::place::{Kind, Place, collection};
use super::super::plan::Wants;
use super::super::version::Where;
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
    let (kind, name) = state::target(&canary);
    if kind != "Deployment" {
        let why = format!("{}: its target is a {kind}; only those of a Deployment are led", place.words());
        return Err(Fault::Refused { why: super::super::answer::line(&why), output: None });
    }
    let of = Place { kind: Kind::Deployment, name: name.to_owned(), ..place.clone() };
    let object = cluster.read(&of.path()).await.map_err(|e| e.of_read(&of.words()))?;
    let query = selector(&object).map(|s| format!("labelSelector={}", encoded(&s))).unwrap_or_default();
    let kept = cluster.list(&collection(&of.namespace, "replicasets"), &query).await;
    let kept = kept.map_err(|e| e.of_read(&format!("the history of {}", of.words())))?;
    let at = Where { container: place.container.clone(), label: declared.spec.version_label.clone() };
    let revisions = revisions(Kind::Deployment, &object, kept.items.iter(), &at);
    let serves = Place { name: state::primary(name), ..of.clone() };
    let primary = match cluster.read(&serves.path()).await {
        Ok(primary) => Some(primary),
        Err(error) if error.absent() => None,
        Err(error) => return Err(error.of_read(&serves.words())),
    };
    Ok(Ground { workload: Workload { cluster, place: of, object, revisions, at }, place, canary, primary })
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
        super::super::answer::line(
            &self.workload.at.version(workload.pointer("/spec/template").unwrap_or(&Value::Null)),
        )
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
