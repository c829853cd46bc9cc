//! What became of an operation in doubt: its key in the application, or its effect.
//! It reads only. What has not happened yet may still be on its way, so it is never final.

use super::super::super::Fault;
use super::super::goal::{Goal, Look, look};
use super::super::there::is_coming;
use super::super::{Declared, app};
use super::gather::{Application, Asks, gather};
use crate::domain::journal_id::Key;
use crate::domain::operation::{Operation, Verb};
use crate::domain::report::{Found, Receipt};

/// Finds out. Reads only.
pub async fn probe(declared: &Declared, operation: &Operation, key: &Key) -> Result<Found, Fault> {
    let found = gather(declared, operation, Asks::Person).await?;
    if operation.verb == Verb::Snapshot {
        return Ok(Found::NotApplied { r#final: true, why: "a snapshot changes nothing; take it again".to_owned() });
    }
    if operation.verb == Verb::Action {
        return Ok(super::action::probe(&found, operation));
    }
    Ok(match found.plan(operation, Some(key)) {
        Ok(plan) => judged(&found, &plan.goal, operation.verb, key),
        Err(why) => Found::Unknown { why: format!("{}: {why}", found.place.words()) },
    })
}

fn judged(found: &Application, goal: &Goal, verb: Verb, key: &Key) -> Found {
    let Application { app, place, .. } = found;
    let ours = app::marked_by(app, &key.to_string());
    let tail = match ours {
        true if verb == Verb::RollBack => "; auto-sync was switched off by this key",
        _ => "",
    };
    match look(goal, place, app, None) {
        Look::Seen(words) => {
            let told = matches!(goal, Goal::Synced { key: Some(_), .. });
            let whose = if ours || told { "" } else { ", though perhaps not by this key" };
            Found::Applied(Receipt { summary: format!("{words}{whose}"), ..Receipt::default() })
        }
        // Of a sync the key says whose it is; a way back has none.
        Look::Failed(summary) if matches!(goal, Goal::Synced { key: Some(_), .. }) => {
            Found::Partly { done: 0, of: 1, receipt: Receipt { summary, ..Receipt::default() } }
        }
        Look::Failed(why) | Look::Over(why) => Found::Unknown { why: format!("{why}{tail}") },
        Look::Going(why) | Look::Brought(why) | Look::Not(why) if coming(found, goal) => {
            Found::Unknown { why: format!("it was taken and is under way: {why}{tail}") }
        }
        // Nothing says which one was to be ended: another abort might end what has begun since.
        Look::Going(why) | Look::Brought(why) | Look::Not(why) if verb == Verb::Abort => Found::Unknown {
            why: format!("{why}; whether that is what was to be ended is not known, so look who began it and when"),
        },
        Look::Going(why) | Look::Brought(why) | Look::Not(why) => {
            Found::NotApplied { r#final: false, why: format!("{why}{tail}") }
        }
    }
}

/// Whether what is under way, or has ended and is not well yet, is what was asked for.
fn coming(found: &Application, goal: &Goal) -> bool {
    let Application { app, past, place, .. } = found;
    let running = app::running(app);
    match goal {
        Goal::Back(entry) => match running {
            Some(running) => running.leads_to(entry),
            None => is_coming(app, past, entry, place.image.as_deref()) && app::phase(app) == "Succeeded",
        },
        Goal::Synced { key: Some(key), .. } => {
            let newest = app.pointer("/status/operationState/operation").and_then(app::key_of);
            running.map_or(newest == Some(key), |running| running.key.as_deref() == Some(key))
        }
        Goal::Synced { key: None, .. } | Goal::AutoSync(_) | Goal::Idle => false,
    }
}
