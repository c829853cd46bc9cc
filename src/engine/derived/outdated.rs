//! Derived signals whose meaning has changed on disk since the session began.
//!
//! A session derives by the files that it was opened with, and what is planned later is judged by those of then. Where the
//! two say different things, a number of the one would be read as the other's: it is derived no more, and unknown.

use super::least;
use crate::domain::Timestamp;
use crate::domain::name::{BackendName, SignalName};
use crate::domain::observed::{Observation, Stamped};
use crate::domain::signal::{Query, Signal, SignalAt};
use std::collections::BTreeMap;

type Signals = BTreeMap<SignalName, Signal>;

/// Why there is no reading of it, and what to do.
const WHY: &str = "it changed on disk; start holdpoint again to have it";

/// The signals that a session was opened with, without those that are derived and that the files say something else of
/// now, or nothing.
pub fn standing(opened: &Signals, files: &Signals) -> Signals {
    let stands = |signal: &Signal| !signal.query.derived() || same(opened, files, &signal.name);
    opened.iter().filter(|(_, signal)| stands(signal)).map(|(name, signal)| (name.clone(), signal.clone())).collect()
}

/// What is to be passed on of the others, and of those that came since: that nothing is known of them.
pub fn told(opened: &Signals, files: &Signals, at: Timestamp) -> Vec<Stamped> {
    let all = opened.values().chain(files.values()).filter(|signal| signal.query.derived());
    let odd = all.filter(|signal| !same(opened, files, &signal.name));
    let each = odd.flat_map(|signal| {
        signal.environments.iter().map(move |place| Stamped {
            at,
            source: signal.source.clone(),
            every: signal.every,
            what: Ok(Observation::Derived(
                SignalAt { signal: signal.name.clone(), environment: place.clone() },
                Err(WHY.to_owned()),
            )),
        })
    });
    each.collect()
}

/// Whether two readings of the files mean the same by a derived signal.
fn same(opened: &Signals, files: &Signals, name: &SignalName) -> bool {
    let pair = opened.get(name).zip(files.get(name));
    pair.is_some_and(|(was, is)| {
        (&was.query, &was.service, &was.source) == (&is.query, &is.service, &is.source)
            && least(opened, was) == least(files, is)
            && rests_on(opened, was) == rests_on(files, is)
    })
}

/// What is asked for the signal that one follows from, where it follows from one.
fn rests_on<'a>(signals: &'a Signals, signal: &Signal) -> Option<(&'a Query, &'a BackendName)> {
    let (Query::Burn { signal: of, .. } | Query::Reporting { signal: of, .. }) = &signal.query else { return None };
    signals.get(of).map(|of| (&of.query, &of.source))
}
