//! Waivers and emergencies: asked for, granted by somebody else, ended by anyone, reviewed afterwards.
//!
//! What a waiver lets through is `engine::waivers`; here its words become facts.

use super::{live_run, needed};
use crate::domain::fact::Fact;
use crate::domain::name::RunId;
use crate::domain::person::Actor;
use crate::domain::refusal::Refusal;
use crate::domain::span::Span;
use crate::domain::verdict::{Reason, Rule};
use crate::domain::waiver::{Answer, Answered, LONGEST, Waiver, Waives, Word};
use crate::engine::{Given, waivers};

/// What is asked for.
pub(super) struct Wanted<'a> {
    pub(super) run: RunId,
    pub(super) of: &'a Waives,
    pub(super) reason: &'a str,
    pub(super) ticket: &'a str,
    pub(super) lasts: Span,
}

/// Asks for a waiver; an emergency that needs no second person holds at once.
pub(super) fn ask(given: &Given<'_>, actor: &Actor, wanted: &Wanted<'_>) -> Result<Vec<Fact>, Refusal> {
    let run = live_run(given, wanted.run)?;
    needed(wanted.reason, "a waiver")?;
    let emergency = *wanted.of == Waives::Emergency;
    let asked = word(given, actor, "");
    let roles = waivers::granted_by(given, wanted.of);
    if emergency {
        waivers::declares(given, &asked).map_err(authority)?;
        if wanted.ticket.trim().is_empty() {
            return Err(Refusal::one(Rule::Reason, "an emergency needs a ticket or incident; give it with --ticket"));
        }
    } else if roles.is_empty() {
        let text = format!("{} cannot be waived; its file would say by whom, with `waived_by`", wanted.of);
        return Err(Refusal::one(Rule::Authority, text));
    }
    let longest = waivers::emergency(given).filter(|_| emergency).map_or(LONGEST, |declared| declared.longest);
    if wanted.lasts.as_secs() == 0 || wanted.lasts > longest {
        let text = format!("it may last from a second to {}, not {}", longest.to_text(), wanted.lasts.to_text());
        return Err(Refusal::one(Rule::Time, text));
    }
    let mut mine = given.ledger.waivers.values().filter(|w| w.run == run.id && w.of == *wanted.of);
    if let Some(there) = mine.find(|w| w.waits(given.now) || w.on(given.now)) {
        return Err(Refusal::one(Rule::State, format!("waiver {} of it is there already", there.id)));
    }
    let until = given.now.checked_add_signed(wanted.lasts.delta());
    let until = until.ok_or_else(|| Refusal::one(Rule::Time, "no calendar reaches that far"))?;
    let waiver = Waiver {
        id: given.ledger.last_waiver + 1,
        run: run.id,
        of: wanted.of.clone(),
        reason: wanted.reason.to_owned(),
        ticket: wanted.ticket.to_owned(),
        granted: (emergency && waivers::alone(given)).then(|| asked.clone()),
        asked,
        until,
        ended: None,
        reviewed: None,
    };
    Ok(vec![Fact::WaiverAsked(Box::new(waiver))])
}

/// Says something of a waiver.
pub(super) fn answer(
    given: &Given<'_>,
    actor: &Actor,
    id: u32,
    answer: Answer,
    text: &str,
) -> Result<Vec<Fact>, Refusal> {
    let waiver = given.ledger.waivers.get(&id);
    let waiver = waiver.ok_or_else(|| Refusal::one(Rule::State, format!("there is no waiver {id}")))?;
    let word = word(given, actor, text);
    match answer {
        Answer::Grant => {
            let run = live_run(given, waiver.run)?;
            waiting(given, waiver)?;
            waivers::grants(given, run, waiver, &word).map_err(authority)?;
        }
        Answer::Refuse => {
            waiting(given, waiver)?;
            needed(text, "refusing a waiver")?;
            if word.by != waiver.asked.by {
                let run = live_run(given, waiver.run)?;
                waivers::grants(given, run, waiver, &word).map_err(authority)?;
            }
        }
        Answer::End => {
            needed(text, "ending a waiver")?;
            if !waiver.on(given.now) {
                return Err(Refusal::one(Rule::State, format!("waiver {id} is not in force")));
            }
        }
        Answer::Review => {
            needed(text, "a review")?;
            if !waiver.debt(given.now) {
                return Err(Refusal::one(Rule::State, format!("waiver {id} has nothing that waits for a review")));
            }
            waivers::reviews(given, waiver, &word).map_err(authority)?;
        }
    }
    Ok(vec![Fact::WaiverAnswered(Box::new(Answered { waiver: id, answer, word }))])
}

fn waiting(given: &Given<'_>, waiver: &Waiver) -> Result<(), Refusal> {
    if waiver.waits(given.now) {
        return Ok(());
    }
    let text = match (&waiver.granted, &waiver.ended) {
        (_, Some(word)) => format!("waiver {} was ended by {}", waiver.id, word.by),
        (Some(word), _) => format!("waiver {} was granted by {} already", waiver.id, word.by),
        _ => format!("the time that waiver {} was asked for is over; ask anew", waiver.id),
    };
    Err(Refusal::one(Rule::State, text))
}

fn word(given: &Given<'_>, actor: &Actor, text: &str) -> Word {
    Word {
        by: actor.person.clone(),
        proof: actor.proof,
        session: actor.session,
        at: given.now,
        text: text.trim().to_owned(),
    }
}

fn authority(reason: Reason) -> Refusal {
    Refusal { reasons: vec![reason], held: false }
}
