//! What windows backends and feeds tell now, for verbs that otherwise read files and journal alone.
//!
//! Those who tell of windows are asked, and nobody else. Whoever is not heard in time is
//! unknown, never open.

use crate::domain::case::Case;
use crate::domain::name::{EnvironmentName, ServiceName};
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
    let watched: Vec<String> = paths.filter(|path| Case::WATCHED.iter().any(|fact| path.starts_with(fact))).collect();
    if watched.is_empty() {
        return ask(workspace);
    }
    let place = (ServiceName::new(service), EnvironmentName::new(environment));
    let (ledger, nothing) = (Ledger::default(), Observed::default());
    let given = Given { ledger: &ledger, workspace, observed: &nothing, now: now() };
    let tellers: Vec<_> = windows::telling(&given).map(|spec| spec.name.clone()).collect();
    let mine = workspace.signals.values().filter(|s| s.service == place.0 && s.environments.contains(&place.1));
    let mine: Vec<_> = mine.map(|s| SignalAt { signal: s.name.clone(), environment: place.1.clone() }).collect();
    let asks = |fact: &str| watched.iter().any(|path| path.starts_with(fact));
    observe_for(workspace, LOOK, |seen| {
        let version = !asks("change.") || seen.deployment(&place).is_some();
        let signals = !asks("health.signals") || mine.iter().all(|at| seen.series.contains_key(at));
        let alerts = !(asks("health.alerts") || asks("health.critical")) || !seen.alerts.is_empty();
        version
            && signals
            && alerts
            && feeds::have_come(workspace, seen)
            && tellers.iter().all(|name| seen.windows.contains_key(name))
    })
}

/// Asks everyone who tells of windows where something is deployed; where nobody does, nothing is asked.
pub fn ask(workspace: &Workspace) -> Observed {
    let (ledger, nothing) = (Ledger::default(), Observed::default());
    let given = Given { ledger: &ledger, workspace, observed: &nothing, now: now() };
    let tellers: Vec<_> = windows::telling(&given).map(|spec| spec.name.clone()).collect();
    let asked = windows::telling(&given).chain(feeds::declared(workspace).map(|(spec, _)| spec));
    let backends: BTreeMap<_, _> = asked.map(|spec| (spec.name.clone(), spec.clone())).collect();
    if backends.is_empty() {
        return nothing;
    }
    let only = Workspace { backends, signals: BTreeMap::new(), ..workspace.clone() };
    observe_for(&only, LOOK, |seen| {
        feeds::have_come(workspace, seen) && tellers.iter().all(|name| seen.windows.contains_key(name))
    })
}
