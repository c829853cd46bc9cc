//! Clocks that differ, as they bear on windows and freezes: which of two is right nobody knows, so neither is what is open.
//!
//! Only what leads forward is held by that, where the clock of its own backend is known to differ and the calendar has
//! something about it. Who has not told the time is taken to agree.

use super::calendar::Question;
use super::{Given, rules};
use crate::domain::clock::agree;
use crate::domain::name::BackendName;
use crate::domain::observed::Observed;
use crate::domain::operation::Direction;
use crate::domain::span::Span;
use crate::domain::verdict::{Level, Reason, Rule, Verdict};
use chrono::TimeDelta;

/// Why it is not known which windows are open now for what this backend is to do; none where its clock says nothing
/// against that.
pub fn unknown(given: &Given<'_>, ask: Question<'_>, by: &BackendName) -> Option<Verdict> {
    let skew = differs(given.observed, by).filter(|_| ask.direction == Direction::Forward)?;
    let text = || words(given.observed, by, skew);
    rules::bound(given, ask, skew.abs()).then(|| Verdict::new(Level::Unknown, Reason::new(Rule::Evidence, text())))
}

/// By how much a backend's clock is ahead of ours, where the two do not agree.
fn differs(observed: &Observed, by: &BackendName) -> Option<TimeDelta> {
    observed.sources.get(by)?.skew.filter(|skew| !agree(*skew))
}

/// Where somebody else's clock differs the same way, ours is likelier to be the one that is wrong.
fn words(observed: &Observed, by: &BackendName, skew: TimeDelta) -> String {
    let ahead = |skew: TimeDelta| skew > TimeDelta::zero();
    let alike = |name: &&BackendName| differs(observed, name).is_some_and(|other| ahead(other) == ahead(skew));
    let other = observed.sources.keys().filter(|name| *name != by).find(alike);
    let how = if ahead(skew) { "ahead of" } else { "behind" };
    let far = Span::millis(skew.num_milliseconds().unsigned_abs());
    let (probably, whose) = match other {
        Some(other) => (format!(", and that of {other} is too, so it is probably ours that is wrong"), ""),
        None => (String::new(), " (or that one's)"),
    };
    format!(
        "the clock of {by} is {far} {how} ours{probably}: which windows are open is not known; \
         set this machine's clock{whose}"
    )
}
