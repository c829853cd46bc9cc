//! A restart of a rollout, as its controller does it: pods from before `restartAt` go one by one, and
//! the next only once the one that came for the last is ready.

use super::Id;
use super::controller::works;
use super::store::Store;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

pub fn tick(store: &mut Store, r: &Value, sets: &[Value], s: &mut Value) {
    let now = Utc::now();
    let instant = |value: &Value| value.as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    let Some(at) = instant(&r["spec"]["restartAt"]) else { return };
    if instant(&s["restartedAt"]) == Some(at) || at > now {
        return;
    }
    let pods: Vec<Value> = sets.iter().flat_map(|set| store.owned("pods", set)).collect();
    let ready = |pod: &Value| pod["status"]["conditions"][0]["status"] == "True";
    if let Some(mut pod) = pods.iter().find(|pod| !ready(pod)).cloned() {
        if works(&json!({ "spec": pod["spec"] })) {
            pod["status"]["conditions"][0]["status"] = json!("True");
            store.put("pods", pod);
        }
        return;
    }
    let old = pods.iter().find(|pod| instant(&pod["metadata"]["creationTimestamp"]).is_some_and(|made| made < at));
    let Some(mut pod) = old.cloned() else {
        s["restartedAt"] = r["spec"]["restartAt"].clone();
        return;
    };
    let name = pod["metadata"]["name"].as_str().unwrap();
    store.remove(&Id::new("pods", pod["metadata"]["namespace"].as_str().unwrap(), name));
    pod["metadata"]["creationTimestamp"] = json!(now.to_rfc3339_opts(SecondsFormat::Secs, true));
    pod["status"]["conditions"][0]["status"] = json!("False");
    store.put("pods", pod);
}
