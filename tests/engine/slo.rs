//! How fast a budget burns: over windows that were read, and never from silence.

use crate::ground;
use chrono::TimeDelta;
use holdpoint::domain::series::{MINUTES, Minute, Reading, Series};
use holdpoint::domain::slo::Slo;
use holdpoint::domain::span::Span;
use holdpoint::domain::verdict::Level;
use holdpoint::engine::slo::{Burn, burn, left};

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
    assert!((series.minutes.front().unwrap().mean - 0.0149).abs() < 1e-5, "{:?}", series.minutes);
    for n in 0..(MINUTES as i64 + 9) {
        series.push(Reading { at: start + TimeDelta::minutes(n), value: 0.1, events: 0 });
    }
    assert_eq!(series.minutes.len(), MINUTES);
}

/// One value for every ten minutes of so many days, the newest at `at(0)`.
fn long(days: f64, share: f32) -> Vec<Minute> {
    let newest = ground::start().timestamp().div_euclid(60);
    let count = (days * 144.0) as i64;
    (0..count).rev().map(|n| Minute { minute: newest - n * 10, mean: share, weight: 1.0 }).collect()
}

/// Six hours at one share, and the days before it at another.
fn slow(days: f64, long_share: f32, share: f64) -> Burn {
    let mut series = series(&vec![Some(share); 360]);
    let end = ground::start() + TimeDelta::minutes(360);
    series.long = long(days, long_share);
    series.long.iter_mut().for_each(|value| value.minute += 360);
    burn(&slo(), Some(&series), end - TimeDelta::seconds(1))
}

#[test]
fn days_burn_slowly_and_only_warn() {
    let found = slow(3.0, 0.04, 0.009);
    let [two, day, days] = found.slow;
    assert!(near(two, 0.9) && near(day, 4.0) && near(days, 4.0), "{found:?}");
    assert_eq!(found.level, Level::Pass, "long ago it was bad; the short windows of the pairs say that it is over");
    // Three in a day and in two hours, and more than one in three days and in six hours.
    assert_eq!(slow(3.0, 0.031, 0.031).level, Level::Warn);
    assert_eq!(slow(3.0, 0.02, 0.009).level, Level::Pass);
    // Six in every window fails by the short ones; the days never do.
    assert_eq!(slow(3.0, 0.09, 0.07).level, Level::Fail);
    let mut only_days = Series { every: Span::secs(20), long: long(3.0, 0.9), ..Series::default() };
    only_days.long.iter_mut().for_each(|value| value.minute += 360);
    let found = burn(&slo(), Some(&only_days), ground::start() + TimeDelta::minutes(360));
    assert!(found.slow[2].is_some_and(|rate| rate > 80.0), "{found:?}");
    assert_eq!(found.level, Level::Unknown, "days alone say nothing of now");
}

#[test]
fn a_slow_pair_warns_where_the_quick_windows_do_not() {
    // The last hour is calm, the six hours and the three days are not.
    let mut shares = vec![Some(0.013); 360];
    shares[300..].fill(Some(0.001));
    let mut series = series(&shares);
    series.long = long(3.0, 0.012);
    series.long.iter_mut().for_each(|value| value.minute += 360);
    let end = ground::start() + TimeDelta::minutes(360) - TimeDelta::seconds(1);
    let found = burn(&slo(), Some(&series), end);
    assert!(
        found.rates[3].is_some_and(|rate| rate > 1.0) && found.rates[2].is_some_and(|rate| rate < 1.0),
        "{found:?}"
    );
    assert_eq!((found.level, found.out_in), (Level::Warn, None));
    series.long.clear();
    assert_eq!(burn(&slo(), Some(&series), end).level, Level::Pass, "without the days nothing is said");
}

#[test]
fn a_slow_pair_that_warns_is_named() {
    let hours = |long: u64, short: u64| Some((Span::mins(long * 60), Span::mins(short * 60)));
    assert_eq!(slow(3.0, 0.031, 0.031).slowly, hours(24, 2), "both pairs are, and the shorter one is named");
    assert_eq!(slow(3.0, 0.015, 0.015).slowly, hours(72, 6));
    assert_eq!(slow(3.0, 0.02, 0.009).slowly, None);
}

#[test]
fn a_signal_that_is_lost_is_unknown_though_six_hours_are_remembered() {
    for share in [0.002, 0.02, 0.2] {
        let mut series = series(&[Some(share); 360]);
        series.long = long(3.0, 0.09);
        series.long.iter_mut().for_each(|value| value.minute += 360);
        for (lost, known) in [(20, true), (35, false), (170, false)] {
            let found = burn(&slo(), Some(&series), at(360 + lost));
            assert!(found.rates[3].is_some(), "{found:?}");
            assert_eq!(found.level != Level::Unknown, known, "lost for {lost} minutes, {share}: {found:?}");
        }
    }
}

#[test]
fn days_of_which_less_than_half_is_remembered_say_nothing() {
    let found = slow(0.4, 0.04, 0.04);
    assert_eq!((found.slow[1], found.slow[2]), (None, None), "{found:?}");
    let found = slow(1.2, 0.04, 0.04);
    assert!(found.slow[1].is_some() && found.slow[2].is_none(), "{found:?}");
}

#[test]
fn days_of_which_nothing_new_is_heard_say_nothing() {
    let series = Series { every: Span::secs(20), long: long(3.0, 0.04), ..Series::default() };
    for (later, known) in [(0, true), (19, true), (30, false), (5 * 60, false)] {
        let [_, day, days] = burn(&slo(), Some(&series), at(later)).slow;
        assert_eq!((day.is_some(), days.is_some()), (known, known), "{later} minutes after the newest");
    }
}

/// So many hours that its source remembers, the newest ending at `at(0)`, and read in the minute after it.
fn hours(count: i64, share: f32, known: f32) -> Series {
    let newest = ground::start().timestamp().div_euclid(60);
    let whole = (0..count).rev().map(|n| Minute { minute: newest - n * 60, mean: share, weight: known }).collect();
    let mut series = Series { every: Span::secs(20), whole, ..Series::default() };
    series.push(Reading { at: ground::start() + TimeDelta::seconds(90), value: 0.0, events: 100 });
    series
}

#[test]
fn what_is_left_is_told_of_a_whole_period_and_at_most_what_is_not_known_to_be_spent() {
    let (month, now) = ((0.99, Span::secs(30 * 86_400)), at(2));
    let found = left(month, Some(&hours(720, 0.004, 60.0)), now);
    assert!(near(found.share, 0.6) && found.covers > Span::mins(719 * 60), "{found:?}");
    // Older than the period, and what nothing is known of, count for nothing.
    assert!(near(left(month, Some(&hours(1_000, 0.004, 60.0)), now).share, 0.6));
    for series in [hours(600, 0.004, 60.0), hours(720, 0.004, 50.0)] {
        let found = left(month, Some(&series), now);
        assert!(found.share.is_none() && near(Some(found.at_most), 1.0 - 0.4 * 600.0 / 720.0), "{found:?}");
        assert!(found.covers <= Span::mins(600 * 60 + 1), "{found:?}");
    }
    // More than there was is spent in what is known.
    let found = left(month, Some(&hours(360, 0.03, 60.0)), now);
    assert!(found.share.is_none() && found.at_most < -0.4, "{found:?}");
    assert_eq!(burn(&slo(), Some(&hours(360, 0.03, 60.0)), now).level, Level::Unknown, "nothing is known of now");
    let nothing = left(month, None, now);
    assert_eq!((nothing.share, nothing.at_most, nothing.covers), (None, 1.0, Span::ZERO));
    // What ended a while ago is not about now.
    assert_eq!(left(month, Some(&hours(720, 0.004, 60.0)), at(30)).share, None);
    // Days and minutes go on where the hours end, and nothing counts twice.
    let mut series = hours(700, 0.0, 60.0);
    series.whole.iter_mut().for_each(|hour| hour.minute -= 24 * 60);
    series.long = long(3.0, 0.01);
    let spent = left(month, Some(&series), now).share.map(|share| 1.0 - share);
    assert!(near(spent, 24.0 / 720.0), "{spent:?}");
    // Nor where one ends within another.
    let mut series = hours(10, 0.0, 60.0);
    let newest = ground::start().timestamp().div_euclid(60);
    series.minutes = Default::default();
    series.long = (0..3).map(|n| Minute { minute: newest + 3 + n * 10, mean: 0.0, weight: 1.0 }).collect();
    assert_eq!(left(month, Some(&series), at(24)).covers, Span::mins(10 * 60 + 23));
}

#[test]
fn what_is_left_lasts_as_long_as_the_last_hour_lets_it() {
    let mut series = hours(720, 0.004, 60.0);
    for minute in 2..62 {
        series.push(Reading { at: at(minute), value: 0.02, events: 100 });
    }
    let found = burn(&slo(), Some(&series), at(62));
    assert!(found.left.share.is_some_and(|share| (share - 0.6).abs() < 0.01), "{found:?}");
    let days = found.out_in.unwrap().delta().num_hours() as f64 / 24.0;
    assert!((days - 9.0).abs() < 0.2, "three fifths of 30 days at twice the rate: {days}");
    let mut spent = hours(720, 0.012, 60.0);
    spent.push(Reading { at: at(2), value: 0.0, events: 100 });
    let found = burn(&slo(), Some(&spent), at(2));
    assert!(found.left.share.is_some_and(|share| share < 0.0), "{found:?}");
}
