//! A canary as the screens show a deployment: what serves is its primary.
//!
//! Pure. Flagger counts failed checks in its status; which metric failed is in its events (`checks`).

use super::super::answer::line;
use super::super::history::{names, revisions};
use super::super::object::{count, name, text, wanted};
use super::super::owner::owners;
use super::super::place::Kind;
use super::super::row::Known;
use super::super::trouble::told;
use super::super::version::Where;
use super::super::writer::writer;
use super::checks::checks;
use super::gate::Gate;
use super::state::{self, phase};
use crate::domain::observed::Deployment;
use crate::domain::stages::{Check, Judged, Stages};
use serde_json::Value;

/// The row of a canary.
pub fn row(known: &Known<'_>, at: &Where) -> Deployment {
    let Known { object, kept, others, .. } = known;
    let target = state::target(object).1;
    let find = |wanted: &str| others.iter().copied().find(|object| name(object) == wanted);
    let (new, primary) = (find(target), find(&state::primary(target)));
    let version = |workload: Option<&Value>| {
        workload.and_then(|w| w.pointer("/spec/template")).map(|template| line(&at.version(template)))
    };
    // Before there is a primary, it is the target that serves.
    let serves = version(primary).or_else(|| version(new)).unwrap_or_default();
    let candidate = version(new).filter(|new| *new != serves && !state::idle(object));
    let all = new.map(|new| revisions(Kind::Canary, new, kept.iter().copied(), at)).unwrap_or_default();
    let (ready, wants) = primary.map_or((None, None), |p| (Some(count(p, "/status/readyReplicas")), Some(wanted(p))));
    Deployment {
        weight: candidate.as_ref().and_then(|_| state::weight(object)),
        candidate,
        version: serves,
        state: word(object),
        ready: ready.and_then(|n| u32::try_from(n).ok()),
        wanted: wants.and_then(|n| u32::try_from(n).ok()),
        by: new.and_then(|new| writer(new, at)),
        since: chrono::DateTime::parse_from_rfc3339(text(object, "/status/lastTransitionTime"))
            .ok()
            .map(|at| at.to_utc()),
        trouble: reasons(known),
        history: new.map(|new| names(&all, new)).unwrap_or_default(),
        stages: stages(known),
        left_off: None,
        owners: new.map(|new| owners(Kind::Deployment, new)).unwrap_or_default(),
        owners_left_out: 0,
        reverts: false,
    }
}

fn word(canary: &Value) -> String {
    match phase(canary) {
        _ if state::suspended(canary) => "paused".to_owned(),
        "Initialized" | "Succeeded" => "stable".to_owned(),
        "Waiting" | "WaitingPromotion" => "paused".to_owned(),
        "Progressing" => "canary".to_owned(),
        "Initializing" | "Promoting" | "Finalising" => "rolling".to_owned(),
        "Failed" => "degraded".to_owned(),
        other => line(other).to_lowercase(),
    }
}

/// Whether an analysis is not well: its events say why.
pub fn unwell(canary: &Value) -> bool {
    phase(canary) == "Failed" || (state::under_way(canary) && state::failures(canary).0 > 0)
}

fn reasons(known: &Known<'_>) -> Vec<String> {
    let (canary, mut all) = (known.object, Vec::new());
    if phase(canary) == "Failed" {
        let said = state::message(canary);
        all.push(if said.is_empty() { "its analysis failed".to_owned() } else { said });
    }
    all.extend(told(known));
    all
}

fn stages(known: &Known<'_>) -> Option<Stages> {
    let canary = known.object;
    if phase(canary) == "Failed" {
        let checks = checks(known);
        return (!checks.is_empty()).then(|| Stages { doing: "failed".to_owned(), checks, ..Stages::default() });
    }
    if !state::under_way(canary) && !state::suspended(canary) {
        return None;
    }
    let (failed, most) = state::failures(canary);
    let check = Check {
        name: "analysis".to_owned(),
        judged: Judged::Running,
        detail: format!("{failed} of {most} failed checks that it may have"),
    };
    Some(Stages {
        step: state::step(canary).filter(|_| state::under_way(canary)),
        doing: line(phase(canary)).to_lowercase(),
        wanted: None,
        waits: waits(canary),
        checks: match phase(canary) {
            "Progressing" | "WaitingPromotion" => [check].into_iter().chain(checks(known)).collect(),
            _ => Vec::new(),
        },
        traffic: Vec::new(),
    })
}

fn waits(canary: &Value) -> Option<String> {
    if state::suspended(canary) {
        return Some("somebody suspended it: resume it".to_owned());
    }
    let gate = match phase(canary) {
        "Waiting" => Gate::Rollout,
        "WaitingPromotion" => Gate::Promotion,
        _ => return None,
    };
    Some(format!("a person to open its gate {}", gate.word()))
}
