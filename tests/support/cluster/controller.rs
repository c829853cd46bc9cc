//! Small controllers: they make replica sets and revisions, move replicas one by one and
//! write the status. What a version does is in its tag: `…-hang`, `…-deadline`, `…-nopull`, `…-crash`.

use super::Inner;
use super::store::Store;
use serde_json::{Value, json};
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

const REVISION: &str = "deployment.kubernetes.io/revision";

pub fn start(inner: Arc<Inner>) {
    std::thread::spawn(move || {
        let mut beat = 0_u64;
        loop {
            let mut state = inner.state.lock().unwrap();
            if state.over {
                return;
            }
            if state.controllers {
                let before = state.store.version;
                beat += 1;
                // Where nothing is to be done nothing comes of looking, but for what waits for its time.
                if before != state.settled || beat.is_multiple_of(16) {
                    tick(&mut state.store);
                    super::gateway::tick(&mut state);
                    state.settled = if state.store.version == before { before } else { u64::MAX };
                }
                // Flagger looks only now and then.
                if beat.is_multiple_of(8) {
                    let canaries: Vec<Value> = state.store.all("canaries", None).cloned().collect();
                    canaries.into_iter().for_each(|canary| super::flagger::tick(&mut state, canary));
                }
                if state.store.version != before {
                    inner.changed.notify_all();
                }
            }
            drop(state);
            std::thread::sleep(Duration::from_millis(10));
        }
    });
}

fn tick(store: &mut Store) {
    let all = |store: &Store, resource: &str| store.all(resource, None).cloned().collect::<Vec<_>>();
    all(store, "deployments").into_iter().for_each(|deployment| deploy(store, deployment));
    all(store, "rollouts").into_iter().for_each(|rollout| super::argo::tick(store, rollout));
    all(store, "statefulsets").into_iter().for_each(|set| revise(store, "statefulsets", set));
    all(store, "daemonsets").into_iter().for_each(|set| revise(store, "daemonsets", set));
}

pub fn bare(template: &Value) -> Value {
    let mut template = template.clone();
    if let Some(labels) = template["metadata"]["labels"].as_object_mut() {
        labels.remove("pod-template-hash");
        labels.remove("rollouts-pod-template-hash");
    }
    template
}

pub fn hash(template: &Value) -> String {
    let mut hasher = DefaultHasher::new();
    bare(template).to_string().hash(&mut hasher);
    format!("{:010x}", hasher.finish() & 0xff_ffff_ffff)
}

pub fn tag(template: &Value) -> String {
    template["spec"]["containers"][0]["image"].as_str().unwrap_or_default().to_owned()
}

pub fn works(template: &Value) -> bool {
    !["-hang", "-deadline", "-nopull", "-crash"].iter().any(|word| tag(template).ends_with(word))
}

pub fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or(0)
}

fn revision(object: &Value) -> u64 {
    object["metadata"]["annotations"][REVISION].as_str().and_then(|r| r.parse().ok()).unwrap_or(0)
}

fn deploy(store: &mut Store, mut d: Value) {
    let wanted = number(&d["spec"]["replicas"]);
    let template = d["spec"]["template"].clone();
    let mut sets = store.owned("replicasets", &d);
    let paused = d["spec"]["paused"] == true;
    let current = sets.iter().position(|rs| bare(&rs["spec"]["template"]) == bare(&template));
    let highest = sets.iter().map(revision).max().unwrap_or(0);
    let current = match current {
        Some(n) => n,
        None if paused => return status(store, d, &sets, None, wanted),
        None => {
            sets.push(replica_set(store, &d, &template, highest + 1));
            sets.len() - 1
        }
    };
    if revision(&sets[current]) < highest {
        let next = highest + 1;
        sets[current]["metadata"]["annotations"][REVISION] = json!(next.to_string());
    }
    for (key, value) in d["metadata"]["annotations"].as_object().cloned().unwrap_or_default() {
        if key != REVISION && !key.contains("last-applied") {
            sets[current]["metadata"]["annotations"][&key] = value;
        }
    }
    d["metadata"]["annotations"][REVISION] = sets[current]["metadata"]["annotations"][REVISION].clone();
    if !paused {
        move_one(&mut sets, current, wanted, works(&template));
    }
    for rs in &mut sets {
        *rs = store.put("replicasets", rs.clone());
        pods(store, rs);
    }
    status(store, d, &sets, Some(current), wanted);
}

/// One replica up in the new set, or one down in an old one.
fn move_one(sets: &mut [Value], current: usize, wanted: u64, works: bool) {
    let total: u64 = sets.iter().map(|rs| number(&rs["spec"]["replicas"])).sum();
    let new = number(&sets[current]["spec"]["replicas"]);
    let ready = if works { new } else { 0 };
    let old = sets.iter().enumerate().position(|(n, rs)| n != current && number(&rs["spec"]["replicas"]) > 0);
    if new > wanted {
        sets[current]["spec"]["replicas"] = json!(wanted);
    } else if new < wanted && (total <= wanted || old.is_none()) {
        sets[current]["spec"]["replicas"] = json!(new + 1);
    } else if let Some(old) = old {
        let others: u64 = total - new;
        if ready + others > wanted {
            sets[old]["spec"]["replicas"] = json!(number(&sets[old]["spec"]["replicas"]) - 1);
        }
    }
    for rs in sets {
        let n = number(&rs["spec"]["replicas"]);
        let ready = if super::controller::works(&rs["spec"]["template"]) { n } else { 0 };
        rs["status"] = json!({ "replicas": n, "readyReplicas": ready, "availableReplicas": ready });
    }
}

fn replica_set(store: &mut Store, d: &Value, template: &Value, revision: u64) -> Value {
    let hash = hash(template);
    let mut template = template.clone();
    template["metadata"]["labels"]["pod-template-hash"] = json!(hash);
    let name = format!("{}-{hash}", d["metadata"]["name"].as_str().unwrap());
    store.put(
        "replicasets",
        json!({
            "apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": {
                "name": name, "namespace": d["metadata"]["namespace"], "labels": template["metadata"]["labels"],
                "annotations": { REVISION: revision.to_string() }, "ownerReferences": [owner(d)],
            },
            "spec": { "replicas": 0, "selector": d["spec"]["selector"], "template": template },
        }),
    )
}

pub fn owner(of: &Value) -> Value {
    json!({ "apiVersion": "apps/v1", "kind": of["kind"], "name": of["metadata"]["name"],
        "uid": of["metadata"]["uid"], "controller": true, "blockOwnerDeletion": true })
}

/// As many pods as the set wants, each in the state of its version.
pub fn pods(store: &mut Store, rs: &Value) {
    let have = store.owned("pods", rs);
    let want = number(&rs["spec"]["replicas"]) as usize;
    let name = rs["metadata"]["name"].as_str().unwrap().to_owned();
    for n in have.len()..want {
        let pod = pod(&format!("{name}-{n:05}"), rs, &rs["spec"]["template"], rs["metadata"]["labels"].clone());
        store.put("pods", pod);
    }
    for pod in have.iter().skip(want) {
        store.remove(&super::Id::new("pods", "payments", pod["metadata"]["name"].as_str().unwrap()));
    }
}

fn pod(name: &str, of: &Value, template: &Value, labels: Value) -> Value {
    let image = tag(template);
    let waiting = |reason: &str, message: &str| json!({ "waiting": { "reason": reason, "message": message } });
    let (ready, state) = if image.ends_with("-nopull") {
        (false, waiting("ImagePullBackOff", "Back-off pulling image"))
    } else if image.ends_with("-crash") {
        (false, waiting("CrashLoopBackOff", "back-off 40s restarting failed container"))
    } else if works(template) {
        (true, json!({ "running": { "startedAt": "2026-11-21T00:00:00Z" } }))
    } else {
        (false, waiting("ContainerCreating", ""))
    };
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": name, "namespace": of["metadata"]["namespace"], "labels": labels,
            "ownerReferences": [owner(of)], "annotations": { "fake/log": format!("{name} says hello\n"),
                "fake/previous": if image.ends_with("-crash") { json!("no such column\n") } else { Value::Null } } },
        "spec": template["spec"],
        "status": { "phase": if ready { "Running" } else { "Pending" },
            "conditions": [{ "type": "Ready", "status": if ready { "True" } else { "False" } }],
            "containerStatuses": [{ "name": template["spec"]["containers"][0]["name"], "image": image, "ready": ready,
                "restartCount": if image.ends_with("-crash") { 4 } else { 0 }, "state": state }] },
    })
}

fn status(store: &mut Store, mut d: Value, sets: &[Value], current: Option<usize>, wanted: u64) {
    let sum = |key: &str| sets.iter().map(|rs| number(&rs["status"][key])).sum::<u64>();
    let (total, ready) = (sum("replicas"), sum("readyReplicas"));
    let updated = current.map_or(0, |n| number(&sets[n]["status"]["replicas"]));
    let late = tag(&d["spec"]["template"]).ends_with("-deadline");
    let done = updated == wanted && total == wanted && ready == wanted;
    let progressing = if late {
        json!({ "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded",
            "message": "has timed out progressing." })
    } else if done {
        json!({ "type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable" })
    } else {
        json!({ "type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated" })
    };
    let mut status = json!({
        "observedGeneration": d["metadata"]["generation"], "conditions": [progressing],
        "replicas": total, "updatedReplicas": updated, "readyReplicas": ready, "availableReplicas": ready,
    });
    if total > ready {
        status["unavailableReplicas"] = json!(total - ready);
    }
    d["status"] = status;
    store.put("deployments", d);
}

/// A stateful or daemon set: its revisions, and one pod more of the new one each time.
fn revise(store: &mut Store, resource: &str, mut set: Value) {
    let stateful = resource == "statefulsets";
    let wanted = if stateful { number(&set["spec"]["replicas"]) } else { 3 };
    let template = set["spec"]["template"].clone();
    let revisions = store.owned("controllerrevisions", &set);
    let data = |r: &Value| {
        let mut template = r["data"]["spec"]["template"].clone();
        template.as_object_mut().map(|t| t.remove("$patch"));
        template["metadata"].as_object_mut().map(|m| m.remove("creationTimestamp"));
        template
    };
    let highest = revisions.iter().map(|r| number(&r["revision"])).max().unwrap_or(0);
    let name = format!("{}-{}", set["metadata"]["name"].as_str().unwrap(), hash(&template));
    match revisions.iter().find(|r| data(r) == template) {
        Some(r) if number(&r["revision"]) < highest => {
            let mut r = r.clone();
            r["revision"] = json!(highest + 1);
            store.put("controllerrevisions", r);
        }
        Some(_) => {}
        None => {
            let mut whole = template.clone();
            whole["$patch"] = json!("replace");
            // As servers before 1.34 kept it; the object itself has none.
            whole["metadata"]["creationTimestamp"] = Value::Null;
            store.put(
                "controllerrevisions",
                json!({
                    "apiVersion": "apps/v1", "kind": "ControllerRevision",
                    "metadata": { "name": name, "namespace": "payments", "labels": template["metadata"]["labels"],
                        "annotations": set["metadata"]["annotations"], "ownerReferences": [owner(&set)] },
                    "data": { "spec": { "template": whole } }, "revision": highest + 1,
                }),
            );
        }
    }
    let mut updated = number(&set["status"][if stateful { "updatedReplicas" } else { "updatedNumberScheduled" }]);
    let before = set["status"]["updateRevision"].as_str().unwrap_or(&name).to_owned();
    let fresh = set["status"].is_null();
    let partition = number(&set["spec"]["updateStrategy"]["rollingUpdate"]["partition"]);
    if before != name {
        updated = 0;
    } else if fresh {
        updated = wanted;
    } else if updated < wanted.saturating_sub(partition) && works(&template) {
        updated += 1;
    }
    let stuck = u64::from(!works(&template));
    let current = match (updated >= wanted, set["status"]["currentRevision"].as_str()) {
        (false, Some(old)) => old.to_owned(),
        _ => name.clone(),
    };
    let generation = set["metadata"]["generation"].clone();
    set["status"] = if stateful {
        json!({ "observedGeneration": generation, "replicas": wanted, "readyReplicas": wanted.saturating_sub(stuck),
            "availableReplicas": wanted.saturating_sub(stuck), "updatedReplicas": updated, "currentRevision": current, "updateRevision": name })
    } else {
        json!({ "observedGeneration": generation, "desiredNumberScheduled": wanted, "currentNumberScheduled": wanted,
            "updatedNumberScheduled": updated, "numberAvailable": wanted.saturating_sub(stuck), "numberReady": wanted.saturating_sub(stuck),
            "numberUnavailable": stuck, "numberMisscheduled": 0, "updateRevision": name })
    };
    store.put(resource, set);
}
