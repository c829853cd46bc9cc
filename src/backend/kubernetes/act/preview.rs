//! What an operation would do: the same plan, tried with `dryRun=All`, and what stands in
//! its way: permissions, other owners, pods that will not move. Changes nothing.

use super::super::super::Fault;
use super::super::Declared;
use super::super::answer::{Unanswered, line};
use super::super::client::Cluster;
use super::super::flagger;
use super::super::mend::never;
use super::super::object::{condition, count, label, name, text, wanted};
use super::super::owner;
use super::super::place::{Kind, Place, collection};
use super::super::plan::Goal;
use super::super::restart::stays;
use super::super::route;
use super::gather::{Workload, gather, glance, reach};
use super::permission::{Asked, may};
use super::subject::subject;
use super::there;
use crate::domain::operation::{Operation, Verb};
use crate::domain::report::Preview;
use serde_json::Value;

/// Says what would happen; `tries` it as a dry run too.
pub async fn preview(declared: &Declared, operation: &Operation, tries: bool) -> Result<Preview, Fault> {
    match super::super::set::items(operation) {
        Ok(Some(items)) => super::super::set::preview(declared, items, tries).await,
        Ok(None) => one(declared, operation, tries).await,
        Err(why) => {
            let mut preview = Preview::default();
            preview.refuse(why);
            Ok(preview)
        }
    }
}

/// Says what would happen to one service.
pub async fn one(declared: &Declared, operation: &Operation, tries: bool) -> Result<Preview, Fault> {
    let (cluster, place) = if tries { reach(declared, operation).await? } else { glance(declared, operation).await? };
    let mut preview = Preview::default();
    if route::act::concerns(&place, operation.verb) {
        return shifted(cluster, place, operation, preview, tries).await;
    }
    if operation.verb == Verb::Snapshot {
        permissions(&cluster, &place, operation, &mut preview).await;
        return snapshot(declared, cluster, place, preview).await;
    }
    if place.kind == Kind::Canary {
        permissions(&cluster, &place, operation, &mut preview).await;
        let ground = flagger::gather(declared, cluster, place).await?;
        if operation.verb == Verb::Restart {
            return primary(ground, operation, preview, tries).await;
        }
        flagger::preview(&ground, operation, &mut preview, tries).await;
        return Ok(preview);
    }
    let mut workload = gather(declared, cluster, place).await?;
    if tries {
        workload = workload.compared(operation).await?;
    }
    permissions(&workload.cluster, workload.holder(operation.verb).0, operation, &mut preview).await;
    Ok(of(&workload, operation, preview, tries).await)
}

/// Says what would happen to where traffic goes.
async fn shifted(
    cluster: Cluster,
    place: Place,
    operation: &Operation,
    mut preview: Preview,
    tries: bool,
) -> Result<Preview, Fault> {
    route::act::permitted(&cluster, &place, &mut preview).await;
    match route::act::gather(cluster, place, operation).await {
        Err(Fault::Refused { why, .. }) => preview.refuse(why),
        Err(fault) => return Err(fault),
        Ok(ground) => route::act::preview(&ground, operation, &mut preview, tries).await,
    }
    Ok(preview)
}

/// Says what would be saved; it is refused where taking it would be.
async fn snapshot(declared: &Declared, cluster: Cluster, place: Place, mut preview: Preview) -> Result<Preview, Fault> {
    match subject(declared, cluster, place).await {
        Ok((Workload { place, .. }, canary)) => {
            let canary = canary.map(|(canary, _)| format!(" and {}", canary.words())).unwrap_or_default();
            let words = format!("{}{canary}", place.words());
            preview.effects.push(format!("saves manifests, events and logs of {words}, those of before a restart too"));
        }
        Err(Fault::Refused { why, .. }) => preview.refuse(why),
        Err(fault) => return Err(fault),
    }
    Ok(preview)
}

/// Says what would happen to what serves of a canary.
async fn primary(
    ground: flagger::Ground,
    operation: &Operation,
    mut preview: Preview,
    tries: bool,
) -> Result<Preview, Fault> {
    flagger::left_open(&ground).await.tell(&mut preview);
    let rests = flagger::rests(&ground);
    let workload = match flagger::serving(ground).await {
        Err(Fault::Refused { why, .. }) => {
            preview.refuse(why);
            return Ok(preview);
        }
        workload => workload?,
    };
    let mut preview = of(&workload, operation, preview, tries).await;
    if let Err(why) = rests {
        preview.refuse(why);
    }
    Ok(preview)
}

/// Says what would happen to a workload.
pub(super) async fn of(workload: &Workload, operation: &Operation, mut preview: Preview, tries: bool) -> Preview {
    let Workload { place, object, .. } = workload;
    let (at, holder) = workload.holder(operation.verb);
    if operation.verb == Verb::Mend && workload.declared.is_none() && never(place.kind).is_none() {
        preview.unknown.push("what differs: that is asked when somebody is about to agree".to_owned());
        return preview;
    }
    let plan = match workload.plan(operation, None) {
        Ok(plan) => plan,
        Err(why) => {
            preview.refuse(why);
            return preview;
        }
    };
    preview.obstacles.extend(owner::obstacles(at.kind, holder));
    match &plan.patch {
        Some(patch) if tries => {
            let path = format!("{}{}?dryRun=All", at.path(), plan.sub);
            if let Err(error) = workload.cluster.change("PATCH", &path, patch.kind, &patch.body).await {
                tried(&error, &mut preview);
            }
        }
        Some(_) => {}
        // Nothing is sent that could be refused.
        None => preview.refused.clear(),
    }
    if let Err(why) = workload.meant(operation) {
        preview.refuse(why);
    }
    let replaces = match operation.verb {
        Verb::RollBack | Verb::Deploy | Verb::Restart => true,
        Verb::Mend => matches!(plan.goal, Goal::Rollout { .. }),
        _ => false,
    };
    match operation.verb {
        Verb::RollBack | Verb::Deploy => preview.obstacles.extend(partitioned(place.kind, object)),
        Verb::Mend => {
            let after = workload.declared.as_ref().and_then(|after| after.as_ref().ok());
            preview.obstacles.extend(after.filter(|_| replaces).and_then(|after| partitioned(place.kind, after)));
        }
        Verb::Restart => preview.obstacles.extend(stays(place.kind, object)),
        _ => {}
    }
    if replaces {
        match stuck(workload).await {
            Ok(pods) => preview.obstacles.extend(pods),
            Err(error) => preview.unknown.push(format!("whether a pod is stuck: {}", error.words())),
        }
    }
    preview.effects = plan.effects;
    preview.loses = plan.loses;
    if matches!(operation.verb, Verb::RollBack | Verb::Mend) {
        there::look(&workload.cluster, place, &plan.goal, &mut preview).await;
    }
    preview
}

/// All that the API says of a patch that does not apply any more, whichever of its tests fails.
const UNTRUE: &str = "the server rejected our request due to an error in our request";

/// What trying a change brought that the API did not take. Only its own no is certain.
pub fn tried(error: &Unanswered, preview: &mut Preview) {
    // Too often, by whom, changed meanwhile, or not as a dry run: that judges no later change.
    let judged = match error {
        Unanswered::Api { code: 401 | 409 | 429, .. } => false,
        Unanswered::Api { code: 422, message, .. } => !message.starts_with(UNTRUE),
        Unanswered::Api { code: 400, message, .. } => !message.contains("dry run"),
        _ => true,
    };
    match error.clone().of_change("") {
        Fault::Refused { .. } if judged => preview.refuse(format!("the API would refuse it now: {}", error.words())),
        _ => preview.unknown.push(format!("whether the API would take it: {}", error.words())),
    }
}

/// Notes what the credential may not do of what an operation needs.
pub(super) async fn permissions(cluster: &Cluster, place: &Place, operation: &Operation, preview: &mut Preview) {
    let (verb, how) = (operation.verb, operation.args.get("how").map(String::as_str));
    let namespace = place.namespace.as_str();
    let resource = place.kind.resource();
    let asked = |verb, resource, sub| Asked { verb, resource, sub, namespace };
    let all = match (place.kind, verb) {
        (_, Verb::Snapshot) => {
            let runs = (place.kind == Kind::Rollout).then(|| asked("list", "analysisruns", ""));
            let kept = asked("list", place.kind.revisions(), "");
            let all = [asked("get", "pods", "log"), asked("list", "pods", ""), asked("list", "events", ""), kept];
            all.into_iter().chain(runs).collect()
        }
        (Kind::Canary, Verb::RollBack | Verb::Deploy | Verb::Restart) => vec![asked("patch", "deployments", "")],
        // Gates are asked about where they lie.
        (Kind::Canary, Verb::Abort) => Vec::new(),
        (Kind::Canary, Verb::Promote) if how.is_none() => Vec::new(),
        (Kind::Rollout, Verb::Promote | Verb::Abort) => vec![asked("patch", resource, "status")],
        (Kind::Rollout, Verb::Resume) if how.is_some() => vec![asked("patch", resource, "status")],
        (_, Verb::Scale) => vec![asked("patch", resource, "scale")],
        _ => vec![asked("patch", resource, "")],
    };
    for asked in all {
        match may(cluster, &asked).await {
            // What may not be read is not saved; the rest is.
            Ok(denied) if verb == Verb::Snapshot => preview.obstacles.extend(denied),
            Ok(denied) => denied.into_iter().for_each(|why| preview.refuse(why)),
            Err(error) => {
                preview.unknown.push(format!("whether you may {}: {}", asked.words(), error.words()));
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
async fn stuck(workload: &Workload) -> Result<Vec<String>, Unanswered> {
    let Workload { place, object, cluster, .. } = workload;
    let ordered = text(object, "/spec/podManagementPolicy") != "Parallel";
    if place.kind != Kind::StatefulSet || !ordered {
        return Ok(Vec::new());
    }
    let pods = cluster.list(&collection(&place.namespace, "pods"), "").await?;
    Ok(trapped(object, &pods.items))
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
