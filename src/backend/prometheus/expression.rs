//! Signals as expressions for one place: templates filled, limits known.
//! What cannot be filled is said as a reason, not left as it is.

use super::super::template::{Unfilled, fill};
use crate::domain::name::EnvironmentName;
use crate::domain::signal::{Query, Signal, SignalAt};
use crate::domain::span::Span;
use crate::domain::versions::{Count, Versions};
use std::time::Duration;

/// The oldest sample that says anything when nothing else is declared: as long as Prometheus looks back.
const STALE: Span = Span::mins(5);

/// What is asked for one signal at one place.
#[derive(Clone, Debug)]
pub struct Expression {
    /// The signal and the place.
    pub at: SignalAt,
    /// What gives the number.
    pub expr: String,
    /// What gives the events it rests on.
    pub events: Option<String>,
    /// The oldest sample that says anything.
    pub stale: Span,
    /// How long ago it was as it should be.
    pub baseline: Option<Span>,
    /// What counts versions, and by which label.
    pub versions: Option<(Count, String)>,
    /// How often it is asked.
    pub every: Span,
    /// Whether its past is asked for, because an objective may rest on it.
    pub remembers: bool,
    /// The longest period of the objectives that rest on it, where any does.
    pub period: Option<Span>,
    /// How long the server may take.
    pub limit: Duration,
}

/// The expressions of a signal, one a place, or why a place has none.
pub fn of(signal: &Signal, period: Option<Span>) -> Vec<(SignalAt, Result<Expression, String>)> {
    let one = |environment: &EnvironmentName| {
        let at = SignalAt { signal: signal.name.clone(), environment: environment.clone() };
        (at.clone(), expression(signal, at, period))
    };
    signal.environments.iter().map(one).collect()
}

fn expression(signal: &Signal, at: SignalAt, period: Option<Span>) -> Result<Expression, String> {
    let Query::Prometheus { expr, events, stale, baseline, versions } = &signal.query else {
        return Err("its query is not of kind prometheus".to_owned());
    };
    let value = |name: &str| match name {
        "service" => Some(signal.service.to_string()),
        "environment" => Some(at.environment.to_string()),
        _ => None,
    };
    let filled = |text: &str| fill(text, value).map_err(|e: Unfilled| e.to_string());
    let versions = match versions {
        None => None,
        Some(Versions { label, count: Count::Share { bad, all }, .. }) => {
            Some((Count::Share { bad: filled(bad)?, all: filled(all)? }, label.clone()))
        }
        Some(Versions { label, count: Count::Slower { buckets, than }, .. }) => {
            Some((Count::Slower { buckets: filled(buckets)?, than: *than }, label.clone()))
        }
    };
    Ok(Expression {
        versions,
        expr: filled(expr)?,
        events: events.as_deref().map(filled).transpose()?,
        stale: stale.unwrap_or(STALE),
        baseline: *baseline,
        every: signal.every,
        period,
        remembers: signal.unit == crate::domain::signal::Unit::Ratio,
        limit: signal.every.times(2).std().min(Duration::from_secs(10)),
        at,
    })
}
