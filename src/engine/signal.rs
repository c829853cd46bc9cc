//! What a signal says now: one verdict and the reading it rests on.
//!
//! Late or lost evidence is unknown, never well. A breach counts only after the
//! signal's guard time, and readings with too few events say nothing either way.

use crate::domain::Timestamp;
use crate::domain::fact::Evidence;
use crate::domain::observed::{Observed, Quality, Reading, SERIES, Series, quality};
use crate::domain::signal::{Signal, SignalAt};
use crate::domain::span::Span;
use crate::domain::verdict::{Level, Reason, Rule, Verdict};

/// Judges a signal at a place, as of `now`.
pub fn judge(observed: &Observed, signal: Option<&Signal>, at: &SignalAt, now: Timestamp) -> (Verdict, Evidence) {
    let series = observed.series.get(at);
    let quality = series.and_then(|s| s.last().map(|r| quality(r.at, s.every, now))).unwrap_or(Quality::Lost);
    let verdict = match (signal, series) {
        (None, _) => unknown(format!("{at} is not declared")),
        (_, None) => unknown(format!("{at} has not been read yet")),
        (Some(signal), Some(series)) => of_series(signal, series, at, now),
    };
    let newest = series.and_then(|s| match signal {
        Some(signal) => telling(signal, s).next(),
        None => s.last(),
    });
    let evidence = Evidence {
        signal: at.clone(),
        value: newest.map(|r| r.value),
        events: newest.map(|r| r.events).filter(|n| *n != u64::MAX),
        at: newest.map(|r| r.at),
        quality,
        level: verdict.level,
    };
    (verdict, evidence)
}

fn of_series(signal: &Signal, series: &Series, at: &SignalAt, now: Timestamp) -> Verdict {
    let Some(last) = series.last() else {
        let why = series.fault.as_ref().map_or("has not been read yet", |(_, why)| why);
        return unknown(format!("{at}: {why}"));
    };
    match quality(last.at, series.every, now) {
        Quality::Fresh => {}
        Quality::Late => return unknown(format!("{at} is late, last read {} ago", Span::between(last.at, now))),
        Quality::Lost => {
            let good = last.at.format("%H:%M:%SZ");
            return unknown(format!("{at} is lost, last read {good}, {} ago", Span::between(last.at, now)));
        }
    }
    let newest = telling(signal, series).next();
    let Some(newest) = newest.filter(|r| quality(r.at, series.every, now) != Quality::Lost) else {
        return unknown(format!("{at}: too few events, {} of {}", last.events, signal.min_events));
    };
    let shown = signal.unit.show(newest.value);
    let limit = |threshold: f64| signal.unit.show(threshold);
    for (level, threshold) in [(Level::Fail, signal.fail), (Level::Warn, signal.warn)] {
        let Some(threshold) = threshold.filter(|t| signal.beyond(newest.value, *t)) else { continue };
        let lasting = Span::between(breach_began(signal, series, threshold).unwrap_or(newest.at), now);
        let text = format!("{at} {shown} of {}", limit(threshold));
        if lasting >= signal.hold_for {
            return Verdict::new(level, Reason::new(Rule::Signal, format!("{text} for {lasting}")));
        }
        let guarded = format!("{text} for {lasting} of {}", signal.hold_for);
        return Verdict::new(Level::Warn, Reason::new(Rule::Signal, guarded));
    }
    let text = match signal.fail {
        Some(fail) => format!("{at} {shown} of {}", limit(fail)),
        None => format!("{at} {shown}"),
    };
    Verdict::new(Level::Pass, Reason::new(Rule::Signal, text))
}

/// Readings that rest on enough events, newest first.
fn telling<'a>(signal: &'a Signal, series: &'a Series) -> impl Iterator<Item = &'a Reading> {
    series.readings.iter().rev().filter(|r| r.events >= signal.min_events)
}

/// When the breach that lasts until the newest reading began.
fn breach_began(signal: &Signal, series: &Series, threshold: f64) -> Option<Timestamp> {
    telling(signal, series).take_while(|r| signal.beyond(r.value, threshold)).last().map(|r| r.at)
}

/// Since when readings have come without a gap; none when there are none, the
/// beginning of time when the series is full and has no gap at all.
pub fn unbroken_since(series: &Series) -> Option<Timestamp> {
    let mut since = series.last()?.at;
    for reading in series.readings.iter().rev() {
        if quality(reading.at, series.every, since) == Quality::Lost {
            return Some(since);
        }
        since = reading.at;
    }
    Some(if series.readings.len() >= SERIES { Timestamp::MIN_UTC } else { since })
}

fn unknown(text: String) -> Verdict {
    Verdict::new(Level::Unknown, Reason::new(Rule::Evidence, text))
}
