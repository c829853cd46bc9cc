//! What other programs ask that show clusters: which resources there are, namespaces, lists over
//! all of them, and rows of tables. What nobody made here is an empty list.

use super::feed::Feed;
use std::fmt::Write as _;

/// That a list is not brought by a watch: whoever asks for that lists then, as before Kubernetes 1.32.
pub const NO_LIST_BY_WATCH: &str = r#"{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Invalid","message":"sendInitialEvents is forbidden","code":422}"#;
/// That everything is allowed.
pub const ALLOWED: &str =
    r#"{"kind":"SelfSubjectAccessReview","apiVersion":"authorization.k8s.io/v1","spec":{},"status":{"allowed":true}}"#;

/// The answer to what is not a list of one namespace.
pub fn answer(target: &str, table: bool, feed: &Feed) -> Option<String> {
    let path = target.split('?').next().unwrap_or_default();
    let resource = path.rsplit('/').next().unwrap_or_default();
    let known = ["pods", "deployments", "replicasets"].contains(&resource);
    if table && known {
        return Some(self::table(feed.all(resource), feed.version, target.contains("includeObject=Object")));
    }
    if path.contains("/namespaces/") && known {
        return None;
    }
    Some(match path {
        "/version" => r#"{"major":"1","minor":"34","gitVersion":"v1.34.1","gitCommit":"0","gitTreeState":"clean","buildDate":"2026-01-01T00:00:00Z","goVersion":"go1.25","compiler":"gc","platform":"linux/amd64"}"#.to_owned(),
        "/api" => r#"{"kind":"APIVersions","versions":["v1"],"serverAddressByClientCIDRs":[]}"#.to_owned(),
        "/apis" => r#"{"kind":"APIGroupList","apiVersion":"v1","groups":[{"name":"apps","versions":[{"groupVersion":"apps/v1","version":"v1"}],"preferredVersion":{"groupVersion":"apps/v1","version":"v1"}}]}"#.to_owned(),
        "/api/v1" => resources("v1", &[("namespaces", "Namespace", false), ("pods", "Pod", true)]),
        "/apis/apps/v1" => resources("apps/v1", &[("deployments", "Deployment", true), ("replicasets", "ReplicaSet", true)]),
        "/api/v1/namespaces" => list("NamespaceList", &[r#"{"metadata":{"name":"payments","uid":"1","resourceVersion":"1","creationTimestamp":"2026-01-01T00:00:00Z"},"spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}}"#.to_owned()], feed.version),
        _ if known => list(kind(resource), feed.all(resource), feed.version),
        _ => list(kind(resource), &[], feed.version),
    })
}

/// What a list of a resource is called.
fn kind(resource: &str) -> &'static str {
    match resource {
        "pods" => "PodList",
        "deployments" => "DeploymentList",
        "replicasets" => "ReplicaSetList",
        "nodes" => "NodeList",
        _ => "List",
    }
}

fn list(kind: &str, all: &[String], version: u64) -> String {
    let group = if matches!(kind, "DeploymentList" | "ReplicaSetList") { "apps/v1" } else { "v1" };
    let head =
        format!(r#"{{"kind":"{kind}","apiVersion":"{group}","metadata":{{"resourceVersion":"{version}"}},"items":["#);
    head + &all.join(",") + "]}"
}

fn resources(version: &str, all: &[(&str, &str, bool)]) -> String {
    let one = |(name, kind, namespaced): &(&str, &str, bool)| {
        format!(
            r#"{{"name":"{name}","singularName":"","namespaced":{namespaced},"kind":"{kind}","verbs":["get","list","watch"]}}"#
        )
    };
    let all: Vec<String> = all.iter().map(one).collect();
    format!(
        r#"{{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"{version}","resources":[{}]}}"#,
        all.join(",")
    )
}

/// Rows as an API server makes them of objects: what `kubectl get` prints, and of the object its head.
fn table(all: &[String], version: u64, whole: bool) -> String {
    let columns: Vec<String> = ["Name", "Ready", "Status", "Restarts", "Age"]
        .iter()
        .map(|name| format!(r#"{{"name":"{name}","type":"string","format":"","description":"","priority":0}}"#))
        .collect();
    let mut text = format!(
        r#"{{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{{"resourceVersion":"{version}"}},"columnDefinitions":[{}],"rows":["#,
        columns.join(",")
    );
    for (n, object) in all.iter().enumerate() {
        let head = between(object, r#""metadata":"#, r#","spec":{"#);
        let name = between(head, r#""name":""#, r#"""#);
        let ready = if object.contains(r#""ready":false"#) { "0/2" } else { "2/2" };
        let partial = format!(r#"{{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{head}}}"#);
        let object = if whole { object } else { &partial };
        let comma = if n == 0 { "" } else { "," };
        write!(text, r#"{comma}{{"cells":["{name}","{ready}","Running","0","2d"],"object":{object}}}"#).unwrap();
    }
    text + "]}"
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let rest = text.split_once(from).map_or("", |(_, rest)| rest);
    rest.split_once(to).map_or("", |(inner, _)| inner)
}
