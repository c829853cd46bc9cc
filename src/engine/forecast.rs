//! When every step of a run begins and ends, when the run lands, which edges of
//! the calendar that crosses, and until when a rollback still fits.
//!
//! A pure function of ledger, workspace and now; nothing of it is stored and
//! nothing decides by it. P50 and P90 come from past runs of the same step, else
//! from its plan; how they add up is in [`reach`]. `docs/forecast.md` explains
//! it to whoever reads the screen.

pub mod edge;
pub mod estimate;
mod openings;
mod pass;
mod path;
mod reach;
mod rollback;
pub mod standing;
mod unknown;

pub use edge::{Edge, EdgeKind, Level};
pub use estimate::{Estimate, Source};
pub use reach::Range;
pub use rollback::{AMBER, Bound, MARGIN, start_by, takes_back};
pub use standing::{Standing, standing};

use super::Given;
use super::run::{Phase, Run};
use crate::domain::Timestamp;
use crate::domain::name::{ServiceName, StepName};
use crate::domain::span::Span;
use chrono::TimeDelta;
use serde::{Serialize, Serializer};

/// A run's outlook.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
pub struct Forecast {
    /// The instant that it was worked out for.
    pub at: Timestamp,
    /// The steps, in the plan's order.
    pub steps: Vec<StepForecast>,
    /// The names of the steps that determine when it lands, first to last: delay one
    /// of those still open, and it lands later.
    pub critical: Vec<StepName>,
    /// When it was planned to start: its first step's planned start.
    pub starts: Option<Timestamp>,
    /// When it was planned to end.
    pub planned: Option<Timestamp>,
    /// When it ends by the middle of what is known (P50); its end once it has ended.
    pub lands: Option<Timestamp>,
    /// When it ends, P50 and P90; none when the calendar never lets it end.
    pub landing: Option<Range>,
    /// When what is open of it must pause: the first edge of the calendar that closes one of its operations.
    pub window_ends: Option<Timestamp>,
    /// How much is left between its P90 landing and that edge, in seconds; negative when it lands later.
    #[serde(serialize_with = "seconds", rename = "slack_seconds")]
    pub slack: Option<TimeDelta>,
    /// How long taking back everything that it has changed is reckoned to take, at P90.
    pub rollback: Option<Span>,
    /// The same, P50 and P90, and where they come from.
    pub rollback_estimate: Option<Estimate>,
    /// The latest start of that rollback that still ends by the first of its bounds, with a margin.
    pub horizon: Option<Timestamp>,
    /// Which bound that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub horizon_by: Option<Bound>,
    /// The shortest time that a service must be well again in, where taking everything back takes longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub over_rto: Option<(ServiceName, Span)>,
    /// How near that horizon is.
    pub horizon_level: Level,
    /// The next step that cannot be taken back, else the last one that was passed.
    pub no_return: Option<NoReturn>,
    /// What lies ahead in time and whether the run crosses it, in order of time.
    pub edges: Vec<Edge>,
    /// What is not known of windows that backends tell, in words; what it holds is reckoned as if they were open.
    pub unknown: Vec<String>,
    /// What clocks that differ leave open when steps are reckoned to begin, in words; all is reckoned by ours.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<String>,
    /// What of the open part of the critical path is work, P50.
    pub work_ahead: Span,
    /// What of the open part of the critical path is waiting for people, P50.
    pub wait_ahead: Span,
    /// Where a drawing of all of this begins and ends.
    pub axis: Option<(Timestamp, Timestamp)>,
    /// Whether the run is set aside: it is reckoned as if it were taken up now.
    pub parked: bool,
}

/// A step's outlook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepForecast {
    /// The step.
    pub step: StepName,
    /// Planned start, after everything that it needs.
    pub planned_start: Timestamp,
    /// Planned end.
    pub planned_end: Timestamp,
    /// When it was last started.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// When it starts: its start once it has started; none when it never does.
    pub start: Option<Range>,
    /// When it ends: its end once it has ended; none when it never does.
    pub end: Option<Range>,
    /// How long its work takes, once started.
    pub working: Estimate,
    /// How long people are waited for: before its start, or for their answer.
    pub waiting: Estimate,
    /// How long people have been waited for so far.
    pub waited: Span,
    /// How much longer than planned it has taken, or takes so far.
    pub overrun: Span,
    /// How much later it may end without the run landing later (P50), in seconds; none once it has ended.
    #[serde(serialize_with = "seconds", rename = "slack_seconds")]
    pub slack: Option<TimeDelta>,
    /// Whether it is on the critical path.
    pub critical: bool,
    /// Whether it was left out: skipped, or of a branch that was not chosen.
    pub left_out: bool,
    /// What keeps it besides other steps and time, such as a hold; it is reckoned as if that ended now.
    pub kept: bool,
}

/// A step that cannot be taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NoReturn {
    /// The step.
    pub step: StepName,
    /// When it starts, or started.
    pub at: Option<Range>,
    /// Whether it has started: there is no way back behind it.
    pub passed: bool,
}

impl Forecast {
    /// How much later than planned it lands at P50: negative when earlier.
    pub fn drift(&self) -> Option<TimeDelta> {
        Some(self.lands? - self.planned?)
    }

    /// The step of this name.
    pub fn step(&self, name: &StepName) -> Option<&StepForecast> {
        self.steps.iter().find(|s| s.step == *name)
    }

    /// The edges that it crosses, or may cross, in order of time.
    pub fn crossings(&self) -> impl Iterator<Item = &Edge> {
        self.edges.iter().filter(|edge| edge.level > Level::Clear)
    }
}

/// Looks ahead.
pub fn forecast(given: &Given<'_>, run: &Run) -> Forecast {
    let mut openings = openings::Openings::new(given, run);
    let pass = pass::Pass::of(given, run, &mut openings);
    let slack = path::slack(&pass);
    let critical = path::critical(&pass, &slack);
    let landing = landing(run, &pass);
    let steps: Vec<StepForecast> =
        (0..pass.steps.len()).filter_map(|n| step(run, &pass, &slack, &critical, n)).collect();
    let open = |n: &usize| pass.steps.get(*n).filter(|s| s.open);
    let ahead = |length: fn(&pass::Passed<'_>) -> Span| {
        critical.iter().filter_map(open).map(length).fold(Span::ZERO, |a, b| a + b)
    };
    let mut all = Forecast {
        at: given.now,
        critical: critical.iter().filter_map(|n| Some(pass.steps.get(*n)?.step.name.clone())).collect(),
        starts: steps.iter().map(|s| s.planned_start).min(),
        planned: steps.iter().filter(|s| !s.left_out || s.ended.is_some()).map(|s| s.planned_end).max(),
        lands: landing.map(|l| l.p50),
        landing,
        no_return: no_return(run, &steps),
        work_ahead: ahead(|s| s.working.p50),
        wait_ahead: ahead(|s| s.waiting.p50),
        parked: matches!(run.phase, Phase::Parked(_)),
        steps,
        ..Forecast::default()
    };
    all.window_ends = edge::first_close(&pass, &mut openings);
    all.slack = all.window_ends.zip(landing).map(|(end, landing)| end - landing.p90.unwrap_or(landing.p50));
    rollback::look(given, run, &mut all);
    all.edges = edge::edges(given, run, &pass, &mut openings, &all);
    (all.unknown, all.clocks) = unknown::unknown(given, run, &pass);
    all.axis = axis(run, &all);
    all
}

fn landing(run: &Run, pass: &pass::Pass<'_>) -> Option<Range> {
    match run.ended_at() {
        Some(at) => Some(Range { p50: at, p90: Some(at) }),
        None => pass.landing.map(reach::Reach::range),
    }
}

fn step(run: &Run, pass: &pass::Pass<'_>, slack: &[Option<i64>], critical: &[usize], n: usize) -> Option<StepForecast> {
    let passed = pass.steps.get(n)?;
    let state = run.steps.get(&passed.step.name);
    let (started, ended) = (state.and_then(|s| s.started), state.and_then(|s| s.ended));
    Some(StepForecast {
        step: passed.step.name.clone(),
        planned_start: reach::instant(passed.planned.0),
        planned_end: reach::instant(passed.planned.1),
        started,
        // A clock that went back makes no step end before it began.
        ended: ended.map(|at| started.map_or(at, |from| at.max(from))),
        start: passed.start.map(reach::Reach::range),
        end: passed.end.map(reach::Reach::range),
        working: passed.working,
        waiting: passed.waiting,
        waited: passed.waited,
        overrun: passed.overrun,
        slack: slack.get(n).copied().flatten().filter(|_| passed.open).map(TimeDelta::milliseconds),
        critical: critical.contains(&n),
        left_out: passed.left_out,
        kept: passed.kept,
    })
}

fn no_return(run: &Run, steps: &[StepForecast]) -> Option<NoReturn> {
    let points = run.plan.steps.iter().filter(|s| s.point_of_no_return);
    let points: Vec<&StepForecast> =
        points.filter_map(|s| steps.iter().find(|f| f.step == s.name)).filter(|f| !f.left_out).collect();
    let ahead = points.iter().filter(|f| f.started.is_none() && f.ended.is_none());
    let next = ahead.min_by_key(|f| f.start.map(|s| s.p50).unwrap_or(Timestamp::MAX_UTC));
    let last = points.iter().filter(|f| f.started.is_some()).max_by_key(|f| f.started);
    let found = next.or(last)?;
    Some(NoReturn { step: found.step.clone(), at: found.start, passed: found.started.is_some() })
}

/// From the first start, planned or actual, to the last end, planned, forecast or at P90, or now.
fn axis(run: &Run, all: &Forecast) -> Option<(Timestamp, Timestamp)> {
    let from = [all.starts, Some(run.started), all.steps.iter().filter_map(|s| s.started).min()];
    let last = if run.ended() { run.ended_at() } else { Some(all.at) };
    let to = [all.planned, all.lands, all.landing.and_then(|l| l.p90), last];
    Some((from.into_iter().flatten().min()?, to.into_iter().flatten().max()?))
}

/// Writes a difference of instants as whole seconds.
fn seconds<S: Serializer>(of: &Option<TimeDelta>, s: S) -> Result<S::Ok, S::Error> {
    of.map(|of| of.num_seconds()).serialize(s)
}
