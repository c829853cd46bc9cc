//! An edge of the calendar that a run is on course to cross is written down before
//! it comes, once when that is likely enough to say and once when it is expected.
//!
//! A note, not a hold: what may begin is judged when it begins.

use crate::domain::Timestamp;
use crate::domain::fact::Fact;
use crate::domain::operation::{Direction, Operation};
use crate::domain::plan::Step;
use crate::domain::session::SessionId;
use crate::engine::Given;
use crate::engine::feeds;
use crate::engine::forecast::{Edge, Level, forecast};
use crate::engine::run::{Phase, Run};
use chrono::TimeDelta;

/// The least time between two looks of the driver for this alone.
const PATIENCE: TimeDelta = TimeDelta::seconds(15);

/// Notes the next edge that the forecast crosses and nobody was told of.
pub(super) fn advance(given: &Given<'_>, run: &Run, _me: SessionId) -> Vec<Fact> {
    if !judged(given, run) {
        return Vec::new();
    }
    let edges = forecast(given, run).edges;
    let new = edges.iter().filter(|e| e.kind.shuts() && e.level > Level::Clear).find(|edge| !told(run, edge));
    new.map(|edge| Fact::Noted { run: run.id, step: edge.step.clone(), text: words(edge) }).into_iter().collect()
}

/// When the forecast may cross an edge at the earliest if nothing happens: an end moves
/// no faster than the clock.
pub(crate) fn wake(given: &Given<'_>, run: &Run) -> Option<Timestamp> {
    if !judged(given, run) || run.phase != Phase::Live {
        return None;
    }
    let edges = forecast(given, run).edges;
    let open = edges.iter().filter(|e| e.kind.shuts() && e.level < Level::Red && e.at > given.now);
    let left = open.filter_map(|edge| match edge.level {
        Level::Clear => edge.over.map(|over| over.abs().max(PATIENCE)),
        _ => Some(PATIENCE),
    });
    left.min().map(|left| given.now + left)
}

/// Whether the calendar has anything that could shut something that is still to be done.
fn judged(given: &Given<'_>, run: &Run) -> bool {
    let kept = given.ledger.rules.iter().any(|rules| !rules.calendar.events.is_empty());
    let told = given.observed.windows.values().any(|seen| !seen.value.all.is_empty());
    let fed = feeds::told(given).next().is_some();
    let ahead = |step: &Step| step.operation().is_some_and(forward) && !run.state(&step.name).ended();
    !run.takes_back()
        && (kept || told || fed || !given.workspace.calendar.events.is_empty())
        && run.plan.steps.iter().any(ahead)
}

fn forward(op: &Operation) -> bool {
    op.environment.is_some() && op.direction() == Direction::Forward
}

fn told(run: &Run, edge: &Edge) -> bool {
    let words = words(edge);
    run.notes.iter().any(|(.., text)| *text == words)
}

/// The same words as long as the same is to be said.
fn words(edge: &Edge) -> String {
    let sure = if edge.level == Level::Red { "will cross" } else { "may cross" };
    let at = edge.at.format("%Y-%m-%d %H:%MZ");
    format!("forecast: the run {sure} {at}, when {} {}", edge.title, edge.kind.words())
}
