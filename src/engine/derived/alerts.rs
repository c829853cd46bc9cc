//! How many alerts of a place fire.
//!
//! Quiet is not well: silenced and inhibited alerts count. A severity in a word that is not known may be any: where
//! it matters there is no number. Where an alert is named that always fires, its absence means that alerts do not arrive.

use super::{Told, number};
use crate::domain::alert::Alert;
use crate::domain::name::EnvironmentName;
use crate::domain::observed::Seen;
use crate::domain::signal::{Query, Signal};

/// Counts what fires about the signal's service in an environment.
pub(super) fn read(seen: &Seen<Vec<Alert>>, signal: &Signal, place: &EnvironmentName) -> Told {
    let Query::Alerts { severity, watchdog } = &signal.query else { return Err("it counts no alerts".to_owned()) };
    let firing = || seen.value.iter().filter(|alert| alert.fires());
    // That of another place says nothing of whether this one's arrive.
    let arrives = |name: &String| firing().any(|alert| alert.name == *name && alert.may_tell_of(place));
    if let Some(name) = watchdog.as_ref().filter(|name| !arrives(name)) {
        return Err(format!("{name} does not fire, so alerts do not arrive"));
    }
    let (mut count, mut odd) = (0.0, None);
    for alert in firing().filter(|alert| alert.is_about(&signal.service, place)) {
        match severity.map_or(Some(true), |least| least.reached(&alert.severity)) {
            Some(true) => count += 1.0,
            Some(false) => {}
            None => odd = odd.or(Some(alert)),
        }
    }
    // What is known for certain to be too much stays so, however bad the rest is.
    match odd.filter(|_| !signal.fail.is_some_and(|fail| signal.beyond(count, fail))) {
        Some(odd) => Err(format!("{} fires, and how bad {:?} is is not known", odd.name, odd.severity)),
        None => number(seen.at, count),
    }
}
