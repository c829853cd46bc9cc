//! What must hold after every line of any day.

use crate::world::World;
use holdpoint::domain::effect::Effect;
use holdpoint::domain::entry::Entry;
use holdpoint::domain::fact::Fact;
use holdpoint::domain::gate::Gate;
use holdpoint::domain::name::{RunId, StepName};
use holdpoint::domain::observed::Quality;
use holdpoint::domain::plan::{Question, Step, Work};
use holdpoint::domain::report::Found;
use holdpoint::domain::session::SessionId;
use holdpoint::engine::{Ledger, Run, State, StepState, due};
use std::collections::{BTreeMap, BTreeSet};

pub fn check(world: &World, before: &Ledger, entry: &Entry) {
    let after = &world.ledger;
    if let Some(refusal) = &entry.refusal {
        assert!(!refusal.reasons.is_empty(), "a refusal without a reason: {}", entry.cause);
        assert!(refusal.reasons.iter().all(|r| !r.text.trim().is_empty()), "an empty reason: {refusal:?}");
        assert_eq!(unmarked(before, after), *after, "a refusal changes nothing");
    }
    nothing_is_due_unannounced(world, entry);
    running_was_announced(after);
    one_at_a_time(after);
    doubt_ends_for_a_reason(before, after, entry);
    only_seen_evidence_passes(world, before, entry);
    own_change_is_not_approved(after, entry);
    the_way_back_locks_first(after, entry);
}

/// The ledger before, with the mark of the line alone.
fn unmarked(before: &Ledger, after: &Ledger) -> Ledger {
    Ledger { seq: after.seq, at: after.at, ..before.clone() }
}

/// What is due was announced in a line of its own, and a session that no line
/// knows is due nothing.
fn nothing_is_due_unannounced(world: &World, entry: &Entry) {
    let ledger = &world.ledger;
    assert_eq!(due(ledger, SessionId(entry.seq + 1)).count(), 0, "replay has no effects");
    let announced = |seq: u64| {
        let lines = world.entries.iter().chain([entry]);
        lines.filter(|e| e.seq == seq).flat_map(|e| &e.facts).any(|f| matches!(f, Fact::Announced(_)))
    };
    let mut once = BTreeSet::new();
    for session in ledger.sessions.keys() {
        for effect in due(ledger, *session) {
            let sent = &ledger.sent[&effect.intent()];
            let probe = matches!(effect, Effect::Probe { .. });
            let asked = if probe { sent.probing } else { Some(sent.intent.session) };
            assert_eq!(asked, Some(*session), "due in the name of another: {effect:?}");
            assert!(once.insert((effect.intent(), probe)), "due twice: {effect:?}");
            assert!(announced(effect.intent()), "due and never announced: {effect:?}");
        }
    }
}

/// No operation runs that was not announced; what is open says so on its step.
fn running_was_announced(ledger: &Ledger) {
    for run in ledger.runs.values() {
        for (step, state) in steps(run) {
            let sent = state.intent.and_then(|seq| ledger.sent.get(&seq));
            if step.operation().is_some() && matches!(state.state, State::Running | State::InDoubt(_)) {
                let sent = sent.unwrap_or_else(|| panic!("step {} runs unannounced", step.name));
                assert!(sent.open(), "step {} is {:?} and its operation {:?}", step.name, state.state, sent.fate);
            } else {
                assert!(
                    sent.is_none_or(|s| !s.open()),
                    "step {} is {:?} with an open operation",
                    step.name,
                    state.state
                );
            }
        }
    }
}

fn one_at_a_time(ledger: &Ledger) {
    let mut open = BTreeSet::new();
    for sent in ledger.sent.values().filter(|s| s.open()) {
        if let Some(target) = sent.intent.operation.changes() {
            assert!(open.insert(target), "two operations at once on {target:?}");
        }
    }
}

/// Nothing leaves doubt but by a certain finding, a person's word, or a re-send
/// under the key it had.
fn doubt_ends_for_a_reason(before: &Ledger, after: &Ledger, entry: &Entry) {
    for run in before.runs.values() {
        for (step, state) in steps(run).filter(|(_, s)| matches!(s.state, State::InDoubt(_))) {
            let now = after.run(run.id).and_then(|r| r.steps.get(&step.name)).map(|s| &s.state);
            if now.is_some_and(|now| matches!(now, State::InDoubt(_))) {
                continue;
            }
            let was = state.intent.unwrap();
            let key = before.key(&before.sent[&was]);
            let ended = entry.facts.iter().any(|fact| match fact {
                Fact::Probed { intent, found } if *intent == was => {
                    !matches!(found, Found::Unknown { .. } | Found::NotApplied { r#final: false, .. })
                }
                Fact::Resolved { intent, .. } => *intent == was,
                Fact::Announced(intent) => {
                    intent.operation.idempotent && after.key(&after.sent[&entry.seq]) == key && intent.step == step.name
                }
                _ => false,
            });
            assert!(ended, "step {} left doubt by {:?}", step.name, entry.facts);
        }
    }
}

/// Whatever a gate let pass rested on fresh readings of all its signals; what came of a step was seen since it came.
fn only_seen_evidence_passes(world: &World, before: &Ledger, entry: &Entry) {
    let find =
        |run: &RunId, name: &StepName| before.run(*run).and_then(|r| Some((r.plan.step(name)?, r.steps.get(name)?)));
    let waived = entry.facts.iter().any(|f| matches!(f, Fact::Waived { .. }));
    for fact in &entry.facts {
        let ready = |(step, _): (&Step, &StepState)| step.gate.clone().map(|gate| (gate, None));
        let open = |(step, state): (&Step, &StepState)| match &step.work {
            _ if state.state == State::Verifying => step.verify.clone().map(|gate| (gate, state.work_ended)),
            Work::Watch { gate, .. } => Some((gate.clone(), state.started)),
            _ => None,
        };
        let gate = match fact {
            Fact::Announced(intent) => find(&intent.run, &intent.step).and_then(ready),
            Fact::StepStarted { run, step } => find(run, step).and_then(ready),
            Fact::StepDone { run, step, .. } if !waived => find(run, step).and_then(open),
            _ => None,
        };
        let since = gate.as_ref().and_then(|(_, since)| *since);
        for at in gate.as_ref().map(|(gate, _)| must(gate)).unwrap_or_default() {
            let series = world.observed.series.get(at).unwrap_or_else(|| panic!("{at} was never read: {fact:?}"));
            let signal = &world.workspace.signals[&at.signal];
            let newest =
                series.readings.newest().find(|r| r.events >= signal.min_events && r.value.is_finite()).unwrap();
            let quality = holdpoint::domain::observed::quality(newest.at, series.every, world.now);
            assert_eq!(quality, Quality::Fresh, "{at} is not fresh: {fact:?}");
            assert!(since.is_none_or(|since| newest.at >= since), "{at} was not read since {since:?}: {fact:?}");
        }
    }
    for fact in &entry.facts {
        if let Fact::StepDone { evidence, .. } = fact {
            let waiving = waived || evidence.iter().all(|e| e.quality == Quality::Fresh);
            assert!(waiving, "done on evidence that was not fresh: {fact:?}");
        }
    }
}

/// The signals without which a gate cannot pass.
fn must(gate: &Gate) -> Vec<&holdpoint::domain::signal::SignalAt> {
    match gate {
        Gate::All(parts) => parts.iter().flat_map(must).collect(),
        Gate::Health(signals) | Gate::Soak { signals, .. } => signals.iter().collect(),
        _ => vec![],
    }
}

/// Counted anew from the facts: enough distinct people of each role, and never
/// who started, drives, was given or agreed to it.
fn own_change_is_not_approved(after: &Ledger, entry: &Entry) {
    for fact in &entry.facts {
        let Fact::StepDone { run, step, .. } = fact else { continue };
        let Some(run) = after.run(*run) else { continue };
        let Some(Work::Ask(Question::Approval(slots))) = run.plan.step(step).map(|s| &s.work) else { continue };
        let state = &run.steps[step];
        for slot in slots {
            let mut word = BTreeMap::new();
            for decision in state.decisions.iter().filter(|d| d.role == slot.role) {
                word.insert(&decision.person, decision.yes);
            }
            let own = |p: &&holdpoint::domain::name::PersonName| {
                **p == run.by || run.conn.as_ref().is_some_and(|c| c.person == **p)
            };
            let yes = word.iter().filter(|(p, yes)| **yes && !own(p)).count();
            assert!(yes >= slot.need as usize, "step {step} passed with {yes} of {}", slot.need);
        }
    }
}

/// When a rollback begins, everything that it takes back is locked in that line.
fn the_way_back_locks_first(after: &Ledger, entry: &Entry) {
    for fact in &entry.facts {
        let Fact::Symptom { run, .. } = fact else { continue };
        assert!(!entry.facts.iter().any(|f| matches!(f, Fact::Announced(_))), "sent in the line that begins it");
        for step in &after.run(*run).unwrap().plan.steps {
            let Some((service, environment)) = step.operation().and_then(|op| op.changes()) else { continue };
            let scope = holdpoint::domain::hold::Scope::Target(service.clone(), environment.clone());
            assert!(after.holds.values().any(|h| h.lock && h.scope == scope), "{scope} is not locked");
        }
    }
}

fn steps(run: &Run) -> impl Iterator<Item = (&Step, &holdpoint::engine::StepState)> {
    run.plan.steps.iter().filter_map(|step| Some((step, run.steps.get(&step.name)?)))
}
