//! A runbook as a plan: steps, triggers and the signals they rest on, resolved.
//!
//! A runbook with a mistake gives no plan.

use super::Reading;
use super::ends::ends;
use super::register::register;
use super::step::step;
use super::trigger::{leaves_open, triggers};
use super::unwatched::unwatched;
use crate::config::moment::Moment;
use crate::config::names::Noun;
use crate::config::raw::runbook::RunbookFile;
use crate::domain::gate::Gate;
use crate::domain::name::{RunbookName, SignalName};
use crate::domain::plan::{Plan, Question, Step, Work};
use crate::domain::signal::{Signal, SignalAt};
use crate::domain::template::OF_OPERATION;
use crate::domain::trigger::Trigger;
use std::collections::{BTreeMap, BTreeSet};

/// Resolves a runbook; the order of its steps is judged by `order`.
pub fn runbook(r: &mut Reading<'_>, name: &RunbookName, raw: &RunbookFile) -> Plan {
    let vars = vars(r, raw);
    twice(r, raw);
    let mut steps: Vec<Step> = raw.steps.iter().filter_map(|raw| step(r, name, &vars, raw)).collect();
    raw.steps.iter().for_each(|raw| ends(r, name, raw, &mut steps));
    unwatched(r, raw, &steps);
    let triggers = triggers(r, name, raw, &steps);
    let title = super::step::title(r, &vars, &raw.title);
    let workspace = r.workspace;
    let bill = raw.release.as_ref().filter(|release| r.known(Noun::Release, release)).and_then(|release| {
        workspace.calendar.releases.iter().find(|known| known.name == release.value).map(|known| known.bill.clone())
    });
    Plan {
        runbook: name.clone(),
        title,
        mode: raw.mode,
        rehearses: None,
        release: raw.release.as_ref().map(|release| release.value.clone()),
        bill: bill.unwrap_or_default(),
        t0: raw.t0.as_ref().and_then(|t0| Moment::parse(&t0.0, &workspace.zone).ok()?.instant()),
        signals: signals(&workspace.signals, &steps, &triggers),
        leaves_open: leaves_open(r, name, raw),
        register: register(r, raw),
        steps,
        triggers,
        reverts: None,
    }
}

fn vars(r: &mut Reading<'_>, raw: &RunbookFile) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (name, value) in &raw.vars.0 {
        if OF_OPERATION.contains(&name.0.as_str()) {
            let what = format!("{{{}}} has a meaning of its own", name.0);
            r.mistake(&name.at, what, "choose another name for the variable");
        }
        all.insert(name.0.clone(), value.value.clone());
    }
    all
}

/// Notes steps with the name of an earlier one.
fn twice(r: &mut Reading<'_>, raw: &RunbookFile) {
    let mut seen = BTreeSet::new();
    for step in &raw.steps {
        if !seen.insert(&step.id.value) {
            r.mistake(&step.id.at, format!("there is an earlier step {}", step.id.value), "choose another id");
        }
    }
}

/// The signals that steps and triggers refer to, with their thresholds.
fn signals(declared: &BTreeMap<SignalName, Signal>, steps: &[Step], triggers: &[Trigger]) -> Vec<Signal> {
    let mut all: Vec<&SignalAt> = triggers.iter().flat_map(|trigger| &trigger.signals).collect();
    for step in steps {
        let gates = step.gate.iter().chain(&step.verify).chain(watched(step));
        all.extend(gates.flat_map(Gate::signals));
        if let Work::Ask(Question::Poll { evidence, .. }) = &step.work {
            all.extend(evidence);
        }
    }
    let used: BTreeSet<&SignalName> = all.into_iter().map(|at| &at.signal).collect();
    declared.iter().filter(|(name, _)| used.contains(name)).map(|(_, signal)| signal.clone()).collect()
}

fn watched(step: &Step) -> Option<&Gate> {
    match &step.work {
        Work::Watch { gate, .. } => Some(gate),
        _ => None,
    }
}
