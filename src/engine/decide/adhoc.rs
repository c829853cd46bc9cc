//! Doing one thing without a runbook: its run, its one step and what announces that are one line.
//!
//! The plan is `engine::adhoc`'s. It is judged as a step of that run would be, and refused or sent:
//! nothing waits to be done later, but for the word of a second person.

use super::gather::Gather;
use super::run::open_session;
use crate::domain::catalogue::Confirmation;
use crate::domain::command::Consent;
use crate::domain::entry::{By, Entry};
use crate::domain::fact::Fact;
use crate::domain::one_off::OneOff;
use crate::domain::operation::Verb;
use crate::domain::person::Actor;
use crate::domain::refusal::Refusal;
use crate::domain::verdict::{Reason, Rule};
use crate::engine::announce::announce;
use crate::engine::{Given, adhoc, consent, people, readiness, rollback, rules};
use std::sync::Arc;

/// Does it, or says every reason why not.
pub(super) fn decide(
    given: &Given<'_>,
    actor: &Actor,
    what: &OneOff,
    reason: &str,
    agreed: Option<&Consent>,
) -> Result<Vec<Fact>, Refusal> {
    let plan = adhoc::plan(given, what)?;
    open_session(given, actor).map_err(|reason| Refusal { reasons: vec![reason], held: false })?;
    let none = || Refusal::one(Rule::State, format!("{what} sends nothing"));
    let step = plan.steps.first().ok_or_else(none)?.clone();
    let operation = step.operation().ok_or_else(none)?;
    let mut against = Gather::default();
    if reason.trim().is_empty() {
        let text = "what is done without a runbook needs a reason; give one with --reason";
        against.hold(Reason::new(Rule::Reason, text));
    }
    if what.verb == Verb::Abort {
        against.reason(people::may_roll_back(given, actor));
    }
    let level = adhoc::asks(given, operation);
    let harder = adhoc::leaves_out(operation);
    if harder && agreed.is_none() {
        let text = format!("{operation} leaves checks out: {} must be typed", adhoc::typed(operation));
        against.hold(Reason::new(Rule::Consent, text));
    }
    if agreed.is_some() || !harder {
        against.refusal(consent::check(level, agreed, plan.digest(), what.verb.word()));
    }
    let (id, digest) = (rollback::next_run(given), plan.digest());
    let started = [
        Fact::RunStarted { run: id, plan: Arc::new(plan), digest, t0: given.now },
        Fact::ConnTaken { run: id, session: actor.session, epoch: 1, reason: String::new() },
    ];
    // Who agreed to a plan of one step agreed to that step.
    let consented = agreed.map(|given| Fact::Consented {
        run: id,
        step: step.name.clone(),
        consent: Consent { saw: consent::of_try(id, 1, &step), ..given.clone() },
    });
    let noted = Fact::Noted { run: id, step: Some(step.name.clone()), text: reason.trim().to_owned() };
    let mut facts: Vec<Fact> =
        started.into_iter().chain(rules::at_start(given)).chain([noted]).chain(consented).collect();
    let mut ledger = given.ledger.clone();
    let line = Entry {
        seq: ledger.seq + 1,
        at: given.now,
        by: By { person: actor.person.clone(), session: actor.session },
        cause: String::new(),
        facts: facts.clone(),
        refusal: None,
        keys: None,
        prev: Default::default(),
    };
    ledger.apply(&line).map_err(|illegal| Refusal::one(Rule::State, illegal.to_string()))?;
    let then = Given { ledger: &ledger, ..*given };
    let Some(run) = ledger.run(id) else { return Err(none()) };
    against.verdict(readiness::judge(&then, run, &step).verdict);
    against.finish()?;
    // A second person says so later, and it begins by itself then.
    if level < Confirmation::TwoPerson {
        facts.push(announce(&then, run, &step, operation, actor.session, None));
    }
    Ok(facts)
}
