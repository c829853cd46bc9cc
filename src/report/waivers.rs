//! Waivers in words: what each lets pass, where it stands, and what is waived by a name that somebody writes.
//!
//! The same words serve the verb, the prompt and the screens; what counts is the engine's.

use crate::domain::Timestamp;
use crate::domain::calendar::EventKind;
use crate::domain::waiver::{Waiver, Waives};
use crate::domain::workspace::Workspace;
use crate::engine::{Given, waivers};

/// Where a waiver stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has granted it yet.
    Waits,
    /// Rules are passed by because of it.
    InForce,
    /// Somebody granted it, and that word does not count now.
    Void,
    /// It is over, and somebody should review it.
    Owed,
    /// The same, and the time for it is over.
    Overdue,
    /// It is over and reviewed.
    Reviewed,
    /// Nobody granted it in time, or somebody refused.
    Refused,
}

/// Where a waiver stands now.
pub fn standing(given: &Given<'_>, waiver: &Waiver) -> Standing {
    match () {
        () if waiver.waits(given.now) => Standing::Waits,
        () if waivers::in_force(given).any(|on| on.id == waiver.id) => Standing::InForce,
        () if waiver.on(given.now) => Standing::Void,
        () if waiver.reviewed.is_some() => Standing::Reviewed,
        () if waiver.debt(given.now) && given.now > waiver.review_by() => Standing::Overdue,
        () if waiver.debt(given.now) => Standing::Owed,
        () => Standing::Refused,
    }
}

/// The same in words, with whose word is next.
pub fn told(given: &Given<'_>, waiver: &Waiver) -> String {
    let by = |at: Timestamp| at.format("%a %Y-%m-%d %H:%MZ").to_string();
    match standing(given, waiver) {
        Standing::Waits => format!("waits for {} until {}", whose(given, waiver), by(waiver.until)),
        Standing::InForce => format!("IN FORCE until {}", by(waiver.until)),
        Standing::Void => "granted, and does not count now".to_owned(),
        Standing::Owed => format!("to be reviewed by {} until {}", whose(given, waiver), by(waiver.review_by())),
        Standing::Overdue => {
            format!("OVERDUE: {} should have reviewed it by {}", whose(given, waiver), by(waiver.review_by()))
        }
        Standing::Reviewed => "reviewed".to_owned(),
        Standing::Refused if waiver.ended.is_some() => "refused".to_owned(),
        Standing::Refused => "never granted".to_owned(),
    }
}

/// Where a waiver stands in a few words.
pub fn short(given: &Given<'_>, waiver: &Waiver) -> String {
    let until = |at: Timestamp| match at.date_naive() == given.now.date_naive() {
        true => at.format("%H:%MZ").to_string(),
        false => at.format("%a %H:%MZ").to_string(),
    };
    match standing(given, waiver) {
        Standing::Waits => format!("waits for {}", whose(given, waiver)),
        Standing::InForce => format!("until {}", until(waiver.until)),
        Standing::Owed => format!("{} reviews it by {}", whose(given, waiver), until(waiver.review_by())),
        Standing::Overdue => format!("{} should have reviewed it", whose(given, waiver)),
        _ => told(given, waiver),
    }
}

/// A waiver in lines: what and where it stands, then every word that was given on it.
pub fn lines(given: &Given<'_>, waiver: &Waiver) -> Vec<String> {
    let Waiver { id, run, of, reason, ticket, asked, .. } = waiver;
    let ticket = if ticket.is_empty() { String::new() } else { format!(" · {ticket}") };
    let mut lines = vec![
        format!("waiver {id} · run {run} · {of} · {}", told(given, waiver)),
        format!("  asked by {}: {reason}{ticket}", asked.by),
    ];
    let words = [("granted", &waiver.granted), ("ended", &waiver.ended), ("reviewed", &waiver.reviewed)];
    for (what, word) in words.into_iter().filter_map(|(what, word)| Some((what, word.as_ref()?))) {
        let text = if word.text.is_empty() { String::new() } else { format!(": {}", word.text) };
        lines.push(format!("  {what} by {} at {}{text}", word.by, word.at.format("%a %Y-%m-%d %H:%MZ")));
    }
    lines
}

/// The waivers that wait, are in force, or are to be reviewed, by number.
pub fn open<'a>(given: &Given<'a>) -> impl Iterator<Item = &'a Waiver> + use<'a> {
    let given = *given;
    let over = move |waiver: &Waiver| matches!(standing(&given, waiver), Standing::Reviewed | Standing::Refused);
    given.ledger.waivers.values().filter(move |waiver| !over(waiver))
}

/// A waiver in one line.
pub fn line(given: &Given<'_>, waiver: &Waiver) -> String {
    let Waiver { id, run, of, reason, .. } = waiver;
    format!("waiver {id} for run {run}, {of}, {}: {reason}", short(given, waiver))
}

/// The roles whose word a waiver waits for.
pub fn roles(given: &Given<'_>, waiver: &Waiver) -> Vec<String> {
    let roles = match waiver.granted.is_some() {
        true => waivers::reviewed_by(given, &waiver.of),
        false => waivers::granted_by(given, &waiver.of),
    };
    roles.iter().map(ToString::to_string).collect()
}

fn whose(given: &Given<'_>, waiver: &Waiver) -> String {
    match roles(given, waiver) {
        roles if roles.is_empty() => "another person".to_owned(),
        roles => roles.join(" or "),
    }
}

/// What is waived, by the words of whoever asks; the error says what there is.
///
/// # Errors
/// A name that is nothing, or several things.
pub fn named(workspace: &Workspace, of: &str) -> Result<Waives, String> {
    let (kind, name) = match of.split_once(':') {
        Some((kind @ ("policy" | "freeze" | "window"), name)) => (Some(kind), name),
        _ => (None, of),
    };
    let wanted = |word: &str| kind.is_none_or(|kind| kind == word);
    let rules = workspace.policy.keys().filter(|rule| wanted("policy") && rule.as_str() == name);
    let mut found: Vec<Waives> = rules.map(|rule| Waives::Policy(rule.clone())).collect();
    for event in workspace.calendar.events.iter().filter(|event| event.name == name || event.title == name) {
        match event.kind {
            EventKind::Freeze if wanted("freeze") => found.push(Waives::Freeze(event.name.clone())),
            EventKind::Window if wanted("window") => found.push(Waives::Window(event.name.clone())),
            _ => {}
        }
    }
    found.dedup();
    let several = || found.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(format!("there is no rule, freeze or window {name:?}; {}", there(workspace))),
        _ => Err(format!("{name:?} is {}; write policy:, freeze: or window: before it", several())),
    }
}

fn there(workspace: &Workspace) -> String {
    let all = waivable(workspace);
    if all.is_empty() { "nothing here can be waived".to_owned() } else { format!("waived can be {}", all.join(", ")) }
}

/// The names of what somebody may waive by the files.
pub fn waivable(workspace: &Workspace) -> Vec<String> {
    let events = workspace.calendar.events.iter().filter(|event| !event.waived_by.is_empty());
    let rules = workspace.policy.values().filter(|rule| !rule.waived_by.is_empty()).map(|rule| rule.name.to_string());
    rules.chain(events.map(|event| event.name.clone())).collect()
}
