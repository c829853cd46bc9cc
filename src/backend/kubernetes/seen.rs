//! What the watches have seen of the declared services, as little of it as is needed.
//!
//! Pure. What belongs to no declared service is not kept; of a pod only why it is not well, of a
//! template its version and digest, and the rest as text; of events those about what is here. Objects are found by what controls them, so that an event
//! costs the same in a cluster of ten thousand pods.

use super::flagger;
use super::glance::Well;
use super::history::{DIGEST, PLAIN, bare};
use super::ill::Ill;
use super::news::{Heard, News};
use super::object::{list, name, owner, text};
use super::place::{Kind, Place};
use super::restart::{stamped, unstamped};
use super::route::{self, RouteKind};
use super::row::{Known, row, unwell};
use super::writer;
use crate::domain::Timestamp;
use crate::domain::digest::Digest;
use crate::domain::observed::{Deployment, Placed};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A namespace and a resource in it.
pub type Collection = (String, &'static str);

/// By what an object is found: the kind and name of what controls it, or of the workload that it is.
type Key = (String, String);
/// The first word of the keys of pods that a replica set controls.
const SET: &str = "replicaset";

/// What is known of every declared service.
#[derive(Default)]
pub struct Seen {
    services: BTreeMap<Placed, Place>,
    label: Option<String>,
    groups: BTreeMap<Collection, BTreeMap<Key, Group>>,
    /// In which group each object lies.
    lies: BTreeMap<Collection, BTreeMap<Arc<str>, Arc<Key>>>,
    heard: Heard,
    turned: bool,
}

/// A row, and what it rests on beside what the watches say.
pub struct Look {
    /// The row.
    pub row: Deployment,
    /// Whether the service is not well, so that events may say why.
    pub unwell: bool,
    /// Whether the row may be another by itself after some time.
    pub timed: bool,
}

/// Objects that are wanted together.
struct Group {
    key: Arc<Key>,
    by: BTreeSet<Placed>,
    objects: BTreeMap<Arc<str>, Held>,
}

/// What is kept of an object.
#[derive(PartialEq)]
enum Held {
    /// Of a pod, why it is not well.
    Pod(Option<Box<Ill>>),
    /// Of anything else, what rows are made of, as JSON: a tenth of the same in memory as a value.
    Object(Box<[u8]>),
}

impl Seen {
    /// Nothing yet, of these services.
    pub fn of(services: BTreeMap<Placed, Place>, label: Option<String>) -> Self {
        let mut seen = Self { services, label, ..Self::default() };
        for (placed, place) in seen.services.clone() {
            seen.want(&placed, &place, None);
        }
        seen
    }

    /// What has to be watched for them.
    pub fn collections(&self) -> BTreeSet<Collection> {
        let of = |place: &Place| {
            let route = place.route.as_ref().map(|route| route.kind.resource());
            let (namespace, all) = (place.namespace.clone(), place.kind.watched().iter().copied().chain(route));
            all.map(move |resource| (namespace.clone(), resource)).collect::<Vec<_>>()
        };
        self.services.values().flat_map(of).collect()
    }

    fn want(&mut self, placed: &Placed, place: &Place, target: Option<&str>) {
        for (resource, key) in wants(place, target) {
            let groups = self.groups.entry((place.namespace.clone(), resource)).or_default();
            let empty = || Group { key: Arc::new(key.clone()), by: BTreeSet::new(), objects: BTreeMap::new() };
            groups.entry(key.clone()).or_insert_with(empty).by.insert(placed.clone());
        }
    }

    /// An object is new or changed. Gives back the services whose rows may be others by that.
    pub fn apply(&mut self, at: &Collection, object: Value) -> Vec<Placed> {
        let (key, name) = (key(at.1, &object), name(&object).to_owned());
        self.put(at, &name, key, |before| Held::of(at.1, object, before))
    }

    /// The same of a pod that is well.
    pub fn well(&mut self, at: &Collection, pod: &Well) -> Vec<Placed> {
        let key = pod.owner.as_ref().and_then(|(kind, by)| controlled(at.1, kind, by));
        self.put(at, &pod.name, key, |_| Held::Pod(None))
    }

    /// An object by its name, and by what it is found, if by anything.
    fn put(
        &mut self,
        at: &Collection,
        name: &str,
        key: Option<Key>,
        held: impl FnOnce(Option<&Held>) -> Held,
    ) -> Vec<Placed> {
        let Some(key) = key else { return self.remove(at, name) };
        let lay = self.lies.get(at).and_then(|all| all.get(name));
        // Pods change hands: whoever looks for a fault takes one out of its set by its labels.
        let mut about = match lay.is_some_and(|lay| **lay != key) {
            true => self.remove(at, name),
            false => Vec::new(),
        };
        let Some(group) = self.groups.get_mut(at).and_then(|groups| groups.get_mut(&key)) else { return about };
        let before = group.objects.get(name);
        let held = held(before);
        if before == Some(&held) {
            return about;
        }
        about.extend(group.by.iter().cloned());
        let name: Arc<str> = name.into();
        self.lies.entry(at.clone()).or_default().insert(Arc::clone(&name), Arc::clone(&group.key));
        let target = |held: &Held| held.object().map(|canary| flagger::state::target(&canary).1.to_owned());
        if at.1 != "canaries" {
            group.objects.insert(name, held);
            return about;
        }
        let (now, before) = (target(&held), group.objects.insert(name, held));
        if before.as_ref().and_then(target) != now {
            self.turned = true;
            for placed in &about {
                if let Some(place) = self.services.get(placed).cloned() {
                    self.want(placed, &place, now.as_deref());
                }
            }
        }
        about
    }

    /// Whether a canary has come, or is of another workload now, since this was last asked:
    /// what was passed over until then is about it.
    pub fn turned(&mut self) -> bool {
        std::mem::take(&mut self.turned)
    }

    /// An object is gone. Gives back the services that it was about.
    pub fn delete(&mut self, at: &Collection, object: &Value) -> Vec<Placed> {
        self.remove(at, name(object))
    }

    fn remove(&mut self, at: &Collection, name: &str) -> Vec<Placed> {
        let Some(key) = self.lies.get_mut(at).and_then(|all| all.remove(name)) else { return Vec::new() };
        let Some(group) = self.groups.get_mut(at).and_then(|groups| groups.get_mut(&*key)) else { return Vec::new() };
        group.objects.remove(name);
        group.by.iter().cloned().collect()
    }

    /// Forgets every object of a collection, because its list begins anew.
    pub fn forget(&mut self, at: &Collection) {
        self.lies.remove(at);
        self.groups.get_mut(at).into_iter().flat_map(BTreeMap::values_mut).for_each(|group| group.objects.clear());
    }

    /// Every service that is declared.
    pub fn services(&self) -> &BTreeMap<Placed, Place> {
        &self.services
    }

    /// Takes what events of a namespace say, in place of what they said before; of what is not here nothing.
    pub fn hear(&mut self, namespace: &str, all: Vec<News>) {
        let lies = |news: &News| {
            let resource = resource(&news.kind)?;
            self.lies.get(&(namespace.to_owned(), resource))?.get(news.name.as_str())
        };
        let about: Vec<News> = all.into_iter().filter(|news| lies(news).is_some()).collect();
        self.heard.take(namespace, about.into_iter());
    }

    /// The row of a service as it is then; none when its workload does not exist.
    pub fn row(&self, placed: &Placed, now: Timestamp) -> Option<Deployment> {
        self.look(placed, now).map(|look| look.row)
    }

    /// The same, and what it rests on.
    pub fn look(&self, placed: &Placed, now: Timestamp) -> Option<Look> {
        let place = self.services.get(placed)?;
        let own = (place.kind.word().to_owned(), place.name.clone());
        let object = self.held(place, place.kind.resource(), &own).find_map(|(_, held)| held.object())?;
        let target = (place.kind == Kind::Canary).then(|| flagger::state::target(&object).1);
        let wanted = wants(place, target);
        let all = |of: &str| {
            let of = wanted.iter().filter(move |(resource, _)| *resource == of);
            of.flat_map(|(resource, key)| self.held(place, resource, key)).collect::<Vec<_>>()
        };
        let objects = |of: &str| all(of).into_iter().filter_map(|(_, held)| held.object()).collect::<Vec<_>>();
        let kept = objects(place.kind.revisions());
        let others = match place.kind {
            Kind::Rollout => objects("analysisruns"),
            Kind::Canary => objects("deployments"),
            Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet => Vec::new(),
        };
        let pods: Vec<_> = all("pods").into_iter().filter_map(|(name, held)| Some((name, held.ill()?))).collect();
        let timed = pods.iter().any(|(_, ill)| ill.is_timed(now));
        let about = |kind, name| self.heard.about(&place.namespace, kind, name);
        let sets = kept.iter().map(|set| (SET, name(set)));
        let ill = pods.iter().map(|(pod, _)| ("pod", *pod));
        let own = [(place.kind.word(), place.name.as_str())].into_iter();
        let news = own.chain(sets).chain(ill).flat_map(|(kind, name)| about(kind, name)).collect();
        let (kept, others) = (kept.iter().collect(), others.iter().collect());
        let known = Known { place, object: &object, kept, pods, others, news, now };
        let mut row = row(&known, self.label.as_ref());
        let unwell = unwell(&known, &row);
        if let Some(route) = &place.route {
            route::row::tell(route, objects(route.kind.resource()).first(), &mut row);
        }
        Some(Look { unwell, timed, row })
    }

    fn held(&self, place: &Place, resource: &'static str, key: &Key) -> impl Iterator<Item = (&str, &Held)> {
        let group = self.groups.get(&(place.namespace.clone(), resource)).and_then(|groups| groups.get(key));
        group.into_iter().flat_map(|group| group.objects.iter().map(|(name, held)| (&**name, held)))
    }
}

impl Held {
    fn of(resource: &str, object: Value, before: Option<&Self>) -> Self {
        match resource {
            "pods" => Self::Pod(Ill::of(&object).map(Box::new)),
            _ => {
                let before = before.and_then(Self::object);
                Self::Object(slim(resource, object, before).to_string().into_bytes().into_boxed_slice())
            }
        }
    }

    fn object(&self) -> Option<Value> {
        match self {
            Self::Object(text) => serde_json::from_slice(text).ok(),
            Self::Pod(_) => None,
        }
    }

    fn ill(&self) -> Option<&Ill> {
        match self {
            Self::Pod(ill) => ill.as_deref(),
            Self::Object(_) => None,
        }
    }
}

/// Where objects of a kind lie, as events name it in small letters; none of what no row is made of.
fn resource(kind: &str) -> Option<&'static str> {
    let workload = || Kind::ALL.into_iter().find(|known| known.word() == kind).map(Kind::resource);
    match kind {
        "pod" => Some("pods"),
        SET => Some("replicasets"),
        _ => workload(),
    }
}

/// By what an object is found; none when nothing controls it.
fn key(resource: &str, object: &Value) -> Option<Key> {
    if let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.resource() == resource) {
        return Some((kind.word().to_owned(), name(object).to_owned()));
    }
    if let Some(kind) = RouteKind::ALL.into_iter().find(|kind| kind.resource() == resource) {
        return Some((kind.word().to_owned(), name(object).to_owned()));
    }
    let owner = owner(object)?;
    controlled(resource, text(owner, "/kind"), text(owner, "/name"))
}

/// By what an object is found that this controls.
fn controlled(resource: &str, kind: &str, by: &str) -> Option<Key> {
    let kind = kind.to_lowercase();
    match resource == "pods" && kind == SET {
        // The set's name is the deployment's and a hash without a dash.
        true => by.rsplit_once('-').map(|(of, _)| (kind, of.to_owned())),
        false => Some((kind, by.to_owned())),
    }
}

/// What is wanted for a workload, by resource; `target` is a canary's, where it is known.
fn wants(place: &Place, target: Option<&str>) -> Vec<(&'static str, Key)> {
    let key = |word: &str, name: &str| (word.to_owned(), name.to_owned());
    let word = place.kind.word();
    let of = |resource: &'static str| match (place.kind, resource) {
        (Kind::Deployment | Kind::Rollout, "pods") => (resource, key(SET, &place.name)),
        _ => (resource, key(word, &place.name)),
    };
    let route = place.route.iter().map(|route| (route.kind.resource(), key(route.kind.word(), &route.name)));
    if place.kind != Kind::Canary {
        return place.kind.watched().iter().map(|resource| of(resource)).chain(route).collect();
    }
    let mut all: Vec<_> = route.chain([of(place.kind.resource())]).collect();
    for name in target.into_iter().flat_map(|target| [target.to_owned(), flagger::state::primary(target)]) {
        let deployment = Kind::Deployment.word();
        all.extend(["deployments", "replicasets"].map(|resource| (resource, key(deployment, &name))));
        all.push(("pods", key(SET, &name)));
    }
    all
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

/// Only what a row or a reason is made from. What is wanted is as it was `before` while its generation
/// is: most of what is written is a status, and nothing of it is reckoned anew for that.
fn slim(resource: &str, mut object: Value, mut before: Option<Value>) -> Value {
    let noted = writer::noted(&object);
    if let Some(meta) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        meta.remove("managedFields");
        meta.extend(noted.map(|noted| ("managedFields".to_owned(), noted)));
    }
    let is_same = |before: &Value| {
        let both = ["/metadata/uid", "/metadata/generation"].map(|at| (object.pointer(at), before.pointer(at)));
        both.iter().all(|(now, before)| now.is_some() && now == before)
    };
    let mut before = before.take_if(|before| is_same(before));
    for at in ["/spec/template", "/data/spec/template"] {
        if let Some(template) = object.pointer_mut(at) {
            let known = before.as_mut().and_then(|before| before.pointer_mut(at)).map(Value::take);
            *template = known.unwrap_or_else(|| faded(template));
        }
    }
    if resource == "analysisruns" {
        last_measurements(&mut object);
    }
    object
}

/// A pod template by which its version can be told, and whether another is the same.
fn faded(template: &Value) -> Value {
    let bare = bare(template);
    let containers = list(&bare, "/spec/containers").iter();
    let containers: Vec<_> = containers.map(|c| json!({ "name": c.get("name"), "image": c.get("image") })).collect();
    let digest = |template: &Value| Digest::of("template", template).to_string();
    let mut faded = json!({
        "metadata": { "labels": bare.pointer("/metadata/labels") },
        "spec": { "containers": containers },
        DIGEST: digest(&bare),
    });
    if let (Some(_), Some(map)) = (stamped(&bare), faded.as_object_mut()) {
        map.insert(PLAIN.to_owned(), digest(&unstamped(&bare)).into());
    }
    faded
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
