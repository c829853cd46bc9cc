//! What we may do there, as the API itself judges it. Never proof: a 403 is still possible.
//!
//! A review changes nothing, also when it is sent by POST.

use super::super::answer::{Unanswered, line};
use super::super::client::Cluster;
use super::super::object::text;
use super::super::place::group;
use serde_json::{Value, json};

const REVIEWS: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked<'a> {
    /// `get`, `list`, `watch`, `patch`.
    pub verb: &'a str,
    /// The resource.
    pub resource: &'a str,
    /// A part of it, such as `scale`; empty for all of it.
    pub sub: &'a str,
    /// Where.
    pub namespace: &'a str,
}

impl Asked<'_> {
    /// In words: `patch deployments/scale in payments`.
    pub fn words(&self) -> String {
        let slash = if self.sub.is_empty() { "" } else { "/" };
        format!("{} {}{slash}{} in {}", self.verb, self.resource, self.sub, self.namespace)
    }
}

/// Why it may not be done; none when it may.
pub async fn may(cluster: &Cluster, asked: &Asked<'_>) -> Result<Option<String>, Unanswered> {
    let attributes = json!({ "namespace": asked.namespace, "verb": asked.verb, "group": group(asked.resource),
        "resource": asked.resource, "subresource": asked.sub });
    let body = json!({ "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
        "spec": { "resourceAttributes": attributes } });
    let answer = cluster.review(REVIEWS, &body).await?;
    if answer.pointer("/status/allowed") == Some(&Value::Bool(true)) {
        return Ok(None);
    }
    let why = line(text(&answer, "/status/reason"));
    let why = if why.is_empty() { String::new() } else { format!(": {why}") };
    Ok(Some(format!("you may not {}{why}", asked.words())))
}
