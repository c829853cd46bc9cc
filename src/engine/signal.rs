//! What a signal says now: one verdict and the reading it rests on.
//!
//! Late or lost evidence is unknown, never well, and so is what could not be read just now,
//! however young the reading before it is. A breach counts only after it
//! was seen for the signal's guard time, and readings with too few events, or
//! that are no number, say nothing either way. It decides nothing.

use crate::domain::Timestamp;
use crate::domain::fact::Evidence;
use crate::domain::observed::{Observed, Quality, quality};
use crate::domain::series::{Reading, SERIES, Series};
use crate::domain::signal::{Signal, SignalAt};
use crate::domain::span::Span;
use crate::domain::verdict::{Level, Reason, Rule, Verdict};
use crate::engine::Given;
use crate::engine::run::Run;

/// Judges a signal at a place, as of `now`.
pub fn judge(observed: &Observed, signal: Option<&Signal>, at: &SignalAt, now: Timestamp) -> (Verdict, Evidence) {
    let series = observed.series.get(at);
    let verdict = match (signal, series) {
        (None, _) => unknown(format!("{at} is not declared")),
        (_, None) => unknown(format!("{at} has not been read yet")),
        (Some(signal), Some(series)) => read_since(of_series(signal, series, at, now), series, at, now),
    };
    let newest = series.and_then(|s| match signal {
        Some(signal) => telling(signal, s).next(),
        None => s.readings.newest().find(|r| r.value.is_finite()),
    });
    let evidence = Evidence {
        signal: at.clone(),
        value: newest.map(|r| r.value),
        events: newest.map(|r| r.events).filter(|n| *n != u64::MAX),
        at: newest.map(|r| r.at),
        quality: series.zip(newest).map_or(Quality::Lost, |(series, newest)| series.quality(&newest, now)),
        level: verdict.level,
        compared: None,
    };
    (verdict, evidence)
}

/// Judges a signal as the plan of a run froze it. It is read as the files say now: where those ask for something else
/// by now, its number is another one than was agreed to, and unknown.
pub fn judge_planned(given: &Given<'_>, run: &Run, at: &SignalAt) -> (Verdict, Evidence) {
    let planned = run.plan.signal(at);
    let (verdict, mut evidence) = judge(given.observed, planned, at, given.now);
    let now = given.workspace.signals.get(&at.signal);
    let other = |signal: &&Signal| now.is_some_and(|now| now.query != signal.query);
    if planned.filter(other).is_none() {
        return (verdict, evidence);
    }
    evidence.level = Level::Unknown;
    (
        unknown(format!(
            "{at} follows from something else by now than this plan says: put its query back; a new run takes it as it is now"
        )),
        evidence,
    )
}

/// The verdict, unless the last attempt to read gave nothing: then nothing is known to be well any
/// more. A breach that was seen for its guard time stays one until the reading that shows it is late.
fn read_since(verdict: Verdict, series: &Series, at: &SignalAt, now: Timestamp) -> Verdict {
    match (&series.fault, series.last()) {
        (Some((_, why)), Some(last)) if !matches!(verdict.level, Level::Fail | Level::Unknown) => {
            unknown(format!("{at}: {why}; last read {} ago", Span::between(last.at, now)))
        }
        _ => verdict,
    }
}

/// Whether a signal is well by its readings alone, whatever came of the attempt after them.
pub(super) fn well_by_age(observed: &Observed, signal: Option<&Signal>, at: &SignalAt, now: Timestamp) -> bool {
    let found = signal.zip(observed.series.get(at));
    found.is_some_and(|(signal, series)| of_series(signal, series, at, now).passes())
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
    // The reading that is judged must itself be fresh, not only the newest one.
    let newest = telling(signal, series).next().filter(|r| quality(r.at, series.every, now) == Quality::Fresh);
    let Some(newest) = newest else {
        return unknown(match last.value.is_finite() {
            true => format!("{at}: too few events, {} of {}", last.events, signal.min_events),
            false => format!("{at}: the reading is no number"),
        });
    };
    let beside = |threshold: f64| {
        let (shown, limit) = signal.unit.beside(newest.value, threshold);
        format!("{at} {shown} of {limit}")
    };
    for (level, threshold) in [(Level::Fail, signal.fail), (Level::Warn, signal.warn)] {
        let Some(threshold) = threshold.filter(|t| signal.beyond(newest.value, *t)) else { continue };
        // From reading to reading: what was not seen does not count as bad.
        let lasting = Span::between(breach_began(signal, series, threshold).unwrap_or(newest.at), newest.at);
        let text = beside(threshold);
        if lasting >= signal.hold_for {
            return Verdict::new(level, Reason::new(Rule::Signal, format!("{text} for {lasting}")));
        }
        let guarded = format!("{text} for {lasting} of {}", signal.hold_for);
        // Not long enough to fail anything, and no reason to let anything pass.
        let level = if level == Level::Fail { Level::Hold } else { Level::Warn };
        return Verdict::new(level, Reason::new(Rule::Signal, guarded));
    }
    let text = match signal.fail {
        Some(fail) => beside(fail),
        None => format!("{at} {}", signal.unit.show(newest.value)),
    };
    Verdict::new(Level::Pass, Reason::new(Rule::Signal, text))
}

/// Whether a reading says anything: a number that rests on enough events.
fn tells(signal: &Signal, reading: &Reading) -> bool {
    reading.events >= signal.min_events && reading.value.is_finite()
}

/// Readings that say something, newest first.
fn telling<'a>(signal: &'a Signal, series: &'a Series) -> impl Iterator<Item = Reading> + 'a {
    series.readings.newest().filter(|r| tells(signal, r))
}

/// When the breach that lasts until the newest reading began; a gap in the
/// readings ends the search, because nothing is known of the time in it.
fn breach_began(signal: &Signal, series: &Series, threshold: f64) -> Option<Timestamp> {
    let mut after = series.last()?.at;
    let mut began = None;
    for reading in series.readings.newest() {
        if quality(reading.at, series.every, after) != Quality::Fresh {
            break;
        }
        after = reading.at;
        match tells(signal, &reading) {
            true if signal.beyond(reading.value, threshold) => began = Some(reading.at),
            true => break,
            false => {}
        }
    }
    began
}

/// Whether the signal fails now in a breach that began after `since`.
pub fn fails_anew(
    observed: &Observed,
    signal: Option<&Signal>,
    at: &SignalAt,
    now: Timestamp,
    since: Timestamp,
) -> bool {
    let (verdict, _) = judge(observed, signal, at, now);
    let found = signal.zip(observed.series.get(at));
    let began = found.and_then(|(signal, series)| breach_began(signal, series, signal.fail?));
    verdict.level == Level::Fail && began.is_some_and(|began| began > since)
}

/// Whether the breach that the newest reading shows began after `since`, however long nothing was read in it: a reading
/// from before it was well. What was never seen to be well may always have been bad.
pub fn began_after(observed: &Observed, signal: Option<&Signal>, at: &SignalAt, since: Timestamp) -> bool {
    let Some((signal, series)) = signal.zip(observed.series.get(at)) else { return false };
    let bad = |reading: &Reading| signal.fail.is_some_and(|fail| signal.beyond(reading.value, fail));
    let mut readings = telling(signal, series).peekable();
    let mut began = None;
    while let Some(reading) = readings.next_if(bad) {
        began = Some(reading.at);
    }
    readings.peek().is_some() && began.is_some_and(|began| began > since)
}

/// Whether every reading of the signal's guard time, up to the newest and without
/// a gap, is within its threshold.
pub fn recovered(observed: &Observed, signal: Option<&Signal>, at: &SignalAt) -> bool {
    let Some((signal, series)) = signal.zip(observed.series.get(at)) else { return false };
    let Some(newest) = telling(signal, series).next() else { return false };
    let (mut after, mut well) = (newest.at, newest.at);
    for reading in series.readings.newest().filter(|r| r.at <= newest.at) {
        if quality(reading.at, series.every, after) != Quality::Fresh {
            break;
        }
        after = reading.at;
        match tells(signal, &reading) {
            true if signal.fail.is_some_and(|fail| signal.beyond(reading.value, fail)) => break,
            true => well = reading.at,
            false => {}
        }
    }
    Span::between(well, newest.at) >= signal.hold_for
}

/// Since when readings have come fresh, without a gap and without a breach that
/// counts; none when there are none, the beginning of time when the series is
/// full of such readings.
pub fn well_since(signal: &Signal, series: &Series) -> Option<Timestamp> {
    let first = series.readings.front()?;
    let full = series.readings.len() >= SERIES;
    let mut well = Some(if full { Timestamp::MIN_UTC } else { first.at });
    let (mut before, mut breach) = (first.at, None);
    for reading in series.readings.iter() {
        if quality(before, series.every, reading.at) != Quality::Fresh {
            (well, breach) = (Some(reading.at), None);
        }
        before = reading.at;
        if !tells(signal, &reading) {
            continue;
        }
        if signal.fail.is_some_and(|fail| signal.beyond(reading.value, fail)) {
            let began = *breach.get_or_insert(reading.at);
            well = well.filter(|_| Span::between(began, reading.at) < signal.hold_for);
        } else {
            breach = None;
            well = well.or(Some(reading.at));
        }
    }
    Some(well.unwrap_or(before))
}

/// A verdict that nothing is known, and why.
pub(super) fn unknown(text: String) -> Verdict {
    Verdict::new(Level::Unknown, Reason::new(Rule::Evidence, text))
}
