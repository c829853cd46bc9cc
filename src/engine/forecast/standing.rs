//! How a live run stands: one value for header, bell, window title and words.
//!
//! It judges what the forecast already says and adds nothing; `docs/forecast.md`
//! explains each to whoever reads the screen.

use super::super::Given;
use super::super::run::{Changed, Run};
use super::super::show::steps;
use super::{EdgeKind, Forecast, Level};
use std::fmt;

/// How a run stands, in the order of weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is late.
    OnTime,
    /// Nothing of what is left is late, and some of what it changed was taken back.
    PartlyBack,
    /// Nothing of what is left is late, and all that it changed was taken back.
    TakenBack,
    /// It takes something back.
    UnderWay,
    /// A step is late, and the landing is not.
    StepLate,
    /// The landing drifts, or it may cross an edge of the calendar.
    AtRisk,
    /// A step is late, and so is the landing.
    Late,
    /// It will cross an edge of the calendar, or never lands.
    TooLate,
    /// A step has failed.
    Failed,
}

impl Standing {
    /// It in two words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::OnTime => "ON TIME",
            Self::PartlyBack => "PARTLY BACK",
            Self::TakenBack => "TAKEN BACK",
            Self::UnderWay => "UNDER WAY",
            Self::StepLate => "STEP LATE",
            Self::AtRisk => "AT RISK",
            Self::Late => "LATE",
            Self::TooLate => "TOO LATE",
            Self::Failed => "FAILED",
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

/// How a run stands by its forecast.
pub fn standing(given: &Given<'_>, run: &Run, forecast: &Forecast) -> Standing {
    let late = steps(given, run).any(|shown| shown.late());
    let shuts = forecast.edges.iter().filter(|e| e.kind.shuts()).map(|e| e.level).max().unwrap_or_default();
    let failed = run.steps.values().any(|s| s.state.failed());
    // A due that has passed is the late step's own.
    let may_cross = forecast.crossings().any(|edge| edge.kind != EdgeKind::Due || edge.at > forecast.at);
    let drifts = forecast.drift().is_some_and(|d| d.num_minutes() >= 1);
    let back = |change: &Changed| change.taken_back.is_some();
    match (failed, shuts, late) {
        (true, ..) => Standing::Failed,
        _ if forecast.lands.is_none() && !forecast.steps.is_empty() => Standing::TooLate,
        (_, Level::Red, _) => Standing::TooLate,
        (_, _, true) if drifts => Standing::Late,
        _ if may_cross || drifts => Standing::AtRisk,
        (_, _, true) => Standing::StepLate,
        _ if run.takes_back() => Standing::UnderWay,
        _ if !run.changed.is_empty() && run.changed.iter().all(back) => Standing::TakenBack,
        _ if run.changed.iter().any(back) => Standing::PartlyBack,
        _ => Standing::OnTime,
    }
}
