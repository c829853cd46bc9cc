//! How long taking everything back takes, and until when that can start.
//!
//! Horizon = the first bound − P90 of the rollback − margin; the bounds are the window's end, for each service
//! that must be well again within so long (`rto`) the end of that since it fails, and for each whose data
//! lets it go back only so long after a change (`back_within`) the end of that. Targets are taken back
//! one after another here though some go side by side: too long rather than too
//! short. Each takes what rollbacks of it took before, else as long as the
//! change itself, else a minute.

use super::edge::Level;
use super::estimate::{Estimate, Source, from_past};
use super::reach::together;
use super::{Forecast, Given};
use crate::domain::Timestamp;
use crate::domain::catalogue::Service;
use crate::domain::name::ServiceName;
use crate::domain::span::Span;
use crate::domain::trigger::RollsBack;
use crate::engine::ailing::failing_since;
use crate::engine::run::{Changed, Run};
use serde::Serialize;
use std::collections::BTreeSet;

/// A rollback's margin before the window's end.
pub const MARGIN: Span = Span::mins(2);
/// So long before the horizon it is amber; past it, red.
pub const AMBER: Span = Span::mins(15);
/// How long taking one change back is reckoned to take when nothing is known.
const ONE_BACK: Span = Span::mins(1);

/// Fills in what concerns the rollback.
pub(super) fn look(given: &Given<'_>, run: &Run, all: &mut Forecast) {
    let Some(estimate) = takes_back(given, run, &RollsBack::Set) else { return };
    let p90 = estimate.p90;
    all.rollback_estimate = Some(estimate);
    all.rollback = Some(p90);
    let first = bounds(given, run, &RollsBack::Set, all.window_ends).min_by_key(|(at, _)| *at);
    all.horizon = first.as_ref().map(|(at, _)| *at - (p90 + MARGIN).delta());
    all.horizon_by = first.map(|(_, bound)| bound);
    let promised = standing(run).filter_map(|c| Some((c.service.clone(), declared(given, c)?.rto?)));
    all.over_rto = promised.filter(|(_, rto)| p90 > *rto).min_by_key(|(_, rto)| *rto);
    all.horizon_level = match all.horizon {
        Some(by) if given.now > by => Level::Red,
        Some(by) if given.now > by - AMBER.delta() => Level::Amber,
        _ if all.over_rto.is_some() => Level::Amber,
        _ => Level::Clear,
    };
}

/// What a way back must be over by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// The end of the window.
    Window,
    /// The time within which a service that fails must be well again.
    Rto(ServiceName),
    /// The time after which too much has been written.
    Data(ServiceName),
}

/// Each with its instant.
fn bounds(
    given: &Given<'_>,
    run: &Run,
    what: &RollsBack,
    window: Option<Timestamp>,
) -> impl Iterator<Item = (Timestamp, Bound)> {
    let of = |change: &Changed| {
        let Some(service) = declared(given, change) else { return [None, None] };
        let since = || failing_since(given, &change.service, &change.environment);
        let rto = service.rto.and_then(|rto| Some((since()? + rto.delta(), Bound::Rto(service.name.clone()))));
        let began = || began(given, run, change);
        let data =
            service.back_within.and_then(|within| Some((began()? + within.delta(), Bound::Data(service.name.clone()))));
        [rto, data]
    };
    let each: Vec<_> = standing(run).filter(|change| concerns(what, change)).flat_map(of).flatten().collect();
    window.map(|end| (end, Bound::Window)).into_iter().chain(each)
}

/// When a change first may have begun to write: sent again, it has written all the while.
fn began(given: &Given<'_>, run: &Run, change: &Changed) -> Option<Timestamp> {
    let sent = given.ledger.sent.values().filter(|s| s.intent.run == run.id && s.intent.step == change.step);
    let started = run.steps.get(&change.step).and_then(|step| step.started);
    sent.map(|sent| sent.at).chain(started).min()
}

/// The latest start of a way back that takes so long and still ends by the first of its bounds, with a margin.
pub fn start_by(
    given: &Given<'_>,
    run: &Run,
    what: &RollsBack,
    (window, takes): (Option<Timestamp>, Span),
) -> Option<Timestamp> {
    bounds(given, run, what, window).map(|(at, _)| at - (takes + MARGIN).delta()).min()
}

fn concerns(what: &RollsBack, change: &Changed) -> bool {
    match what {
        RollsBack::One(service, environment) => change.service == *service && change.environment == *environment,
        RollsBack::Set => true,
    }
}

fn declared<'a>(given: &Given<'a>, change: &Changed) -> Option<&'a Service> {
    given.workspace.services.get(&change.service)
}

fn standing(run: &Run) -> impl Iterator<Item = &Changed> {
    run.changed.iter().filter(|change| change.taken_back.is_none())
}

/// How long taking back part of what a run has changed is reckoned to take; none when nothing of it stands.
pub fn takes_back(given: &Given<'_>, run: &Run, what: &RollsBack) -> Option<Estimate> {
    let mut seen = BTreeSet::new();
    let parts: Vec<Estimate> = standing(run)
        .filter(|change| concerns(what, change))
        .filter(|c| seen.insert((&c.service, &c.environment)))
        .map(|change| one(given, run, change))
        .collect();
    if parts.is_empty() {
        return None;
    }
    let (p50, p90) = together(parts.iter().copied());
    // It rests on the least that it rests on.
    let source = parts.iter().map(|part| part.source).reduce(weaker).unwrap_or_default();
    Some(Estimate { p50, p90, source })
}

fn one(given: &Given<'_>, run: &Run, change: &Changed) -> Estimate {
    let past = given.ledger.history.of_rollback(&change.service, &change.environment);
    let known = past.and_then(|past| from_past(past.working(), run.plan.mode, true));
    let as_made = || {
        let state = run.steps.get(&change.step)?;
        Some(Estimate::planned(Span::between(state.started?, state.ended?)))
    };
    known.or_else(as_made).unwrap_or(Estimate { source: Source::Nothing, ..Estimate::planned(ONE_BACK) })
}

fn weaker(a: Source, b: Source) -> Source {
    let weight = |source: &Source| match source {
        Source::Nothing => 0,
        Source::Plan(_) => 1,
        Source::Past { runs, rehearsals } => 2 + runs + rehearsals,
    };
    if weight(&a) <= weight(&b) { a } else { b }
}
