//! What `doctor` says of a cluster: the way in, its version, who we are, what we may.
//!
//! It reads only, and judges nothing that a release day does not need.

use super::super::http::certificate;
use super::super::http::reach::{SOON, clock, lasts};
use super::Declared;
use super::act::{Asked, may};
use super::answer::{Unanswered, line};
use super::client::Cluster;
use super::credentials::Credentials;
use super::flagger;
use super::needs::Named;
use super::object::{list, text};
use super::parts::{self, ADDED};
use super::place::{Kind, Place};
use super::proxy::is_here;
use crate::domain::Timestamp;
use crate::domain::report::Remark;
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const WHOAMI: &str = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

/// Looks at everything that a release day needs; reads only.
pub async fn examine(declared: &Declared) -> Vec<Remark> {
    match Cluster::reach(declared).await {
        Err(error) => vec![Remark::wrong(error.words())],
        Ok(cluster) => {
            let mut found = vec![version(&cluster).await, who(&cluster).await];
            found.extend(credentials(&cluster, Utc::now()).await);
            if cluster.way.site.unverified && cluster.way.site.server.scheme() == "https" {
                let why = "whoever answers there is taken for the cluster (insecure-skip-tls-verify), and may read the \
                    credentials; name its certificate-authority instead";
                found.push(Remark::wrong(why));
            }
            found.extend(overheard(&cluster));
            found.extend(added(declared, &cluster).await);
            let canaries = canaries(declared, &cluster).await;
            found.extend(permissions(declared, &cluster, &canaries).await);
            for ground in &canaries {
                found.extend(flagger::left_open(ground).await.all().into_iter().map(Remark::wrong));
            }
            found.push(clock(&declared.host));
            found
        }
    }
}

/// That what is borne can be read on the way.
fn overheard(cluster: &Cluster) -> Option<Remark> {
    let (server, bears) = (&cluster.way.site.server, !matches!(cluster.way.credentials, Credentials::Nothing));
    let why = "everybody on the way there may read the credentials (http); write its https address into the kubeconfig";
    (server.scheme() == "http" && !is_here(server) && bears).then(|| Remark::wrong(why))
}

async fn version(cluster: &Cluster) -> Remark {
    let (context, server) = (line(&cluster.at.context), line(&cluster.at.server));
    match cluster.read("/version").await {
        Ok(said) => {
            let version = line(text(&said, "/gitVersion"));
            Remark::well(format!("context {context} · {server} · {version} · namespace {}", cluster.namespace))
        }
        Err(error) => Remark::wrong(format!("context {context} · {server}: {}", error.words())),
    }
}

async fn who(cluster: &Cluster) -> Remark {
    let body = json!({ "apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview" });
    match cluster.review(WHOAMI, &body).await {
        Ok(said) => {
            let groups: Vec<_> = list(&said, "/status/userInfo/groups").iter().filter_map(Value::as_str).collect();
            let name = text(&said, "/status/userInfo/username");
            Remark { ok: !name.is_empty(), text: line(&format!("you are {name}, groups {}", groups.join(", "))) }
        }
        // Servers before 1.28 cannot say; that is no fault.
        Err(Unanswered::Api { code: 404, .. }) => Remark::well("the server cannot say who you are"),
        Err(error) => Remark::wrong(format!("who you are there is not known: {}", error.words())),
    }
}

/// What the credentials are, and when they end.
async fn credentials(cluster: &Cluster, now: Timestamp) -> Vec<Remark> {
    let mut found = Vec::new();
    match cluster.way.credentials.words().await {
        Some(Ok((what, ends))) => found.push(lasts(what, ends, TimeDelta::zero(), now)),
        Some(Err(error)) => found.push(Remark::wrong(error.words())),
        None => {}
    }
    if let Some((pem, _)) = &cluster.way.pair {
        found.push(match certificate::first(&String::from_utf8_lossy(pem)) {
            Some(of) => {
                let soon = if cluster.way.brings { TimeDelta::zero() } else { SOON };
                lasts(format!("certificate of {}", of.subject), Some(of.ends), soon, now)
            }
            None => Remark::wrong("until when our certificate lasts cannot be read"),
        });
    }
    if found.is_empty() {
        found.push(Remark::well("asked without a credential"));
    }
    found
}

/// What is added to the cluster, and what of it is declared and not there.
async fn added(declared: &Declared, cluster: &Cluster) -> Vec<Remark> {
    let mut found = Vec::new();
    for added in &ADDED {
        let name = added.name;
        let lies =
            |scope: &String| Place::read(scope, "").is_some_and(|place| parts::needed(&place).any(|of| of == added));
        let here = declared.scopes.iter().filter(|(_, scope)| lies(scope));
        let here: Vec<_> = here.map(|((service, environment), _)| format!("{service} in {environment}")).collect();
        if !added.told && here.is_empty() {
            continue;
        }
        found.push(match parts::has(cluster, added).await {
            Ok(true) => Remark::well(format!("{name} is installed ({})", parts::versions(cluster, added.part).await)),
            Ok(false) if here.is_empty() => {
                Remark::well(format!("{name} is not installed there, and nothing here asks for it"))
            }
            Ok(false) => {
                Remark::wrong(format!("{name} is not installed there, so nothing is seen of {}", here.join(", ")))
            }
            Err(error) => Remark::wrong(format!("whether {name} is installed is not known: {}", error.words())),
        });
    }
    found
}

/// The canaries that are declared, as far as they can be read.
async fn canaries(declared: &Declared, cluster: &Cluster) -> Vec<flagger::Ground> {
    let mut found = Vec::new();
    for place in declared.scopes.values().filter_map(|scope| Place::read(scope, &cluster.namespace)) {
        if place.kind == Kind::Canary {
            found.extend(flagger::gather(declared, cluster.clone(), place).await);
        }
    }
    found
}

async fn permissions(declared: &Declared, cluster: &Cluster, canaries: &[flagger::Ground]) -> Vec<Remark> {
    let places: Vec<Place> =
        declared.scopes.values().filter_map(|scope| Place::read(scope, &cluster.namespace)).collect();
    let doors: Vec<_> = canaries.iter().flat_map(|ground| flagger::gate::all_doors(&ground.canary)).collect();
    let mut asked: BTreeSet<_> =
        doors.iter().map(|door| ("list", "endpointslices", "", door.namespace.as_str())).collect();
    for place in &places {
        let namespace = place.namespace.as_str();
        let resource = place.kind.resource();
        for of in place.kind.watched() {
            asked.extend([("list", *of, "", namespace), ("watch", *of, "", namespace)]);
        }
        asked.extend([("get", resource, "", namespace), ("patch", resource, "", namespace)]);
        asked.extend([("get", "pods", "log", namespace), ("list", "events", "", namespace)]);
        if let Some(route) = &place.route {
            let of = route.kind.resource();
            asked.extend([("list", of, "", namespace), ("watch", of, "", namespace)]);
            if route.canary.is_some() {
                asked.extend([("get", of, "", namespace), ("patch", of, "", namespace)]);
            }
        }
        match place.kind {
            Kind::DaemonSet => {}
            Kind::Canary => {
                let of = "deployments";
                asked.extend([("get", of, "", namespace), ("patch", of, "", namespace)]);
            }
            Kind::Rollout => {
                asked.extend([("patch", resource, "scale", namespace), ("patch", resource, "status", namespace)]);
            }
            Kind::Deployment | Kind::StatefulSet => drop(asked.insert(("patch", resource, "scale", namespace))),
        }
    }
    // What a canary's way back needs is not looked at.
    let led = places.iter().filter(|place| place.kind != Kind::Canary);
    let needed: BTreeSet<_> =
        led.flat_map(|place| Named::ALL.map(|named| ("get", named.resource(), "", place.namespace.as_str()))).collect();
    let total = asked.len() + needed.len();
    let (mut denied, mut spared) = (Vec::new(), Vec::new());
    for (verb, resource, sub, namespace) in asked.iter().chain(&needed).copied() {
        match may(cluster, &Asked { verb, resource, sub, namespace }).await {
            Ok(no) if needed.contains(&(verb, resource, sub, namespace)) => spared.extend(no.map(unneeded)),
            Ok(no) => denied.extend(no.map(Remark::wrong)),
            Err(error) => return vec![Remark::wrong(format!("what you may do is not known: {}", error.words()))],
        }
    }
    if denied.is_empty() {
        let (all, other) = (total - spared.len(), if spared.is_empty() { "" } else { "other " });
        denied.push(Remark::well(format!("you may do all {all} {other}things that holdpoint does there")));
    }
    denied.extend(spared);
    denied
}

/// That what a way back needs cannot be looked at: nothing else needs that right, and not everybody ought to have it.
fn unneeded(no: String) -> Remark {
    Remark::well(format!("{no}; so whether those that a way back needs are there is not known"))
}
