//! A tiny Flagger: it asks at its gates, shifts traffic step by step, copies to the primary, and
//! flickers between Waiting and Progressing while it asks, as the real one does.

use super::State;
use super::gates::asks;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How long it rests after a gate that it has passed, as its interval; less when the gate is closed before.
const REST: Duration = Duration::from_secs(20);

pub fn tick(state: &mut State, canary: Value) {
    if canary["spec"]["suspend"] == true {
        return;
    }
    let name = canary["spec"]["targetRef"]["name"].as_str().unwrap().to_owned();
    let namespace = canary["metadata"]["namespace"].as_str().unwrap().to_owned();
    let id = |name: &str| super::Id::new("deployments", &namespace, name);
    let Some(target) = state.store.objects.get(&id(&name)).cloned() else { return };
    let done = matches!(canary["status"]["phase"].as_str(), Some("Promoting" | "Finalising" | "Succeeded"));
    if let Some(passed) = state.rests.get(&name).filter(|_| !done) {
        if passed.elapsed() < REST && super::gates::open(state, &canary) {
            return;
        }
        state.rests.remove(&name);
    }
    let primary = state.store.objects.get(&id(&format!("{name}-primary"))).cloned();
    let hash = super::controller::hash(&target["spec"]["template"]);
    let phase = canary["status"]["phase"].as_str().unwrap_or_default().to_owned();
    let Some(primary) = primary else {
        copy(state, &target, None);
        scale(state, target, 0);
        return set(
            state,
            canary,
            "Initialized",
            &[("lastAppliedSpec", json!(hash)), ("lastPromotedSpec", json!(hash))],
        );
    };
    let changed =
        canary["status"]["lastAppliedSpec"] != hash.as_str() && canary["status"]["lastPromotedSpec"] != hash.as_str();
    match phase.as_str() {
        "Initialized" | "Succeeded" | "Failed" if changed => {
            set(state, canary, "Progressing", &fresh(&hash));
        }
        // Asked at the first gate: the status says Progressing while it asks.
        "Progressing" if state.asking.remove(&name) => {
            if passes(state, &canary, "confirm-rollout") {
                scale(state, target, 1);
                set(state, canary, "Progressing", &fresh(&hash));
                state.begun.insert(name);
            } else {
                set(state, canary, "Waiting", &[]);
            }
        }
        "Waiting" => {
            state.asking.insert(name);
            set(state, canary, "Progressing", &fresh(&hash));
        }
        "Progressing" if !state.begun.contains(&name) => {
            state.asking.insert(name);
        }
        "Progressing" | "WaitingPromotion" if changed => set(state, canary, "Progressing", &fresh(&hash)),
        _ if canary["spec"]["skipAnalysis"] == true && matches!(phase.as_str(), "Progressing" | "WaitingPromotion") => {
            promote(state, &canary, target, primary);
            let promoted = [("lastPromotedSpec", json!(hash)), ("canaryWeight", json!(0))];
            state.begun.remove(&name);
            set(state, canary, "Succeeded", &promoted);
        }
        "Progressing" | "WaitingPromotion" if asks_back(state, &canary) => {
            scale(state, target, 0);
            state.begun.remove(&name);
            set(state, canary, "Failed", &[("canaryWeight", json!(0))]);
        }
        "Progressing" => {
            let weight = canary["status"]["canaryWeight"].as_u64().unwrap_or(0);
            let most = canary["spec"]["analysis"]["maxWeight"].as_u64().unwrap_or(100);
            let by = canary["spec"]["analysis"]["stepWeight"].as_u64().unwrap_or(10);
            if super::controller::tag(&target["spec"]["template"]).ends_with("-bad") {
                scale(state, target, 0);
                state.begun.remove(&name);
                set(state, canary, "Failed", &[("canaryWeight", json!(0)), ("failedChecks", json!(5))]);
            } else if weight >= most {
                if passes(state, &canary, "confirm-promotion") {
                    promote(state, &canary, target, primary);
                    set(state, canary, "Promoting", &[]);
                } else {
                    set(state, canary, "WaitingPromotion", &[("canaryWeight", json!(0))]);
                }
            } else if passes(state, &canary, "confirm-traffic-increase") {
                set(state, canary, "Progressing", &[("canaryWeight", json!((weight + by).min(most)))]);
            }
        }
        "WaitingPromotion" if passes(state, &canary, "confirm-promotion") => {
            promote(state, &canary, target, primary);
            set(state, canary, "Promoting", &[]);
        }
        "Promoting" => set(state, canary, "Finalising", &[("canaryWeight", json!(0))]),
        "Finalising" => {
            scale(state, target, 0);
            state.begun.remove(&name);
            set(state, canary, "Succeeded", &[("lastPromotedSpec", json!(hash))]);
        }
        _ => {}
    }
}

/// Whether it is let pass; it rests then.
fn passes(state: &mut State, canary: &Value, kind: &str) -> bool {
    let passes = asks(state, canary, kind);
    if passes {
        state.rests.insert(canary["spec"]["targetRef"]["name"].as_str().unwrap().to_owned(), Instant::now());
    }
    passes
}

/// A rollback hook that does not answer well asks for nothing; one that is not there neither.
fn asks_back(state: &State, canary: &Value) -> bool {
    let hooks = canary["spec"]["analysis"]["webhooks"].as_array().cloned().unwrap_or_default();
    hooks.iter().any(|hook| hook["type"] == "rollback") && asks(state, canary, "rollback")
}

fn fresh(hash: &str) -> [(&'static str, Value); 4] {
    [("lastAppliedSpec", json!(hash)), ("canaryWeight", json!(0)), ("failedChecks", json!(0)), ("iterations", json!(0))]
}

fn set(state: &mut State, mut canary: Value, phase: &str, more: &[(&str, Value)]) {
    if canary["status"].is_null() {
        canary["status"] = json!({});
    }
    for (key, value) in more {
        canary["status"][*key] = value.clone();
    }
    canary["status"]["phase"] = json!(phase);
    canary["status"]["lastTransitionTime"] = json!("2026-11-21T10:00:00Z");
    let said = match phase {
        "Failed" => "Canary analysis failed, Deployment scaled to zero.",
        "Succeeded" => "Canary analysis completed successfully, promotion finished.",
        "Waiting" => "Waiting for approval.",
        _ => "New revision detected, progressing canary analysis.",
    };
    canary["status"]["conditions"] =
        json!([{ "type": "Promoted", "status": "Unknown", "reason": phase, "message": said }]);
    state.store.put("canaries", canary);
}

fn scale(state: &mut State, mut target: Value, replicas: u64) {
    target["spec"]["replicas"] = json!(replicas);
    state.store.put("deployments", target);
}

fn promote(state: &mut State, _canary: &Value, target: Value, primary: Value) {
    copy(state, &target, Some(primary));
}

fn copy(state: &mut State, target: &Value, primary: Option<Value>) {
    let name = format!("{}-primary", target["metadata"]["name"].as_str().unwrap());
    let mut new = primary.unwrap_or_else(|| {
        json!({ "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": { "name": name, "namespace": target["metadata"]["namespace"], "labels": { "app": name } },
            "spec": { "replicas": 2, "selector": { "matchLabels": { "app": name } } } })
    });
    new["spec"]["template"] = target["spec"]["template"].clone();
    new["spec"]["template"]["metadata"]["labels"]["app"] = json!(name);
    state.store.put("deployments", new);
}
