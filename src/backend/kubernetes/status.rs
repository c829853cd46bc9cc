//! How far a rollout is: what `kubectl rollout status` says, ported.
//!
//! Pure. It says *failed* only of deployments, as Kubernetes does; why something
//! does not go on is `trouble`'s to say.

use super::object::{condition, count, name, text, wanted};
use super::place::Kind;
use super::rollouts::state::{Phase, phase};
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

/// How far the rollout of a workload is, in the words of `kubectl`, or of its controller.
pub fn status(kind: Kind, object: &Value) -> Progress {
    match kind {
        Kind::Deployment => deployment(object),
        Kind::StatefulSet => stateful_set(object),
        Kind::DaemonSet => daemon_set(object),
        Kind::Rollout => rollout(object),
        Kind::Canary => super::flagger::state::status(object),
    }
}

/// Whether pods are replaced by the controller itself; with any other strategy a new template
/// changes nothing until somebody deletes them.
pub fn rolls(kind: Kind, object: &Value) -> bool {
    !matches!(kind, Kind::StatefulSet | Kind::DaemonSet) || text(object, "/spec/updateStrategy/type") == "RollingUpdate"
}

/// How many pods of how many have the version, where the set itself keeps others from it by
/// its partition: `kubectl` calls that complete.
pub fn held(kind: Kind, object: &Value) -> Option<(u64, u64)> {
    let partition = count(object, "/spec/updateStrategy/rollingUpdate/partition");
    let (updated, wanted) = (count(object, "/status/updatedReplicas"), wanted(object));
    (kind == Kind::StatefulSet && partition > 0 && updated < wanted).then_some((updated, wanted))
}

/// On how many pods of how many the version certainly serves that a workload wants and does not
/// have everywhere: never all of them.
pub fn reached(kind: Kind, object: &Value) -> (u64, u64) {
    let of = |key: &str| count(object, &format!("/status/{key}"));
    let (serving, updated, total, all) = match kind {
        Kind::DaemonSet => {
            let scheduled = (of("updatedNumberScheduled"), of("currentNumberScheduled"));
            (of("numberAvailable"), scheduled.0, scheduled.1, of("desiredNumberScheduled"))
        }
        _ => (of("availableReplicas"), of("updatedReplicas"), of("replicas"), wanted(object)),
    };
    // As many of those that serve may be of the version before as there are.
    let new = serving.saturating_sub(total.saturating_sub(updated)).min(updated);
    match observed(object) {
        true => (new.min(all.saturating_sub(1)), all.max(1)),
        false => (0, all.max(1)),
    }
}

/// Whether no more pods of a daemon set are unavailable than its own rollout may make so at once.
pub fn spares(object: &Value) -> bool {
    let of = |key: &str| count(object, &format!("/status/{key}"));
    let (wanted, available) = (of("desiredNumberScheduled"), of("numberAvailable"));
    let share = |key: &str| match object.pointer(&format!("/spec/updateStrategy/rollingUpdate/{key}")) {
        Some(Value::String(text)) => {
            let percent = text.strip_suffix('%').and_then(|percent| percent.parse::<u64>().ok());
            percent.map(|percent| wanted.saturating_mul(percent).div_ceil(100))
        }
        said => said.and_then(Value::as_u64),
    };
    // As its controller reads it: one, unless more may run at once instead.
    let allowed = match (share("maxUnavailable"), share("maxSurge")) {
        (Some(0), None | Some(0)) => 1,
        (allowed, _) => allowed.unwrap_or(1),
    };
    wanted.saturating_sub(available) <= allowed
}

/// Whether the controller has seen what the spec says now.
pub fn observed(object: &Value) -> bool {
    let seen = match object.pointer("/status/observedGeneration") {
        // Argo Rollouts writes it as a text; one that is no number is of its old versions and says nothing.
        Some(Value::String(text)) => text.parse().unwrap_or(u64::MAX),
        _ => count(object, "/status/observedGeneration"),
    };
    count(object, "/metadata/generation") <= seen
}

/// A rollout of Argo's; its controller judges.
fn rollout(object: &Value) -> Progress {
    let (phase, message) = phase(object);
    let name = name(object);
    match phase {
        Phase::Healthy => Progress::Done(format!("rollout {name:?} is healthy")),
        Phase::Degraded => Progress::Failed(format!("rollout {name:?} is degraded: {message}")),
        Phase::Paused => going(format!("rollout {name:?} is paused: {message}")),
        Phase::Progressing => going(format!("rollout {name:?} is on its way: {message}")),
        Phase::Other(word) => going(format!("rollout {name:?} is {word}: {message}")),
    }
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
