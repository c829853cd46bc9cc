//! What the watches have seen of the declared services, as little of it as is needed.
//!
//! Pure. What belongs to no declared service is not kept.

use super::flagger;
use super::object::{list, name, owner, text};
use super::place::{Kind, Place};
use super::row::{Known, row};
use crate::domain::observed::{Deployment, Placed};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A namespace and a resource in it.
pub type Collection = (String, &'static str);

/// What is known of every declared service.
#[derive(Default)]
pub struct Seen {
    services: BTreeMap<Placed, Place>,
    label: Option<String>,
    objects: BTreeMap<Collection, BTreeMap<String, Value>>,
    turned: bool,
}

impl Seen {
    /// Nothing yet, of these services.
    pub fn of(services: BTreeMap<Placed, Place>, label: Option<String>) -> Self {
        Self { services, label, objects: BTreeMap::new(), turned: false }
    }

    /// What has to be watched for them.
    pub fn collections(&self) -> BTreeSet<Collection> {
        let of = |place: &Place| {
            let (namespace, all) = (place.namespace.clone(), place.kind.watched());
            all.iter().map(move |resource| (namespace.clone(), *resource)).collect::<Vec<_>>()
        };
        self.services.values().flat_map(of).collect()
    }

    /// An object is new or changed. Gives back the services that it is about, or was until now.
    pub fn apply(&mut self, at: &Collection, object: &Value) -> Vec<Placed> {
        let mut about = self.about(at, object);
        let before = self.objects.get(at).and_then(|all| all.get(name(object)));
        let former = before.map(|before| self.about(at, before)).unwrap_or_default();
        if about.is_empty() && !former.is_empty() {
            // Nobody's any more, such as a pod that was taken out of its set.
            return self.delete(at, object).into_iter().chain(former).collect();
        }
        if !about.is_empty() {
            let slim = slim(at.1, object);
            let known = self.objects.entry(at.clone()).or_default();
            let before = known.insert(name(object).to_owned(), slim);
            if at.1 == "canaries" {
                let of = |canary: &Value| flagger::state::target(canary).1.to_owned();
                self.turned |= before.as_ref().map(of) != Some(of(object));
            }
        }
        about.extend(former);
        about.sort();
        about.dedup();
        about
    }

    /// Whether a canary has come, or is of another workload now, since this was last asked:
    /// what was passed over until then is about it.
    pub fn turned(&mut self) -> bool {
        std::mem::take(&mut self.turned)
    }

    /// An object is gone. Gives back the services that it was about.
    pub fn delete(&mut self, at: &Collection, object: &Value) -> Vec<Placed> {
        if let Some(all) = self.objects.get_mut(at) {
            all.remove(name(object));
        }
        self.about(at, object)
    }

    /// Every row there is.
    pub fn rows(&self) -> BTreeMap<Placed, Deployment> {
        self.services.keys().filter_map(|placed| Some((placed.clone(), self.row(placed)?))).collect()
    }

    /// The row of a service; none when its workload does not exist.
    pub fn row(&self, placed: &Placed) -> Option<Deployment> {
        let place = self.services.get(placed)?;
        let all =
            |resource| self.objects.get(&(place.namespace.clone(), resource)).into_iter().flat_map(BTreeMap::values);
        let object = all(place.kind.resource()).find(|object| name(object) == place.name)?;
        let of = |resource| all(resource).filter(|object| self.mine(place, resource, object)).collect();
        let others = match place.kind {
            Kind::Rollout => of("analysisruns"),
            Kind::Canary => of("deployments"),
            Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet => Vec::new(),
        };
        let known = Known { place, object, kept: of(place.kind.revisions()), pods: of("pods"), others };
        Some(row(&known, self.label.as_ref()))
    }

    fn mine(&self, place: &Place, resource: &str, object: &Value) -> bool {
        if place.kind != Kind::Canary || resource == "canaries" {
            return belongs(place, resource, object);
        }
        let canaries = self.objects.get(&(place.namespace.clone(), "canaries"));
        let canary = canaries.and_then(|all| all.get(&place.name));
        canary.is_some_and(|canary| flagger::state::belongs(flagger::state::target(canary).1, resource, object))
    }

    fn about(&self, at: &Collection, object: &Value) -> Vec<Placed> {
        let mine = self.services.iter().filter(|(_, place)| place.namespace == at.0 && self.mine(place, at.1, object));
        mine.map(|(placed, _)| placed.clone()).collect()
    }
}

/// Whether an object is a workload, or kept by it, or one of its pods.
pub fn belongs(place: &Place, resource: &str, object: &Value) -> bool {
    if resource == place.kind.resource() {
        return name(object) == place.name;
    }
    let Some(owner) = owner(object) else { return false };
    let (kind, by) = (text(owner, "/kind"), text(owner, "/name"));
    let direct = kind.to_lowercase() == place.kind.word() && by == place.name;
    if resource == "pods" && matches!(place.kind, Kind::Deployment | Kind::Rollout) {
        // The set's name is the deployment's and a hash without a dash.
        return kind == "ReplicaSet" && by.rsplit_once('-').is_some_and(|(of, _)| of == place.name);
    }
    direct
}

/// Only what a row or a reason is made from.
fn slim(resource: &str, object: &Value) -> Value {
    let mut slim = object.clone();
    let Some(map) = slim.as_object_mut() else { return Value::Null };
    if let Some(meta) = map.get_mut("metadata").and_then(Value::as_object_mut) {
        meta.remove("managedFields");
        if let Some(annotations) = meta.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
        }
    }
    if resource == "pods" {
        let containers: Vec<Value> =
            list(object, "/spec/containers").iter().map(|c| json!({ "name": c.get("name") })).collect();
        map.insert("spec".to_owned(), json!({ "containers": containers }));
    }
    if resource == "analysisruns" {
        last_measurements(&mut slim);
    }
    slim
}

/// Of each measure the last measurement alone, and of the wish the names.
fn last_measurements(run: &mut Value) {
    for result in run.pointer_mut("/status/metricResults").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(all) = result.get_mut("measurements").and_then(Value::as_array_mut) {
            all.drain(..all.len().saturating_sub(1));
        }
    }
    let names: Vec<Value> =
        list(run, "/spec/metrics").iter().map(|metric| json!({ "name": metric.get("name") })).collect();
    if let Some(map) = run.as_object_mut() {
        map.insert("spec".to_owned(), json!({ "metrics": names }));
    }
}
