//! Who has said what: a row for each role, with how it was said, on which
//! evidence and when; whom to call where nothing has been said.
//!
//! Whose word counts is the engine's.

use super::{Line, Looked};
use crate::domain::approval::Cast;
use crate::domain::name::{PersonName, RoleName};
use crate::engine::hold_point::HoldPoint;
use crate::engine::people::Ballot;
use crate::tui::ballots;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::table::Column;
use crate::tui::widget::text::width;

/// Its columns, and a row for each role.
pub(super) fn table(looked: &Looked<'_>) -> (Vec<Column>, Vec<Line>) {
    let rows: Vec<Line> =
        looked.point.ballots.iter().map(|(role, cast, ballot)| row(looked, role, *cast, ballot)).collect();
    let widest = |n: usize, least: u16, most: u16| {
        let texts = rows.iter().filter_map(|line| line.cells.get(n));
        texts.map(|(_, text)| width(text)).max().unwrap_or(0).clamp(least, most)
    };
    let (name, person) = if looked.roomy { (24, 20) } else { (15, 10) };
    let columns = vec![
        Column::words(widest(0, 8, name)),
        Column::words(widest(1, 4, person)),
        Column::words(5),
        Column::rest(20),
        Column::words(8).optional(1),
        Column::numbers(6),
    ];
    (columns, rows)
}

fn row(looked: &Looked<'_>, role: &RoleName, cast: Option<&Cast>, ballot: &Ballot) -> Line {
    let workspace = &looked.view.model.workspace;
    let (word_role, word, weight) = match ballot {
        Ballot::Go => (Role::Ok, "GO", 4),
        Ballot::NoGo => (Role::Fail, "NO-GO", 8),
        Ballot::GoIf(_) => (Role::Held, "GO-IF", 8),
        Ballot::Stale => (Role::Late, "STALE", 8),
        Ballot::Silent => (Role::Dim, "-", 8),
    };
    let first = workspace.roles.get(role).and_then(|declared| declared.people.first());
    let who = cast.map(|cast| &cast.person).or(first);
    let named = match workspace.roles.get(role).filter(|_| looked.roomy) {
        Some(declared) => declared.title.clone(),
        None => role.to_string(),
    };
    let said = cast.map(|cast| how(looked, cast, ballot)).unwrap_or_else(|| reach(looked, role));
    let quiet = *ballot == Ballot::Go;
    let cells = vec![
        (Role::Text, named),
        (if cast.is_some() { Role::Text } else { Role::Dim }, who.map(|p| person(looked, p)).unwrap_or_default()),
        (word_role, word.to_owned()),
        (if quiet { Role::Dim } else { Role::Text }, said),
        (
            if *ballot == Ballot::Stale { Role::Late } else { Role::Dim },
            cast.map(|c| c.saw.short()).unwrap_or_default(),
        ),
        (Role::Dim, cast.map(|c| c.at.format("%H:%MZ").to_string()).unwrap_or_default()),
    ];
    Line { weight, cells }
}

/// A person by name, and in full where there is room.
fn person(looked: &Looked<'_>, name: &PersonName) -> String {
    match looked.view.model.workspace.people.get(name).filter(|_| looked.roomy) {
        Some(declared) => declared.title.clone(),
        None => name.to_string(),
    }
}

/// How it was said: by key or spoken, on what condition, and how to reach them where there is room.
fn how(looked: &Looked<'_>, cast: &Cast, ballot: &Ballot) -> String {
    let condition = match ballot {
        Ballot::GoIf(condition) => format!("if {condition}; "),
        Ballot::Stale => "the evidence has changed; ".to_owned(),
        _ => String::new(),
    };
    let by = match &cast.spoken {
        Some(spoken) => format!("spoken; typed {}, heard {}", spoken.typed_by, spoken.heard_by),
        None => format!("by key ({})", cast.proof),
    };
    let words = cast.spoken.as_ref().filter(|_| looked.roomy).map(|s| format!(": \"{}\"", s.words)).unwrap_or_default();
    let reach = contact(looked, &cast.person).filter(|_| looked.roomy && *ballot != Ballot::Go);
    let reach = reach.map(|reach| format!("; {reach}")).unwrap_or_default();
    format!("{condition}{by}{words}{reach}")
}

/// Whom to call: the first of a role and the next.
fn reach(looked: &Looked<'_>, role: &RoleName) -> String {
    let people =
        looked.view.model.workspace.roles.get(role).map(|declared| declared.people.as_slice()).unwrap_or_default();
    let mut people = people.iter();
    let first = people.next().map(|p| contact(looked, p).unwrap_or_else(|| "no contact declared".to_owned()));
    let others: Vec<_> = people.take(if looked.roomy { 3 } else { 1 }).collect();
    let others =
        others.into_iter().map(|p| format!("{} {}", person(looked, p), contact(looked, p).unwrap_or_default()));
    let others: Vec<_> = others.collect();
    let others = if others.is_empty() { String::new() } else { format!("; or {}", others.join(", ")) };
    format!("{}{}", first.unwrap_or_else(|| "nobody fills it".to_owned()), others.trim_end())
}

fn contact(looked: &Looked<'_>, person: &PersonName) -> Option<String> {
    looked.view.model.workspace.people.get(person)?.contacts.first().cloned()
}

/// The roles that whoever sits here fills and that wait for a vote, or for their condition to be met.
pub(super) fn mine<'a>(view: &View<'_>, point: &HoldPoint<'a>) -> Vec<&'a str> {
    ballots::waiting(view.model, &point.ballots).into_iter().map(RoleName::as_str).collect()
}

/// Whether somebody's spoken word would count for a role that says no go so far.
pub(super) fn spoken(view: &View<'_>, point: &HoldPoint<'_>) -> bool {
    !ballots::sayers(view.model, &point.ballots).is_empty()
}
