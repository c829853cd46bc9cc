//! Adopting rules that the files have loosened: a person with authority says so.
//!
//! What is adopted is exactly what was shown; what the files loosen later waits anew.

use super::gather::Gather;
use super::needed;
use crate::domain::digest::Digest;
use crate::domain::fact::Fact;
use crate::domain::person::Actor;
use crate::domain::refusal::Refusal;
use crate::domain::verdict::Rule;
use crate::engine::{Given, people, rules};
use std::sync::Arc;

/// Lets go of the stricter rules that live runs went by.
pub(super) fn decide(given: &Given<'_>, actor: &Actor, saw: Digest, reason: &str) -> Result<Vec<Fact>, Refusal> {
    let Some(waiting) = rules::waiting(given) else {
        return Err(Refusal::one(Rule::State, "the files have loosened nothing that waits to be adopted"));
    };
    let mut against = Gather::default();
    against.reason(people::may_roll_back(given, actor));
    against.refusal(needed(reason, "adopting loosened rules"));
    against.finish()?;
    // What this process has not read yet would be forgotten with what is let go.
    let behind = given.ledger.rules.iter().any(|kept| given.workspace.read < kept.read);
    if behind || saw != waiting.digest {
        return Err(Refusal::moved("what the files have loosened"));
    }
    let rules = Arc::new(rules::read(given.workspace, given.now));
    Ok(vec![Fact::RulesAdopted { rules, loosened: waiting.what, reason: reason.to_owned() }])
}
