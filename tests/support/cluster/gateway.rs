//! Gateways: what they say of each route, at the version that they have seen of it.

use super::State;
use serde_json::{Value, json};

/// What gateways do with routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gateway {
    /// They take every one of them at once.
    Takes,
    /// They refuse it: no listener takes it.
    Refuses,
    /// They take it, and know one of its backends not.
    Misses,
    /// They say nothing more.
    Silent,
}

pub fn tick(state: &mut State) {
    if state.gateway == Gateway::Silent {
        return;
    }
    for resource in ["httproutes", "grpcroutes"] {
        for mut route in state.store.all(resource, None).cloned().collect::<Vec<_>>() {
            let parents = route["spec"]["parentRefs"].as_array().cloned().unwrap_or_default();
            let said: Vec<Value> = parents.into_iter().map(|parent| said(state.gateway, &route, parent)).collect();
            route["status"] = json!({ "parents": said });
            state.store.put(resource, route);
        }
    }
}

fn said(gateway: Gateway, route: &Value, parent: Value) -> Value {
    let condition = |kind: &str, ok: bool, reason: &str| {
        json!({ "type": kind, "status": if ok { "True" } else { "False" }, "reason": reason, "message": "",
            "lastTransitionTime": "2026-11-22T10:00:00Z", "observedGeneration": route["metadata"]["generation"] })
    };
    let (takes, finds) = (gateway != Gateway::Refuses, gateway != Gateway::Misses);
    let accepted = condition("Accepted", takes, if takes { "Accepted" } else { "NoMatchingParent" });
    let resolved = condition("ResolvedRefs", finds, if finds { "ResolvedRefs" } else { "BackendNotFound" });
    json!({ "parentRef": parent, "controllerName": "example.net/gateway", "conditions": [accepted, resolved] })
}
