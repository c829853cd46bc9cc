//! Votes and approvals: a decision counts for a person, a role and exactly what was shown.
//!
//! Whose word counts is `engine::people`; this only turns it into facts.

use super::find_step;
use super::step::wrong;
use crate::domain::approval::{Cast, Decision, Slot, Vote};
use crate::domain::command::Said;
use crate::domain::digest::Digest;
use crate::domain::fact::Fact;
use crate::domain::gate::Gate;
use crate::domain::name::{RoleName, RunId, StepName};
use crate::domain::person::Actor;
use crate::domain::plan::{Question, Step, Work};
use crate::domain::refusal::Refusal;
use crate::domain::verdict::{Reason, Rule};
use crate::engine::basis::basis;
use crate::engine::run::State;
use crate::engine::{Given, people, rules};

/// What an approver asks for.
pub(super) struct Asked<'a> {
    pub(super) role: Option<&'a RoleName>,
    pub(super) yes: bool,
    pub(super) reason: &'a str,
    pub(super) saw: Digest,
    pub(super) said: Option<&'a Said>,
}

/// Casts a vote in a poll.
pub(super) fn vote(
    given: &Given<'_>,
    actor: &Actor,
    (run, step): (RunId, &StepName),
    role: &RoleName,
    vote: &Vote,
    saw: Digest,
    said: Option<&Said>,
) -> Result<Vec<Fact>, Refusal> {
    let (run, step, state) = find_step(given, run, step)?;
    let Work::Ask(Question::Poll { roles, evidence, .. }) = &step.work else {
        return Err(Refusal::one(Rule::State, format!("step {} is no poll", step.name)));
    };
    if state.state != State::Running {
        return Err(wrong(step, &state.state, "voted on"));
    }
    if !roles.contains(role) {
        let roles: Vec<_> = roles.iter().map(RoleName::as_str).collect();
        let text = format!("{role} has no vote in step {}; {} have", step.name, roles.join(", "));
        return Err(Refusal::one(Rule::Authority, text));
    }
    let speaker = people::speaker(given, actor, role, said);
    let (person, spoken) = speaker.map_err(|reasons| Refusal { reasons, held: false })?;
    if !basis(given, run, step, evidence).is(saw) {
        return Err(Refusal::moved(format!("the evidence of step {}", step.name)));
    }
    if matches!(vote, Vote::GoIf { condition, .. } if condition.trim().is_empty()) {
        return Err(Refusal::one(Rule::Reason, "go-if needs its condition: write what has to be so"));
    }
    if let Vote::GoIf { condition, met: true } = vote {
        let own =
            |c: &&Cast| c.person == person && matches!(&c.vote, Vote::GoIf { condition: of, .. } if of == condition);
        if state.votes.get(role).filter(own).is_none() {
            let text = format!("only who voted go if {condition} can say that it is met");
            return Err(Refusal::one(Rule::Authority, text));
        }
    }
    let cast = Cast { person, vote: vote.clone(), proof: actor.proof, at: given.now, saw, spoken };
    Ok(vec![Fact::Voted { run: run.id, step: step.name.clone(), role: role.clone(), cast }])
}

/// Approves or rejects a step for a slot of its approval or gate.
pub(super) fn decide(
    given: &Given<'_>,
    actor: &Actor,
    (run, step): (RunId, &StepName),
    asked: Asked<'_>,
) -> Result<Vec<Fact>, Refusal> {
    let (run, step, state) = find_step(given, run, step)?;
    if state.state.ended() {
        return Err(wrong(step, &state.state, "approved or rejected"));
    }
    let roles = roles(step);
    if roles.is_empty() && !two_person(given, step) {
        return Err(Refusal::one(Rule::State, format!("step {} asks for no approval", step.name)));
    }
    if let Some(role) = asked.role.filter(|r| !roles.contains(r) && !two_person(given, step)) {
        let roles: Vec<_> = roles.iter().map(|r| r.as_str()).collect();
        let text = format!("step {} waits for {}, not for {role}", step.name, roles.join(", "));
        return Err(Refusal::one(Rule::Authority, text));
    }
    let who = asked.said.map_or(&actor.person, |s| &s.by);
    let role = match asked.role {
        Some(role) => role.clone(),
        None => roles
            .iter()
            .copied()
            .find(|r| rules::fills(given, who, r))
            .cloned()
            .or_else(|| {
                // A second person needs no slot of its own: any role that is not excluded will do.
                two_person(given, step)
                    .then(|| given.workspace.roles.keys().find(|r| rules::fills(given, who, r)).cloned())
                    .flatten()
            })
            .ok_or_else(|| {
                let roles: Vec<_> = roles.iter().map(|r| r.as_str()).collect();
                Refusal::one(Rule::Authority, format!("{who} fills none of {}", roles.join(", ")))
            })?,
    };
    let (person, spoken) =
        people::speaker(given, actor, &role, asked.said).map_err(|reasons| Refusal { reasons, held: false })?;
    if people::excluded(run, Some(state)).any(|p| *p == person) {
        let text = format!("{person} started or drives run {} and cannot approve in it", run.id);
        return Err(Refusal { reasons: vec![Reason::new(Rule::Separation, text)], held: false });
    }
    if !asked.yes {
        super::needed(asked.reason, "a rejection")?;
    }
    if asked.saw != step.digest() {
        return Err(Refusal::moved(format!("step {}", step.name)));
    }
    let decision = Decision {
        person,
        role,
        yes: asked.yes,
        reason: asked.reason.to_owned(),
        proof: actor.proof,
        at: given.now,
        saw: asked.saw,
        spoken,
    };
    Ok(vec![Fact::Decided { run: run.id, step: step.name.clone(), decision }])
}

fn two_person(given: &Given<'_>, step: &Step) -> bool {
    use crate::domain::catalogue::Confirmation::TwoPerson;
    step.operation().is_some_and(|op| crate::engine::consent::needed(given, op) == TwoPerson)
}

/// Every role whose word the step waits for.
fn roles(step: &Step) -> Vec<&RoleName> {
    let asked = match &step.work {
        Work::Ask(Question::Approval(slots)) => slots.iter().collect(),
        _ => Vec::<&Slot>::new(),
    };
    let gates = || step.gate.iter().chain(&step.verify);
    let slots = asked.into_iter().chain(gates().flat_map(Gate::slots)).map(|s| &s.role);
    slots.chain(gates().flat_map(manual)).collect()
}

fn manual(gate: &Gate) -> Vec<&RoleName> {
    match gate {
        Gate::All(parts) | Gate::Any(parts) => parts.iter().flat_map(manual).collect(),
        Gate::Manual { role, .. } => vec![role],
        _ => Vec::new(),
    }
}
