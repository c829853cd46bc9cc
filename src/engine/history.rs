//! How long steps took in runs that have ended: working, and waiting for
//! people, apart. Folded into the ledger when a run ends, bounded, and read by
//! the forecast alone.
//!
//! A step is the same step when its runbook, its name, its kind and what its
//! operation is about are the same; steps of a rollback are named by their
//! place in it, so their names do not count.

use super::run::{Run, State, StepState};
use crate::domain::Timestamp;
use crate::domain::name::{EnvironmentName, ServiceName};
use crate::domain::operation::Verb;
use crate::domain::plan::{Mode, Need, Plan, Question, Start, Step, Work};
use crate::domain::span::Span;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// How many of a step's times are kept, the newest.
pub const KEPT: usize = 32;
/// How many steps have times kept at all, those of the newest runs.
const STEPS: usize = 4_000;

/// The times of past steps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History(BTreeMap<String, Past>);

/// The times of one step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// Number of the newest run that it comes from.
    last: u32,
    /// How long the work took, oldest first.
    working: VecDeque<Took>,
    /// How long people were waited for, oldest first.
    waiting: VecDeque<Took>,
}

/// One length, and whether it is of a rehearsal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "(u64, bool)", from = "(u64, bool)")]
pub struct Took {
    /// How long.
    pub length: Span,
    /// Of which kind of run.
    pub rehearsal: bool,
}

impl From<Took> for (u64, bool) {
    fn from(took: Took) -> Self {
        (took.length.as_millis(), took.rehearsal)
    }
}

impl From<(u64, bool)> for Took {
    fn from((ms, rehearsal): (u64, bool)) -> Self {
        Took { length: Span::millis(ms), rehearsal }
    }
}

impl Past {
    /// How long the work took, oldest first.
    pub fn working(&self) -> impl Iterator<Item = Took> + Clone {
        self.working.iter().copied()
    }

    /// How long people were waited for, oldest first.
    pub fn waiting(&self) -> impl Iterator<Item = Took> + Clone {
        self.waiting.iter().copied()
    }
}

impl History {
    /// The times of a step like this one of a plan.
    pub fn of(&self, plan: &Plan, step: &Step) -> Option<&Past> {
        if self.0.is_empty() { None } else { self.0.get(&key(plan, step)) }
    }

    /// The times of taking back a service in an environment, in rollbacks.
    pub fn of_rollback(&self, service: &ServiceName, environment: &EnvironmentName) -> Option<&Past> {
        if self.0.is_empty() {
            return None;
        }
        self.0.get(&format!("rollback {} {service} {environment}", Verb::RollBack.word()))
    }

    /// Takes in a run that has just ended. Only what was done counts.
    pub(super) fn learn(&mut self, run: &Run) {
        let rehearsal = run.plan.mode == Mode::Rehearsal;
        for step in &run.plan.steps {
            let Some(state) = run.steps.get(&step.name) else { continue };
            if !matches!(state.state, State::Done | State::RolledBack) {
                continue;
            }
            let (working, waiting) = (worked(run, step, state), waited(run, step, state));
            if working.is_none() && waiting.is_none() {
                continue;
            }
            let past = self.0.entry(key(&run.plan, step)).or_default();
            past.last = run.id.0;
            for (times, length) in [(&mut past.working, working), (&mut past.waiting, waiting)] {
                times.extend(length.map(|length| Took { length, rehearsal }));
                while times.len() > KEPT {
                    times.pop_front();
                }
            }
        }
        self.forget();
    }

    /// Drops steps of the oldest runs beyond what is kept.
    fn forget(&mut self) {
        if self.0.len() <= STEPS {
            return;
        }
        let mut lasts: Vec<u32> = self.0.values().map(|past| past.last).collect();
        lasts.sort_unstable();
        let Some(oldest) = lasts.get(lasts.len() - STEPS).copied() else { return };
        self.0.retain(|_, past| past.last >= oldest);
    }
}

/// What makes two steps the same, as one text.
fn key(plan: &Plan, step: &Step) -> String {
    let mut key = String::with_capacity(64);
    let mut word = |text: &str| {
        if !key.is_empty() {
            key.push(' ');
        }
        key.push_str(text);
    };
    match plan.reverts.is_some() || plan.runbook.as_str() == "rollback" {
        true => word("rollback"),
        false => [plan.runbook.as_str(), step.name.as_str(), kind(step)].into_iter().for_each(&mut word),
    }
    match step.operation() {
        Some(op) => {
            word(op.verb.word());
            op.service.iter().for_each(|service| word(service.as_str()));
            op.environment.iter().for_each(|environment| word(environment.as_str()));
        }
        None if plan.reverts.is_some() => word(&step.title),
        None => {}
    }
    key
}

/// What a step does, as far as its length goes.
fn kind(step: &Step) -> &'static str {
    match &step.work {
        Work::Do(_) => "do",
        Work::Watch { .. } => "watch",
        Work::Mark => "mark",
        Work::Ask(Question::Done | Question::Announce { .. }) => "task",
        Work::Ask(_) => "ask",
    }
}

/// Whether a step, once it has started, only waits for people: an approval, a
/// hold point, a poll, a choice. What a person does by hand is work.
pub fn asks(step: &Step) -> bool {
    kind(step) == "ask"
}

/// Whether people stand between a step being ready and its start.
pub fn waits(step: &Step) -> bool {
    let asked = step.gate.iter().any(|gate| !gate.slots().is_empty());
    asked || (step.start == Start::Person && !matches!(step.work, Work::Mark))
}

/// From when nothing but the step itself and people kept it: the last thing that
/// it needs was done, or it might not begin earlier.
pub fn ready_at(run: &Run, step: &Step) -> Timestamp {
    let ended = step.needs.iter().filter_map(|need| match need {
        Need::Step(name) => run.steps.get(name)?.ended,
        Need::Other(..) => None,
    });
    let floor = step.not_before.map(|at| at.resolve(run.t0));
    ended.chain(floor).fold(run.started, Ord::max)
}

/// How long a step's work took, without the time that the run was parked.
fn worked(run: &Run, step: &Step, state: &StepState) -> Option<Span> {
    (!asks(step)).then_some(())?;
    Some(running(run, state.started?, state.ended?))
}

/// How long people were waited for: before its start, or for their answer.
pub(super) fn waited(run: &Run, step: &Step, state: &StepState) -> Option<Span> {
    if asks(step) {
        return Some(running(run, state.started?, state.ended?));
    }
    waits(step).then_some(())?;
    // A first try alone: what came between two tries is no waiting for its start.
    let started = state.started.filter(|_| state.attempt <= 1)?;
    Some(running(run, ready_at(run, step), started))
}

/// The time between two instants in which a run was not parked; none of it when
/// the clock went backwards.
pub(super) fn running(run: &Run, from: Timestamp, to: Timestamp) -> Span {
    let parked = run.parked.iter().map(|(since, until)| {
        let until = until.unwrap_or(to).min(to);
        Span::between((*since).max(from), until).as_millis()
    });
    let parked: u64 = parked.sum();
    Span::millis(Span::between(from, to).as_millis().saturating_sub(parked))
}
