//! What is seen: how old it is, and that a fault removes nothing.

use chrono::{DateTime, Utc};
use holdpoint::domain::name::{EnvironmentName, ServiceName};
use holdpoint::domain::observed::{
    Deployment, Observation, Observed, Quality, Reading, SERIES, Series, Stamped, quality,
};
use holdpoint::domain::span::Span;

fn at(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_800_000_000_000 + ms).unwrap()
}

#[test]
fn fresh_up_to_twice_and_late_up_to_five_times_the_interval() {
    let every = Span::secs(10);
    for (age, found) in [
        (0, Quality::Fresh),
        (20_000, Quality::Fresh),
        (20_001, Quality::Late),
        (50_000, Quality::Late),
        (50_001, Quality::Lost),
    ] {
        assert_eq!(quality(at(0), every, at(age)), found, "{age} ms");
    }
    assert_eq!(quality(at(1000), every, at(0)), Quality::Fresh, "a clock a little ahead is no fault");
}

fn seen(what: Result<Observation, String>, ms: i64) -> Stamped {
    Stamped { at: at(ms), source: "sh".into(), every: Span::secs(1), what }
}

fn target(service: &str) -> (ServiceName, EnvironmentName) {
    (service.into(), "prod".into())
}

#[test]
fn a_snapshot_replaces_and_a_fault_removes_nothing() {
    let mut observed = Observed::default();
    let all = |names: &[&str]| {
        Observation::Deployments(names.iter().map(|n| (target(n), Deployment::default().into())).collect())
    };
    observed.apply(&seen(Ok(all(&["a", "b"])), 0));
    observed.apply(&seen(Err("reset".to_owned()), 1));
    assert_eq!(observed.deployments().len(), 2);
    assert_eq!(observed.sources["sh"].fault.as_deref(), Some("reset"));
    observed.apply(&seen(Ok(all(&["b", "c"])), 2));
    assert!(observed.deployment(&target("a")).is_none(), "a missed delete heals");
    assert_eq!(observed.sources["sh"].fault, None);
    observed.apply(&seen(Ok(Observation::Heartbeat), 5000));
    assert_eq!(observed.deployment(&target("b")).unwrap().at, at(5000), "still true");
}

#[test]
fn a_series_keeps_the_newest() {
    let mut series = Series { every: Span::secs(1), ..Series::default() };
    for n in 0..SERIES as i64 + 5 {
        series.push(Reading { at: at(n), value: n as f64, events: 1 });
    }
    assert_eq!(series.readings.len(), SERIES);
    assert_eq!(series.readings[0].at, at(5));
}

/// One deployment of `sh`, which is asked every second.
fn one() -> Observed {
    let mut observed = Observed::default();
    let all = Observation::Deployments(vec![(target("a"), Deployment::default().into())]);
    observed.apply(&seen(Ok(all), 100_000));
    observed
}

#[test]
fn word_that_nothing_has_changed_keeps_everything_of_its_source_fresh_and_of_no_other() {
    let mut observed = one();
    let beat = |source: &str, n: i64| Stamped { source: source.into(), ..seen(Ok(Observation::Heartbeat), n * 1000) };
    let quality = |observed: &Observed, n: i64| observed.deployment(&target("a")).unwrap().quality(at(n * 1000));
    observed.apply(&beat("other", 110));
    assert_eq!(quality(&observed, 110), Quality::Lost);
    observed.apply(&beat("sh", 110));
    assert_eq!(quality(&observed, 112), Quality::Fresh);
    assert_eq!(quality(&observed, 113), Quality::Late);
}

#[test]
fn a_clock_that_is_set_back_makes_nothing_fresh_until_it_has_caught_up() {
    let mut observed = one();
    let beat = |n: i64| seen(Ok(Observation::Heartbeat), n * 1000);
    observed.apply(&beat(3600));
    observed.apply(&beat(50));
    assert_eq!(observed.deployment(&target("a")).unwrap().at, at(50_000));
    assert_eq!(observed.deployment(&target("a")).unwrap().quality(at(60_000)), Quality::Lost);
}

#[test]
fn one_source_that_is_long_silent_makes_no_other_look_old() {
    // A replay tells deployments with the times at which they were confirmed, in no order of time.
    let mut observed = one();
    let told = |source: &str, service: &str, n: i64| {
        let what = Observation::Deployment(target(service), Deployment::default().into());
        Stamped { source: source.into(), ..seen(Ok(what), n * 1000) }
    };
    observed.apply(&told("other", "b", 400));
    observed.apply(&told("sh", "a", 40));
    assert_eq!(observed.deployment(&target("b")).unwrap().quality(at(400_000)), Quality::Fresh);
}

#[test]
fn what_lies_far_ahead_is_of_unknown_age() {
    assert_eq!(quality(at(60_000), Span::secs(10), at(0)), Quality::Lost);
}
