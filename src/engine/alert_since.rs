//! Whether an alert began before or since what a run changed at its place.
//!
//! Pure. It tells an order in time and never a cause. Clocks differ: nothing is claimed of an
//! alert that says no start, whose clock is known to be off, or that began so shortly before a
//! change that the clocks may be what differs. An alert may begin later than what it tells of,
//! and never earlier. A dependency's alert, or one of no environment, is not claimed either.

use super::Given;
use super::changes::{Deeds, outside};
use super::clocks::differs;
use super::run::{Changed, Fate, Run, Sent};
use crate::domain::Timestamp;
use crate::domain::alert::Alert;
use crate::domain::clock::SKEWED;
use crate::domain::name::{BackendName, EnvironmentName, RunId, ServiceName, StepName};
use crate::domain::operation::{Direction, Verb};
use crate::domain::report::Report;
use serde::Serialize;

/// How the beginning of an alert stands to what runs changed at its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlertSince {
    /// It began when this step had begun, or later.
    Since {
        /// The run.
        run: RunId,
        /// Its step, the last that had begun then.
        step: StepName,
        /// The service.
        service: ServiceName,
        /// What the step brought: a version where one is known, else its verb.
        what: String,
        /// Whether that was taken back since.
        taken_back: bool,
    },
    /// It began before anything of the newest run that changed the place.
    Before {
        /// The run.
        run: RunId,
    },
}

/// An operation that changed the place, or may have.
struct Step<'a> {
    began: Timestamp,
    sent: &'a Sent,
    run: &'a Run,
}

/// How the beginning of an alert that this backend tells stands to the changes of its place; none where nothing can be
/// said. `deeds` are those of the ledger, gathered once for many alerts.
pub fn alert_since(given: &Given<'_>, deeds: &Deeds, by: &BackendName, alert: &Alert) -> Option<AlertSince> {
    let (service, environment) = (alert.service.as_ref()?, alert.environment.as_ref()?);
    let at = alert.began().filter(|at| differs(given.observed, by).is_none() && *at <= given.now + SKEWED)?;
    let mut all: Vec<_> = given.ledger.sent.values().filter_map(|s| step(given, s, service, environment)).collect();
    all.sort_by_key(|step| step.began);
    // What leads back is a change of its own, and yet not what an alert is older or newer than.
    let newest = all.iter().rfind(|step| !step.leads_back()).or(all.last())?.run.id;
    let first = all.iter().find(|step| step.run.id == newest)?.began;
    match all.iter().rfind(|step| step.began <= at) {
        Some(step) if step.began >= first => {
            let outside = outside(given, deeds, &(service.clone(), environment.clone()));
            (!outside.is_some_and(|other| other > step.began && other <= at)).then(|| step.since(service, environment))
        }
        _ => (at + SKEWED < first).then_some(AlertSince::Before { run: newest }),
    }
}

/// The operation as a change of a place; none where it changed nothing there for certain.
fn step<'a>(
    given: &Given<'a>,
    sent: &'a Sent,
    service: &ServiceName,
    environment: &EnvironmentName,
) -> Option<Step<'a>> {
    let operation = &sent.intent.operation;
    let here = operation.environment.as_ref() == Some(environment)
        && operation.services().any(|name| name == service.as_str())
        && operation.direction() != Direction::Aside
        && operation.verb != Verb::Pause;
    let run = given.ledger.run(sent.intent.run).filter(|_| here)?;
    let known = run.steps.get(&sent.intent.step)?;
    let may = match &sent.fate {
        Fate::Open | Fate::InDoubt(_) => true,
        Fate::Settled(report) => !matches!(report, Report::NotDone { .. } | Report::NotSent { .. }),
        Fate::Resolved => {
            let changed = run.changed.iter().any(|c| c.step == sent.intent.step);
            known.intent == Some(sent.seq) && (known.state.took_effect() || changed)
        }
    };
    // What is sent again began when it was sent first.
    let first = sent.intent.resend_of.and_then(|first| given.ledger.sent.get(&first)).unwrap_or(sent);
    may.then_some(Step { began: first.at, sent, run })
}

impl Step<'_> {
    fn leads_back(&self) -> bool {
        self.sent.intent.operation.direction() == Direction::Back
    }

    fn since(&self, service: &ServiceName, environment: &EnvironmentName) -> AlertSince {
        let intent = &self.sent.intent;
        let here = |c: &&Changed| c.step == intent.step && c.service == *service && c.environment == *environment;
        let changed = self.run.changed.iter().rfind(here);
        let named = || ["version", "to"].iter().find_map(|name| intent.operation.args.get(*name)).cloned();
        let what = changed.and_then(|c| c.to.clone()).or_else(named);
        AlertSince::Since {
            run: self.run.id,
            step: intent.step.clone(),
            service: service.clone(),
            what: what.unwrap_or_else(|| intent.operation.verb.to_string()),
            taken_back: changed.is_some_and(|c| c.taken_back.is_some()),
        }
    }
}

impl AlertSince {
    /// In words: `since run 7 step 4 (api 4.2.0)`, `since run 7 step 4 (api 4.2.0), taken back`, `before run 7`.
    pub fn line(&self) -> String {
        match self {
            Self::Since { run, step, service, what, taken_back } => {
                format!("since run {run} step {step} ({service} {what}){}", back(*taken_back))
            }
            Self::Before { .. } => self.short(),
        }
    }

    /// The same where there is little room: `since run 7 step 4`, `before run 7`.
    pub fn short(&self) -> String {
        match self {
            Self::Since { run, step, taken_back, .. } => format!("since run {run} step {step}{}", back(*taken_back)),
            Self::Before { run } => format!("before run {run}"),
        }
    }
}

fn back(taken_back: bool) -> &'static str {
    if taken_back { ", taken back" } else { "" }
}
