//! What an operation would do: the same plan, tried with `dryRun=All`, and what stands in
//! its way: permissions, other owners, pods that will not move. Changes nothing.

use super::super::super::Fault;
use super::super::Declared;
use super::super::answer::{Unanswered, line};
use super::super::object::{condition, count, label, name, text, wanted};
use super::super::owner::owners;
use super::super::place::{Kind, collection};
use super::super::plan::plan;
use super::gather::{Workload, gather};
use super::permission::{Asked, may};
use crate::domain::operation::{Operation, Verb};
use crate::domain::report::Preview;
use serde_json::Value;

/// Says what would happen.
pub async fn preview(declared: &Declared, operation: &Operation) -> Result<Preview, Fault> {
    let workload = gather(declared, operation).await?;
    let mut preview = Preview::default();
    permissions(&workload, operation.verb, &mut preview).await;
    if operation.verb == Verb::Snapshot {
        preview.effects.push(format!("saves manifests, events and logs of {}", workload.place.words()));
        return Ok(preview);
    }
    let Workload { place, object, revisions, at, .. } = &workload;
    let plan = match plan(operation, None, place, object, revisions, at) {
        Ok(plan) => plan,
        Err(why) => {
            preview.obstacles.push(why);
            return Ok(preview);
        }
    };
    preview.obstacles.extend(owners(object));
    if let Some(patch) = &plan.patch {
        let path = format!("{}{}?dryRun=All", place.path(), if plan.scale { "/scale" } else { "" });
        if let Err(error) = workload.cluster.change("PATCH", &path, patch.kind, &patch.body).await {
            preview.obstacles.push(format!("the API would refuse it now: {}", error.words()));
        }
    }
    if matches!(operation.verb, Verb::RollBack | Verb::Deploy) {
        preview.obstacles.extend(partitioned(place.kind, object));
        preview.obstacles.extend(stuck(&workload).await);
    }
    preview.effects = plan.effects;
    preview.loses = plan.loses;
    Ok(preview)
}

async fn permissions(workload: &Workload, verb: Verb, preview: &mut Preview) {
    let namespace = workload.place.namespace.as_str();
    let resource = workload.place.kind.resource();
    let asked = |verb, resource, sub| Asked { verb, resource, sub, namespace };
    let all = match verb {
        Verb::Snapshot => vec![asked("get", "pods", "log"), asked("list", "pods", ""), asked("list", "events", "")],
        Verb::Scale => vec![asked("patch", resource, "scale")],
        _ => vec![asked("patch", resource, "")],
    };
    for asked in all {
        match may(&workload.cluster, &asked).await {
            Ok(denied) => preview.obstacles.extend(denied),
            Err(error) => {
                preview.obstacles.push(format!("whether you may {} is not known: {}", asked.words(), error.words()));
            }
        }
    }
}

/// A partition keeps the first pods of a stateful set at the version that they have.
fn partitioned(kind: Kind, object: &Value) -> Option<String> {
    let n = count(object, "/spec/updateStrategy/rollingUpdate/partition");
    let (some, wanted) = (kind == Kind::StatefulSet && n > 0, wanted(object));
    some.then(|| format!("its partition is {n}: the first {} of {wanted} pods stay as they are", n.min(wanted)))
}

/// Pods of an ordered stateful set that are broken: the controller waits for them and
/// never replaces them, also not on the way back (kubernetes#67250).
async fn stuck(workload: &Workload) -> Vec<String> {
    let Workload { place, object, cluster, .. } = workload;
    let ordered = text(object, "/spec/podManagementPolicy") != "Parallel";
    if place.kind != Kind::StatefulSet || !ordered {
        return Vec::new();
    }
    match cluster.list(&collection(&place.namespace, "pods"), "").await {
        Ok(pods) => trapped(object, &pods.items),
        Err(error) => vec![unread(&error)],
    }
}

/// The pods that will have to be deleted by hand.
pub fn trapped(object: &Value, pods: &[Value]) -> Vec<String> {
    let ready = |pod: &Value| condition(pod, "Ready").is_some_and(|c| text(c, "/status") == "True");
    let update = text(object, "/status/updateRevision");
    let broken = pods.iter().filter(|pod| super::super::object::owns(object, pod) && !ready(pod));
    // One that was never changed may only be slow; one of the version that is left will not move.
    let of_it = broken.filter(|pod| {
        label(pod, "controller-revision-hash") == Some(update) || count(object, "/status/readyReplicas") == 0
    });
    of_it
        .map(|pod| {
            let name = line(name(pod));
            format!("pod {name} is broken and will not be replaced by itself: afterwards kubectl delete pod {name}")
        })
        .collect()
}

fn unread(error: &Unanswered) -> String {
    format!("whether a pod is stuck is not known: {}", error.words())
}
