//! Triggers: arm, trip, count down, and then act or propose.
//!
//! A countdown that ended while nobody drove, or whose evidence is no longer
//! fresh, or whose signal has recovered for its guard time, becomes a proposal: a
//! person decides. A signal that only dips does not take back what was agreed, and one that lags trips
//! nothing by what was there before.

use super::watch::words;
use crate::domain::Timestamp;
use crate::domain::fact::{Evidence, Fact};
use crate::domain::session::SessionId;
use crate::domain::signal::SignalAt;
use crate::domain::trigger::Trigger;
use crate::domain::verdict::{Level, Verdict};
use crate::engine::run::{Run, State, TriggerState};
use crate::engine::{Given, decide, loss, rollback, signal};

/// The first trigger of the run that has something to do.
pub(super) fn advance(given: &Given<'_>, run: &Run, me: SessionId) -> Vec<Fact> {
    let triggers = run.plan.triggers.iter();
    triggers.map(|trigger| of_trigger(given, run, trigger, me)).find(|facts| !facts.is_empty()).unwrap_or_default()
}

fn of_trigger(given: &Given<'_>, run: &Run, trigger: &Trigger, me: SessionId) -> Vec<Fact> {
    let (id, name) = (run.id, trigger.name.clone());
    match run.triggers.get(&trigger.name) {
        None if watching(run, trigger) => vec![Fact::TriggerArmed { run: id, trigger: name }],
        Some(TriggerState::Armed) if watching(run, trigger) && fails_since(given, run, trigger) => {
            trip(given, run, trigger)
        }
        Some(TriggerState::Postponed { until, .. }) if given.now >= *until && watching(run, trigger) => {
            trip(given, run, trigger)
        }
        Some(TriggerState::Proposed { at, .. })
            if watching(run, trigger) && breached_anew(given, run, trigger, *at) =>
        {
            trip(given, run, trigger)
        }
        Some(TriggerState::Tripped { acts_at: Some(at), .. }) if given.now >= *at => act(given, run, trigger, *at, me),
        _ => Vec::new(),
    }
}

/// A trigger watches from the start of its first step until its last is done, or
/// until what it rolls back has been taken back.
pub(in crate::engine) fn watching(run: &Run, trigger: &Trigger) -> bool {
    let started = run.steps.get(&trigger.from).is_some_and(|s| s.attempt > 0 || s.state != State::Pending);
    let over = trigger.until.as_ref().is_some_and(|step| run.state(step).ended());
    started && !over && run.taken_back(&trigger.rolls_back).is_none()
}

/// What the trigger's signals say together: any one that fails trips it.
fn judge(given: &Given<'_>, run: &Run, trigger: &Trigger) -> (Verdict, Vec<Evidence>) {
    let (verdicts, evidence): (Vec<_>, Vec<_>) =
        trigger.signals.iter().map(|at| signal::judge_planned(given, run, at)).unzip();
    (Verdict::all(verdicts), evidence)
}

/// Whether any of its signals fails, and not only of what was there before its first step: alerts end late and windows
/// look back, so what those tell must have begun since.
fn fails_since(given: &Given<'_>, run: &Run, trigger: &Trigger) -> bool {
    let since = run.steps.get(&trigger.from).and_then(|step| step.started).unwrap_or(run.started);
    let fails = |at: &SignalAt| {
        let signal = run.plan.signal(at);
        let new = || signal::began_after(given.observed, signal, at, since);
        let counts = || !signal.is_some_and(|signal| signal.query.lags()) || new();
        signal::judge_planned(given, run, at).0.level == Level::Fail && counts()
    };
    trigger.signals.iter().any(fails)
}

/// A proposal stands until a person decides; a breach that began after it is new.
fn breached_anew(given: &Given<'_>, run: &Run, trigger: &Trigger, since: Timestamp) -> bool {
    let anew = |at| signal::fails_anew(given.observed, run.plan.signal(at), at, given.now, since);
    trigger.signals.iter().any(anew)
}

fn trip(given: &Given<'_>, run: &Run, trigger: &Trigger) -> Vec<Fact> {
    let (verdict, evidence) = judge(given, run, trigger);
    let (run, trigger, acts_at) =
        (run.id, trigger.name.clone(), trigger.countdown.map(|span| given.now + span.delta()));
    if verdict.level != Level::Fail {
        return Vec::new();
    }
    vec![Fact::TriggerTripped { run, trigger, acts_at, evidence }]
}

/// Whether every signal that tripped it has been well for its own guard time.
fn recovered(given: &Given<'_>, run: &Run, trigger: &Trigger) -> bool {
    let Some(TriggerState::Tripped { evidence, .. }) = run.triggers.get(&trigger.name) else { return false };
    let mut failed = evidence.iter().filter(|e| e.level == Level::Fail).map(|e| &e.signal);
    failed.all(|at| signal::recovered(given.observed, run.plan.signal(at), at))
}

fn act(given: &Given<'_>, run: &Run, trigger: &Trigger, at: Timestamp, me: SessionId) -> Vec<Fact> {
    let propose = |why: String| vec![Fact::TriggerProposed { run: run.id, trigger: trigger.name.clone(), why }];
    if run.conn.as_ref().is_none_or(|conn| conn.since > at) {
        return propose("its countdown ended while nobody drove the run".to_owned());
    }
    let (verdict, _) = judge(given, run, trigger);
    let seen = match verdict.level {
        Level::Fail => words(&verdict),
        Level::Unknown => return propose(format!("the evidence is no longer fresh: {}", words(&verdict))),
        _ if recovered(given, run, trigger) => {
            return propose(format!("the signal does not fail any more: {}", words(&verdict)));
        }
        _ => format!("it failed and has not been well for its guard time: {}", words(&verdict)),
    };
    if let Some(never) = loss::of_run(given, run, &trigger.rolls_back).never.first() {
        return propose(format!("the catalogue says that this does not go back: {never}"));
    }
    let by = run.conn.as_ref().map_or_else(|| run.by.clone(), |c| c.person.clone());
    let symptom = format!("trigger {}: {seen}", trigger.name);
    let planned = rollback::plan(given, Some(run), &trigger.rolls_back, None);
    let started = planned
        .and_then(|plan| decide::start_rollback(given, Some(run), &trigger.rolls_back, None, &plan, &symptom, &by, me));
    started.unwrap_or_else(|refusal| propose(format!("its rollback was refused: {refusal}")))
}
