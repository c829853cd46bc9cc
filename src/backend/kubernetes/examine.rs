//! What `doctor` says of a cluster: the way in, its version, who we are, what we may.
//!
//! It reads only, and judges nothing that a release day does not need.

use super::Declared;
use super::act::{Asked, may};
use super::answer::{Unanswered, line};
use super::client::Cluster;
use super::object::{list, text};
use super::place::Place;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const WHOAMI: &str = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

/// One finding: whether it is well, and words.
pub type Finding = (bool, String);

/// Looks at everything that a release day needs; reads only.
pub async fn examine(declared: &Declared) -> Vec<Finding> {
    match Cluster::reach(&declared.spec).await {
        Err(error) => vec![(false, error.words())],
        Ok(cluster) => {
            let mut found = vec![version(declared, &cluster).await, who(&cluster).await];
            found.extend(permissions(declared, &cluster).await);
            found
        }
    }
}

async fn version(declared: &Declared, cluster: &Cluster) -> Finding {
    let context = declared.spec.context.as_deref().unwrap_or("the current one");
    let server = line(&cluster.server);
    match cluster.read("/version").await {
        Ok(said) => {
            let version = line(text(&said, "/gitVersion"));
            (true, format!("context {context} · {server} · {version} · namespace {}", cluster.namespace))
        }
        Err(error) => (false, format!("context {context} · {server}: {}", error.words())),
    }
}

async fn who(cluster: &Cluster) -> Finding {
    let body = json!({ "apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview" });
    match cluster.review(WHOAMI, &body).await {
        Ok(said) => {
            let groups: Vec<_> = list(&said, "/status/userInfo/groups").iter().filter_map(Value::as_str).collect();
            let name = text(&said, "/status/userInfo/username");
            (!name.is_empty(), line(&format!("you are {name}, groups {}", groups.join(", "))))
        }
        // Servers before 1.28 cannot say; that is no fault.
        Err(Unanswered::Api { code: 404, .. }) => (true, "the server cannot say who you are".to_owned()),
        Err(error) => (false, format!("who you are there is not known: {}", error.words())),
    }
}

async fn permissions(declared: &Declared, cluster: &Cluster) -> Vec<Finding> {
    let places: Vec<Place> =
        declared.scopes.values().filter_map(|scope| Place::read(scope, &cluster.namespace)).collect();
    let mut asked = BTreeSet::new();
    for place in &places {
        let namespace = place.namespace.as_str();
        let resource = place.kind.resource();
        for of in [resource, place.kind.revisions(), "pods"] {
            asked.extend([("list", of, "", namespace), ("watch", of, "", namespace)]);
        }
        asked.extend([("get", resource, "", namespace), ("patch", resource, "", namespace)]);
        asked.extend([("get", "pods", "log", namespace), ("list", "events", "", namespace)]);
        if resource != "daemonsets" {
            asked.insert(("patch", resource, "scale", namespace));
        }
    }
    let total = asked.len();
    let mut denied = Vec::new();
    for (verb, resource, sub, namespace) in asked {
        match may(cluster, &Asked { verb, resource, sub, namespace }).await {
            Ok(no) => denied.extend(no.map(|why| (false, why))),
            Err(error) => return vec![(false, format!("what you may do is not known: {}", error.words()))],
        }
    }
    if denied.is_empty() {
        vec![(true, format!("you may do all {total} things that holdpoint does there"))]
    } else {
        denied
    }
}
