//! Watches, verifications, approvals and polls that are open: done, failed, or
//! their verdict has changed.

use crate::domain::Timestamp;
use crate::domain::fact::{Evidence, Fact};
use crate::domain::gate::Gate;
use crate::domain::plan::{Question, Step, Work};
use crate::domain::session::SessionId;
use crate::domain::span::Span;
use crate::domain::verdict::{Level, Reason, Verdict};
use crate::engine::gate::Since;
use crate::engine::run::{Run, State, StepState};
use crate::engine::{Given, gate, people};

/// The first open step about which there is something to say.
pub(super) fn advance(given: &Given<'_>, run: &Run, _me: SessionId) -> Vec<Fact> {
    let open = run.plan.steps.iter().filter_map(|step| Some((step, run.steps.get(&step.name)?)));
    open.map(|(step, state)| of_step(given, run, step, state)).find(|facts| !facts.is_empty()).unwrap_or_default()
}

fn of_step(given: &Given<'_>, run: &Run, step: &Step, state: &StepState) -> Vec<Fact> {
    match (&state.state, &step.work) {
        (State::Verifying, _) => match &step.verify {
            Some(gate) => watched(given, run, step, state, gate, None),
            None => vec![done(run, step, String::new(), Vec::new())],
        },
        (State::Running, Work::Watch { gate, limit }) => {
            let limit = limit.and_then(|limit| Some((limit, state.started? + limit.delta())));
            finish(run, step, watched(given, run, step, state, gate, limit))
        }
        (State::Running, Work::Ask(Question::Approval(slots))) => {
            finish(run, step, approved(run, step, state, people::slots(given, run, step, state, slots)))
        }
        (State::Running, Work::Ask(Question::Poll { .. })) => finish(run, step, poll(given, run, step, state)),
        _ => Vec::new(),
    }
}

/// A watch or question that is done may still have a verification to pass.
fn finish(run: &Run, step: &Step, mut facts: Vec<Fact>) -> Vec<Fact> {
    if step.verify.is_some() {
        for fact in facts.iter_mut().filter(|f| matches!(f, Fact::StepDone { .. })) {
            *fact = Fact::Verifying { run: run.id, step: step.name.clone() };
        }
    }
    facts
}

fn watched(
    given: &Given<'_>,
    run: &Run,
    step: &Step,
    state: &StepState,
    gate: &Gate,
    limit: Option<(Span, Timestamp)>,
) -> Vec<Fact> {
    let (verdict, evidence) = gate::judge(given, run, step, gate, Since::open(run, state));
    let expired = limit.filter(|(_, at)| given.now >= *at && !verdict.passes());
    if let Some((limit, _)) = expired {
        let why = format!("not within {limit}: {}", words(&verdict));
        return vec![failed(run, step, why, evidence)];
    }
    if let Some(restart) = restarted(run, step, state, gate, &evidence) {
        let judged = Fact::Judged { run: run.id, step: step.name.clone(), verdict, evidence };
        return vec![restart, judged];
    }
    match verdict.level {
        Level::Pass | Level::Warn => vec![done(run, step, words(&verdict), evidence)],
        // A watch with a limit waits for things to become well; without one a breach is the answer.
        Level::Fail if limit.is_none() => vec![failed(run, step, words(&verdict), evidence)],
        level => {
            let before = state.verdict.as_ref().map(|v| v.level);
            if before == Some(level) && unwell(state, gate) == gate::unwell(gate, &evidence) {
                return Vec::new();
            }
            vec![Fact::Judged { run: run.id, step: step.name.clone(), verdict, evidence }]
        }
    }
}

/// A soak whose evidence was missing or bad begins again when it is neither,
/// even if its readings look whole by now: it was judged, and it was not well.
/// What else is in the gate may be unknown meanwhile: no soak begins again for that.
pub(super) fn restarted(run: &Run, step: &Step, state: &StepState, gate: &Gate, now: &[Evidence]) -> Option<Fact> {
    let why = match unwell(state, gate)? {
        Level::Fail => "the signals were not well",
        _ => "there was a gap in the evidence",
    };
    let back = gate::unwell(gate, now).is_none();
    back.then(|| Fact::SoakRestarted { run: run.id, step: step.name.clone(), why: why.to_owned() })
}

/// How bad a gate's soaks were when it was last judged.
pub(super) fn unwell(state: &StepState, gate: &Gate) -> Option<Level> {
    state.verdict.as_ref().and_then(|_| gate::unwell(gate, &state.evidence))
}

fn approved(run: &Run, step: &Step, state: &StepState, verdict: Verdict) -> Vec<Fact> {
    match verdict.level {
        Level::Pass | Level::Warn => vec![done(run, step, words(&verdict), Vec::new())],
        Level::Fail => vec![failed(run, step, words(&verdict), Vec::new())],
        _ if state.verdict.as_ref() == Some(&verdict) => Vec::new(),
        _ => vec![Fact::Judged { run: run.id, step: step.name.clone(), verdict, evidence: Vec::new() }],
    }
}

/// A poll ends when every role says go, or when its time is up.
fn poll(given: &Given<'_>, run: &Run, step: &Step, state: &StepState) -> Vec<Fact> {
    let Some(standing) = people::poll(given, run, step) else { return Vec::new() };
    let (id, name) = (run.id, step.name.clone());
    let closed = |go, reasons| Fact::PollClosed { run: id, step: name.clone(), go, reasons };
    if standing.verdict.passes() {
        let text = words(&standing.verdict);
        return vec![closed(true, Vec::new()), done(run, step, text, Vec::new())];
    }
    if standing.closes.is_some_and(|at| given.now >= at) {
        let why = format!("NO-GO: {}", words(&standing.verdict));
        return vec![closed(false, standing.verdict.reasons), failed(run, step, why, Vec::new())];
    }
    if state.verdict.as_ref() == Some(&standing.verdict) {
        return Vec::new();
    }
    vec![Fact::Judged { run: id, step: name.clone(), verdict: standing.verdict, evidence: Vec::new() }]
}

fn done(run: &Run, step: &Step, note: String, evidence: Vec<Evidence>) -> Fact {
    Fact::StepDone { run: run.id, step: step.name.clone(), note, evidence }
}

fn failed(run: &Run, step: &Step, why: String, evidence: Vec<Evidence>) -> Fact {
    Fact::StepFailed { run: run.id, step: step.name.clone(), why, partly: None, evidence }
}

/// A verdict's reasons in one line.
pub(super) fn words(verdict: &Verdict) -> String {
    let texts: Vec<_> = verdict.reasons.iter().map(|r: &Reason| r.text.as_str()).collect();
    texts.join(" · ")
}
