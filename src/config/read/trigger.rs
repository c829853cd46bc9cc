//! Rollback triggers, and things that are left open: both hang on steps.
//!
//! A trigger that could never trip or never act is a mistake of its file.

use super::Reading;
use super::gate::signals;
use super::work::{declared, deployer};
use crate::config::names::Noun;
use crate::config::raw::runbook::{self as raw, RunbookFile};
use crate::config::spot::Spot;
use crate::domain::name::{RunbookName, StepName};
use crate::domain::operation::{Direction, Verb};
use crate::domain::plan::{Kind, LeftOpen, Step};
use crate::domain::signal::SignalAt;
use crate::domain::span::Span;
use crate::domain::trigger::{RollsBack, Trigger};
use std::collections::BTreeSet;

const POSTPONE: Span = Span::mins(2);

/// Resolves the triggers of a runbook.
pub fn triggers(r: &mut Reading<'_>, runbook: &RunbookName, raw: &RunbookFile, steps: &[Step]) -> Vec<Trigger> {
    let names: Vec<_> = raw.triggers.iter().map(|trigger| trigger.id.clone()).collect();
    r.once(&names);
    raw.triggers.iter().filter_map(|trigger| self::trigger(r, runbook, raw, trigger, steps)).collect()
}

fn trigger(
    r: &mut Reading<'_>,
    runbook: &RunbookName,
    book: &RunbookFile,
    raw: &raw::Trigger,
    steps: &[Step],
) -> Option<Trigger> {
    let rolls_back = rolls_back(r, &raw.rolls_back, steps);
    let place = raw.rolls_back.environment.as_ref().map(|place| &place.value);
    let watched = signals(r, &raw.signals, place);
    for (signal, spot) in watched.iter().zip(&raw.signals) {
        never_trips(r, signal, spot);
    }
    known(r, runbook, &raw.from);
    let until = raw.until.as_ref().filter(|step| known(r, runbook, step)).map(|step| step.value.clone());
    let agreed_at = raw.agreed_at.as_ref().filter(|step| known(r, runbook, step)).map(|step| {
        if book.steps.iter().any(|other| other.id.value == step.value && other.kind != Kind::Poll) {
            r.mistake(&step.at, format!("step {} is no poll", step.value), "name the poll that agreed to the trigger");
        }
        step.value.clone()
    });
    Some(Trigger {
        name: raw.id.value.clone(),
        signals: watched,
        from: raw.from.value.clone(),
        until,
        rolls_back: rolls_back?,
        countdown: raw.countdown,
        postpone: raw.postpone.unwrap_or(POSTPONE),
        agreed_at,
    })
}

fn known(r: &mut Reading<'_>, runbook: &RunbookName, step: &Spot<StepName>) -> bool {
    r.names.step(r.found, r.file, runbook.as_str(), step.as_str(), &step.at)
}

fn never_trips<T>(r: &mut Reading<'_>, signal: &SignalAt, spot: &Spot<T>) {
    if r.workspace.signals.get(&signal.signal).is_some_and(|signal| signal.fail.is_none()) {
        let what = format!("{} never fails, so it never trips", signal.signal);
        r.mistake(&spot.at, what, "give the signal `fail` in signals.toml");
    }
}

fn rolls_back(r: &mut Reading<'_>, raw: &Spot<raw::RollsBack>, steps: &[Step]) -> Option<RollsBack> {
    let workspace = r.workspace;
    match (&raw.service, &raw.environment, raw.set) {
        (Some(service), Some(place), None) => {
            let (one, environment) = (r.name(Noun::Service, service), r.name(Noun::Environment, place));
            let backend = deployer(r, &one, &environment, place);
            let spec = backend.and_then(|backend| Some((backend, workspace.backends.get(backend)?)));
            if let Some((backend, spec)) = spec {
                declared(r, &spec.kind, backend, Verb::RollBack, &raw.at);
            }
            Some(RollsBack::One(one, environment))
        }
        (None, None, Some(_)) => {
            no_way_back(r, raw, steps);
            Some(RollsBack::Set)
        }
        _ => {
            r.mistake(&raw.at, "what is rolled back?", "give it both `service` and `environment`, or `set = true`");
            None
        }
    }
}

/// Notes backends of the run's steps that cannot take back what they do.
fn no_way_back(r: &mut Reading<'_>, at: &Spot<raw::RollsBack>, steps: &[Step]) {
    let workspace = r.workspace;
    let forward = steps.iter().filter_map(Step::operation).filter(|op| op.direction() == Direction::Forward);
    let deploying: BTreeSet<_> = forward.filter(|op| op.verb != Verb::Run).map(|op| &op.backend).collect();
    for backend in deploying {
        if let Some(spec) = workspace.backends.get(backend).filter(|spec| spec.kind.deploys()) {
            declared(r, &spec.kind, backend, Verb::RollBack, &at.at);
        }
    }
}

/// Resolves what the run leaves open and must close.
pub fn leaves_open(r: &mut Reading<'_>, runbook: &RunbookName, raw: &RunbookFile) -> Vec<LeftOpen> {
    let one = |raw: &raw::LeftOpen| {
        known(r, runbook, &raw.opened_by);
        known(r, runbook, &raw.closed_by);
        LeftOpen {
            what: raw.what.clone(),
            owner: r.name(Noun::Role, &raw.owner),
            opened_by: raw.opened_by.value.clone(),
            closed_by: raw.closed_by.value.clone(),
        }
    };
    raw.leaves_open.iter().map(one).collect()
}
