//! `access`: who may decide what, and who did, for whoever reviews it.
//!
//! It reads the files and the journal, and opens no session.

use super::args::Global;
use super::context::Context;
use super::outcome::{Ended, Exit, Failure};
use super::print;
use crate::domain::entry::Entry;
use crate::domain::span::Span;
use crate::journal;
use crate::report::access::{OfPerson, review};
use crate::runtime::clock::now;
use serde_json::json;

/// Prints the access review of so long a time.
pub fn access(global: &Global, since: Span) -> Ended {
    let context = Context::open(global)?;
    let from = now().checked_sub_signed(since.delta()).unwrap_or_default();
    let entries = journal::entries(&context.state).map_err(|e| Failure::journal(e.to_string()))?;
    let entries = entries.collect::<Result<Vec<Entry>, _>>().map_err(|e| Failure::journal(e.to_string()))?;
    let found = review(&context.workspace, entries.iter(), from);
    if global.json {
        let roles = found.roles.iter().map(|one| {
            json!({ "role": one.role, "people": one.people, "proof": one.proof, "may": one.may, "given": one.given })
        });
        let people = found.people.iter().map(|one| {
            json!({ "person": one.person, "roles": one.roles, "known_by": one.known_by, "did": one.did,
                "last": one.last, "from": one.from })
        });
        let (roles, people) = (roles.collect::<Vec<_>>(), people.collect::<Vec<_>>());
        print::json(&json!({ "since": from, "roles": roles, "people": people, "remarks": found.remarks }));
        return Ok(Exit::Done);
    }
    print::line(&format!("access since {}", print::date(from)));
    print::line("");
    for role in &found.roles {
        let people: Vec<_> = role.people.iter().map(|person| person.as_str()).collect();
        print::line(&format!("{} · {} · by {} · given {}", role.role, people.join(", "), role.proof, role.given));
        role.may.iter().for_each(|what| print::line(&format!("  may {what}")));
    }
    print::line("");
    found.people.iter().for_each(told);
    if !found.remarks.is_empty() {
        print::line("");
    }
    found.remarks.iter().for_each(|remark| print::line(&format!("! {remark}")));
    Ok(Exit::Done)
}

fn told(person: &OfPerson) {
    let roles: Vec<_> = person.roles.iter().map(|role| role.as_str()).collect();
    let roles = if roles.is_empty() { "no role".to_owned() } else { roles.join(", ") };
    let last = person.last.map_or_else(|| "nothing in this time".to_owned(), |at| format!("last {}", print::date(at)));
    print::line(&format!("{} · {roles} · {last}", person.person));
    if !person.known_by.is_empty() {
        print::line(&format!("  known by {}", person.known_by.join(", ")));
    }
    let did: Vec<_> = person.did.iter().map(|(what, times)| format!("{what} {times}")).collect();
    if !did.is_empty() {
        print::line(&format!("  {}", did.join(" · ")));
    }
    person.from.iter().for_each(|place| print::line(&format!("  as {place}")));
}
