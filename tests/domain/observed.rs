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
    let all =
        |names: &[&str]| Observation::Deployments(names.iter().map(|n| (target(n), Deployment::default())).collect());
    observed.apply(seen(Ok(all(&["a", "b"])), 0));
    observed.apply(seen(Err("reset".to_owned()), 1));
    assert_eq!(observed.deployments.len(), 2);
    assert_eq!(observed.sources["sh"].fault.as_deref(), Some("reset"));
    observed.apply(seen(Ok(all(&["b", "c"])), 2));
    assert!(!observed.deployments.contains_key(&target("a")), "a missed delete heals");
    assert_eq!(observed.sources["sh"].fault, None);
    observed.apply(seen(Ok(Observation::Heartbeat), 5000));
    assert_eq!(observed.deployments[&target("b")].at, at(5000), "still true");
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
