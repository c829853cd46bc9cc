//! What a row of readings says: breaches by what was seen, time without a gap.

use crate::ground;
use chrono::{DateTime, Utc};
use holdpoint::domain::observed::{Observation, Observed, Quality, Stamped};
use holdpoint::domain::series::{Reading, Series};
use holdpoint::domain::signal::{Bad, Signal};
use holdpoint::domain::span::Span;
use holdpoint::domain::verdict::Level;
use holdpoint::engine::signal::{fails_anew, judge, well_since};

fn at(secs: i64) -> DateTime<Utc> {
    ground::start() + chrono::TimeDelta::seconds(secs)
}

/// Bad above 5 % once seen for 10 s; read every 5 s; 10 events at least.
fn errors() -> Signal {
    ground::plan("x", vec![]).signals[0].clone()
}

fn series(readings: &[(i64, f64)]) -> Series {
    let readings = readings.iter().map(|(s, value)| Reading { at: at(*s), value: *value, events: 100 }).collect();
    Series { readings, every: Span::secs(5), ..Series::default() }
}

fn level(signal: &Signal, readings: &[(i64, f64)], now: i64) -> Level {
    let place = ground::signal_at("errors@prod");
    let mut observed = Observed::default();
    observed.series.insert(place.clone(), series(readings));
    judge(&observed, Some(signal), &place, at(now)).0.level
}

#[test]
fn a_breach_lasts_from_reading_to_reading() {
    let errors = errors();
    assert_eq!(level(&errors, &[(0, 0.9)], 0), Level::Hold, "seen once");
    assert_eq!(level(&errors, &[(0, 0.9)], 10), Level::Hold, "nobody looked in between");
    assert_eq!(level(&errors, &[(0, 0.9), (5, 0.9)], 10), Level::Hold);
    assert_eq!(level(&errors, &[(0, 0.9), (5, 0.9), (10, 0.9)], 10), Level::Fail);
    assert_eq!(level(&errors, &[(0, 0.9), (5, 0.01), (10, 0.9)], 10), Level::Hold, "a new breach");
    assert_eq!(level(&errors, &[(0, 0.9), (60, 0.9)], 60), Level::Hold, "what was in the gap is not known");
    assert_eq!(level(&errors, &[(0, 0.05)], 0), Level::Pass, "at the threshold is not beyond it");
    let below = Signal { bad: Bad::Below, hold_for: Span::ZERO, ..errors };
    assert_eq!(level(&below, &[(0, 0.04)], 0), Level::Fail);
    assert_eq!(level(&below, &[(0, 0.9)], 0), Level::Pass);
}

#[test]
fn a_warning_passes_and_says_so() {
    let errors = Signal { warn: Some(0.01), ..errors() };
    assert_eq!(level(&errors, &[(0, 0.03)], 0), Level::Warn);
    assert_eq!(level(&Signal { fail: None, warn: None, ..errors }, &[(0, 0.9)], 0), Level::Pass, "only shown");
}

#[test]
fn age_makes_it_unknown() {
    let errors = errors();
    assert_eq!(level(&errors, &[(0, 0.01)], 10), Level::Pass);
    assert_eq!(level(&errors, &[(0, 0.01)], 11), Level::Unknown);
    assert_eq!(level(&errors, &[], 0), Level::Unknown);
    assert_eq!(level(&errors, &[(0, f64::NAN)], 0), Level::Unknown);
    assert_eq!(level(&errors, &[(0, f64::INFINITY)], 0), Level::Unknown, "a division by nothing");
    let place = ground::signal_at("errors@prod");
    let (verdict, evidence) = judge(&Observed::default(), None, &place, at(0));
    assert_eq!((verdict.level, evidence.quality, evidence.value), (Level::Unknown, Quality::Lost, None));
}

#[test]
fn few_events_say_nothing_and_the_last_that_tells_must_be_fresh() {
    let errors = errors();
    let place = ground::signal_at("errors@prod");
    let mut row = series(&[(0, 0.01), (5, 0.9), (10, 0.9), (15, 0.9)]);
    let few = |(n, r): (usize, Reading)| Reading { events: if n > 0 { 9 } else { r.events }, ..r };
    row.readings = row.readings.iter().enumerate().map(few).collect();
    let mut observed = Observed::default();
    observed.series.insert(place.clone(), row);
    assert_eq!(judge(&observed, Some(&errors), &place, at(10)).0.level, Level::Pass);
    let (verdict, evidence) = judge(&observed, Some(&errors), &place, at(15));
    assert_eq!((verdict.level, evidence.quality), (Level::Unknown, Quality::Late));
}

#[test]
fn well_since_the_last_gap_or_the_last_breach_that_counts() {
    let errors = errors();
    let since = |readings: &[(i64, f64)]| well_since(&errors, &series(readings)).map(|t| (t - at(0)).num_seconds());
    assert_eq!(since(&[]), None);
    assert_eq!(since(&[(0, 0.0), (5, 0.0), (10, 0.0)]), Some(0));
    assert_eq!(since(&[(0, 0.0), (5, 0.9), (10, 0.9), (15, 0.0)]), Some(0), "a blip");
    assert_eq!(since(&[(0, 0.0), (5, 0.9), (10, 0.9), (15, 0.9), (20, 0.0), (25, 0.0)]), Some(20));
    assert_eq!(since(&[(0, 0.0), (5, 0.0), (16, 0.0), (21, 0.0)]), Some(16), "eleven seconds without a reading");
    assert_eq!(since(&[(0, 0.0), (5, 0.0), (15, 0.0)]), Some(0), "one reading missed is no gap");
}

#[test]
fn a_breach_is_new_only_when_it_began_after() {
    let errors = errors();
    let place = ground::signal_at("errors@prod");
    let mut observed = Observed::default();
    observed.series.insert(place.clone(), series(&[(5, 0.9), (10, 0.9), (15, 0.9)]));
    assert!(fails_anew(&observed, Some(&errors), &place, at(15), at(4)));
    assert!(!fails_anew(&observed, Some(&errors), &place, at(15), at(5)));
    assert!(!fails_anew(&observed, Some(&errors), &place, at(40), at(4)), "stale");
}

#[test]
fn what_cannot_be_read_is_not_well_because_it_was_a_moment_ago() {
    let errors = errors();
    let place = ground::signal_at("errors@prod");
    let mut observed = Observed::default();
    let mut see = |secs: i64, value: Option<f64>| {
        let what = match value {
            Some(value) => Observation::Reading(place.clone(), Reading { at: at(secs), value, events: 100 }),
            None => Observation::NoReading(place.clone(), "the query finds no series".to_owned()),
        };
        observed.apply(&Stamped { at: at(secs), source: "sh".into(), every: Span::secs(5), what: Ok(what) });
        let (verdict, evidence) = judge(&observed, Some(&errors), &place, at(secs));
        (verdict.level, evidence.quality, verdict.reasons[0].text.clone())
    };
    let well = see(0, Some(0.01));
    assert_eq!((well.0, well.1), (Level::Pass, Quality::Fresh));
    let unread = see(5, None);
    assert_eq!((unread.0, unread.1), (Level::Unknown, Quality::Late));
    assert!(unread.2.contains("the query finds no series") && unread.2.contains("last read 5s ago"), "{}", unread.2);
    assert_eq!(see(10, Some(0.01)).0, Level::Pass, "it is read again");
    // A breach that was seen is not taken back by it, and none is made of it.
    assert_eq!(see(15, Some(0.9)).0, Level::Hold);
    assert_eq!(see(20, None).0, Level::Unknown);
    assert_eq!((see(25, Some(0.9)).0, see(30, None).0), (Level::Fail, Level::Fail));
    assert_eq!(see(36, None).0, Level::Unknown, "it is late by now");
}
