//! A workload as the screens show a deployment.
//!
//! Pure. Which version *serves* is judged by ready replicas, never by what is wanted.

use super::answer::line;
use super::history::{Revision, is_current, names, revisions};
use super::ill::Ill;
use super::news::News;
use super::object::{condition, count, text, time, wanted};
use super::owner::owners;
use super::place::{Kind, Place};
use super::status::{Progress, held, spares, status};
use super::trouble::{lacks, told};
use super::version::Where;
use super::writer::{when, writer};
use super::{flagger, rollouts};
use crate::domain::Timestamp;
use crate::domain::observed::Deployment;
use serde_json::Value;

/// What is known of one workload.
pub struct Known<'a> {
    /// Where it lies.
    pub place: &'a Place,
    /// The workload.
    pub object: &'a Value,
    /// Its replica sets or controller revisions.
    pub kept: Vec<&'a Value>,
    /// Its pods that are not well, by name, and why.
    pub pods: Vec<(&'a str, &'a Ill)>,
    /// Its analysis runs, or a canary's deployments.
    pub others: Vec<&'a Value>,
    /// Warning events about any of these.
    pub news: Vec<&'a News>,
    /// What time it is there.
    pub now: Timestamp,
}

impl Known<'_> {
    /// Since when there is what it wants now, as its sets or revisions say: what was said before is about another.
    pub fn since(&self) -> Option<Timestamp> {
        self.kept.iter().filter_map(|kept| time(kept, "/metadata/creationTimestamp")).max()
    }
}

/// Whether a workload is not well, so that it is worth asking for events about it. `row` is its own.
pub fn unwell(known: &Known<'_>, row: &Deployment) -> bool {
    let is_canary = known.place.kind == Kind::Canary;
    let own = if is_canary { flagger::row::unwell(known.object) } else { lacks(known.object) };
    own || !row.trouble.is_empty() || known.kept.iter().any(|set| lacks(set))
}

/// The row of a workload.
pub fn row(known: &Known<'_>, label: Option<&String>) -> Deployment {
    let Known { place, object, kept, .. } = known;
    let at = Where { container: place.container.clone(), label: label.cloned() };
    match place.kind {
        Kind::Rollout => return rollouts::row::row(known, &at),
        Kind::Canary => return flagger::row::row(known, &at),
        Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet => {}
    }
    let all = revisions(place.kind, object, kept.iter().copied(), &at);
    let target = line(&at.version(object.pointer("/spec/template").unwrap_or(&Value::Null)));
    let progress = status(place.kind, object);
    let serving = match &progress {
        Progress::Done(_) if held(place.kind, object).is_none() => None,
        _ => serving(place.kind, object, &all, kept),
    };
    let version = serving.unwrap_or_else(|| target.clone());
    let mut trouble = told(known);
    if let (Progress::Failed(why), true) = (&progress, trouble.is_empty()) {
        trouble.push(line(why));
    }
    let (ready, wanted) = replicas(place.kind, object);
    Deployment {
        candidate: (version != target).then_some(target),
        version,
        weight: None,
        state: state(known, &progress).to_owned(),
        ready: u32::try_from(ready).ok(),
        wanted: u32::try_from(wanted).ok(),
        by: writer(object, &at),
        since: since(object).or_else(|| when(object)),
        trouble,
        history: names(&all, object),
        stages: None,
        left_off: None,
        owners: owners(place.kind, object),
        owners_left_out: 0,
        reverts: false,
    }
}

/// How many replicas are ready, and how many are wanted.
pub fn replicas(kind: Kind, object: &Value) -> (u64, u64) {
    match kind {
        Kind::DaemonSet => (count(object, "/status/numberReady"), count(object, "/status/desiredNumberScheduled")),
        _ => (count(object, "/status/readyReplicas"), wanted(object)),
    }
}

fn state(known: &Known<'_>, progress: &Progress) -> &'static str {
    let (kind, object) = (known.place.kind, known.object);
    if object.pointer("/spec/paused") == Some(&Value::Bool(true)) {
        return "paused";
    }
    let updated = match kind {
        Kind::DaemonSet => count(object, "/status/updatedNumberScheduled"),
        _ => count(object, "/status/updatedReplicas"),
    };
    let total = match kind {
        Kind::DaemonSet => count(object, "/status/currentNumberScheduled"),
        _ => count(object, "/status/replicas"),
    };
    let (_, wanted) = replicas(kind, object);
    match progress {
        Progress::Done(_) if held(kind, object).is_some() => "canary",
        Progress::Done(_) => "stable",
        Progress::Failed(_) => "degraded",
        // Nothing moves any more, and not all of it is available.
        Progress::Going(_) if super::status::observed(object) && updated == wanted && total == wanted => {
            if arriving(known) { "rolling" } else { "degraded" }
        }
        Progress::Going(_) => "rolling",
    }
}

/// Whether its controller has not yet called the newest version complete: the last instances of it start, until its
/// deadline. A DaemonSet's controller does not say: its last pods start while no more are missing than its rollout may
/// take away, and nothing is wrong with any.
fn arriving(known: &Known<'_>) -> bool {
    let object = known.object;
    match known.place.kind {
        Kind::Deployment => condition(object, "Progressing")
            .is_some_and(|c| text(c, "/status") != "False" && text(c, "/reason") != "NewReplicaSetAvailable"),
        Kind::StatefulSet => text(object, "/status/currentRevision") != text(object, "/status/updateRevision"),
        Kind::DaemonSet => spares(object) && known.pods.iter().all(|(_, ill)| ill.begins(known.now)),
        Kind::Rollout | Kind::Canary => false,
    }
}

/// The version that most of what is ready has, while a rollout is not done.
fn serving(kind: Kind, object: &Value, all: &[Revision], kept: &[&Value]) -> Option<String> {
    match kind {
        Kind::Deployment | Kind::Rollout | Kind::Canary => {
            let ready = |revision: &Revision| {
                let set = kept.iter().find(|set| super::object::name(set) == revision.name);
                set.map_or(0, |set| count(set, "/status/readyReplicas"))
            };
            let most = all.iter().map(|revision| (ready(revision), revision)).filter(|(ready, _)| *ready > 0);
            // Of two with as many the older one: the newer has yet to take over.
            most.max_by_key(|(ready, revision)| (*ready, u64::MAX - revision.number)).map(|(_, r)| r.version.clone())
        }
        // A partition may have let most of it through.
        Kind::StatefulSet if held(kind, object).is_some_and(|(updated, wanted)| updated.saturating_mul(2) > wanted) => {
            None
        }
        Kind::StatefulSet => {
            let current = text(object, "/status/currentRevision");
            all.iter().find(|r| r.name == current).map(|r| r.version.clone())
        }
        Kind::DaemonSet => {
            let (updated, wanted) =
                (count(object, "/status/updatedNumberScheduled"), count(object, "/status/desiredNumberScheduled"));
            let older = all.iter().find(|r| !is_current(r, object));
            older.filter(|_| updated.saturating_mul(2) <= wanted).map(|r| r.version.clone())
        }
    }
}

fn since(object: &Value) -> Option<Timestamp> {
    let at = condition(object, "Progressing").map(|c| text(c, "/lastUpdateTime")).unwrap_or_default();
    chrono::DateTime::parse_from_rfc3339(at).ok().map(|at| at.to_utc())
}
