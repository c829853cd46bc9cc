//! What backends were opened with, against what the files say now.
//!
//! Backends, who is believed of a place, and what signals ask are fixed when a session starts:
//! a change of them waits for the next one, and that is said for as long as it is so. It opens
//! and closes nothing.

use crate::domain::name::{EnvironmentName, ServiceName};
use crate::domain::signal::Signal;
use crate::domain::workspace::Workspace;
use std::collections::BTreeMap;
use std::fmt::Display;

/// How many names of one kind are said.
const NAMED: usize = 5;

/// What of the files is not in force, in words; none when backends would be opened the same now.
pub(super) fn outdated(opened: &Workspace, now: &Workspace) -> Option<String> {
    let backends = |w: &Workspace| w.backends.iter().map(|(name, spec)| (name.clone(), spec.clone())).collect();
    let signals = |w: &Workspace| w.signals.iter().map(|(name, signal)| (name.clone(), asked(signal))).collect();
    let parts = [
        differing("backends", &backends(opened), &backends(now)),
        differing("deployed_by of", &placed(opened), &placed(now)),
        differing("what is asked for signals", &signals(opened), &signals(now)),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let parts = parts.join("; ");
    (!parts.is_empty()).then(|| format!("{parts} changed on disk: in force when holdpoint is started again"))
}

/// What its source is told of a signal. Thresholds are not: they are judged here.
fn asked(signal: &Signal) -> Signal {
    let none = crate::domain::span::Span::ZERO;
    Signal { title: String::new(), warn: None, fail: None, hold_for: none, min_events: 0, ..signal.clone() }
}

/// Who deploys where, and where it lies there.
fn placed(workspace: &Workspace) -> BTreeMap<String, (String, Option<String>)> {
    let name = |service: &ServiceName, place: &EnvironmentName| format!("{service}@{place}");
    let each = workspace.services.values().flat_map(|service| {
        let by = service.deployed_by.iter();
        by.map(move |(at, by)| (name(&service.name, at), (by.to_string(), service.scopes.get(at).cloned())))
    });
    each.collect()
}

/// The names that came (`+`), went (`-`) or mean something else.
fn differing<K: Ord + Display, V: PartialEq>(what: &str, old: &BTreeMap<K, V>, new: &BTreeMap<K, V>) -> Option<String> {
    let gone = old.keys().filter(|name| !new.contains_key(name)).map(|name| format!("- {name}"));
    let rest = new.iter().filter_map(|(name, it)| match old.get(name) {
        None => Some(format!("+ {name}")),
        Some(before) => (before != it).then(|| name.to_string()),
    });
    let all: Vec<String> = rest.chain(gone).collect();
    let more = all.len().saturating_sub(NAMED);
    let named: Vec<&str> = all.iter().take(NAMED).map(String::as_str).collect();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!named.is_empty()).then(|| format!("{what} {}{more}", named.join(", ")))
}
