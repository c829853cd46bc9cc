//! Votes and approvals: a decision counts for a person, a role and exactly what was shown.
//!
//! Whose word counts is `engine::people`; this only turns it into facts.

use super::find_step;
use super::step::wrong;
use crate::domain::approval::{Cast, Decision, Vote};
use crate::domain::command::Said;
use crate::domain::digest::Digest;
use crate::domain::fact::Fact;
use crate::domain::name::{RoleName, RunId, StepName};
use crate::domain::person::{Actor, Proof};
use crate::domain::plan::{Question, Work};
use crate::domain::refusal::Refusal;
use crate::domain::signed::Signed;
use crate::domain::verdict::{Reason, Rule};
use crate::engine::basis::basis;
use crate::engine::people::Word;
use crate::engine::run::State;
use crate::engine::{Given, asked, people, statement};

/// What an approver asks for.
pub(super) struct Asked<'a> {
    pub(super) role: Option<&'a RoleName>,
    pub(super) yes: bool,
    pub(super) reason: &'a str,
    pub(super) saw: Digest,
    pub(super) said: Option<&'a Said>,
    pub(super) signed: Option<&'a Signed>,
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
    let speaker = people::speaker(given, actor, role, Word::of(said));
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
    let heading = asked.signed.map(|signed| statement::admissible(given, run, step, state, signed)).transpose()?;
    let asked = match &heading {
        Some(said) => {
            Asked { role: Some(&said.role), yes: said.yes, reason: &said.reason, saw: said.change, said: None, ..asked }
        }
        None => asked,
    };
    let word = heading.as_ref().map_or_else(|| Word::of(asked.said), |said| Word::Signed(&said.person));
    let who = match word {
        Word::Typed => &actor.person,
        Word::Said(said) => &said.by,
        Word::Signed(person) => person,
    };
    let role = asked::role(given, run, step, asked.role, who)?;
    let (person, spoken) =
        people::speaker(given, actor, &role, word).map_err(|reasons| Refusal { reasons, held: false })?;
    if people::excluded(run, Some(state)).any(|p| *p == person) {
        let text = format!("{person} started or drives run {}, or has driven it, and cannot approve in it", run.id);
        return Err(Refusal { reasons: vec![Reason::new(Rule::Separation, text)], held: false });
    }
    if !asked.yes {
        super::needed(asked.reason, "a rejection")?;
    }
    if asked.saw != statement::digest(run, step) {
        return Err(Refusal::moved(format!("step {}", step.name)));
    }
    let decision = Decision {
        person,
        role,
        yes: asked.yes,
        reason: asked.reason.to_owned(),
        proof: if asked.signed.is_some() { Proof::Signed } else { actor.proof },
        at: given.now,
        saw: asked.saw,
        spoken,
        signed: asked.signed.cloned().map(Box::new),
    };
    Ok(vec![Fact::Decided { run: run.id, step: step.name.clone(), decision }])
}
