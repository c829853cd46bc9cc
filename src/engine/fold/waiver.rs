//! The fold of waivers.
//!
//! A word is its author's: of whoever wrote the line, known as that session was.

use crate::domain::entry::Entry;
use crate::domain::fact::Fact;
use crate::domain::waiver::{Answer, Answered, Waiver, Word};
use crate::engine::ledger::Ledger;

/// Folds a fact about a waiver in.
pub(super) fn fold(ledger: &mut Ledger, entry: &Entry, fact: &Fact) -> Result<(), String> {
    match fact {
        Fact::WaiverAsked(waiver) => asked(ledger, entry, waiver),
        Fact::WaiverAnswered(answered) => {
            let Answered { waiver, answer, word } = &**answered;
            own(ledger, entry, word)?;
            let waiver = ledger.waivers.get_mut(waiver).ok_or_else(|| format!("there is no waiver {waiver}"))?;
            let place = match answer {
                Answer::Grant => &mut waiver.granted,
                Answer::Refuse | Answer::End => &mut waiver.ended,
                Answer::Review => &mut waiver.reviewed,
            };
            if place.is_some() {
                return Err(format!("a second word to {} waiver {}", answer.word(), waiver.id));
            }
            *place = Some(word.clone());
            Ok(())
        }
        _ => Err("is no fact of a waiver".to_owned()),
    }
}

fn asked(ledger: &mut Ledger, entry: &Entry, waiver: &Waiver) -> Result<(), String> {
    if waiver.id != ledger.last_waiver + 1 {
        return Err(format!("waiver {} follows waiver {}", waiver.id, ledger.last_waiver));
    }
    if !ledger.runs.contains_key(&waiver.run) {
        return Err(format!("there is no run {}", waiver.run));
    }
    own(ledger, entry, &waiver.asked)?;
    if waiver.granted.as_ref().is_some_and(|word| *word != waiver.asked) || waiver.ended.is_some() {
        return Err(format!("waiver {} is answered before it is asked for", waiver.id));
    }
    ledger.last_waiver = waiver.id;
    ledger.waivers.insert(waiver.id, waiver.clone());
    Ok(())
}

fn own(ledger: &Ledger, entry: &Entry, word: &Word) -> Result<(), String> {
    if (&word.by, word.session) != (&entry.by.person, entry.by.session) {
        return Err(format!("gives {} a word that {} wrote", word.by, entry.by));
    }
    let session = ledger.sessions.get(&word.session).ok_or_else(|| format!("session {} is not open", word.session))?;
    if session.origin.proof != word.proof || session.origin.person != word.by {
        return Err(format!("knows {} otherwise than session {} does", word.by, word.session));
    }
    Ok(())
}
