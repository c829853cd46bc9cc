//! What is seen: how old it is, and that a fault removes nothing.

use chrono::{DateTime, Utc};
use holdpoint::domain::alert::{Alert, AlertState};
use holdpoint::domain::left_off::{LeftOff, still_off};
use holdpoint::domain::name::{EnvironmentName, ServiceName};
use holdpoint::domain::observed::{Deployment, Observation, Observed, Quality, Stamped, quality};
use holdpoint::domain::sample::{Sample, Scope};
use holdpoint::domain::series::{MINUTES, Minute, Reading, SERIES, Series};
use holdpoint::domain::signal::SignalAt;
use holdpoint::domain::span::Span;
use holdpoint::domain::topic::Topic;
use std::sync::Arc;

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

#[test]
fn what_a_source_remembers_comes_before_what_was_watched() {
    let minute = |n: i64, mean: f32| Minute { minute: n, mean, weight: 1.0 };
    let mut series = Series::default();
    series.push(Reading { at: DateTime::from_timestamp(600, 0).unwrap(), value: 1.0, events: u64::MAX });
    series.recall(&[minute(8, 0.8), minute(9, 0.9), minute(10, 9.0), minute(11, 9.0)]);
    let told: Vec<_> = series.minutes.iter().map(|m| (m.minute, m.mean)).collect();
    assert_eq!(told, [(8, 0.8), (9, 0.9), (10, 1.0)]);
    series.recall(&(-1000..8).map(|n| minute(n, 0.5)).collect::<Vec<_>>());
    assert_eq!((series.minutes.len(), series.minutes.front().unwrap().minute), (MINUTES, 11 - MINUTES as i64));
}

#[test]
fn what_was_left_off_is_not_known_where_it_is_not_seen_any_more() {
    let off = LeftOff { what: "auto-sync".to_owned(), of: "application web".to_owned(), ..LeftOff::default() };
    let row =
        |left_off: Option<&LeftOff>| Arc::new(Deployment { left_off: left_off.cloned(), ..Deployment::default() });
    let place = || (ServiceName::new("web"), EnvironmentName::new("prod"));
    let told = |observed: &Observed, ms: i64| {
        let all = still_off(observed, at(ms)).into_iter();
        all.map(|one| (one.quality, one.gone, one.seen)).collect::<Vec<_>>()
    };
    let whole = |off: Option<&LeftOff>, ms| seen(Ok(Observation::Deployments(vec![(place(), row(off))])), ms);
    let gone = [
        seen(Ok(Observation::DeploymentGone(place())), 900),
        // Begun anew, its source tells of nothing there.
        seen(Ok(Observation::Deployments(Vec::new())), 900),
    ];
    for gone in gone {
        let mut observed = Observed::default();
        observed.apply(&whole(Some(&off), 0));
        assert_eq!(told(&observed, 100), [(Quality::Fresh, false, at(0))]);
        observed.apply(&seen(Ok(Observation::Unheard(Topic::Deployments, "connection refused".to_owned())), 200));
        assert_eq!(told(&observed, 300), [(Quality::Late, false, at(0))], "a source that fails is late at once");
        observed.apply(&seen(Ok(Observation::Heartbeat), 500));
        observed.apply(&gone);
        assert_eq!(told(&observed, 1000), [(Quality::Lost, true, at(500))], "{gone:?}");
        let line = still_off(&observed, at(1000))[0].line();
        assert!(line.contains("auto-sync is unknown, not seen since 2027-01-15 08:00:00Z: it was OFF"), "{line}");
        assert!(!line.contains("is OFF"), "{line}");
        // What another source tells of the place says nothing of it.
        let other = Stamped { source: "other".into(), ..whole(None, 1100) };
        observed.apply(&other);
        assert_eq!(told(&observed, 1200).len(), 1);
        observed.apply(&whole(None, 1300));
        assert_eq!(told(&observed, 1400), []);
    }
}

#[test]
fn alerts_are_about_their_place_and_grow_old() {
    let alert = |name: &str, environment: Option<&str>, state| Alert {
        name: name.to_owned(),
        severity: String::new(),
        service: Some("payments".into()),
        environment: environment.map(EnvironmentName::from),
        state,
        since: at(0),
        skewed: false,
        summary: String::new(),
    };
    let mut observed = Observed::default();
    let all = vec![
        alert("quiet", None, AlertState::Silenced { until: None }),
        alert("loud", Some("prod"), AlertState::Firing),
        alert("elsewhere", Some("lab"), AlertState::Firing),
    ];
    observed.apply(&seen(Ok(Observation::Alerts(all)), 0));
    observed.apply(&seen(Err("gone".into()), 10));
    let names = |ms| -> Vec<_> {
        let told = observed.alerts_of(&target("payments"), at(ms));
        told.into_iter().map(|(_, alert, quality)| (alert.name.clone(), quality)).collect()
    };
    assert_eq!(names(500), [("loud".to_owned(), Quality::Fresh), ("quiet".to_owned(), Quality::Fresh)]);
    assert_eq!(names(9000)[0].1, Quality::Lost);
    assert!(observed.alerts_of(&target("fx"), at(0)).is_empty());
    observed.apply(&seen(Ok(Observation::Alerts(vec![])), 20));
    assert!(observed.alerts_of(&target("payments"), at(20)).is_empty());
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
    assert_eq!(series.readings.front().unwrap().at, at(5));
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

#[test]
fn the_end_of_one_sources_row_takes_nothing_of_anothers_away() {
    let place = (ServiceName::from("payments"), EnvironmentName::from("prod"));
    let version = |version: &str| std::sync::Arc::new(Deployment { version: version.into(), ..Deployment::default() });
    let mut observed = Observed::default();
    observed.apply(&Stamped {
        source: "other".into(),
        ..seen(Ok(Observation::Deployment(place.clone(), version("1"))), 0)
    });
    observed.apply(&seen(Ok(Observation::DeploymentGone(place.clone())), 1));
    assert_eq!(observed.deployment(&place).unwrap().value.version, "1");
    observed.apply(&Stamped { source: "other".into(), ..seen(Ok(Observation::DeploymentGone(place.clone())), 2) });
    assert!(observed.deployment(&place).is_none());
}

#[test]
fn a_fault_of_one_topic_stays_until_that_one_is_heard() {
    let mut observed = Observed::default();
    observed.apply(&seen(Ok(Observation::Unheard(Topic::Alerts, "refused".to_owned())), 0));
    observed.apply(&seen(Ok(Observation::Heartbeat), 1));
    let why = |observed: &Observed, topic| observed.sources["sh"].why(topic).cloned();
    assert_eq!((why(&observed, Topic::Alerts), why(&observed, Topic::Deployments)), (Some("refused".to_owned()), None));
    assert_eq!(observed.sources["sh"].trouble().map(String::as_str), Some("refused"));
    observed.apply(&seen(Ok(Observation::Alerts(Vec::new())), 2));
    assert_eq!(observed.sources["sh"].trouble(), None);
    // What is said of none is said of all, until anything is heard; of windows it is told apart.
    observed.apply(&seen(Err("gone".to_owned()), 3));
    assert!(Topic::ALL.into_iter().all(|topic| why(&observed, topic).is_some()));
    observed.apply(&seen(Ok(Observation::NoWindows("no right".to_owned())), 4));
    observed.apply(&seen(Ok(Observation::Heartbeat), 5));
    let all = Topic::ALL.map(|topic| why(&observed, topic));
    assert_eq!(all, [None, None, None, None, Some("no right".to_owned())]);
}

#[test]
fn a_sample_of_what_could_not_be_read_is_not_fresh() {
    let signal = SignalAt { signal: "ready".into(), environment: "prod".into() };
    let scope = Scope { signals: [signal.clone()].into(), ..Scope::default() };
    let mut observed = Observed::default();
    let reading = Reading { at: at(0), value: 1.0, events: u64::MAX };
    observed.apply(&seen(Ok(Observation::Derived(signal.clone(), Ok(reading))), 0));
    observed.apply(&seen(Ok(Observation::Derived(signal, Err("it is rolling".to_owned()))), 1000));
    let quality = |ms| Sample::taken(&scope, &observed, at(ms)).signals[0].quality;
    assert_eq!((quality(999), quality(1000), quality(9000)), (Quality::Fresh, Quality::Late, Quality::Lost));
}
