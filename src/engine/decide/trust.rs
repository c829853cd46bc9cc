//! Trusting again what a failed use has revoked.
//!
//! It takes the role that owns the rule, or rollback authority where none does, and somebody else than who used it.

use super::needed;
use crate::domain::fact::Fact;
use crate::domain::name::PolicyName;
use crate::domain::person::Actor;
use crate::domain::refusal::Refusal;
use crate::domain::verdict::{Reason, Rule};
use crate::engine::people::Word;
use crate::engine::{Given, people};

/// Lets a rule lift again what it lifted before.
pub(super) fn decide(given: &Given<'_>, actor: &Actor, name: &PolicyName, reason: &str) -> Result<Vec<Fact>, Refusal> {
    let revoked = given.ledger.standards.get(name).and_then(|standard| standard.revoked.as_ref());
    let revoked = revoked.ok_or_else(|| Refusal::one(Rule::State, format!("policy {name} is not revoked")))?;
    needed(reason, "trusting a rule again")?;
    let no = |reasons: Vec<Reason>| Refusal { reasons, held: false };
    if revoked.by == actor.person {
        let text = format!("{} used policy {name} when {}; somebody else trusts it again", actor.person, revoked.why());
        return Err(no(vec![Reason::new(Rule::Separation, text)]));
    }
    match given.workspace.policy.get(name).and_then(|rule| rule.owner.as_ref()) {
        Some(owner) => drop(people::speaker(given, actor, owner, Word::Typed).map_err(no)?),
        None => people::may_roll_back(given, actor).map_err(|reason| no(vec![reason]))?,
    }
    Ok(vec![Fact::Trusted(name.clone(), reason.to_owned())])
}
