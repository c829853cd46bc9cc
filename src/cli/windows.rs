//! What windows backends tell now, for verbs that otherwise read files and journal alone.
//!
//! Those who tell of windows are asked, and nobody else. Whoever is not heard in time is
//! unknown, never open.

use crate::domain::observed::Observed;
use crate::domain::span::Span;
use crate::domain::workspace::Workspace;
use crate::engine::{Given, Ledger, windows};
use crate::runtime::clock::now;
use crate::runtime::observe_for;
use std::collections::BTreeMap;

/// How long they have to answer.
const LOOK: Span = Span::secs(5);

/// Asks everyone who tells of windows where something is deployed; where nobody does, nothing is asked.
pub fn ask(workspace: &Workspace) -> Observed {
    let (ledger, nothing) = (Ledger::default(), Observed::default());
    let given = Given { ledger: &ledger, workspace, observed: &nothing, now: now() };
    let backends: BTreeMap<_, _> = windows::telling(&given).map(|spec| (spec.name.clone(), spec.clone())).collect();
    if backends.is_empty() {
        return nothing;
    }
    let asked: Vec<_> = backends.keys().cloned().collect();
    let only = Workspace { backends, signals: BTreeMap::new(), ..workspace.clone() };
    observe_for(&only, LOOK, |seen| asked.iter().all(|name| seen.windows.contains_key(name)))
}
