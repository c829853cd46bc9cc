//! Signals that follow from what is seen: what is passed on, how often, and what they say nothing of.

use crate::{ground, seen};
use chrono::TimeDelta;
use holdpoint::domain::Timestamp;
use holdpoint::domain::name::SignalName;
use holdpoint::domain::observed::{Observation, Observed, Stamped};
use holdpoint::domain::series::{LONG, Minute, Reading, Series};
use holdpoint::domain::signal::{Query, Signal};
use holdpoint::domain::span::Span;
use holdpoint::domain::verdict::Level;
use holdpoint::engine::derived::{outdated, take_in};
use holdpoint::engine::signal::judge;
use holdpoint::engine::slo::pair;
use std::collections::{BTreeMap, BTreeSet};

fn signals() -> BTreeMap<SignalName, Signal> {
    seen::signals().into_iter().map(|signal| (signal.name.clone(), signal)).collect()
}

fn at(millis: i64) -> Timestamp {
    ground::start() + TimeDelta::milliseconds(millis)
}

fn told(millis: i64, source: &str, kind: &str, text: &str) -> Stamped {
    let what = seen::seen(kind, text).unwrap();
    Stamped { at: at(millis), source: source.into(), every: Span::secs(5), what }
}

fn series<'a>(observed: &'a Observed, name: &str) -> Option<&'a Series> {
    observed.series.get(&ground::signal_at(&format!("{name}@stage")))
}

#[test]
fn what_is_passed_on_is_folded_to_the_same() {
    let beat = Stamped { at: at(5000), source: "sh".into(), every: Span::secs(5), what: Ok(Observation::Heartbeat) };
    let batch = vec![
        told(0, "sh", "rollout", "web stage 1 state=stable ready=3/3"),
        told(100, "sh", "alerts", "Errors/critical/silenced"),
        beat,
        told(6000, "sh", "unreachable", "connection refused"),
    ];
    let mut observed = Observed::default();
    let passed = take_in(&mut observed, &signals(), batch);
    let mut folded = Observed::default();
    passed.iter().for_each(|seen| folded.apply(seen));
    assert_eq!(folded.series, observed.series);
    let ready = series(&folded, "ready").unwrap();
    assert_eq!(ready.readings.iter().map(|r| (r.at, r.value)).collect::<Vec<_>>(), [(at(0), 1.0), (at(5000), 1.0)]);
    assert_eq!(ready.fault, Some((at(6000), "connection refused".to_owned())));
    assert_eq!(series(&folded, "alerts").unwrap().last().map(|r| (r.at, r.value)), Some((at(100), 1.0)));
    // What follows from a fault is no word of its source.
    let source = &observed.sources["sh"];
    assert_eq!((source.heard, source.fault.as_deref()), (Some(at(5000)), Some("connection refused")));
}

#[test]
fn a_burst_that_changes_nothing_pushes_nothing_out() {
    let (mut observed, signals) = (Observed::default(), signals());
    let burst = |n: i64| told(n * 10, "sh", "rollout", "web stage 1 state=stable ready=3/3");
    take_in(&mut observed, &signals, (0..1000).map(burst).collect());
    assert_eq!(series(&observed, "ready").unwrap().readings.len(), 4, "two in an interval of 5 s, over 10 s");
    // What changes is told at once.
    take_in(&mut observed, &signals, vec![told(9_991, "sh", "rollout", "web stage 1 state=stable ready=2/3")]);
    assert_eq!(series(&observed, "ready").unwrap().last().map(|r| r.at), Some(at(9_991)));
    // A clock that was set back is followed.
    take_in(&mut observed, &signals, vec![told(500, "sh", "rollout", "web stage 1 state=stable ready=2/3")]);
    assert_eq!(series(&observed, "ready").unwrap().last().map(|r| r.at), Some(at(500)));
}

#[test]
fn another_source_says_nothing_of_it() {
    let (mut observed, signals) = (Observed::default(), signals());
    let other = vec![
        told(0, "other", "rollout", "web stage 1 state=stable ready=3/3"),
        told(0, "other", "alerts", ""),
        told(0, "other", "unreachable", "gone"),
    ];
    take_in(&mut observed, &signals, other);
    assert!(series(&observed, "ready").is_none() && series(&observed, "alerts").is_none());
    // Its source lives, and knows nothing of the place that another one tells of.
    let beat = Stamped { what: Ok(Observation::Heartbeat), ..told(1000, "sh", "alerts", "") };
    take_in(&mut observed, &signals, vec![beat]);
    let place = ground::signal_at("ready@stage");
    let (verdict, _) = judge(&observed, signals.get("ready"), &place, at(1000));
    assert_eq!(verdict.level, Level::Unknown);
    assert!(verdict.reasons[0].text.contains("nothing is known to be deployed there"), "{verdict:?}");
}

#[test]
fn a_canary_that_stops_on_its_way_is_not_ready_and_leads_to_what_tells_of_it() {
    let (mut observed, signals) = (Observed::default(), signals());
    let stops = "web stage 1 candidate=2 state=paused ready=3/3 checks=errors:passed";
    take_in(&mut observed, &signals, vec![told(0, "sh", "rollout", stops)]);
    let judged =
        |name: &str| judge(&observed, signals.get(name), &ground::signal_at(&format!("{name}@stage")), at(1)).0;
    let ready = judged("ready");
    assert!(ready.reasons[0].text.contains("may be of 1; while it stops there, trouble tells of it"), "{ready:?}");
    assert_eq!((ready.level, judged("trouble").level), (Level::Unknown, Level::Pass));
}

#[test]
fn what_means_something_else_on_disk_is_derived_no_more_and_the_rest_goes_on() {
    let (mut observed, opened) = (Observed::default(), signals());
    let mut files = opened.clone();
    let change = |files: &mut BTreeMap<SignalName, Signal>, name: &str, query: Query| {
        files.get_mut(name).unwrap().query = query;
    };
    change(&mut files, "pages", Query::Alerts { severity: None, watchdog: Some("Watchdog".to_owned()) });
    files.remove("trouble");
    let new = Signal { name: "warnings".into(), ..opened["alerts"].clone() };
    files.insert(new.name.clone(), new);
    // Thresholds are judged here, and change nothing of what follows.
    files.get_mut("ready").unwrap().fail = Some(0.5);
    let told_between = |opened: &BTreeMap<SignalName, Signal>, files: &BTreeMap<SignalName, Signal>| {
        let told = outdated::told(opened, files, at(0));
        let name = |seen: Stamped| match seen.what {
            Ok(Observation::Derived(at, Err(why))) => {
                assert_eq!(why, "it changed on disk; start holdpoint again to have it");
                at.to_string()
            }
            other => panic!("{other:?}"),
        };
        told.into_iter().map(name).collect::<BTreeSet<String>>()
    };
    let told_of = |files: &BTreeMap<SignalName, Signal>| told_between(&opened, files);
    let places = |name: &str| ["prod", "stage"].map(|place| format!("{name}@{place}"));
    let all: BTreeSet<_> = ["pages", "trouble", "warnings"].iter().flat_map(|name| places(name)).collect();
    assert_eq!(told_of(&files), all);
    let standing = outdated::standing(&opened, &files);
    assert_eq!(
        standing.keys().map(SignalName::as_str).collect::<Vec<_>>(),
        ["alerts", "burn", "ready", "remaining", "reporting"]
    );
    take_in(&mut observed, &standing, vec![told(0, "sh", "alerts", "Errors/critical/firing Watchdog/none/firing")]);
    assert!(series(&observed, "alerts").is_some() && series(&observed, "pages").is_none());
    assert!(told_of(&opened).is_empty(), "as it was");
    // What a burn rate rests on is a part of it, and what is counted by version.
    let resting = |min_events: u64, ask: &str, source: &str| {
        let query = Query::Plugin { ask: ask.to_owned() };
        let errors =
            Signal { name: "errors".into(), min_events, query, source: source.into(), ..opened["alerts"].clone() };
        opened.clone().into_iter().chain([(errors.name.clone(), errors)]).collect::<BTreeMap<_, _>>()
    };
    let all: BTreeSet<_> = ["burn", "remaining", "reporting"].iter().flat_map(|name| places(name)).collect();
    let was = resting(0, "errors", "sh");
    assert_eq!(told_between(&was, &resting(5, "errors", "sh")), places("burn").into());
    for is in [resting(0, "more", "sh"), resting(0, "errors", "other"), opened.clone()] {
        assert_eq!(told_between(&was, &is), all);
    }
    assert!(told_between(&was, &resting(0, "errors", "sh")).is_empty());
}

#[test]
fn what_is_gone_is_not_ready() {
    let (mut observed, signals) = (Observed::default(), signals());
    take_in(&mut observed, &signals, vec![told(0, "sh", "rollout", "web stage 1 state=stable ready=3/3")]);
    let gone = Observation::DeploymentGone(("web".into(), "stage".into()));
    let gone = Stamped { what: Ok(gone), ..told(1, "sh", "alerts", "") };
    take_in(&mut observed, &signals, vec![gone]);
    let (verdict, evidence) = judge(&observed, signals.get("ready"), &ground::signal_at("ready@stage"), at(2));
    assert_eq!((verdict.level, evidence.level), (Level::Unknown, Level::Unknown));
}

/// Read every minute up to the start, and remembered for days.
fn remembered(quick: &[f64], days: f32) -> Series {
    let mut series = Series { every: Span::mins(1), ..Series::default() };
    for (n, value) in quick.iter().rev().enumerate().rev() {
        series.push(Reading { at: at(-60_000 * n as i64 - 1), value: *value, events: 100 });
    }
    let minute = ground::start().timestamp() / 60;
    let step = LONG.delta().num_minutes();
    series.long = (1..432).rev().map(|n| Minute { minute: minute - n * step, mean: days, weight: 1.0 }).collect();
    series
}

#[test]
fn a_pair_burns_at_the_smaller_of_its_rates() {
    let near =
        |found: Result<f64, String>, wanted: f64| (found.clone().unwrap() - wanted).abs() < 0.01 || panic!("{found:?}");
    let hot = remembered(&[0.1; 360], 0.03);
    let pair = |series: &Series, long: &str| pair(0.99, series, long.parse().unwrap(), ground::start(), 0);
    assert!(near(pair(&hot, "1h"), 10.0) && near(pair(&hot, "6h"), 10.0));
    assert!(near(pair(&hot, "1d"), 3.0) && near(pair(&hot, "3d"), 3.0), "the long window is the smaller one");
    let mut over = vec![0.1; 360];
    over[240..].fill(0.0);
    let over = remembered(&over, 0.03);
    assert!(near(pair(&over, "1h"), 0.0) && near(pair(&over, "6h"), 0.0), "the short window is the smaller one");
    assert!(near(pair(&over, "1d"), 0.0), "two hours of it");
    let few = remembered(&[0.1; 20], 0.03);
    assert_eq!(pair(&few, "1h"), Err("too little is known of the last 1h".to_owned()));
    let forgetful = Series { long: Vec::new(), ..hot };
    assert_eq!(pair(&forgetful, "3d"), Err("too little is known of the last 3d".to_owned()));
    assert!(pair(&forgetful, "2h").is_err(), "no pair begins with it");
}

#[test]
fn a_rate_rests_on_as_many_events_as_its_signal() {
    let hot = remembered(&[0.1; 60], 0.03);
    let hour = |least: u64| pair(0.99, &hot, "1h".parse().unwrap(), ground::start(), least);
    assert!(hour(400).is_ok(), "100 in each of four minutes; the fifth has just begun");
    assert_eq!(hour(401), Err("too few events in the last 5m, 400 of 401".to_owned()));
    // What is remembered tells no events, and what does not count any needs none.
    let mut recalled = Series { every: Span::mins(1), ..Series::default() };
    recalled.push(Reading { at: at(-1), value: 0.1, events: 100 });
    let minute = ground::start().timestamp() / 60;
    let past: Vec<_> = (2..60).rev().map(|n| Minute { minute: minute - n, mean: 0.1, weight: 1.0 }).collect();
    recalled.recall(&past);
    let hour = |least: u64| pair(0.99, &recalled, "1h".parse().unwrap(), ground::start(), least);
    assert!(hour(100).is_ok() && hour(101).is_err());
    let mut gauge = Series { every: Span::mins(1), ..Series::default() };
    (0..60).rev().for_each(|n| gauge.push(Reading { at: at(-60_000 * n - 1), value: 0.1, events: u64::MAX }));
    assert!(pair(0.99, &gauge, "1h".parse().unwrap(), ground::start(), 1_000).is_ok());
}

#[test]
fn minutes_without_events_are_not_known() {
    let mut idle = Series { every: Span::mins(1), ..Series::default() };
    for n in (0..60).rev() {
        let events = if n < 40 { 0 } else { 100 };
        idle.push(Reading { at: at(-60_000 * n - 1), value: 0.0, events });
    }
    let found = pair(0.99, &idle, "1h".parse().unwrap(), ground::start(), 0);
    assert_eq!(found, Err("too little is known of the last 1h".to_owned()));
}
