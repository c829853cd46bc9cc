//! Who is meant by a role, and how they are reached: names as they are typed,
//! names as they are spoken, telephone and chat.
//!
//! Words only; who may do what is decided elsewhere.

use crate::cli::session::Session;
use crate::domain::name::{PersonName, RoleName};

/// The people who fill a role, whoever sits here left out: `tom or bo`.
pub fn names(session: &Session, role: &RoleName) -> String {
    let others: Vec<_> = others(session, role).map(ToString::to_string).collect();
    if others.is_empty() { "nobody".to_owned() } else { others.join(" or ") }
}

/// A role, who fills it and how to reach them.
pub fn reached(session: &Session, role: &RoleName) -> String {
    let others: Vec<_> = others(session, role).map(|name| person(session, name)).collect();
    let shared = session.workspace.roles.get(role).map(|role| role.contacts.join(", ")).unwrap_or_default();
    let shared = if shared.is_empty() { shared } else { format!("; all of them: {shared}") };
    match others.as_slice() {
        [] => format!("{role}: nobody else fills it{shared}"),
        others => format!("{role}: {}{shared}", others.join("; or ")),
    }
}

/// The first of those who fill a role besides whoever sits here, and how to reach them.
pub fn first(session: &Session, role: &RoleName) -> Option<String> {
    others(session, role).next().map(|name| person(session, name))
}

/// A person: the name to type, the name, and how to reach them.
pub fn person(session: &Session, name: &PersonName) -> String {
    let Some(person) = session.workspace.people.get(name) else { return name.to_string() };
    let title = if person.title == name.as_str() { String::new() } else { format!(" ({})", person.title) };
    let contacts = person.contacts.iter().map(|contact| format!(", {contact}")).collect::<String>();
    format!("{name}{title}{contacts}")
}

/// Everybody else who fills a role, in the order to ask them.
pub fn others<'a>(session: &'a Session, role: &RoleName) -> impl Iterator<Item = &'a PersonName> {
    let people = session.workspace.roles.get(role).into_iter().flat_map(|role| &role.people);
    people.filter(|person| *person != session.person())
}

/// Whose a step is: the role, and who of it does it.
pub fn owns(session: &Session, owner: &RoleName) -> String {
    let first = session.workspace.roles.get(owner).and_then(|role| role.people.first());
    let mine = session.workspace.fills(session.person(), owner);
    match first {
        Some(first) if first == session.person() => "you".to_owned(),
        Some(first) if mine => format!("{first} or you"),
        _ => names(session, owner),
    }
}
