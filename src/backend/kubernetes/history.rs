//! The earlier versions that a cluster keeps of a workload.
//!
//! Pure. A deployment's are its replica sets, the others' controller revisions.

use super::answer::line;
use super::object::{annotation, at, count, map, name, owns};
use super::place::Kind;
use super::restart::unstamped;
use super::version::Where;
use serde_json::{Map, Value};

/// The annotation with a revision's number.
pub const REVISION: &str = "deployment.kubernetes.io/revision";
/// The annotation that says what brought a revision.
pub const CAUSE: &str = "kubernetes.io/change-cause";
/// The same of a rollout's.
const ROLLOUT_REVISION: &str = "rollout.argoproj.io/revision";
/// What is kept in place of a template that is watched has its digest here.
pub const DIGEST: &str = "holdpoint/digest";
/// And here that of the same without what a restart stamps on it, where it is another.
pub const PLAIN: &str = "holdpoint/plain";
/// The labels that a deployment's or a rollout's controller adds to its pods.
const HASHES: [&str; 2] = ["pod-template-hash", "rollouts-pod-template-hash"];

/// An earlier version, or the one that is wanted now.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// Its number; the highest is the newest.
    pub number: u64,
    /// Its version, made harmless.
    pub version: String,
    /// The object that keeps it.
    pub name: String,
    /// Its pod template, without what the controller added.
    pub template: Value,
    /// The annotations of the object that keeps it.
    pub annotations: Map<String, Value>,
    /// The patch that leads back to it, for stateful and daemon sets.
    pub data: Value,
}

/// Every revision of a workload, newest first. `kept` are replica sets or controller revisions of anything.
pub fn revisions<'a>(kind: Kind, object: &Value, kept: impl Iterator<Item = &'a Value>, at: &Where) -> Vec<Revision> {
    let mut all: Vec<Revision> = kept.filter(|kept| owns(object, kept)).map(|kept| revision(kind, kept, at)).collect();
    all.sort_by(|a, b| b.number.cmp(&a.number).then_with(|| a.name.cmp(&b.name)));
    all
}

fn revision(kind: Kind, kept: &Value, at: &Where) -> Revision {
    let (number, template, data) = match kind {
        Kind::Deployment | Kind::Rollout | Kind::Canary => {
            let key = if kind == Kind::Rollout { ROLLOUT_REVISION } else { REVISION };
            let number = annotation(kept, key).and_then(|n| n.parse().ok()).unwrap_or(0);
            (number, bare(kept.pointer("/spec/template").unwrap_or(&Value::Null)), Value::Null)
        }
        Kind::StatefulSet | Kind::DaemonSet => {
            let data = kept.get("data").cloned().unwrap_or_default();
            (count(kept, "/revision"), bare(data.pointer("/spec/template").unwrap_or(&Value::Null)), data)
        }
    };
    Revision {
        number,
        version: line(&at.version(&template)),
        name: name(kept).to_owned(),
        annotations: map(kept, "/metadata/annotations"),
        template,
        data,
    }
}

/// A template without what a controller or a patch adds to it, and without nulls: what is null is
/// not there, and a revision may have been kept by an older server that wrote some.
pub fn bare(template: &Value) -> Value {
    if template.get(DIGEST).is_some() {
        // It was made of one that was bare.
        return template.clone();
    }
    let mut template = plain(template);
    if let Some(labels) = template.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
        HASHES.iter().for_each(|key| drop(labels.remove(*key)));
    }
    template
}

/// A template without nulls and without what says how a patch is to use it.
pub fn plain(template: &Value) -> Value {
    let mut template = template.clone();
    no_nulls(&mut template);
    if let Some(map) = template.as_object_mut() {
        map.remove("$patch");
    }
    template
}

fn no_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, inner| !inner.is_null());
            map.values_mut().for_each(no_nulls);
        }
        Value::Array(all) => all.iter_mut().for_each(no_nulls),
        _ => {}
    }
}

/// Whether a revision is what the workload wants now.
pub fn is_current(revision: &Revision, object: &Value) -> bool {
    let Some(template) = at(object, "/spec/template") else { return false };
    match (template.get(DIGEST), revision.template.get(DIGEST)) {
        (Some(one), Some(other)) => one == other,
        _ => bare(template) == revision.template,
    }
}

/// What a template is to whoever would return to it. Of what is watched digests alone are kept.
fn content(template: &Value) -> Value {
    match template.get(PLAIN).or_else(|| template.get(DIGEST)) {
        Some(digest) => digest.clone(),
        None => unstamped(template),
    }
}

/// What can be returned to, newest first: versions, and `version#number` for a version
/// that an earlier line names already. What a restart alone tells apart is one.
pub fn names(all: &[Revision], object: &Value) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let now = all.iter().find(|r| is_current(r, object)).map(|r| r.version.clone());
    let now_is = |template: &Value| match template.get(DIGEST) {
        Some(_) => content(template),
        None => content(&bare(template)),
    };
    let mut known: Vec<Value> = at(object, "/spec/template").map(now_is).into_iter().collect();
    for revision in all {
        let content = content(&revision.template);
        if known.contains(&content) {
            continue;
        }
        known.push(content);
        let taken = names.contains(&revision.version) || now.as_ref() == Some(&revision.version);
        let numbered = || format!("{}#{}", revision.version, revision.number);
        names.push(if taken { numbered() } else { revision.version.clone() });
    }
    names
}

/// The revision that `to` means: a version, `version#number`, or `#number`. A bare version that
/// several revisions have is the current one, or else the newest: so it means the same twice.
///
/// # Errors
/// Why there is none, and what there is.
pub fn find<'a>(all: &'a [Revision], object: &Value, to: &str) -> Result<&'a Revision, String> {
    let known = || {
        let names = names(all, object);
        if names.is_empty() {
            "no earlier version is kept".to_owned()
        } else {
            format!("kept are {}", names.join(", "))
        }
    };
    if let Some((version, number)) = to.rsplit_once('#').and_then(|(v, n)| Some((v, n.parse::<u64>().ok()?))) {
        let found = all.iter().find(|r| r.number == number && (version.is_empty() || r.version == version));
        return found.ok_or_else(|| format!("unable to find revision {number}; {}", known()));
    }
    let mut same = all.iter().filter(|r| r.version == to);
    let found = same.clone().find(|r| is_current(r, object)).or_else(|| same.next());
    found.ok_or_else(|| format!("no revision of version {} is kept; {}", line(to), known()))
}

/// The revision before the current one, as `kubectl rollout undo` takes it: the second highest.
pub fn previous(all: &[Revision]) -> Option<&Revision> {
    all.get(1)
}
