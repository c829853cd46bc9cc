//! Whose word a step waits for: the roles of its approvals, and of a second person.
//!
//! Whether somebody's word counts is `people`.

use super::run::Run;
use super::{Given, consent, policy, rules};
use crate::domain::approval::Slot;
use crate::domain::catalogue::Confirmation;
use crate::domain::gate::Gate;
use crate::domain::name::{PersonName, RoleName};
use crate::domain::plan::{Question, Step, Work};
use crate::domain::refusal::Refusal;
use crate::domain::verdict::Rule;

/// The role that a decision is for: the one that is named, else the first fitting one.
pub fn role(
    given: &Given<'_>,
    run: &Run,
    step: &Step,
    named: Option<&RoleName>,
    who: &PersonName,
) -> Result<RoleName, Refusal> {
    let roles = roles(given, run, step);
    let second = two_person(given, step) || policy::second_person(given, run, step);
    if roles.is_empty() && !second {
        return Err(Refusal::one(Rule::State, format!("step {} asks for no approval", step.name)));
    }
    let all = || roles.iter().map(|r| r.as_str()).collect::<Vec<_>>().join(", ");
    if let Some(role) = named {
        // A second person needs no slot of its own: any role that is not excluded will do.
        return match roles.contains(role) || second {
            true => Ok(role.clone()),
            false => {
                Err(Refusal::one(Rule::Authority, format!("step {} waits for {}, not for {role}", step.name, all())))
            }
        };
    }
    let fills = |r: &&RoleName| rules::fills(given, who, r);
    let any = || given.workspace.roles.keys().filter(|_| second).find(fills);
    let found = roles.iter().find(fills).or_else(any).cloned();
    found.ok_or_else(|| Refusal::one(Rule::Authority, format!("{who} fills none of {}", all())))
}

fn two_person(given: &Given<'_>, step: &Step) -> bool {
    step.operation().is_some_and(|op| consent::needed(given, op) == Confirmation::TwoPerson)
}

/// Every role whose word the step waits for, the rules of `policy/` among those who ask.
pub fn roles(given: &Given<'_>, run: &Run, step: &Step) -> Vec<RoleName> {
    let asked = match &step.work {
        Work::Ask(Question::Approval(slots)) => slots.iter().collect(),
        _ => Vec::<&Slot>::new(),
    };
    let gates = || step.gate.iter().chain(&step.verify);
    let slots = asked.into_iter().chain(gates().flat_map(Gate::slots)).map(|s| &s.role);
    let mut all: Vec<RoleName> = slots.chain(gates().flat_map(Gate::manual)).cloned().collect();
    let more = policy::slots(given, run, step).into_iter().map(|slot| slot.role);
    all.extend(more.filter(|role| !all.contains(role)).collect::<Vec<_>>());
    all
}

/// The places that people fill before a step may start: those of its gate, and those that rules of `policy/` want.
pub fn slots(given: &Given<'_>, run: &Run, step: &Step) -> Vec<Slot> {
    let gate = step.gate.iter().flat_map(Gate::slots).cloned();
    gate.chain(policy::slots(given, run, step)).collect()
}
