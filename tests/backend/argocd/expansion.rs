//! When windows are on and what they are about, held to Argo CD's own libraries: `oracle/main.go`
//! asks those, and `golden.json` is what they answered.

use crate::trial::trial;
use chrono::TimeDelta;
use holdpoint::backend::argocd::windows::{duration, glob, rule};
use holdpoint::domain::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Golden {
    spans: Vec<Spans>,
    durations: Vec<Duration>,
    globs: Vec<Glob>,
    names: Vec<String>,
}

#[derive(Deserialize)]
struct Spans {
    schedule: String,
    duration: String,
    zone: String,
    from: String,
    days: i64,
    wrong: bool,
    on: usize,
    bits: String,
    first: Vec<String>,
}

#[derive(Deserialize)]
struct Duration {
    text: String,
    wrong: bool,
    nanos: i64,
}

#[derive(Deserialize)]
struct Glob {
    pattern: String,
    wrong: bool,
    matches: Vec<String>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("oracle/golden.json")).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn window(schedule: &str, duration: &str, zone: &str) -> Value {
    json!({ "kind": "allow", "schedule": schedule, "duration": duration, "timeZone": zone })
}

/// FNV-1a, as the oracle folds what it saw.
fn folded(bits: &[bool]) -> String {
    let fold =
        bits.iter().fold(0xcbf2_9ce4_8422_2325u64, |hash, bit| (hash ^ u64::from(*bit)).wrapping_mul(0x0100_0000_01b3));
    format!("{fold:016x}")
}

#[test]
fn windows_are_on_when_argo_cds_own_code_says_so() {
    let golden = golden();
    assert!(golden.spans.len() > 400);
    for case in &golden.spans {
        let named = format!("{:?} for {} in {:?} from {}", case.schedule, case.duration, case.zone, case.from);
        let from = at(&case.from);
        let to = from + TimeDelta::days(case.days);
        let read = rule::spans(&window(&case.schedule, &case.duration, &case.zone), from, to);
        assert_eq!(read.is_err(), case.wrong, "{named}: {read:?}");
        let Ok(spans) = read else { continue };
        assert!(spans.iter().all(|(a, b)| from <= *a && a < b && *b <= to), "{named}: {spans:?}");
        assert!(spans.windows(2).all(|two| two[0].1 < two[1].0), "{named}: {spans:?}");
        let instants = (0..case.days * 2880).map(|n| from + TimeDelta::seconds(30 * n + 15));
        let bits: Vec<bool> = instants.clone().map(|at| spans.iter().any(|(a, b)| *a <= at && at < *b)).collect();
        let turns = instants.zip(&bits).scan(false, |was, (at, is)| {
            let turned = *was != *is;
            *was = *is;
            Some(turned.then(|| at.format("%FT%TZ").to_string()))
        });
        let first: Vec<_> = turns.flatten().take(6).collect();
        assert_eq!(first, case.first, "{named}");
        assert_eq!((bits.iter().filter(|on| **on).count(), folded(&bits)), (case.on, case.bits.clone()), "{named}");
    }
}

#[test]
fn durations_are_read_as_go_reads_them() {
    for case in golden().durations {
        let read = duration::read(&case.text);
        assert_eq!(read.is_err(), case.wrong, "{:?}: {read:?}", case.text);
        if let Ok(read) = read {
            assert_eq!(read.num_nanoseconds(), Some(case.nanos), "{:?}", case.text);
        }
    }
}

#[test]
fn names_match_patterns_as_there() {
    let golden = golden();
    for case in &golden.globs {
        let matched: Vec<_> = golden.names.iter().filter(|name| glob::matches(&case.pattern, name)).cloned().collect();
        assert_eq!(matched, case.matches, "{:?}, {}", case.pattern, case.wrong);
    }
}

#[test]
fn a_pattern_that_means_harm_costs_little() {
    let stars = "*a".repeat(200);
    assert!(!glob::matches(&stars, &"a".repeat(150)));
    assert!(!glob::matches(&format!("{}b", "{a,aa}".repeat(60)), &"a".repeat(120)));
    assert!(!glob::matches(&"{".repeat(4000), "a"));
    assert!(!glob::matches(&"*".repeat(4000), "a"));
}

#[test]
fn a_spring_night_is_shorter_and_the_hour_of_autumn_comes_twice() {
    let on = |schedule: &str, lasts: &str, day: &str| {
        let from = at(&format!("{day}T00:00:00Z"));
        let spans = rule::spans(&window(schedule, lasts, "Europe/Amsterdam"), from, from + TimeDelta::days(1)).unwrap();
        spans.iter().map(|(a, b)| format!("{}-{}", a.format("%H:%M"), b.format("%H:%M"))).collect::<Vec<_>>()
    };
    // 28 March 2027, 02:00 becomes 03:00 at 01:00Z: what began in the hour that is missing has half an hour left.
    assert_eq!(on("30 2 * * *", "1h", "2027-03-28"), ["01:00-01:30"]);
    // The last is the next night's.
    assert_eq!(on("0 1 * * *", "3h", "2027-03-28"), ["00:00-02:00", "23:00-00:00"]);
    // 25 October 2026, 03:00 becomes 02:00 at 01:00Z.
    assert_eq!(on("15 2 * * *", "30m", "2026-10-25"), ["00:15-00:45", "01:15-01:45"]);
    assert_eq!(on("0 1 * * *", "3h", "2026-10-25"), ["00:00-03:00"]);
}

#[test]
fn an_unending_schedule_is_walked_quickly() {
    trial(|| {
        let from = at("2026-11-22T00:00:00Z");
        let begun = std::time::Instant::now();
        for (schedule, lasts) in
            [("* * * * *", "2562047h"), ("* * * * *", "1s"), ("*/2 * * * *", "800h"), ("0 0 29 2 0", "100h")]
        {
            rule::spans(&window(schedule, lasts, "Europe/Amsterdam"), from, from + TimeDelta::days(36)).unwrap();
        }
        assert!(begun.elapsed() < std::time::Duration::from_secs(10), "{:?}", begun.elapsed());
        let whole = rule::spans(&window("* * * * *", "2562047h", "UTC"), from, from + TimeDelta::days(36)).unwrap();
        assert_eq!(whole, [(from, from + TimeDelta::days(36))]);
    });
}

#[test]
fn a_window_is_about_applications_by_name_cluster_or_namespace() {
    let app = json!({ "metadata": { "name": "api-prod" }, "spec": { "destination": {
        "server": "https://k8s.example", "namespace": "pay" } } });
    let covers = |window: Value| rule::covers(&window, &app);
    assert!(covers(json!({ "applications": ["web", "*-prod"] })));
    assert!(!covers(json!({ "applications": ["*-test"] })));
    assert!(covers(json!({ "clusters": ["https://k8s*"] })));
    assert!(!covers(json!({ "clusters": ["in-cluster"] })));
    assert!(covers(json!({ "namespaces": ["p?y"] })));
    assert!(!covers(json!({})) && !covers(json!({ "andOperator": true })));
    let two = |and: bool, namespace: &str| json!({ "andOperator": and, "applications": ["api-*"], "namespaces": [namespace], "clusters": [] });
    assert!(covers(two(false, "other")) && covers(two(true, "pay")));
    assert!(!covers(two(true, "other")));
    // An application without a cluster's name is in none, whatever the pattern.
    let nowhere = json!({ "metadata": { "name": "x" }, "spec": {} });
    assert!(!rule::covers(&json!({ "clusters": ["*"] }), &nowhere));
}

#[test]
fn what_cannot_be_read_says_what() {
    let from = at("2026-11-22T00:00:00Z");
    let why = |schedule: &str, lasts: &str, zone: &str| {
        rule::spans(&window(schedule, lasts, zone), from, from + TimeDelta::days(1)).unwrap_err()
    };
    assert!(why("@daily", "1h", "").contains("five fields"), "{}", why("@daily", "1h", ""));
    assert!(why("0 0 * * *", "1 day\u{1b}[31m", "").contains("\\u{1b}"));
    assert!(why("CRON_TZ=Asia/Tokyo 0 0 * * *", "1h", "").contains("zone of its own"));
    assert!(why("0 0 * * *", "1h", "Local").contains("own machine"));
}
