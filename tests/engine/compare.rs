//! Before a change against after it: worse, no worse, or not known.

use crate::ground;
use chrono::TimeDelta;
use holdpoint::domain::series::{Reading, Series};
use holdpoint::domain::signal::{Bad, Signal};
use holdpoint::domain::span::Span;
use holdpoint::engine::compare::{Compared, FEWEST, Outcome, compare};

/// Readings every 5 s, the change between the two rows.
fn compared(signal: &Signal, before: &[f64], after: &[f64]) -> Compared {
    let mut series = Series { every: Span::secs(5), ..Series::default() };
    let start = ground::start();
    for (n, value) in before.iter().chain(after).enumerate() {
        series.push(Reading { at: start + TimeDelta::seconds(5 * n as i64), value: *value, events: 100 });
    }
    compare(signal, &series, start + TimeDelta::seconds(5 * before.len() as i64))
}

/// A share that fails above 5 %.
fn errors() -> Signal {
    ground::plan("x", vec![]).signals[0].clone()
}

/// Around a mean, a little up and down.
fn around(mean: f64, count: usize) -> Vec<f64> {
    (0..count).map(|n| mean * if n % 2 == 0 { 0.95 } else { 1.05 }).collect()
}

#[test]
fn worse_by_more_than_chance_fails_though_within_its_threshold() {
    let errors = errors();
    let found = compared(&errors, &around(0.004, 20), &around(0.012, 20));
    assert_eq!(found.outcome, Outcome::Fail, "{found:?}");
    let (before, after) = (found.before.unwrap(), found.after.unwrap());
    assert!((before.mean - 0.004).abs() < 1e-9 && (after.mean - 0.012).abs() < 1e-9);
    assert_eq!((before.readings, after.readings), (20, 20));
    assert_eq!(compared(&errors, &around(0.012, 20), &around(0.004, 20)).outcome, Outcome::Pass, "better");
    assert_eq!(compared(&errors, &around(0.004, 20), &around(0.0041, 20)).outcome, Outcome::Pass, "a trifle");
    let below = Signal { bad: Bad::Below, fail: None, ..errors };
    assert_eq!(compared(&below, &around(600.0, 20), &around(300.0, 20)).outcome, Outcome::Fail);
    assert_eq!(compared(&below, &around(300.0, 20), &around(600.0, 20)).outcome, Outcome::Pass);
}

#[test]
fn noise_is_no_verdict_of_failure() {
    let noisy: Vec<f64> = (0..20).map(|n| if n % 5 == 0 { 0.04 } else { 0.001 }).collect();
    let noisier: Vec<f64> = (0..20).map(|n| if n % 4 == 0 { 0.04 } else { 0.001 }).collect();
    assert_eq!(compared(&errors(), &noisy, &noisier).outcome, Outcome::Pass);
}

#[test]
fn too_little_is_inconclusive_and_beyond_the_threshold_needs_no_before() {
    let errors = errors();
    let few = FEWEST - 1;
    assert_eq!(compared(&errors, &around(0.004, 20), &around(0.004, few)).outcome, Outcome::Inconclusive);
    assert_eq!(compared(&errors, &around(0.004, few), &around(0.004, 20)).outcome, Outcome::Inconclusive);
    assert_eq!(compared(&errors, &[], &around(0.5, 20)).outcome, Outcome::Fail);
    assert_eq!(compared(&errors, &[], &[]), Compared { before: None, after: None, outcome: Outcome::Inconclusive });
    let nothing = vec![f64::NAN; 20];
    assert_eq!(compared(&errors, &around(0.004, 20), &nothing).outcome, Outcome::Inconclusive);
}
