//! A tiny controller of rollouts: steps, pauses, analyses, abort and promotion, as Argo's own moves them.
//! What an analysis step comes to is in its template's name: `pass`, `fail`, `inconclusive`, `error`, else it runs on.

use super::controller::{bare, hash, number, owner, works};
use super::store::Store;
use serde_json::{Value, json};

const HASH: &str = "rollouts-pod-template-hash";
const REVISION: &str = "rollout.argoproj.io/revision";

pub fn tick(store: &mut Store, mut r: Value) {
    let now = "2026-11-21T10:00:00Z";
    let (template, seen) = match r["spec"]["workloadRef"]["name"].as_str() {
        None => (r["spec"]["template"].clone(), None),
        // Its pods are declared there; without that nothing can be said.
        Some(name) => match store.objects.get(&super::Id::new("deployments", "payments", name)) {
            Some(held) => (held["spec"]["template"].clone(), Some(held["metadata"]["generation"].to_string())),
            None => return,
        },
    };
    let current = hash(&meant(&template));
    let mut sets = store.owned("replicasets", &r);
    let of = |sets: &[Value], hash: &str| sets.iter().position(|set| set["metadata"]["labels"][HASH] == hash);
    let revision = |set: &Value| -> u64 {
        set["metadata"]["annotations"][REVISION].as_str().and_then(|n| n.parse().ok()).unwrap_or(0)
    };
    let highest = sets.iter().map(revision).max().unwrap_or(0);
    let mine = of(&sets, &current).unwrap_or_else(|| {
        sets.push(set(store, &r, &template, &current, highest + 1));
        sets.len() - 1
    });
    if revision(&sets[mine]) < highest {
        sets[mine]["metadata"]["annotations"][REVISION] = json!((highest + 1).to_string());
    }
    r["metadata"]["annotations"][REVISION] = sets[mine]["metadata"]["annotations"][REVISION].clone();
    if let Some(seen) = &seen {
        r["metadata"]["annotations"]["rollout.argoproj.io/workload-generation"] = json!(seen);
    }
    let steps = r["spec"]["strategy"]["canary"]["steps"].as_array().cloned().unwrap_or_default();
    let blue_green = r["spec"]["strategy"]["blueGreen"].is_object();
    let mut s = r["status"].clone();
    if s.is_null() {
        s = json!({ "conditions": [], "canary": {}, "blueGreen": {} });
    }
    let first = s["stableRS"].as_str().unwrap_or_default().is_empty();
    if s["currentPodHash"] != current.as_str() {
        // Another template: from the first step, or all at once back to what is stable.
        let back = s["stableRS"] == current.as_str();
        s["currentPodHash"] = json!(current);
        // Which ends a restart that is under way, and calls it over.
        match r["spec"]["restartAt"].as_str() {
            Some(at) => s["restartedAt"] = json!(at),
            None => drop(s.as_object_mut().unwrap().remove("restartedAt")),
        }
        for key in ["abort", "abortedAt", "promoteFull", "pauseConditions", "controllerPause"] {
            s.as_object_mut().unwrap().remove(key);
        }
        s["canary"] = json!({});
        s["currentStepIndex"] = json!(if back || first { steps.len() } else { 0 });
        s["stableRS"] = if first { json!(current) } else { s["stableRS"].clone() };
    }
    let updating = s["stableRS"] != current.as_str();
    let paused = r["spec"]["paused"] == true;
    let mut phase = ("Progressing", "more replicas need to be updated".to_owned());
    if s["abort"] == true {
        s["currentStepIndex"] = json!(0);
        s["abortedAt"] = if s["abortedAt"].is_null() { json!(now) } else { s["abortedAt"].clone() };
        for key in ["pauseConditions", "controllerPause", "promoteFull"] {
            s.as_object_mut().unwrap().remove(key);
        }
        let rev = sets[mine]["metadata"]["annotations"][REVISION].as_str().unwrap_or_default();
        phase = ("Degraded", format!("RolloutAborted: Rollout aborted update to revision {rev}"));
    } else if updating {
        s.as_object_mut().unwrap().remove("abortedAt");
        if !works(&template) {
            phase = ("Progressing", "more replicas need to be updated".to_owned());
        } else if paused {
            phase = ("Paused", "manually paused".to_owned());
        } else if blue_green {
            if s["promoteFull"] == true || unpaused(&mut s) {
                s["blueGreen"]["activeSelector"] = json!(current);
                s["stableRS"] = json!(current);
            } else {
                phase = pause(&mut s, "BlueGreenPause", now);
            }
        } else {
            phase = step(store, &r, &steps, &mut s, now);
        }
    }
    let index = number(&s["currentStepIndex"]) as usize;
    if s["promoteFull"] == true || (!steps.is_empty() && index >= steps.len() && s["stableRS"] != current.as_str()) {
        s["currentStepIndex"] = json!(steps.len());
        s["stableRS"] = json!(current);
        s.as_object_mut().unwrap().remove("promoteFull");
        s["canary"] = json!({});
    }
    if s["stableRS"] == current.as_str() {
        for key in ["pauseConditions", "controllerPause"] {
            s.as_object_mut().unwrap().remove(key);
        }
        phase = if works(&template) { ("Healthy", String::new()) } else { phase };
    }
    let wanted = number(&r["spec"]["replicas"]);
    let weight = weight(&steps, &s, s["stableRS"] == current.as_str());
    let stable = s["stableRS"].as_str().unwrap_or_default().to_owned();
    // Where pods alone share the traffic, an abort takes them away one by one.
    let routed = r["spec"]["strategy"]["canary"]["trafficRouting"].is_object();
    let has = number(&sets[mine]["spec"]["replicas"]);
    let left = if s["abort"] == true && !routed && !blue_green { has.saturating_sub(1) } else { 0 };
    for set in &mut sets {
        let label = set["metadata"]["labels"][HASH].as_str().unwrap_or_default().to_owned();
        let n = match (label == current, label == stable) {
            (true, true) => wanted,
            (true, false) if s["abort"] == true => left,
            (true, false) if blue_green => wanted,
            (true, false) => (wanted * weight).div_ceil(100),
            (false, true) if blue_green => wanted,
            (false, true) if left > 0 => wanted - left.min(wanted),
            (false, true) => wanted - (wanted * weight / 100).min(wanted),
            _ => 0,
        };
        let ready = if works(&set["spec"]["template"]) { n } else { 0 };
        set["spec"]["replicas"] = json!(n);
        set["status"] = json!({ "replicas": n, "readyReplicas": ready, "availableReplicas": ready });
        *set = store.put("replicasets", set.clone());
        super::controller::pods(store, set);
    }
    super::evict::tick(store, &r, &sets, &mut s);
    let sum = |key: &str| sets.iter().map(|set| number(&set["status"][key])).sum::<u64>();
    if r["spec"]["strategy"]["canary"]["trafficRouting"].is_object() {
        let share = |weight: u64, hash: &str| json!({ "weight": weight, "podTemplateHash": hash, "serviceName": "x" });
        s["canary"]["weights"] =
            json!({ "canary": share(weight, &current), "stable": share(100 - weight, &stable), "verified": true });
    }
    if blue_green {
        s["blueGreen"]["activeSelector"] = s["stableRS"].clone();
    }
    s["replicas"] = json!(sum("replicas"));
    s["readyReplicas"] = json!(sum("readyReplicas"));
    s["availableReplicas"] = json!(sum("availableReplicas"));
    s["updatedReplicas"] = sets[mine]["status"]["replicas"].clone();
    s["phase"] = json!(phase.0);
    if let Some(seen) = seen {
        s["workloadObservedGeneration"] = json!(seen);
    }
    match phase.1.as_str() {
        "" => drop(s.as_object_mut().unwrap().remove("message")),
        said => s["message"] = json!(said),
    }
    r["status"] = s;
    // A changed annotation is no new generation, so it is known before it is stored.
    let stored = store.put("rollouts", r.clone());
    r["metadata"] = stored["metadata"].clone();
    r["status"]["observedGeneration"] = json!(stored["metadata"]["generation"].to_string());
    store.put("rollouts", r);
}

/// A template without what says nothing, such as `creationTimestamp: null`: a typed client drops it.
fn meant(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().map(|(key, value)| (key.clone(), meant(value)));
            Value::Object(kept.filter(|(_, value)| !value.is_null() && *value != json!({})).collect())
        }
        Value::Array(all) => all.iter().map(meant).collect(),
        value => value.clone(),
    }
}

/// Whether somebody cleared what it waited for.
fn unpaused(s: &mut Value) -> bool {
    let clear = s["controllerPause"] == true && s["pauseConditions"].as_array().is_none_or(Vec::is_empty);
    if clear {
        s["controllerPause"] = json!(false);
    }
    clear
}

fn pause(s: &mut Value, reason: &str, now: &str) -> (&'static str, String) {
    if s["pauseConditions"].as_array().is_none_or(Vec::is_empty) {
        s["pauseConditions"] = json!([{ "reason": reason, "startTime": now }]);
        s["controllerPause"] = json!(true);
    }
    ("Paused", reason.to_owned())
}

/// One step of a canary.
fn step(store: &mut Store, r: &Value, steps: &[Value], s: &mut Value, now: &str) -> (&'static str, String) {
    let index = number(&s["currentStepIndex"]) as usize;
    let Some(step) = steps.get(index) else { return ("Progressing", "waiting for all steps to complete".to_owned()) };
    // At once, so that nobody reads it between two steps: what a test sees must not depend on the moment.
    let next = |store: &mut Store, s: &mut Value| {
        s["currentStepIndex"] = json!(index + 1);
        self::step(store, r, steps, s, now)
    };
    if step["pause"].is_object() {
        return if unpaused(s) { next(store, s) } else { pause(s, "CanaryPauseStep", now) };
    }
    let Some(template) = step["analysis"]["templates"][0]["templateName"].as_str() else { return next(store, s) };
    let word = match template {
        "pass" => "Successful",
        "fail" => "Failed",
        "inconclusive" => "Inconclusive",
        "error" => "Error",
        _ => "Running",
    };
    let run = format!("{}-{index}", r["metadata"]["name"].as_str().unwrap());
    measured(store, r, &run, word, now);
    s["canary"]["currentStepAnalysisRunStatus"] = json!({ "name": run, "status": word, "message": "" });
    match word {
        "Successful" => next(store, s),
        "Inconclusive" => pause(s, "InconclusiveAnalysisRun", now),
        "Running" => ("Progressing", "waiting for analysis to complete".to_owned()),
        word => {
            s["abort"] = json!(true);
            ("Degraded", format!("RolloutAborted: analysis {run} is {word}"))
        }
    }
}

fn measured(store: &mut Store, r: &Value, run: &str, word: &str, now: &str) {
    let key = word.to_lowercase();
    let mut result = json!({ "name": "success-rate", "phase": word, "count": 3,
        "measurements": [{ "phase": word, "value": "0.93", "startedAt": now, "finishedAt": now }] });
    if word != "Running" {
        result[key] = json!(2);
    }
    let well = json!({ "name": "latency", "phase": "Successful", "count": 3, "successful": 3,
        "measurements": [{ "phase": "Successful", "value": "0.21", "startedAt": now }] });
    store.put(
        "analysisruns",
        json!({
            "apiVersion": "argoproj.io/v1alpha1", "kind": "AnalysisRun",
            "metadata": { "name": run, "namespace": "payments", "ownerReferences": [owner(r)] },
            "spec": { "metrics": [{ "name": "success-rate", "provider": {} }, { "name": "latency", "provider": {} }] },
            "status": { "phase": word, "metricResults": [result, well] },
        }),
    );
}

/// The share of the new version.
fn weight(steps: &[Value], s: &Value, stable: bool) -> u64 {
    if stable {
        return 100;
    }
    if s["abort"] == true {
        return 0;
    }
    let index = number(&s["currentStepIndex"]) as usize;
    steps.iter().take(index + 1).rev().find_map(|step| step["setWeight"].as_u64()).unwrap_or(0)
}

fn set(store: &mut Store, r: &Value, template: &Value, hash: &str, revision: u64) -> Value {
    let mut template = bare(template);
    template["metadata"]["labels"][HASH] = json!(hash);
    let name = format!("{}-{hash}", r["metadata"]["name"].as_str().unwrap());
    store.put(
        "replicasets",
        json!({
            "apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": {
                "name": name, "namespace": r["metadata"]["namespace"], "labels": template["metadata"]["labels"],
                "annotations": { REVISION: revision.to_string() }, "ownerReferences": [owner(r)],
            },
            "spec": { "replicas": 0, "selector": r["spec"]["selector"], "template": template },
        }),
    )
}
