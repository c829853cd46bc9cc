//! Edges: instants that lie ahead and change what may be done, and whether the
//! run will have crossed them before it should.
//!
//! An edge is amber when the P90 crosses it and red when the P50 does; so it is
//! told before it comes. What was planned for the opening after an edge does not cross it.

use super::openings::Openings;
use super::pass::{Pass, Passed};
use super::reach::{Reach, instant, millis};
use super::{Forecast, Given};
use crate::domain::Timestamp;
use crate::domain::calendar::EventKind;
use crate::domain::name::StepName;
use crate::domain::plan::{Question, Work};
use crate::domain::span::Span;
use crate::engine::run::Run;
use chrono::TimeDelta;
use serde::Serialize;

/// How likely an edge is crossed, or how near something is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Not crossed, not even at P90.
    #[default]
    Clear,
    /// Crossed at P90.
    Amber,
    /// Crossed at P50, or behind us.
    Red,
}

/// What an edge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EdgeKind {
    /// A change window ends.
    WindowEnd,
    /// A freeze begins.
    FreezeStart,
    /// The last instant at which a hold point can be decided with every option left.
    DecideBy,
    /// A step should be done by then.
    Due,
    /// The last instant at which a rollback can start and still end inside the window.
    Horizon,
}

impl EdgeKind {
    /// Whether the calendar shuts there: operations behind it wait for the next opening.
    pub const fn shuts(self) -> bool {
        matches!(self, EdgeKind::WindowEnd | EdgeKind::FreezeStart)
    }

    /// What happens there, after its title.
    pub(in crate::engine) const fn words(self) -> &'static str {
        match self {
            EdgeKind::WindowEnd => "ends",
            EdgeKind::FreezeStart => "begins",
            EdgeKind::DecideBy => "is to be decided",
            EdgeKind::Due => "is due",
            EdgeKind::Horizon => "must have started",
        }
    }
}

/// An instant ahead that changes what may be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edge {
    /// What it is.
    pub kind: EdgeKind,
    /// What it is called: `window night`, `freeze Q4 close`, `step 15`, `rollback`.
    pub title: String,
    /// When it is.
    pub at: Timestamp,
    /// How far ahead that is, in seconds; negative once it has passed.
    #[serde(serialize_with = "in_seconds", rename = "in_seconds")]
    pub within: TimeDelta,
    /// Whether the run crosses it.
    pub level: Level,
    /// The step that crosses it, or comes nearest to it; none when none is before it.
    pub step: Option<StepName>,
    /// How far behind it that step ends, at P50 when red, else at P90, in seconds; negative
    /// when that is before it.
    #[serde(serialize_with = "super::seconds", rename = "over_seconds")]
    pub over: Option<TimeDelta>,
}

impl Edge {
    /// The edge without how far ahead it is: `window night ends 04:00Z: step 16 crosses it by 6m00 at P90`.
    pub fn text(&self) -> String {
        let what = format!("{} {} {}", self.title, self.kind.words(), self.at.format("%H:%MZ"));
        if self.level == Level::Clear || self.kind == EdgeKind::Horizon {
            return what;
        }
        let who = self.step.as_ref().map_or_else(|| "the run".to_owned(), |step| format!("step {step}"));
        let by = self.over.map(|over| format!(" by {}", Span::millis(over.num_milliseconds().unsigned_abs())));
        let at = if self.level == Level::Red { "P50" } else { "P90" };
        format!("{what}: {who} crosses it{} at {at}", by.unwrap_or_default())
    }

    /// How far ahead it is: `in 1h46`, `3m12 ago`.
    pub fn when(&self) -> String {
        let ahead = Span::millis(self.within.num_milliseconds().unsigned_abs());
        if self.within < TimeDelta::zero() { format!("{ahead} ago") } else { format!("in {ahead}") }
    }

    /// The edge in one line, with how far ahead it is.
    pub fn line(&self) -> String {
        format!("{}, {}", self.text(), self.when())
    }
}

/// The first closing of the calendar for what is open, opened first where it is shut.
pub(super) fn first_close(pass: &Pass<'_>, openings: &mut Openings<'_>) -> Option<Timestamp> {
    let used = used(pass, openings);
    used.into_iter().filter_map(|set| openings.closings(set, i64::MIN).first().copied()).min().map(instant)
}

/// The sets of the calendar's entries that judge something open.
fn used(pass: &Pass<'_>, openings: &Openings<'_>) -> Vec<usize> {
    let mut used = vec![false; openings.sets()];
    for step in pass.steps.iter().filter(|s| s.open) {
        step.set.and_then(|set| used.get_mut(set)).into_iter().for_each(|slot| *slot = true);
    }
    used.iter().enumerate().filter_map(|(n, used)| used.then_some(n)).collect()
}

/// Everything ahead, in order of time.
pub(super) fn edges(
    given: &Given<'_>,
    run: &Run,
    pass: &Pass<'_>,
    openings: &mut Openings<'_>,
    all: &Forecast,
) -> Vec<Edge> {
    if run.ended() {
        return Vec::new();
    }
    let until = pass.landing.map_or(i64::MAX, |l| l.p90().unwrap_or(l.p50));
    let mut edges: Vec<Edge> = Vec::new();
    for set in used(pass, openings) {
        for at in openings.closings(set, until) {
            let (kind, title) = match openings.what_closes(set, at) {
                Some((EventKind::Freeze, title)) => (EdgeKind::FreezeStart, format!("freeze {title}")),
                Some((_, title)) => (EdgeKind::WindowEnd, format!("window {title}")),
                None => (EdgeKind::WindowEnd, "the calendar".to_owned()),
            };
            // What was planned for a later opening does not cross this closing.
            let reopens = openings.opens(set, at).unwrap_or(i64::MAX);
            let judged = pass.steps.iter().filter(|s| s.set == Some(set) && s.planned.0 < reopens);
            let edge = crossed(given, kind, title, at, judged);
            merge(&mut edges, edge);
        }
    }
    for passed in pass.steps.iter().filter(|s| s.open) {
        let title = || format!("step {}", passed.step.name);
        if let Work::Ask(Question::Release { decide_by: Some(by), .. }) = &passed.step.work {
            let at = millis(by.resolve(run.t0));
            edges.push(crossed(given, EdgeKind::DecideBy, title(), at, std::iter::once(passed)));
        }
        if let Some(due) = passed.step.due {
            let at = millis(due.resolve(run.t0));
            edges.push(crossed(given, EdgeKind::Due, title(), at, std::iter::once(passed)));
        }
    }
    if let Some(at) = all.horizon {
        let (kind, title, within) = (EdgeKind::Horizon, "rollback".to_owned(), at - given.now);
        edges.push(Edge { kind, title, at, within, level: all.horizon_level, step: None, over: None });
    }
    edges.sort_by(|a, b| (a.at, a.kind, &a.title).cmp(&(b.at, b.kind, &b.title)));
    edges
}

/// An edge, as the worst of these steps meets it.
fn crossed<'s>(
    given: &Given<'_>,
    kind: EdgeKind,
    title: String,
    at: i64,
    steps: impl Iterator<Item = &'s Passed<'s>>,
) -> Edge {
    let meets = steps.filter(|s| s.open).map(|step| {
        let (level, over) = step.end.map_or((Level::Red, None), |end| beyond(end, at));
        (level, over, &step.step.name)
    });
    // The first in the plan that crosses it; else the one that comes nearest.
    let worst = meets.reduce(|a, b| {
        let nearer = a.0 == Level::Clear && b.1 > a.1;
        if b.0 > a.0 || (b.0 == a.0 && nearer) { b } else { a }
    });
    let at = instant(at);
    Edge {
        kind,
        title,
        at,
        within: at - given.now,
        level: worst.map(|w| w.0).unwrap_or_default(),
        step: worst.map(|w| w.2.clone()),
        over: worst.and_then(|w| w.1).map(TimeDelta::milliseconds),
    }
}

/// How an end lies against an instant: its level, and how far beyond it is.
fn beyond(end: Reach, at: i64) -> (Level, Option<i64>) {
    match end.p90() {
        _ if end.p50 > at => (Level::Red, Some(end.p50 - at)),
        None => (Level::Amber, None),
        Some(p90) => (if p90 > at { Level::Amber } else { Level::Clear }, Some(p90 - at)),
    }
}

/// Two sets may end at the same edge: the worse of the two counts.
fn merge(edges: &mut Vec<Edge>, edge: Edge) {
    match edges.iter_mut().find(|e| e.kind == edge.kind && e.at == edge.at && e.title == edge.title) {
        Some(same) if (edge.level, edge.over) > (same.level, same.over) => *same = edge,
        Some(_) => {}
        None => edges.push(edge),
    }
}

fn in_seconds<S: serde::Serializer>(of: &TimeDelta, s: S) -> Result<S::Ok, S::Error> {
    of.num_seconds().serialize(s)
}
