//! What changed, in words: a row of a table for each change, and how it is told
//! where it came from.
//!
//! Text only, for screens and verbs alike; the order is the engine's.

use super::forecast::clock;
use crate::domain::Timestamp;
use crate::domain::text::visible;
use crate::engine::changes::{Change, Origin};

/// `payments eu-north 4.1.9 → 4.2.0 at 100 %`.
pub fn what(change: &Change) -> String {
    let (service, environment) = (&change.service, &change.environment);
    let version = match (&change.from, &change.to) {
        (Some(from), Some(to)) if from != to => format!(" {from} → {to}"),
        (_, Some(to)) => format!(" {to}"),
        (Some(from), None) => format!(" from {from}"),
        (None, None) => String::new(),
    };
    let share = change.share.as_ref().map(|share| format!(" at {share} %")).unwrap_or_default();
    let unsure = if change.certain { "" } else { " (outcome not known)" };
    visible(&format!("{service} {environment}{version}{share}{unsure}"))
}

/// `run 118 step 21`, or that nobody did it here.
pub fn origin(change: &Change) -> String {
    match &change.origin {
        Origin::Run(run, step) => format!("run {run} step {step}"),
        Origin::Outside(_) => "OUTSIDE any run".to_owned(),
    }
}

/// Time, change, person and origin, as the cells of a row.
pub fn row(change: &Change, now: Timestamp) -> [String; 4] {
    let at = change.at.map_or_else(|| "??".to_owned(), |at| clock(at, now));
    let by = change.by.as_deref().map_or_else(|| "nobody says".to_owned(), visible);
    [at, what(change), by, origin(change)]
}
