//! Work, derived from state: what this session must let out now.
//!
//! Replaying a journal sends nothing; a restart is due exactly what is open in
//! its own name, and a new session's name is in no old line.

use super::ledger::Ledger;
use super::run::{Fate, Sent};
use crate::domain::effect::Effect;
use crate::domain::session::SessionId;

/// The effects that are open in the name of `me`.
pub fn due(ledger: &Ledger, me: SessionId) -> impl Iterator<Item = Effect> + '_ {
    ledger.sent.values().filter_map(move |sent| effect(ledger, sent, me))
}

fn effect(ledger: &Ledger, sent: &Sent, me: SessionId) -> Option<Effect> {
    let key = ledger.key(sent)?;
    let operation = sent.intent.operation.clone();
    if sent.fate == Fate::Open && sent.intent.session == me {
        let by = ledger.sessions.get(&me)?.origin.person.clone();
        let of = (sent.intent.run, sent.intent.step.clone());
        let reason = ledger.run(sent.intent.run).and_then(|run| run.symptom.clone());
        let (intent, not_after) = (sent.seq, sent.intent.not_after);
        return Some(Effect::Perform { intent, key, operation, not_after, of, by, reason });
    }
    let asked = sent.probing == Some(me) && matches!(sent.fate, Fate::InDoubt(_));
    asked.then_some(Effect::Probe { intent: sent.seq, key, operation })
}
