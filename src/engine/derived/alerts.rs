//! How many alerts of a place fire.
//!
//! Quiet is not well: silenced and inhibited alerts count, and so does a severity in a word that is not
//! known. Where an alert is named that always fires, its absence means that alerts do not arrive.

use super::{Told, number};
use crate::domain::alert::{Alert, Severity};
use crate::domain::name::{EnvironmentName, ServiceName};
use crate::domain::observed::Seen;

/// Counts what fires about a service in an environment.
pub(super) fn read(
    seen: &Seen<Vec<Alert>>,
    (service, environment): (&ServiceName, &EnvironmentName),
    severity: Option<Severity>,
    watchdog: Option<&str>,
) -> Told {
    let firing = || seen.value.iter().filter(|alert| alert.fires());
    if let Some(name) = watchdog.filter(|name| !firing().any(|alert| alert.name == **name)) {
        return Err(format!("{name} does not fire, so alerts do not arrive"));
    }
    let about = firing().filter(|alert| alert.is_about(service, environment));
    let counted = about.filter(|alert| severity.is_none_or(|least| least.reached(&alert.severity)));
    number(seen.at, counted.count() as f64)
}
