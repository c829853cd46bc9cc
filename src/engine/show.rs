//! What a step is shown as, what it waits for, and whether a run still moves by
//! itself. Derived at the moment of asking; nothing here is stored or decides.

use super::advance;
use super::gate::{self, Since};
use super::run::{Fate, Phase, Run, State, StepState, TriggerState};
use super::{Given, consent, readiness, signal};
use crate::domain::Timestamp;
use crate::domain::plan::{Question, Start, Step, Work};
use crate::domain::trigger::Trigger;
use crate::domain::verdict::{Level, Reason, Rule, Verdict};
use serde::Serialize;

/// A step in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// What it needs is not done.
    Pending,
    /// It may start; a person starts it.
    Ready,
    /// Something is under way.
    Running,
    /// Its operation is done and is being verified.
    Verifying,
    /// A person must act.
    Waiting,
    /// People must approve or vote.
    Approval,
    /// A hold, a gate, a window or missing evidence keeps it from starting.
    Held,
    /// Done.
    Done,
    /// Left out.
    Skipped,
    /// Taken back.
    RolledBack,
    /// Done in part.
    Partly,
    /// Failed.
    Failed,
    /// Its outcome is not known.
    InDoubt,
}

impl Word {
    /// The word as screens write it, ten cells at most; trouble in capitals.
    pub const fn text(self) -> &'static str {
        match self {
            Word::Pending => "pending",
            Word::Ready => "ready",
            Word::Running => "running",
            Word::Verifying => "verifying",
            Word::Waiting => "waiting",
            Word::Approval => "approval",
            Word::Held => "held",
            Word::Done => "done",
            Word::Skipped => "skipped",
            Word::RolledBack => "taken back",
            Word::Partly => "PARTLY",
            Word::Failed => "FAILED",
            Word::InDoubt => "IN DOUBT",
        }
    }
}

/// How a step stands against its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pace {
    /// Within its plan, or without one.
    OnTime,
    /// Past its planned start.
    AtRisk,
    /// Past its planned end.
    Late,
}

/// A step as it is shown.
#[derive(Clone, Debug)]
pub struct Shown<'a> {
    /// As planned.
    pub step: &'a Step,
    /// As it stands.
    pub state: &'a StepState,
    /// In one word.
    pub word: Word,
    /// Why it does not start, what its watch says, or how it ended.
    pub verdict: Verdict,
    /// Against its plan.
    pub pace: Pace,
    /// When it is due.
    pub due: Option<Timestamp>,
}

impl Shown<'_> {
    /// Whether it is late and still to come: what has ended is late no more.
    pub fn late(&self) -> bool {
        self.pace == Pace::Late && !self.state.state.ended()
    }
}

/// Shows one step.
pub fn step<'a>(given: &Given<'_>, run: &'a Run, step: &'a Step) -> Option<Shown<'a>> {
    let state = run.steps.get(&step.name)?;
    let (word, verdict) = match &state.state {
        State::Pending => pending(given, run, step),
        State::Running => watching(asked(step), step, watched(given, run, step, state)),
        State::Verifying => watching(Word::Verifying, step, watched(given, run, step, state)),
        State::Done => (Word::Done, Verdict::pass()),
        State::Skipped(_) => (Word::Skipped, Verdict::pass()),
        State::RolledBack => (Word::RolledBack, Verdict::pass()),
        State::Partly(..) => (Word::Partly, Verdict::default()),
        State::Failed(_) => (Word::Failed, Verdict::default()),
        State::InDoubt(_) => (Word::InDoubt, Verdict::default()),
    };
    let due = due(run, step, state);
    Some(Shown { step, state, word, verdict, pace: pace(given, run, step, state, due), due })
}

/// Shows all steps, in the plan's order.
pub fn steps<'a>(given: &'a Given<'_>, run: &'a Run) -> impl Iterator<Item = Shown<'a>> {
    run.plan.steps.iter().filter_map(move |s| step(given, run, s))
}

fn pending(given: &Given<'_>, run: &Run, step: &Step) -> (Word, Verdict) {
    let verdict = readiness::judge(given, run, step).verdict;
    let word = match verdict.level {
        _ if !readiness::needs_met(given, run, step) => Word::Pending,
        Level::Pass | Level::Warn => Word::Ready,
        Level::Hold if waits_for_people(&verdict) => Word::Approval,
        _ => Word::Held,
    };
    (word, verdict)
}

/// What is watched goes on by itself, unless it waits for people alone and no time ends it.
fn watching(word: Word, step: &Step, verdict: Verdict) -> (Word, Verdict) {
    let of_people = |r: &Reason| matches!(r.rule, Rule::Approval | Rule::Person);
    let people = verdict.level == Level::Hold && verdict.reasons.iter().all(of_people);
    let ends = word == Word::Running && matches!(step.work, Work::Watch { limit: Some(_), .. });
    let watched = matches!(word, Word::Running | Word::Verifying);
    (if watched && people && !ends { Word::Approval } else { word }, verdict)
}

fn asked(step: &Step) -> Word {
    match &step.work {
        Work::Ask(Question::Approval(_) | Question::Poll { .. }) => Word::Approval,
        Work::Ask(_) => Word::Waiting,
        _ => Word::Running,
    }
}

/// What a watch or verification says now.
fn watched(given: &Given<'_>, run: &Run, step: &Step, state: &StepState) -> Verdict {
    let gate = match (&state.state, &step.work) {
        (State::Verifying, _) => step.verify.as_ref(),
        (_, Work::Watch { gate, .. }) => Some(gate),
        _ => None,
    };
    gate.map(|g| gate::judge(given, run, step, g, Since::open(run, state)).0).unwrap_or_default()
}

/// When a step is due: as planned, or its planned length after its start.
pub fn due(run: &Run, step: &Step, state: &StepState) -> Option<Timestamp> {
    let planned = step.due.map(|at| at.resolve(run.t0));
    let from_start = || Some(state.started? + step.takes?.delta());
    let from_plan = || Some(step.at?.resolve(run.t0) + step.takes?.delta());
    planned.or_else(from_start).or_else(from_plan)
}

fn pace(given: &Given<'_>, run: &Run, step: &Step, state: &StepState, due: Option<Timestamp>) -> Pace {
    let over = state.ended.unwrap_or(given.now);
    let starts = step.at.map(|at| at.resolve(run.t0));
    match (due, starts) {
        (Some(due), _) if over > due => Pace::Late,
        (_, Some(starts)) if state.started.unwrap_or(given.now) > starts && !state.state.ended() => Pace::AtRisk,
        _ => Pace::OnTime,
    }
}

fn waits_for_people(verdict: &Verdict) -> bool {
    verdict.reasons.iter().any(|r| matches!(r.rule, Rule::Approval | Rule::Person | Rule::Poll))
        && verdict.reasons.iter().all(|r| !matches!(r.rule, Rule::Hold | Rule::Freeze | Rule::Window))
}

/// Something that waits for a person.
#[derive(Clone, Debug, Serialize)]
pub struct Waiting {
    /// The step.
    pub step: String,
    /// What it is, in one line.
    pub title: String,
    /// The state in one word.
    pub word: Word,
    /// Who or what is awaited, and why.
    pub why: String,
    /// Since when.
    pub since: Option<Timestamp>,
}

/// What of a run waits for a person now, in the plan's order.
pub fn waiting(given: &Given<'_>, run: &Run) -> Vec<Waiting> {
    steps(given, run).filter_map(|shown| awaited(given, run, &shown)).collect()
}

fn awaited(given: &Given<'_>, run: &Run, shown: &Shown<'_>) -> Option<Waiting> {
    let (step, state) = (shown.step, shown.state);
    let owner = step.owner.as_ref().map_or_else(|| "anyone".to_owned(), ToString::to_string);
    let why = match (&state.state, shown.word) {
        (State::Failed(why), _) => format!("failed: {why}"),
        (State::Partly(done, of, why), _) => format!("done to {done} of {of}: {why}"),
        (State::InDoubt(why), _) if !probing(given, state) => format!("in doubt: {why}"),
        (_, Word::Approval) => {
            let polled = super::people::poll(given, run, step).filter(|_| state.state == State::Running);
            let standing = polled.map(|p| p.verdict);
            let slots = match &step.work {
                Work::Ask(Question::Approval(slots)) if state.state == State::Running => {
                    Some(super::people::slots(given, run, step, state, slots))
                }
                _ => None,
            };
            let verdict = standing.or(slots).unwrap_or_else(|| shown.verdict.clone());
            texts(&verdict, |v| !matches!(v, Rule::Signal))
        }
        (_, Word::Waiting) => match &step.work {
            Work::Ask(Question::Release { roles, .. }) => {
                let roles: Vec<_> = roles.iter().map(ToString::to_string).collect();
                format!("released by {}", roles.join(" or "))
            }
            Work::Ask(Question::Choice { branches }) => format!("{owner} chooses {}", branches.join(" or ")),
            _ => format!("{owner} says when it is done"),
        },
        (_, Word::Ready) if !starts_by_itself(given, run, step) => format!("{owner} starts it"),
        (_, Word::Held) if !opens_by_itself(&shown.verdict) => texts(&shown.verdict, |_| true),
        _ => return None,
    };
    let since = state.ended.or(state.started).or_else(|| Some(readiness::ready_at(run, step)));
    Some(Waiting { step: step.name.to_string(), title: step.title.clone(), word: shown.word, why, since })
}

fn texts(verdict: &Verdict, keep: impl Fn(Rule) -> bool) -> String {
    let kept: Vec<_> = verdict.reasons.iter().filter(|r| keep(r.rule)).map(ToString::to_string).collect();
    kept.join(" · ")
}

fn probing(given: &Given<'_>, state: &StepState) -> bool {
    let sent = state.intent.and_then(|seq| given.ledger.sent.get(&seq));
    sent.is_some_and(|s| s.probing.is_some() || s.probed.is_none())
}

/// Whether a step that may start does so without anyone, once its run is driven.
pub fn starts_by_itself(given: &Given<'_>, run: &Run, step: &Step) -> bool {
    match step.operation() {
        Some(_) => consent::starts_by_itself(given, run, step),
        None => step.work == Work::Mark || step.start == Start::Auto,
    }
}

/// Whether time or evidence alone can open what holds.
fn opens_by_itself(verdict: &Verdict) -> bool {
    let by_itself = [Rule::Time, Rule::Window, Rule::Freeze, Rule::Signal, Rule::Evidence, Rule::Busy];
    verdict.reasons.iter().all(|r| by_itself.contains(&r.rule))
}

/// Whether a run goes on without anyone: something is under way, or only time
/// or evidence keeps the next step.
pub fn moves(given: &Given<'_>, run: &Run) -> bool {
    let counting = || run.plan.triggers.iter().any(|trigger| counts(given, run, trigger));
    match run.phase {
        Phase::Live => {}
        // What a parked run has changed is live all the same, and watched.
        Phase::Parked(_) => return counting(),
        Phase::Completed(_) | Phase::Aborted(..) => return false,
    }
    let in_flight = given.ledger.sent.values().any(|s| {
        s.intent.run == run.id && (s.fate == Fate::Open || s.probing.is_some() || (s.open() && s.probed.is_none()))
    });
    let completes = run.over() && run.left_open().next().is_none();
    in_flight
        || completes
        || counting()
        || steps(given, run).any(|shown| match shown.word {
            Word::Running | Word::Verifying => true,
            Word::Ready => starts_by_itself(given, run, shown.step),
            Word::Held => opens_by_itself(&shown.verdict) && starts_by_itself(given, run, shown.step),
            _ => false,
        })
}

/// Whether a trigger is counting: its countdown, a postponement, or the guard
/// time of a signal that is beyond its threshold.
fn counts(given: &Given<'_>, run: &Run, trigger: &Trigger) -> bool {
    let breached = || {
        let level = |at| signal::judge_planned(given, run, at).0.level;
        trigger.signals.iter().any(|at| matches!(level(at), Level::Hold | Level::Fail))
    };
    match run.triggers.get(&trigger.name).filter(|_| advance::watching(run, trigger)) {
        Some(TriggerState::Tripped { acts_at, .. }) => acts_at.is_some(),
        Some(TriggerState::Postponed { until, .. }) => given.now < *until || breached(),
        Some(TriggerState::Armed) => breached(),
        _ => false,
    }
}
