//! Consent: what a person must have agreed to before an operation leaves.
//!
//! The digest covers exactly what the dialog shows and what will run. Key, verb
//! and trigger are measured by the same rule; a digest that moved is refused.

use super::Given;
use super::run::Run;
use crate::domain::catalogue::{Confirmation, Tier};
use crate::domain::command::Consent;
use crate::domain::digest::Digest;
use crate::domain::name::EnvironmentName;
use crate::domain::operation::{Direction, Operation};
use crate::domain::plan::Step;
use crate::domain::refusal::Refusal;
use crate::domain::verdict::{Reason, Rule};

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

/// The confirmation level of an environment; none where no environment is named.
pub fn level(given: &Given<'_>, environment: Option<&EnvironmentName>) -> Confirmation {
    let declared = environment.and_then(|e| given.workspace.environments.get(e));
    declared.map_or(Confirmation::None, |e| e.confirm)
}

/// Whether an environment is production; an unknown one is taken for it.
pub fn production(given: &Given<'_>, environment: &EnvironmentName) -> bool {
    given.workspace.environments.get(environment).is_none_or(|e| e.tier == Tier::Production)
}

/// Digest of what a person agrees to when a step is started now: the step as
/// planned, in this run, for its next try.
pub fn digest(run: &Run, step: &Step) -> Digest {
    let attempt = run.steps.get(&step.name).map_or(0, |s| s.attempt) + 1;
    Digest::of("consent", &(run.id, attempt, step))
}

/// Checks an agreement against what is needed and what was to be seen.
pub fn check(needed: Confirmation, given: Option<&Consent>, saw: Digest, what: &str) -> Result<(), Refusal> {
    if needed == Confirmation::None {
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
