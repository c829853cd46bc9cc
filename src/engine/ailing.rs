//! Which signals are bad now, what they were before, and since when.
//!
//! Someone who was paged has no readings of their own of the time before; what
//! was normal and when it began then comes from the journal's evidence.

use super::{Given, signal};
use crate::domain::Timestamp;
use crate::domain::fact::Evidence;
use crate::domain::name::{EnvironmentName, ServiceName};
use crate::domain::observed::Quality;
use crate::domain::series::Series;
use crate::domain::signal::{Signal, SignalAt};
use crate::domain::span::Span;
use crate::domain::verdict::Level;
use crate::engine::run::TriggerState;
use std::collections::BTreeSet;

/// How many minutes before a breach make up what is normal.
const NORMAL: usize = 60;

/// A signal that is bad, or cannot be read while it matters.
#[derive(Clone, Debug, PartialEq)]
pub struct Ail<'a> {
    /// The signal as it is declared.
    pub signal: &'a Signal,
    /// Where.
    pub environment: &'a EnvironmentName,
    /// Its newest value; none when nothing was read.
    pub now: Option<f64>,
    /// How bad.
    pub level: Level,
    /// What it was before, if anything tells.
    pub normal: Option<f64>,
    /// Since when it is bad, if anything tells.
    pub since: Option<Timestamp>,
    /// How old its newest value is.
    pub age: Option<Span>,
    /// Whether that value is still fresh.
    pub quality: Quality,
}

/// Every bad signal: what a trigger saw, then the worst, then what people notice first: the least tier.
pub fn ailing<'a>(given: &Given<'a>) -> Vec<Ail<'a>> {
    let tripped: BTreeSet<&SignalAt> = tripped(given).map(|e| &e.signal).collect();
    let all = given.workspace.signals.values().flat_map(|s| s.environments.iter().map(move |e| (s, e)));
    let mut bad: Vec<Ail<'a>> = all.filter_map(|(signal, place)| ail(given, &tripped, signal, place)).collect();
    let tier = |ail: &Ail<'_>| given.workspace.services.get(&ail.signal.service).map_or(9, |s| s.tier);
    let weight = |ail: &Ail<'_>| match ail.level {
        Level::Fail => 0,
        // Held is what fails and has not done so for its guard time.
        Level::Warn | Level::Hold => 1,
        Level::Unknown => 2,
        Level::Pass => 3,
    };
    let seen =
        |ail: &Ail<'_>| tripped.iter().any(|at| at.signal == ail.signal.name && at.environment == *ail.environment);
    bad.sort_by_key(|ail| (!seen(ail), weight(ail), tier(ail), ail.since, &ail.signal.name, ail.environment));
    bad
}

/// Since when a service fails somewhere, by any of its signals; none where none fails, or nothing tells since when.
pub fn failing_since(given: &Given<'_>, service: &ServiceName, place: &EnvironmentName) -> Option<Timestamp> {
    let tripped: BTreeSet<&SignalAt> = tripped(given).map(|e| &e.signal).collect();
    let here = given.workspace.signals.values().filter(|s| s.service == *service && s.environments.contains(place));
    let bad = here.filter_map(|signal| ail(given, &tripped, signal, place));
    // What was last seen to fail and cannot be read any more has not ended by that.
    let failing = bad.filter(|ail| matches!(ail.level, Level::Fail | Level::Unknown));
    failing.filter_map(|ail| ail.since).min()
}

fn ail<'a>(
    given: &Given<'a>,
    tripped: &BTreeSet<&SignalAt>,
    declared: &'a Signal,
    environment: &'a EnvironmentName,
) -> Option<Ail<'a>> {
    let at = SignalAt { signal: declared.name.clone(), environment: environment.clone() };
    let (verdict, evidence) = signal::judge(given.observed, Some(declared), &at, given.now);
    let bad = matches!(verdict.level, Level::Fail | Level::Warn) || beyond(declared, evidence.value);
    // What a trigger saw stays in sight until someone has decided, however it reads now.
    if !bad && !tripped.contains(&at) {
        return None;
    }
    let series = given.observed.series.get(&at);
    let seen = series.and_then(|series| began(declared, series));
    let told = journaled(given, &at).filter(|e| e.level == Level::Fail).filter_map(|e| e.at).min();
    // The window of readings may begin inside the breach; what was journaled may be older.
    let since = seen.into_iter().chain(told).min();
    let normal = series.and_then(|series| usual(series, since?)).or_else(|| passed(given, &at, since));
    Some(Ail {
        signal: declared,
        environment,
        now: evidence.value,
        // Tripped and still beyond: its guard time was served before these readings began.
        level: match bad {
            true if tripped.contains(&at) && beyond(declared, evidence.value) => Level::Fail,
            true => verdict.level.max(Level::Warn),
            false => verdict.level,
        },
        normal,
        since,
        age: evidence.at.map(|at| Span::between(at, given.now)),
        quality: evidence.quality,
    })
}

/// Whether a value is beyond the threshold that fails, even before its guard time is over.
fn beyond(signal: &Signal, value: Option<f64>) -> bool {
    value.zip(signal.fail).is_some_and(|(value, fail)| signal.beyond(value, fail))
}

/// When the readings went beyond the first threshold that they are beyond now.
fn began(signal: &Signal, series: &Series) -> Option<Timestamp> {
    let threshold = signal.warn.or(signal.fail)?;
    let telling = series.readings.newest().filter(|r| r.value.is_finite() && r.events >= signal.min_events);
    telling.take_while(|r| signal.beyond(r.value, threshold)).last().map(|r| r.at)
}

/// The median of the minutes before it went bad.
fn usual(series: &Series, since: Timestamp) -> Option<f64> {
    let first = since.timestamp().div_euclid(60);
    let before = series.minutes.iter().rev().filter(|m| m.minute < first).take(NORMAL);
    let mut means: Vec<f64> = before.map(|m| f64::from(m.mean)).filter(|mean| mean.is_finite()).collect();
    means.sort_unstable_by(f64::total_cmp);
    // One minute is a sample, not a habit; the journal's evidence is then as good.
    (means.len() > 1).then(|| means.get(means.len() / 2).copied()).flatten()
}

/// The newest value that the journal's evidence calls well, from before it went bad.
fn passed(given: &Given<'_>, at: &SignalAt, since: Option<Timestamp>) -> Option<f64> {
    let well = journaled(given, at).filter(|e| e.level == Level::Pass);
    let before = well.filter(|e| e.at.zip(since).is_none_or(|(at, since)| at < since));
    before.max_by_key(|e| e.at).and_then(|e| e.value)
}

/// Every reading of a signal that a decision of a kept run rested on.
fn journaled<'a>(given: &Given<'a>, at: &SignalAt) -> impl Iterator<Item = &'a Evidence> {
    let steps = given.ledger.runs.values().flat_map(|run| run.steps.values()).flat_map(|step| &step.evidence);
    steps.chain(tripped(given)).filter(move |evidence| evidence.signal == *at)
}

/// What the triggers that have tripped saw.
fn tripped<'a>(given: &Given<'a>) -> impl Iterator<Item = &'a Evidence> + use<'a> {
    let live = given.ledger.runs.values().filter(|run| !run.ended());
    let states = live.flat_map(|run| run.triggers.values());
    states
        .filter_map(|state| match state {
            TriggerState::Tripped { evidence, .. } => Some(evidence),
            _ => None,
        })
        .flatten()
        .filter(|evidence| evidence.level == Level::Fail)
}

/// The places that are well though one might fear for them: where a bad service also
/// runs, and what it stands on. Service, environments, and the version they share with what is bad.
pub fn spared<'a>(given: &Given<'a>, bad: &[Ail<'a>]) -> Vec<(&'a ServiceName, Vec<&'a EnvironmentName>)> {
    let ill: BTreeSet<_> = bad.iter().map(|ail| (&ail.signal.service, ail.environment)).collect();
    let services: BTreeSet<_> = ill.iter().map(|(service, _)| *service).collect();
    let near = services.iter().flat_map(|s| super::changes::upstream(given.workspace, s).into_keys());
    let near: BTreeSet<_> = near.filter_map(|name| given.workspace.services.get(name)).map(|s| &s.name).collect();
    let mut all: Vec<_> = near
        .into_iter()
        .filter_map(|service| {
            let places = given.workspace.services.get(service)?.deployed_by.keys();
            let well: Vec<_> = places.filter(|e| !ill.contains(&(service, *e)) && well(given, service, e)).collect();
            (!well.is_empty()).then_some((service, well))
        })
        .collect();
    all.sort_by_key(|(service, _)| !services.contains(service));
    all
}

fn well(given: &Given<'_>, service: &ServiceName, environment: &EnvironmentName) -> bool {
    let mine = given.workspace.signals.values();
    let mut mine = mine.filter(|s| s.service == *service && s.environments.contains(environment)).peekable();
    let judged = |s: &Signal| {
        let at = SignalAt { signal: s.name.clone(), environment: environment.clone() };
        signal::judge(given.observed, Some(s), &at, given.now).0.level
    };
    mine.peek().is_some() && mine.all(|s| judged(s) == Level::Pass)
}
