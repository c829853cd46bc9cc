//! Clocks that differ, as they bear on windows and freezes: which of two is right nobody knows.
//!
//! So nobody knows either whether an edge that is nearer than they differ has passed. Only what leads forward is held by
//! that, and only near an edge at which the answer turns: everywhere else both clocks give the same one. Who has not told
//! the time is taken to agree.

use super::calendar::Question;
use super::rules::Turn;
use super::{Given, rules};
use crate::domain::Timestamp;
use crate::domain::clock::{SKEWED, agree};
use crate::domain::name::BackendName;
use crate::domain::observed::Observed;
use crate::domain::operation::Direction;
use crate::domain::span::Span;
use crate::domain::verdict::{Level, Reason, Rule, Verdict};
use chrono::{TimeDelta, Timelike};

/// The longest that anybody is told to wait; beyond it there is only the clock to mend.
const WAIT: TimeDelta = TimeDelta::days(1);

/// Beyond this difference no edge is looked for, and everything that windows or freezes bear on is left open: a clock
/// that has lost its battery differs by decades, and all edges of those are many.
const FAR: TimeDelta = TimeDelta::days(7);

/// Who has not been heard for so long has told of its clock long ago: either may have been set since.
const SILENT: TimeDelta = TimeDelta::minutes(15);

/// Why it is not known whether what this backend is to do is let in at an instant; none where its clock says nothing
/// against that.
pub fn unknown(given: &Given<'_>, ask: Question<'_>, by: &BackendName, at: Timestamp) -> Option<Verdict> {
    let (skew, near) = doubted(given, ask, by)?;
    if skew.abs() > FAR {
        let text = format!("{}, so nobody knows which windows and freezes are on", differing(given, by, skew, None));
        return rules::bears(given, ask)
            .then(|| Verdict::new(Level::Unknown, Reason::until(Rule::Evidence, text, None)));
    }
    let last = rules::turns(given, ask, (before(at, near), at)).next_back();
    let mut ahead = rules::turns(given, ask, (at, after(at, near + near + WAIT))).peekable();
    let next = ahead.peek().filter(|turn| turn.at - at <= near);
    let nearest = [last.as_ref(), next].into_iter().flatten().min_by_key(|turn| (turn.at - at).abs())?;
    let edge = words(nearest, given.now);
    let opens = settles(last.into_iter().chain(ahead), at, near);
    let text = format!("{}, so nobody knows whether it is past {edge}", differing(given, by, skew, opens));
    Some(Verdict::new(Level::Unknown, Reason::until(Rule::Evidence, text, opens)))
}

/// That what is shut is not let through at the edge at which it opens by our clock, and from when it is; none where
/// it is let through there.
pub(super) fn later(given: &Given<'_>, ask: Question<'_>, by: &BackendName, shut: &Verdict) -> Option<Verdict> {
    let first = shut.opens().filter(|_| shut.level == Level::Hold)?;
    let (skew, _) = doubted(given, ask, by)?;
    let opens = unknown(given, ask, by, first)?.opens();
    let what = if opens.is_some() { "and is let through only then" } else { "and is not let through then" };
    let text = format!("{what}; {}", differing(given, by, skew, None));
    Some(Verdict::new(Level::Hold, Reason::until(Rule::Window, text, opens)))
}

/// How near an edge must be to matter; none where the clocks agree.
pub(super) fn near(given: &Given<'_>, ask: Question<'_>) -> Option<TimeDelta> {
    doubted(given, ask, ask.backend?).map(|(_, near)| near)
}

/// When the next edge comes near, and when the next is near no more, after now and as far as anybody would wait.
pub(super) fn wakes(given: &Given<'_>, ask: Question<'_>, by: &BackendName) -> Vec<Timestamp> {
    let Some((_, near)) = doubted(given, ask, by).filter(|(skew, _)| skew.abs() <= FAR) else { return Vec::new() };
    let (past, ahead) = (before(given.now, near), after(given.now, near));
    let comes = rules::turns(given, ask, (ahead, after(ahead, WAIT))).next().map(|turn| before(turn.at, near));
    let goes = rules::turns(given, ask, (past, after(ahead, WAIT))).next().map(|turn| after(turn.at, near));
    comes.into_iter().chain(goes).collect()
}

/// By how much a backend's clock is ahead of ours, where the two do not agree.
pub fn differs(observed: &Observed, by: &BackendName) -> Option<TimeDelta> {
    observed.sources.get(by)?.skew.filter(|skew| !agree(*skew))
}

/// By how much a clock that bears on a question is ahead of ours, and how near an edge must be to matter.
fn doubted(given: &Given<'_>, ask: Question<'_>, by: &BackendName) -> Option<(TimeDelta, TimeDelta)> {
    let skew = differs(given.observed, by).filter(|_| ask.direction == Direction::Forward)?;
    Some((skew, skew.abs() + SKEWED))
}

/// When it is first open by either clock, if nobody waits too long for that.
fn settles(turns: impl Iterator<Item = Turn>, at: Timestamp, near: TimeDelta) -> Option<Timestamp> {
    let mut turns = turns.peekable();
    while let Some(turn) = turns.next() {
        let settled = after(turn.at, near);
        if settled - at > WAIT {
            return None;
        }
        if turn.opens && turns.peek().is_none_or(|next| next.at - settled > near) {
            return Some(settled);
        }
    }
    None
}

/// What to do, which is said first, and how the clocks stand. Where somebody else's differs by as much, ours is
/// likelier to be the one that is wrong.
fn differing(given: &Given<'_>, by: &BackendName, skew: TimeDelta, opens: Option<Timestamp>) -> String {
    let ahead = |skew: TimeDelta| skew > TimeDelta::zero();
    let alike = |other: TimeDelta| (other - skew).abs() <= SKEWED;
    let others = given.observed.sources.iter().filter(|(name, source)| *name != by && source.fault.is_none());
    let other = others.map(|(name, _)| name).find(|name| differs(given.observed, name).is_some_and(alike));
    let how = if ahead(skew) { "ahead of" } else { "behind" };
    let far = Span::millis(skew.num_milliseconds().unsigned_abs());
    let wait = opens.map(|at| format!("wait until {} or ", time(up(at), given.now))).unwrap_or_default();
    if let Some(heard) = heard_long_ago(given, by) {
        let heard = time(heard, given.now);
        return format!(
            "{wait}see that {by} is heard again: its clock was {far} {how} ours at {heard}, when it last was"
        );
    }
    let (whose, too) = match other {
        Some(other) => ("this machine's", format!(", as is that of {other} (ours is probably wrong)")),
        None => ("a", String::new()),
    };
    format!("{wait}mend {whose} clock: that of {by} is {far} {how} ours{too}")
}

/// When it was last heard, where that is long ago. What it told then holds on: nobody knows better before it is heard.
fn heard_long_ago(given: &Given<'_>, by: &BackendName) -> Option<Timestamp> {
    let source = given.observed.sources.get(by)?;
    source.heard.max(source.dated).filter(|heard| given.now - *heard > SILENT)
}

fn words(turn: &Turn, now: Timestamp) -> String {
    let (at, why) = (time(turn.at, now), &turn.why);
    if turn.opens { format!("{at}, when it opens (until then {why})") } else { format!("{at}, when it shuts ({why})") }
}

/// A time of the same day goes without its date.
fn time(at: Timestamp, now: Timestamp) -> impl std::fmt::Display {
    at.format(if at.date_naive() == now.date_naive() { "%H:%MZ" } else { "%a %d %b %H:%MZ" })
}

/// The first full minute that is no earlier.
fn up(at: Timestamp) -> Timestamp {
    let into = TimeDelta::seconds(at.second().into()) + TimeDelta::nanoseconds(at.nanosecond().into());
    if into.is_zero() { at } else { after(at, TimeDelta::minutes(1) - into) }
}

fn before(at: Timestamp, by: TimeDelta) -> Timestamp {
    at.checked_sub_signed(by).unwrap_or(Timestamp::MIN_UTC)
}

fn after(at: Timestamp, by: TimeDelta) -> Timestamp {
    at.checked_add_signed(by).unwrap_or(Timestamp::MAX_UTC)
}
