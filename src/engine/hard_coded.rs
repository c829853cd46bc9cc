//! Configuration that stands where it should not: a secret in the open, or what another environment is called.
//!
//! Pure. It rests on names and looks, so that it is a hint to a person and no drift: nothing waits for it.

use crate::domain::drift::{Drift, Literal};
use crate::domain::in_the_open::{bears, is_secret, with_password};
use crate::domain::observed::Placed;
use crate::domain::text::{shortened, visible};
use crate::domain::workspace::Workspace;
use std::cmp::Reverse;

/// How much of a name or host is told.
const LONG: usize = 120;

/// How many are told.
const MOST: usize = 50;

/// What of a place's variables and arguments should not stand in what is deployed, a line each; all of it is made harmless, and of a
/// value no more is told than the host that has another environment's name in it.
pub fn hard_coded(workspace: &Workspace, at: &Placed, drift: &Drift) -> Vec<String> {
    let (_, here) = at;
    let mut all: Vec<&str> = workspace.environments.keys().map(|name| name.as_str()).collect();
    // A name may be a part of another.
    all.sort_by_key(|name| Reverse(name.len()));
    let told = |literal: &Literal| Some(line(literal, &why(literal, here.as_str(), &all)?));
    let mut lines: Vec<String> = drift.literals.iter().filter_map(told).collect();
    let more = lines.len().saturating_sub(MOST);
    lines.truncate(MOST);
    lines.extend((more > 0).then(|| format!("and {more} more")));
    lines
}

fn line(literal: &Literal, why: &str) -> String {
    let within = &literal.within;
    match literal.argument {
        Some((list, at)) => format!("{within} {list}[{at}]: {why}"),
        None => format!("{within} env[{}]: {why}", shortened(&visible(&literal.name), LONG)),
    }
}

fn why(literal: &Literal, here: &str, all: &[&str]) -> Option<String> {
    if with_password(&literal.value) {
        return Some("an address with a password in it; take that from a Secret".to_owned());
    }
    if is_secret(&literal.name, &literal.value) || bears(&literal.value) {
        return Some("looks like a secret that stands in the open; take it from a Secret".to_owned());
    }
    let found = named(&literal.value, all);
    let other = found.first().filter(|_| !found.contains(&here))?;
    let host = host(&literal.value, other).filter(|_| !literal.secret).map(|host| format!(": {host}"));
    Some(format!("names the environment {other}{}", host.unwrap_or_default()))
}

/// The names that a value has in it as words of their own, the longest first; what is part of a longer one is none.
fn named<'a>(value: &str, names: &[&'a str]) -> Vec<&'a str> {
    let mut value = value.to_lowercase();
    let mut found = Vec::new();
    for name in names {
        let low = name.to_lowercase();
        if word(&value, &low).is_some() {
            value = value.replace(&low, &"x".repeat(low.len()));
            found.push(*name);
        }
    }
    found
}

/// Where a value has a name in it as a word of its own.
fn word(value: &str, name: &str) -> Option<usize> {
    let apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    let mut found = value.match_indices(name).map(|(at, _)| at);
    found.find(|at| {
        let (before, after) = (value.get(..*at).unwrap_or_default(), value.get(at + name.len()..).unwrap_or_default());
        apart(before.chars().next_back()) && apart(after.chars().next())
    })
}

/// The host that has a name in it; none where what stands around it may be a secret.
fn host(value: &str, name: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '/');
    if !value.chars().all(plain) || value.matches("://").count() > 1 {
        return None;
    }
    let at = word(&value.to_lowercase(), &name.to_lowercase())?;
    let (before, after) = (value.get(..at)?, value.get(at..)?);
    let start = before.rfind([':', '/']).map_or(0, |end| end + 1);
    let end = after.find([':', '/']).unwrap_or(after.len());
    Some(shortened(&format!("{}{}", value.get(start..at)?, after.get(..end)?), LONG))
}
