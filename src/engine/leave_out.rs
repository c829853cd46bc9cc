//! Who may leave out what people are asked for: a step that asks them, and a verification that waits for them.
//!
//! Nobody by whom it is not awaited, nobody who is known less well than their word asks for, and nobody whose own
//! change it is. Nothing is decided here.

use super::people::{self, Word, speaker};
use super::run::Run;
use super::{Given, rules};
use crate::domain::name::RoleName;
use crate::domain::person::Actor;
use crate::domain::plan::{Question, Step, Work};
use crate::domain::verdict::{Reason, Rule};

/// What people are asked for.
struct Asked<'a> {
    roles: Vec<&'a RoleName>,
    /// Whether it is about the change itself, so that nobody's own word counts.
    approves: bool,
}

/// Whether a person may leave a step out. A hold point, a poll or an approval is
/// left out only by someone whose word it waits for; of an approval, by no one
/// whose own change it is. What is done and waits to be verified is left out as its verification is waived.
pub fn may_leave_out(given: &Given<'_>, run: &Run, step: &Step, actor: &Actor) -> Result<(), Reason> {
    if run.steps.get(&step.name).is_some_and(|state| state.work_ended.is_some()) {
        may_waive(given, run, step, actor)?;
    }
    match &step.work {
        Work::Ask(Question::Release { roles, .. } | Question::Poll { roles, .. }) => {
            awaited(given, run, step, actor, &Asked { roles: roles.iter().collect(), approves: false })
        }
        Work::Ask(Question::Approval(slots)) => {
            let roles = slots.iter().map(|s| &s.role).collect();
            awaited(given, run, step, actor, &Asked { roles, approves: true })
        }
        _ => Ok(()),
    }
}

/// Whether a person may waive the verification of a step. What waits for people in it is waived only by someone who
/// could give all that it waits for.
pub fn may_waive(given: &Given<'_>, run: &Run, step: &Step, actor: &Actor) -> Result<(), Reason> {
    let Some(gate) = &step.verify else { return Ok(()) };
    let (slots, manual) = (gate.slots(), gate.manual());
    let need = slots.iter().map(|slot| u64::from(slot.need)).sum::<u64>() + manual.len() as u64;
    let roles: Vec<_> = slots.into_iter().map(|slot| &slot.role).chain(manual).collect();
    if roles.is_empty() {
        return Ok(());
    }
    awaited(given, run, step, actor, &Asked { roles, approves: true })?;
    if need > 1 {
        let text = format!("the verification of step {} waits for {need} people, so nobody waives it alone", step.name);
        return Err(Reason::new(Rule::Approval, text));
    }
    Ok(())
}

/// Whether it is this person's word that is awaited, and as well known as that must be.
fn awaited(given: &Given<'_>, run: &Run, step: &Step, actor: &Actor, asked: &Asked<'_>) -> Result<(), Reason> {
    let (person, roles) = (&actor.person, &asked.roles);
    let state = run.steps.get(&step.name);
    if let Some(no) = state.and_then(|state| people::rejected(state, roles.iter().copied())) {
        let text = format!("step {}: {no}; until it is taken back nobody leaves that out", step.name);
        return Err(Reason::new(Rule::Approval, text));
    }
    if asked.approves && people::excluded(run, state).any(|p| p == person) {
        let text = format!("{person} started or drives run {} and cannot leave out its approval", run.id);
        return Err(Reason::new(Rule::Separation, text));
    }
    let filled: Vec<_> = roles.iter().filter(|role| rules::fills(given, person, role)).collect();
    // Who is not known well enough to decide it is not known well enough to leave it out.
    let proved: Vec<_> = filled.iter().map(|role| speaker(given, actor, role, Word::Typed).map(drop)).collect();
    if proved.iter().any(Result::is_ok) {
        return Ok(());
    }
    if let Some(reason) = proved.into_iter().filter_map(Result::err).flatten().next() {
        return Err(reason);
    }
    let roles: Vec<_> = roles.iter().map(|r| r.as_str()).collect();
    let text = format!("step {} waits for {}; {person} fills none of these", step.name, roles.join(" or "));
    Err(Reason::new(Rule::Authority, text))
}
