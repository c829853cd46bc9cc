//! How far a rollout is: what `kubectl rollout status` says, ported.
//!
//! Pure. It says *failed* only of deployments, as Kubernetes does; why something
//! does not go on is `trouble`'s to say.

use super::object::{condition, count, name, text, wanted};
use super::place::Kind;
use serde_json::Value;

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// On its way; what it waits for.
    Going(String),
    /// All of it runs.
    Done(String),
    /// Kubernetes gave it up, or cannot say.
    Failed(String),
}

/// How far the rollout of a workload is, in `kubectl`'s words.
pub fn status(kind: Kind, object: &Value) -> Progress {
    match kind {
        Kind::Deployment => deployment(object),
        Kind::StatefulSet => stateful_set(object),
        Kind::DaemonSet => daemon_set(object),
    }
}

/// Whether pods are replaced by the controller itself; with any other strategy a new template
/// changes nothing until somebody deletes them.
pub fn rolls(kind: Kind, object: &Value) -> bool {
    kind == Kind::Deployment || text(object, "/spec/updateStrategy/type") == "RollingUpdate"
}

/// How many pods of how many have the version, where the set itself keeps others from it by
/// its partition: `kubectl` calls that complete.
pub fn held(kind: Kind, object: &Value) -> Option<(u64, u64)> {
    let partition = count(object, "/spec/updateStrategy/rollingUpdate/partition");
    let (updated, wanted) = (count(object, "/status/updatedReplicas"), wanted(object));
    (kind == Kind::StatefulSet && partition > 0 && updated < wanted).then_some((updated, wanted))
}

/// Whether the controller has seen what the spec says now.
pub fn observed(object: &Value) -> bool {
    count(object, "/metadata/generation") <= count(object, "/status/observedGeneration")
}

fn going(text: impl Into<String>) -> Progress {
    Progress::Going(text.into())
}

fn deployment(object: &Value) -> Progress {
    let name = name(object);
    if !observed(object) {
        return going("Waiting for deployment spec update to be observed...");
    }
    if condition(object, "Progressing").is_some_and(|c| text(c, "/reason") == "ProgressDeadlineExceeded") {
        return Progress::Failed(format!("deployment {name:?} exceeded its progress deadline"));
    }
    let of = |key: &str| count(object, &format!("/status/{key}"));
    let (wanted, updated, total) = (wanted(object), of("updatedReplicas"), of("replicas"));
    let waits = format!("Waiting for deployment {name:?} rollout to finish:");
    if updated < wanted {
        return going(format!("{waits} {updated} out of {wanted} new replicas have been updated..."));
    }
    if total > updated {
        return going(format!("{waits} {} old replicas are pending termination...", total - updated));
    }
    let available = of("availableReplicas");
    if available < updated {
        return going(format!("{waits} {available} of {updated} updated replicas are available..."));
    }
    Progress::Done(format!("deployment {name:?} successfully rolled out"))
}

fn daemon_set(object: &Value) -> Progress {
    if !rolls(Kind::DaemonSet, object) {
        return Progress::Failed("rollout status is only available for RollingUpdate strategy type".to_owned());
    }
    if !observed(object) {
        return going("Waiting for daemon set spec update to be observed...");
    }
    let name = name(object);
    let of = |key: &str| count(object, &format!("/status/{key}"));
    let (wanted, updated, available) =
        (of("desiredNumberScheduled"), of("updatedNumberScheduled"), of("numberAvailable"));
    let waits = format!("Waiting for daemon set {name:?} rollout to finish:");
    if updated < wanted {
        return going(format!("{waits} {updated} out of {wanted} new pods have been updated..."));
    }
    if available < wanted {
        return going(format!("{waits} {available} of {wanted} updated pods are available..."));
    }
    Progress::Done(format!("daemon set {name:?} successfully rolled out"))
}

fn stateful_set(object: &Value) -> Progress {
    if !rolls(Kind::StatefulSet, object) {
        return Progress::Failed("rollout status is only available for RollingUpdate strategy type".to_owned());
    }
    if count(object, "/status/observedGeneration") == 0 || !observed(object) {
        return going("Waiting for statefulset spec update to be observed...");
    }
    let of = |key: &str| count(object, &format!("/status/{key}"));
    let (wanted, ready, updated) = (wanted(object), of("readyReplicas"), of("updatedReplicas"));
    if ready < wanted {
        return going(format!("Waiting for {} pods to be ready...", wanted - ready));
    }
    if object.pointer("/spec/updateStrategy/rollingUpdate").is_some_and(Value::is_object) {
        let part = wanted.saturating_sub(count(object, "/spec/updateStrategy/rollingUpdate/partition"));
        if updated < part {
            let text = "Waiting for partitioned roll out to finish:";
            return going(format!("{text} {updated} out of {part} new pods have been updated..."));
        }
        return Progress::Done(format!("partitioned roll out complete: {updated} new pods have been updated..."));
    }
    let (update, current) = (text(object, "/status/updateRevision"), text(object, "/status/currentRevision"));
    if update != current {
        return going(format!(
            "waiting for statefulset rolling update to complete {updated} pods at revision {update}..."
        ));
    }
    let current_replicas = of("currentReplicas");
    Progress::Done(format!("statefulset rolling update complete {current_replicas} pods at revision {current}..."))
}
