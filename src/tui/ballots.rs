//! Whose word an open poll still waits for, as whoever sits here sees it: their own
//! roles, what needs a word first, and the people whose spoken word would count.
//!
//! The coach, the card and the keys all ask here, so that none of them offers what
//! another refuses. What counts as a go is the engine's.

use super::model::Model;
use crate::domain::approval::Cast;
use crate::domain::name::{PersonName, RoleName};
use crate::engine::people::Ballot;

/// A role of a poll, its vote if it has cast one, and how that counts now.
pub type Voice<'a> = (&'a RoleName, Option<&'a Cast>, Ballot);

/// The roles that whoever sits here fills, what needs their word first: nothing said, gone
/// stale, a condition of their own, and what may only be changed after that.
pub fn own<'p, 'a>(model: &Model, voices: &'p [Voice<'a>]) -> Vec<&'p Voice<'a>> {
    let Some(me) = &model.person else { return Vec::new() };
    let mut all: Vec<_> = voices.iter().filter(|(role, ..)| model.workspace.fills(me, role)).collect();
    all.sort_by_key(|voice| match voice {
        (.., Ballot::Silent) => 0,
        (.., Ballot::Stale) => 1,
        (_, cast, Ballot::GoIf(_)) if by(*cast, me) => 2,
        (.., Ballot::NoGo) => 3,
        (.., Ballot::GoIf(_)) => 4,
        (.., Ballot::Go) => 5,
    });
    all
}

/// Those of them that wait for a vote, or for their own condition to be met.
pub fn waiting<'a>(model: &Model, voices: &[Voice<'a>]) -> Vec<&'a RoleName> {
    let Some(me) = &model.person else { return Vec::new() };
    let waits = |cast, ballot: &Ballot| match ballot {
        Ballot::Silent | Ballot::Stale => true,
        Ballot::GoIf(_) => by(cast, me),
        Ballot::Go | Ballot::NoGo => false,
    };
    let own = own(model, voices);
    own.into_iter().filter(|(_, cast, ballot)| waits(*cast, ballot)).map(|(role, ..)| *role).collect()
}

/// Someone whose spoken word would count.
#[derive(Clone, Copy, Debug)]
pub struct Sayer<'a> {
    /// For which role they speak.
    pub role: &'a RoleName,
    /// Who says it: never who types it.
    pub by: &'a PersonName,
}

/// Everyone whose spoken word would count for a role that says no go so far, if somebody else could hear it.
pub fn sayers<'a>(model: &'a Model, voices: &[Voice<'a>]) -> Vec<Sayer<'a>> {
    let Some(me) = &model.person else { return Vec::new() };
    let workspace = &model.workspace;
    let open = voices.iter().filter(|(.., ballot)| *ballot != Ballot::Go).map(|(role, ..)| *role);
    let spoken = open.filter_map(|role| Some((role, workspace.roles.get(role).filter(|role| role.spoken)?)));
    let all = spoken.flat_map(|(role, declared)| declared.people.iter().map(move |by| (role, by)));
    let heard = |by: &PersonName| witnesses(model, by).next().is_some();
    all.filter(|(_, by)| *by != me && heard(by)).map(|(role, by)| Sayer { role, by }).collect()
}

/// Who else can have heard what somebody said: neither who says it nor who types it.
pub fn witnesses<'a>(model: &'a Model, by: &PersonName) -> impl Iterator<Item = &'a PersonName> {
    let me = model.person.as_ref();
    model.workspace.people.keys().filter(move |person| *person != by && Some(*person) != me)
}

fn by(cast: Option<&Cast>, person: &PersonName) -> bool {
    cast.is_some_and(|cast| cast.person == *person)
}
