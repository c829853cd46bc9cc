//! A rollout as the screens show a deployment.
//!
//! Pure. What serves is what its controller calls stable, until all of the new one does.

use super::super::answer::line;
use super::super::history::{names, revisions};
use super::super::object::{condition, count, text, wanted};
use super::super::owner::owners;
use super::super::row::Known;
use super::super::trouble;
use super::super::version::Where;
use super::super::writer::writer;
use super::state::{self, Phase, phase};
use super::{analysis, steps};
use crate::domain::observed::Deployment;
use crate::domain::stages::{Check, Judged, Stages};
use serde_json::Value;
use std::borrow::Cow;

/// The row of a rollout.
pub fn row(known: &Known<'_>, at: &Where) -> Deployment {
    let Known { place, object, kept, others, .. } = known;
    let all = revisions(place.kind, object, kept.iter().copied(), at);
    let of = |hash: &str| {
        let set = state::of_hash(kept, hash)?;
        Some(line(&at.version(set.pointer("/spec/template")?)))
    };
    let template = object.pointer("/spec/template").map(|template| line(&at.version(template)));
    let target = template.or_else(|| of(state::hash(object))).unwrap_or_default();
    let version = of(state::stable(object)).unwrap_or_else(|| target.clone());
    let updating = state::updating(object) || version != target;
    let stages = stages(object, others, updating);
    // Where the template lies elsewhere, what is wanted now is what its set of replicas holds.
    let mut whole = Cow::Borrowed(*object);
    if let (None, Some(set)) = (object.pointer("/spec/template"), state::of_hash(kept, state::hash(object)))
        && let Some(spec) = whole.to_mut().get_mut("spec").and_then(Value::as_object_mut)
    {
        spec.insert("template".to_owned(), set.pointer("/spec/template").cloned().unwrap_or_default());
    }
    Deployment {
        candidate: updating.then_some(target),
        version,
        weight: updating.then(|| state::weight(object, kept)).flatten(),
        state: word(object, updating),
        ready: u32::try_from(count(object, "/status/readyReplicas")).ok(),
        wanted: u32::try_from(wanted(object)).ok(),
        by: writer(object, at),
        since: since(object),
        trouble: reasons(known),
        history: names(&all, &whole),
        stages,
        left_off: None,
        owners: owners(place.kind, object),
        owners_left_out: 0,
        reverts: false,
    }
}

fn word(object: &Value, updating: bool) -> String {
    match phase(object).0 {
        Phase::Healthy => "stable".to_owned(),
        Phase::Paused => "paused".to_owned(),
        Phase::Degraded => "degraded".to_owned(),
        Phase::Progressing if updating && !state::blue_green(object) => "canary".to_owned(),
        Phase::Progressing => "rolling".to_owned(),
        Phase::Other(word) => word,
    }
}

fn reasons(known: &Known<'_>) -> Vec<String> {
    let mut all = trouble::told(known);
    if all.is_empty() {
        all.extend(state::trouble(known.object));
    }
    all
}

/// How far it is; none when nothing is on its way and nothing is judged.
fn stages(object: &Value, runs: &[&Value], updating: bool) -> Option<Stages> {
    let mut checks = if updating { analysis::checks(object, runs) } else { Vec::new() };
    // An experiment that is inconclusive leaves no analysis run that says so.
    if let Some(doubt) =
        state::doubt(object).filter(|_| !checks.iter().any(|check| check.judged == Judged::Inconclusive))
    {
        checks.push(Check { name: "rollout".to_owned(), judged: Judged::Inconclusive, detail: doubt.to_owned() });
    }
    let waits = state::waits(object);
    if !updating && waits.is_none() {
        return None;
    }
    let (n, all) = (steps::index(object), steps::all(object));
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let canary = updating && !all.is_empty();
    Some(Stages {
        step: canary.then(|| (number(n.saturating_add(1).min(all.len())), number(all.len()))),
        doing: match all.get(n).filter(|_| canary) {
            Some(step) => steps::word(step),
            None if canary => "all are done, the last replicas follow".to_owned(),
            None => steps::strategy(object).to_owned(),
        },
        wanted: canary.then(|| if state::flag(object, "/status/abort") { 0 } else { steps::weight(object, n) }),
        waits,
        checks,
        traffic: Vec::new(),
    })
}

fn since(object: &Value) -> Option<crate::domain::Timestamp> {
    let at = condition(object, "Progressing").map(|c| text(c, "/lastUpdateTime")).unwrap_or_default();
    chrono::DateTime::parse_from_rfc3339(at).ok().map(|at| at.to_utc())
}
