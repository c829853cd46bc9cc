//! Configuration that stands where it should not: a secret in the open, or what another environment is called.
//!
//! Pure. It rests on names and looks, so that it is a hint to a person and no drift: nothing waits for it.

use crate::domain::drift::{Drift, Literal};
use crate::domain::observed::Placed;
use crate::domain::text::{shortened, visible};
use crate::domain::workspace::Workspace;

/// Words of names whose values are secrets.
const SECRET: [&str; 8] = ["SECRET", "TOKEN", "PASS", "PWD", "CREDENTIAL", "API_KEY", "ACCESS_KEY", "PRIVATE_KEY"];
/// What such a name ends with where its value only says something of the secret.
const ABOUT: [&str; 10] = ["FILE", "PATH", "DIR", "NAME", "ID", "URL", "HOST", "TTL", "TYPE", "REGION"];
/// How much of a value is told.
const LONG: usize = 120;

/// What of a place's variables should not stand in what is deployed, a line each; all of it is made harmless.
pub fn hard_coded(workspace: &Workspace, at: &Placed, drift: &Drift) -> Vec<String> {
    let (_, here) = at;
    let others: Vec<&str> =
        workspace.environments.keys().filter(|name| *name != here).map(|name| name.as_str()).collect();
    drift.literals.iter().filter_map(|literal| Some(line(literal, &why(literal, here.as_str(), &others)?))).collect()
}

fn line(literal: &Literal, why: &str) -> String {
    format!("{} env[{}]: {why}", literal.within, shortened(&visible(&literal.name), LONG))
}

fn why(literal: &Literal, here: &str, others: &[&str]) -> Option<String> {
    if with_password(&literal.value) {
        return Some("an address with a password in it; take that from a Secret".to_owned());
    }
    if is_secret(literal) {
        return Some("looks like a secret that stands in the open; take it from a Secret".to_owned());
    }
    let other = others.iter().find(|name| names(&literal.value, name)).filter(|_| !names(&literal.value, here))?;
    // What is asked of an address may be a secret.
    let told = literal.value.split('?').next().filter(|_| !literal.secret);
    let value = told.map(|value| format!(": {}", shortened(&visible(value), LONG))).unwrap_or_default();
    Some(format!("names the environment {other}{value}"))
}

/// Whether a value is what its name says: a secret, and not where one lies or how long it is good for.
fn is_secret(Literal { name, value, .. }: &Literal) -> bool {
    let name = name.to_uppercase();
    let about = |end: &&str| name.strip_suffix(*end).is_some_and(|rest| rest.ends_with(['_', '-', '.']));
    let plain = value.starts_with(['/', '$']) || value.parse::<f64>().is_ok() || matches!(&**value, "true" | "false");
    let secret = SECRET.iter().any(|word| name.contains(word)) && !ABOUT.iter().any(about);
    secret && !plain && !value.contains(char::is_whitespace)
}

/// Whether it is an address that bears a name and a password: `postgres://app:…@db/app`.
fn with_password(value: &str) -> bool {
    let whose = value.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next()?.rsplit_once('@'));
    let password = whose.and_then(|(who, _)| who.split_once(':'));
    password.is_some_and(|(_, password)| !password.is_empty() && !password.starts_with('$'))
}

/// Whether a value has a name in it as a word of its own.
fn names(value: &str, name: &str) -> bool {
    let (value, name) = (value.to_lowercase(), name.to_lowercase());
    let apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    let mut found = value.match_indices(&name);
    found.any(|(at, _)| {
        let (before, after) = (value.get(..at).unwrap_or_default(), value.get(at + name.len()..).unwrap_or_default());
        apart(before.chars().next_back()) && apart(after.chars().next())
    })
}
