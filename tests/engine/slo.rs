//! How fast a budget burns: over windows that were read, and never from silence.

use crate::ground;
use chrono::TimeDelta;
use holdpoint::domain::observed::{MINUTES, Reading, Series};
use holdpoint::domain::slo::Slo;
use holdpoint::domain::span::Span;
use holdpoint::domain::verdict::Level;
use holdpoint::engine::slo::burn;

/// 99 % over 30 days, so that a share of 1 % burns at 1.
fn slo() -> Slo {
    Slo {
        name: "s".into(),
        title: "s".to_owned(),
        signal: "errors".into(),
        objective: 0.99,
        period: Span::secs(30 * 86_400),
    }
}

/// A reading every 20 s for each minute of shares.
fn series(shares: &[Option<f64>]) -> Series {
    let mut series = Series { every: Span::secs(20), ..Series::default() };
    for (minute, share) in shares.iter().enumerate() {
        for n in 0..3 {
            let at = ground::start() + TimeDelta::minutes(minute as i64) + TimeDelta::seconds(n * 20);
            if let Some(value) = share {
                series.push(Reading { at, value: *value, events: 100 });
            }
        }
    }
    series
}

fn at(minute: i64) -> chrono::DateTime<chrono::Utc> {
    ground::start() + TimeDelta::minutes(minute) + TimeDelta::seconds(-1)
}

fn near(found: Option<f64>, wanted: f64) -> bool {
    found.is_some_and(|found| (found - wanted).abs() < wanted * 1e-3)
}

#[test]
fn a_rate_is_the_share_that_fails_over_the_share_that_may() {
    let found = burn(&slo(), Some(&series(&[Some(0.02); 60])), at(60));
    let [five, half, hour, long] = found.rates;
    assert!(near(five, 2.0) && near(half, 2.0) && near(hour, 2.0), "{found:?}");
    assert_eq!(long, None, "an hour says nothing of six");
    assert_eq!((found.level, found.watched), (Level::Warn, Span::mins(60)));
    // Two parts of a budget of 720 hours are spent in an hour.
    assert!(near(Some(found.spent), 2.0 / 720.0), "{found:?}");
    let left = found.out_in.unwrap();
    assert!(left < Span::secs(15 * 86_400) && left > Span::secs(14 * 86_400), "{left}");
}

#[test]
fn a_blip_is_not_a_burn() {
    let mut shares = vec![Some(0.002); 60];
    shares[57..].fill(Some(0.2));
    let found = burn(&slo(), Some(&series(&shares)), at(60));
    let [five, half, hour, _] = found.rates;
    assert!(five.unwrap() > 6.0 && half.unwrap() > 1.0 && hour.unwrap() > 1.0, "{found:?}");
    assert_eq!(found.level, Level::Warn, "five minutes alone fail nothing");
    shares[50..].fill(Some(0.2));
    assert_eq!(burn(&slo(), Some(&series(&shares)), at(60)).level, Level::Fail);
    let calm = burn(&slo(), Some(&series(&[Some(0.002); 60])), at(60));
    assert_eq!((calm.level, calm.out_in), (Level::Pass, None));
}

#[test]
fn silence_says_nothing() {
    assert_eq!(burn(&slo(), None, at(60)).level, Level::Unknown);
    let mut shares = vec![Some(0.02); 60];
    shares[20..].fill(None);
    let found = burn(&slo(), Some(&series(&shares)), at(60));
    assert_eq!(found.rates, [None; 4], "20 of the last 60 minutes, none of the last 30");
    assert_eq!((found.level, found.out_in, found.watched), (Level::Unknown, None, Span::mins(20)));
    // Read once in five minutes, a reading in each is all there can be.
    let mut slow = Series { every: Span::mins(5), ..Series::default() };
    for n in 0..12 {
        slow.push(Reading { at: ground::start() + TimeDelta::minutes(5 * n), value: 0.02, events: 100 });
    }
    assert!(near(burn(&slo(), Some(&slow), at(60)).rates[2], 2.0));
}

#[test]
fn minutes_weigh_by_events_and_are_bounded() {
    let mut series = Series { every: Span::secs(20), ..Series::default() };
    let start = ground::start();
    series.push(Reading { at: start, value: 0.5, events: 1 });
    series.push(Reading { at: start + TimeDelta::seconds(20), value: 0.01, events: 99 });
    series.push(Reading { at: start + TimeDelta::seconds(40), value: f64::NAN, events: 1_000 });
    series.push(Reading { at: start - TimeDelta::minutes(5), value: 1.0, events: 1_000 });
    assert_eq!(series.minutes.len(), 1);
    assert!((series.minutes[0].mean - 0.0149).abs() < 1e-5, "{:?}", series.minutes);
    for n in 0..(MINUTES as i64 + 9) {
        series.push(Reading { at: start + TimeDelta::minutes(n), value: 0.1, events: 0 });
    }
    assert_eq!(series.minutes.len(), MINUTES);
}
