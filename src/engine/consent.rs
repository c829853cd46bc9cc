//! Consent: what a person must have agreed to before an operation leaves.
//!
//! The digest covers exactly what the dialog shows and what will run. Key, verb
//! and trigger are measured by the same rule; a digest that moved is refused.

use super::run::Run;
use super::{Given, adhoc, people, rules};
use crate::domain::catalogue::{Confirmation, Tier};
use crate::domain::command::Consent;
use crate::domain::digest::Digest;
use crate::domain::name::{EnvironmentName, PersonName, RunId, StepName};
use crate::domain::operation::{Direction, Operation};
use crate::domain::plan::{Need, Plan, Question, Start, Step, Work};
use crate::domain::refusal::Refusal;
use crate::domain::verdict::{Reason, Rule};
use std::collections::{BTreeMap, BTreeSet};

/// What an operation in an environment asks of a person. Evidence and
/// announcements ask for a look at most.
pub fn needed(given: &Given<'_>, operation: &Operation) -> Confirmation {
    let level = level(given, operation.environment.as_ref());
    match operation.direction() {
        Direction::Forward => level,
        Direction::Back => level.min(Confirmation::Challenge),
        Direction::Aside => Confirmation::None,
    }
}

/// The confirmation level of an environment; none where no environment is named,
/// a challenge where it is not declared (any more).
pub fn level(given: &Given<'_>, environment: Option<&EnvironmentName>) -> Confirmation {
    let Some(environment) = environment else { return Confirmation::None };
    rules::confirm(given, environment)
}

/// Whether an environment is production; an unknown one is taken for it.
pub fn production(given: &Given<'_>, environment: &EnvironmentName) -> bool {
    given.workspace.environments.get(environment).is_none_or(|e| e.tier == Tier::Production)
}

/// Digest of what a person agrees to when a step is started now: the step as
/// planned, in this run, for its next try.
pub fn digest(run: &Run, step: &Step) -> Digest {
    of_try(run.id, run.steps.get(&step.name).map_or(0, |s| s.attempt) + 1, step)
}

/// The same for a given try, such as the first of a run that has not started.
pub fn of_try(run: RunId, attempt: u32, step: &Step) -> Digest {
    Digest::of("consent", &(run, attempt, step))
}

/// Whether an operation starts without anyone at the keys: its file says so and
/// no confirmation is missing, or a person agreed to it in advance. A rollback
/// was agreed to whole. One thing without a runbook is tried once, also where nobody had to agree to it.
pub fn starts_by_itself(given: &Given<'_>, run: &Run, step: &Step) -> bool {
    if run.takes_back() {
        return true;
    }
    if adhoc::is(&run.plan) && adhoc::failed(run).is_some() {
        return false;
    }
    let needed = step.operation().map_or(Confirmation::None, |op| needed(given, op));
    let agreed = run.steps.get(&step.name).and_then(|s| s.consent.as_ref());
    check(needed, agreed, digest(run, step), "").is_ok()
        && (step.start == Start::Auto || agreed.is_some())
        && (needed != Confirmation::TwoPerson || second_person(given, run, step, None).is_ok())
}

/// Whether a second person has approved an operation that needs one, and none
/// who may has rejected it. Whoever agrees to it now never is that second person.
pub fn second_person(given: &Given<'_>, run: &Run, step: &Step, agrees: Option<&PersonName>) -> Result<(), Refusal> {
    let state = run.steps.get(&step.name);
    let counting = state.map(|state| people::counting(given, run, step, state)).unwrap_or_default();
    let others: Vec<_> =
        counting.into_iter().filter(|d| agrees.is_none_or(|own| !people::is_of(given, d, own))).collect();
    let text = match others.iter().find(|d| !d.yes) {
        Some(no) => format!("{} ({}) rejected it: {}", no.person, no.role, no.reason),
        None if others.is_empty() => "a second person must approve it".to_owned(),
        None => return Ok(()),
    };
    Err(Refusal { reasons: vec![Reason::new(Rule::Approval, text)], held: true })
}

/// A hold point before a step that is not passed: agreement given in advance
/// reaches up to it and no further.
pub fn hold_before<'a>(plan: &'a Plan, step: &Step, passed: &dyn Fn(&StepName) -> bool) -> Option<&'a StepName> {
    let steps: BTreeMap<_, _> = plan.steps.iter().map(|s| (&s.name, s)).collect();
    let needs = |step: &Step| {
        step.needs
            .iter()
            .filter_map(|n| match n {
                Need::Step(name) => steps.get(name).copied(),
                Need::Other(..) => None,
            })
            .collect::<Vec<_>>()
    };
    let (mut seen, mut ahead) = (BTreeSet::new(), needs(step));
    while let Some(before) = ahead.pop() {
        if !seen.insert(&before.name) {
            continue;
        }
        if matches!(before.work, Work::Ask(Question::Release { .. })) && !passed(&before.name) {
            return Some(&before.name);
        }
        ahead.extend(needs(before));
    }
    None
}

/// Checks an agreement against what is needed and what was to be seen. What was agreed to is what is
/// done, also where nothing had to be agreed to.
pub fn check(needed: Confirmation, given: Option<&Consent>, saw: Digest, what: &str) -> Result<(), Refusal> {
    if given.is_none() && needed == Confirmation::None {
        return Ok(());
    }
    let Some(consent) = given else {
        let text = match needed {
            Confirmation::Confirm => format!("{what} must be confirmed"),
            _ => format!("{what} must be confirmed by typing the environment's name"),
        };
        return Err(Refusal { reasons: vec![Reason::new(Rule::Consent, text)], held: true });
    };
    if consent.saw != saw {
        return Err(Refusal::moved(what));
    }
    // A second person is an approval, judged apart; what one person can give is a challenge.
    if consent.level < needed.min(Confirmation::Challenge) {
        return Err(Refusal::one(Rule::Consent, format!("{what} needs a stronger confirmation")));
    }
    Ok(())
}
