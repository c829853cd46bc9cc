//! The ways out of what is wrong, side by side: back to the version before, and
//! what the team declared besides: switches, corrections, fixes.
//!
//! Pure; times and losses are told, never chosen between.

use super::ailing::Ail;
use super::forecast::{self, Forecast, MARGIN};
use super::loss::{self, Loss};
use super::run::{Run, TriggerState};
use super::{Given, rollback};
use crate::domain::Timestamp;
use crate::domain::name::{EnvironmentName, ServiceName};
use crate::domain::span::Span;
use crate::domain::trigger::{RollsBack, Trigger};
use crate::domain::way::WayKind;
use std::collections::BTreeSet;

/// One way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayOut {
    /// What it is, in one line.
    pub title: String,
    /// How long it takes, if anything tells.
    pub takes: Option<Span>,
    /// What it lacks, in words; ready when none.
    pub lacks: Option<String>,
    /// What it costs, as far as anybody said that it costs anything.
    pub loses: Loss,
    /// The latest start that still ends inside the window; any time when none.
    pub start_by: Option<Timestamp>,
    /// What a rollback would be asked for; none for what is done elsewhere.
    pub back: Option<RollsBack>,
    /// Where it is done, for people.
    pub how: String,
}

/// Everything that leads out, the rollback of what is bad first.
pub fn ways(given: &Given<'_>, run: Option<&Run>, outlook: &Forecast, bad: &[Ail<'_>]) -> Vec<WayOut> {
    let mut all: Vec<WayOut> = Vec::new();
    if let Some(run) = run {
        let first = first_back(run, bad);
        all.extend(first.iter().map(|what| back(given, run, outlook, what)));
    }
    let service = concerned(run, bad);
    let declared = service.and_then(|service| given.workspace.ways.get(&service)).into_iter().flatten();
    all.extend(declared.map(|way| WayOut {
        title: format!("{} {}", way.kind.words(), way.title).trim_end().to_owned(),
        takes: way.takes,
        lacks: (!way.lacks.is_empty()).then(|| way.lacks.clone()),
        loses: Loss {
            notes: Some(&way.loses).filter(|text| !text.is_empty()).cloned().into_iter().collect(),
            ..Loss::default()
        },
        start_by: match way.kind {
            WayKind::FixForward => {
                outlook.window_ends.zip(way.takes).map(|(end, takes)| end - (takes + MARGIN).delta())
            }
            _ => None,
        },
        back: None,
        how: way.how.clone(),
    }));
    // More than needs to go back is the last resort.
    if let Some(run) = run.filter(|run| first_back(run, bad) != Some(RollsBack::Set)) {
        let places: BTreeSet<_> = standing(run).collect();
        all.extend((places.len() > 1).then(|| back(given, run, outlook, &RollsBack::Set)));
    }
    all
}

/// The trigger of a run that has tripped or proposes, first in the plan's order.
pub fn tripped(run: &Run) -> Option<(&Trigger, &TriggerState)> {
    let acts = |state: &&TriggerState| matches!(state, TriggerState::Tripped { .. } | TriggerState::Proposed { .. });
    run.plan.triggers.iter().find_map(|t| run.triggers.get(&t.name).filter(acts).map(|state| (t, state)))
}

/// What is to be taken back first: what the trigger says, else the run's own change of what is worst.
fn first_back(run: &Run, bad: &[Ail<'_>]) -> Option<RollsBack> {
    if let Some((trigger, _)) = tripped(run).filter(|(t, _)| run.taken_back(&t.rolls_back).is_none()) {
        return Some(trigger.rolls_back.clone());
    }
    let changed = |ail: &&Ail<'_>| standing(run).any(|(s, e)| *s == ail.signal.service && e == ail.environment);
    let worst = bad.iter().find(changed);
    worst
        .map(|ail| RollsBack::One(ail.signal.service.clone(), ail.environment.clone()))
        .or_else(|| standing(run).next().map(|_| RollsBack::Set))
}

/// Whose declared ways are told: of what would be taken back, else of what is worst.
fn concerned(run: Option<&Run>, bad: &[Ail<'_>]) -> Option<ServiceName> {
    match run.and_then(|run| first_back(run, bad)) {
        Some(RollsBack::One(service, _)) => Some(service),
        _ => bad.first().map(|ail| ail.signal.service.clone()),
    }
}

/// What a run has changed and nothing has taken back.
pub fn standing(run: &Run) -> impl Iterator<Item = (&ServiceName, &EnvironmentName)> {
    run.changed.iter().filter(|c| c.taken_back.is_none()).map(|c| (&c.service, &c.environment))
}

fn back(given: &Given<'_>, run: &Run, outlook: &Forecast, what: &RollsBack) -> WayOut {
    let planned = rollback::plan(given, Some(run), what, None);
    let lacks = planned.err().map(|refusal| refusal.reasons.iter().map(|r| r.text.clone()).collect::<Vec<_>>());
    let title = match what {
        RollsBack::One(service, environment) => {
            let to = run.previous(service, environment).map(|to| format!(" → {to}")).unwrap_or_default();
            format!("roll back {service} {environment}{to}")
        }
        RollsBack::Set => "roll back everything that the run changed".to_owned(),
    };
    let takes = forecast::takes_back(given, run, what).map(|estimate| estimate.p90);
    WayOut {
        title,
        takes,
        lacks: lacks.map(|reasons| reasons.join(" · ")),
        loses: loss::of_run(given, run, what),
        start_by: takes.and_then(|takes| forecast::start_by(given, run, what, (outlook.window_ends, takes))),
        back: Some(what.clone()),
        how: String::new(),
    }
}
