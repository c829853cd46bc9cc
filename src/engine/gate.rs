//! What a gate says now, and the evidence it says it on.
//!
//! Late or missing evidence makes it unknown, never a pass.

mod since;

pub use since::Since;

use super::left::plain;
use super::run::{Run, StepState};
use super::versions::Wanted;
use super::{Given, calendar, clocks, people, rules, signal, versions};
use crate::domain::fact::Evidence;
use crate::domain::gate::Gate;
use crate::domain::name::ServiceName;
use crate::domain::operation::Direction;
use crate::domain::plan::Step;
use crate::domain::signal::{Query, Rollout, Signal, SignalAt};
use crate::domain::span::Span;
use crate::domain::verdict::{Level, Reason, Rule, Verdict};

/// Judges a gate of a step as it counts since then.
pub fn judge(given: &Given<'_>, run: &Run, step: &Step, gate: &Gate, since: Since) -> (Verdict, Vec<Evidence>) {
    let nothing = StepState::default();
    let state = run.steps.get(&step.name).unwrap_or(&nothing);
    match gate {
        Gate::All(parts) => several(given, run, step, parts, since, Verdict::all),
        Gate::Any(parts) => several(given, run, step, parts, since, Verdict::any),
        Gate::Window { service, environment } => {
            let (service, environment) = (service.as_ref(), environment.as_ref());
            let ask = calendar::Question {
                service,
                environment,
                direction: Direction::Forward,
                told: true,
                backend: None,
                run: Some(run.id),
            };
            (window(given, run, step, ask), Vec::new())
        }
        Gate::Health(signals) => health(given, run, step, signals, since),
        Gate::Versions(signals) => compared(given, run, step, signals, since),
        Gate::Soak { signals, hold_for } => soak(given, run, step, signals, *hold_for, since),
        Gate::Approval(slots) => (people::slots(given, run, step, state, slots), Vec::new()),
        Gate::Manual { role, text } => (manual(given, run, step, state, role, text), Vec::new()),
    }
}

/// A clock that differs is told here where the calendar of the step's own place does not tell the same.
fn window(given: &Given<'_>, run: &Run, step: &Step, ask: calendar::Question<'_>) -> Verdict {
    let forward = step.operation().filter(|op| op.direction() == Direction::Forward && !run.takes_back());
    let clocks = forward.and_then(|op| {
        let later = |ask| clocks::later(given, ask, &op.backend, &rules::may(given, ask, given.now));
        let told = |ask| clocks::unknown(given, ask, &op.backend, given.now).or_else(|| later(ask));
        let own = op.environment.as_ref().and_then(|_| told(calendar::Question::of(op).within(run.id)));
        told(ask).filter(|verdict| own.as_ref() != Some(verdict))
    });
    Verdict::all(clocks.into_iter().chain([rules::may(given, ask, given.now)]))
}

/// How bad a gate's soaks were by the evidence it was judged on: unknown or a breach, none when
/// they were well, or there are none. What else is in the gate does not count.
pub fn unwell(gate: &Gate, evidence: &[Evidence]) -> Option<Level> {
    soaked(gate, &mut evidence.iter()).filter(|level| matches!(level, Level::Unknown | Level::Fail))
}

/// Evidence lies in the order of a gate's signals, one reading each.
fn soaked(gate: &Gate, rest: &mut std::slice::Iter<'_, Evidence>) -> Option<Level> {
    match gate {
        Gate::All(parts) | Gate::Any(parts) => parts.iter().filter_map(|part| soaked(part, rest)).max(),
        Gate::Soak { signals, .. } => rest.take(signals.len()).map(|seen| seen.level).max(),
        Gate::Health(signals) | Gate::Versions(signals) => {
            rest.take(signals.len()).for_each(drop);
            None
        }
        Gate::Window { .. } | Gate::Approval(_) | Gate::Manual { .. } => None,
    }
}

fn several(
    given: &Given<'_>,
    run: &Run,
    step: &Step,
    parts: &[Gate],
    since: Since,
    join: fn(Vec<Verdict>) -> Verdict,
) -> (Verdict, Vec<Evidence>) {
    let (verdicts, evidence): (Vec<_>, Vec<_>) = parts.iter().map(|part| judge(given, run, step, part, since)).unzip();
    (join(verdicts), evidence.into_iter().flatten().collect())
}

fn health(given: &Given<'_>, run: &Run, step: &Step, signals: &[SignalAt], since: Since) -> (Verdict, Vec<Evidence>) {
    let judged = |at: &SignalAt| {
        let seen = signal::judge_planned(given, run, at);
        let seen = since.counting(seen, given.observed.series.get(at), given.now);
        of_version(given, run, step, since, seen)
    };
    let (verdicts, evidence): (Vec<_>, Vec<_>) = signals.iter().map(judged).unzip();
    (Verdict::all(verdicts), evidence)
}

/// What is ready, or reports, says nothing of the version that a step brings as long as another one is told to be there.
fn of_version(
    given: &Given<'_>,
    run: &Run,
    step: &Step,
    since: Since,
    (verdict, mut evidence): (Verdict, Evidence),
) -> (Verdict, Evidence) {
    let at = &evidence.signal;
    let comes = |s: &&Signal| matches!(s.query, Query::Reporting { .. });
    let ready = |s: &&Signal| comes(s) || matches!(s.query, Query::Rollout { of: Rollout::Ready });
    let brings =
        since.read.is_some() && step.operation().is_some_and(|op| op.environment.as_ref() == Some(&at.environment));
    let signal = run.plan.signal(at).filter(ready).filter(|_| brings && verdict.level != Level::Unknown);
    let Some((signal, wanted)) = signal.and_then(|signal| Some((signal, named(step, &signal.service)?))) else {
        return (verdict, evidence);
    };
    let live = given.observed.deployment(&(signal.service.clone(), at.environment.clone()));
    // What comes reports before it is all that is there.
    let coming = live.filter(|_| comes(&signal)).and_then(|live| live.value.candidate.as_ref());
    let live = live.map_or("nothing", |live| coming.unwrap_or(&live.value.version).as_str());
    if plain(live) == plain(wanted) {
        return (verdict, evidence);
    }
    let text = format!("{at}: {live} is there, and not {wanted} yet");
    evidence.level = Level::Hold;
    (Verdict::new(Level::Hold, Reason::new(Rule::Evidence, text)), evidence)
}

/// What was counted before then says nothing of what was done until then, and another version
/// than the one that the step names nothing of that.
fn compared(given: &Given<'_>, run: &Run, step: &Step, signals: &[SignalAt], since: Since) -> (Verdict, Vec<Evidence>) {
    let judged = |at: &SignalAt| {
        let signal = run.plan.signal(at);
        let version = signal.and_then(|signal| named(step, &signal.service));
        versions::judge_of(given.observed, signal, at, Wanted { since: Some(since.from), version }, given.now)
    };
    let (verdicts, evidence): (Vec<_>, Vec<_>) = signals.iter().map(judged).unzip();
    (Verdict::all(verdicts), evidence)
}

/// The version of a service that a step is about, where its operation names one.
fn named<'a>(step: &'a Step, service: &ServiceName) -> Option<&'a str> {
    let op = step.operation().filter(|op| op.services().any(|name| name == service.as_str()))?;
    op.args.get("version").map(String::as_str).filter(|version| !version.is_empty())
}

/// Well now, and readings without a gap or a breach for long enough. What is bad
/// or unknown now outweighs the time that is left.
fn soak(
    given: &Given<'_>,
    run: &Run,
    step: &Step,
    signals: &[SignalAt],
    hold_for: Span,
    since: Since,
) -> (Verdict, Vec<Evidence>) {
    // As long as time is left, nothing passes on what is only fresh.
    let (seen, evidence) = health(given, run, step, signals, since.fresh());
    if let (true, Some(left)) = (seen.passes(), left(given, run, signals, hold_for, since)) {
        return (Verdict::all([left, seen]), evidence);
    }
    let (now, mut evidence) = health(given, run, step, signals, since);
    // One reading missed is no gap yet: it waits for the next one, and begins again when that is late.
    let by_age = |at| signal::well_by_age(given.observed, run.plan.signal(at), at, given.now);
    if now.passes() || !signals.iter().all(by_age) {
        return (now, evidence);
    }
    evidence.iter_mut().for_each(|seen| seen.level = seen.level.min(Level::Hold));
    (Verdict { level: Level::Hold, ..now }, evidence)
}

/// How much of a soak is left by readings that are well; none when its time is over.
fn left(given: &Given<'_>, run: &Run, signals: &[SignalAt], hold_for: Span, since: Since) -> Option<Verdict> {
    let well = signals.iter().filter_map(|at| signal::well_since(run.plan.signal(at)?, given.observed.series.get(at)?));
    let from = well.chain([since.from]).max().unwrap_or(since.from);
    let done = Span::between(from, given.now);
    let reason = || Reason::until(Rule::Time, format!("soak {done} of {hold_for}"), Some(from + hold_for.delta()));
    (done < hold_for).then(|| Verdict::new(Level::Hold, reason()))
}

fn manual(
    given: &Given<'_>,
    run: &Run,
    step: &Step,
    state: &StepState,
    role: &crate::domain::name::RoleName,
    text: &str,
) -> Verdict {
    let said: Vec<_> = people::counting(given, run, step, state).into_iter().filter(|d| d.role == *role).collect();
    // Who says no is not outvoted by whoever speaks later.
    match said.iter().find(|d| !d.yes).or(said.last()) {
        Some(yes) if yes.yes => {
            Verdict::new(Level::Pass, Reason::new(Rule::Person, format!("{} confirms: {text}", yes.person)))
        }
        Some(no) => {
            Verdict::new(Level::Fail, Reason::new(Rule::Person, format!("{} says no: {}", no.person, no.reason)))
        }
        None => Verdict::new(Level::Hold, Reason::new(Rule::Person, format!("{role} must confirm: {text}"))),
    }
}
