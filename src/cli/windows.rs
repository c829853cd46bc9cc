//! What windows backends and feeds tell now, for verbs that otherwise read files and journal alone.
//!
//! Those who tell of windows are asked, and nobody else. Whoever is not heard in time is
//! unknown, never open.

use crate::domain::backend::BackendSpec;
use crate::domain::case::Case;
use crate::domain::name::{BackendName, EnvironmentName, ServiceName};
use crate::domain::observed::Observed;
use crate::domain::signal::SignalAt;
use crate::domain::span::Span;
use crate::domain::workspace::Workspace;
use crate::engine::{Given, Ledger, feeds, windows};
use crate::runtime::clock::now;
use crate::runtime::observe_for;
use std::collections::BTreeMap;

/// How long they have to answer.
const LOOK: Span = Span::secs(5);

/// The same, and where rules of policy ask for what backends tell of a place, everyone who tells of that.
pub fn ask_about(workspace: &Workspace, service: &str, environment: &str) -> Observed {
    let paths = workspace.policy.values().flat_map(|rule| rule.when.seen().paths);
    let watched: Vec<String> =
        paths.filter(|path| Case::WATCHED.iter().any(|fact| path.starts_with(fact))).collect();
    if watched.is_empty() {
        return ask(workspace);
    }
    let place = (ServiceName::new(service), EnvironmentName::new(environment));
    let (ledger, nothing) = (Ledger::default(), Observed::default());
    let given = Given { ledger: &ledger, workspace, observed: &nothing, now: now() };
    let tellers: Vec<_> = telling(&given).map(|spec| spec.name.clone()).collect();
    let mine = workspace.signals.values().filter(|s| s.service == place.0 && s.environments.contains(&place.1));
    let mine: Vec<_> = mine.map(|s| SignalAt { signal: s.name.clone(), environment: place.1.clone() }).collect();
    let asks = |fact: &str| watched.iter().any(|path| path.starts_with(fact));
    observe_for(workspace, LOOK, |seen| {
        let version = !asks("change.") || seen.deployment(&place).is_some();
        let signals = !asks("health.signals") || mine.iter().all(|at| seen.series.contains_key(at));
        let alerts = !(asks("health.alerts") || asks("health.critical")) || !seen.alerts.is_empty();
        version && signals && alerts && tellers.iter().all(|name| told(seen, name))
    })
}

/// Everyone who tells of windows, feeds among them.
fn telling<'a>(given: &Given<'a>) -> impl Iterator<Item = &'a BackendSpec> {
    windows::telling(given).chain(feeds::declared(given.workspace).map(|(spec, _)| spec))
}

/// Whether it has told what it knows, or what of it cannot be understood.
fn told(seen: &Observed, name: &BackendName) -> bool {
    seen.windows.contains_key(name) || seen.feeds.contains_key(name)
}

/// Asks everyone who tells of windows where something is deployed; where nobody does, nothing is asked.
pub fn ask(workspace: &Workspace) -> Observed {
    let (ledger, nothing) = (Ledger::default(), Observed::default());
    let given = Given { ledger: &ledger, workspace, observed: &nothing, now: now() };
    let backends: BTreeMap<_, _> = telling(&given).map(|spec| (spec.name.clone(), spec.clone())).collect();
    if backends.is_empty() {
        return nothing;
    }
    let asked: Vec<_> = backends.keys().cloned().collect();
    let only = Workspace { backends, signals: BTreeMap::new(), ..workspace.clone() };
    observe_for(&only, LOOK, |seen| asked.iter().all(|name| told(seen, name)))
}
