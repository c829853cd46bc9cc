//! Local times across the changes of 2026.

use chrono::{NaiveDateTime, TimeDelta};
use holdpoint::domain::Timestamp;
use holdpoint::domain::zone::{Zone, names};

fn local(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S").unwrap()
}

fn instant(zone: &str, text: &str) -> String {
    let found: Timestamp = Zone::named(zone).unwrap().instant(local(text)).unwrap();
    found.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[test]
fn a_time_that_does_not_exist_is_taken_after_the_gap() {
    assert_eq!(instant("Europe/Paris", "2026-03-29T01:59:59"), "2026-03-29T00:59:59Z");
    assert_eq!(instant("Europe/Paris", "2026-03-29T02:30:00"), "2026-03-29T01:30:00Z");
    assert_eq!(instant("Europe/Paris", "2026-03-29T03:00:00"), "2026-03-29T01:00:00Z");
    assert_eq!(instant("America/New_York", "2026-03-08T02:30:00"), "2026-03-08T07:30:00Z");
}

#[test]
fn a_time_that_exists_twice_is_taken_the_first_time() {
    assert_eq!(instant("Europe/Paris", "2026-10-25T02:30:00"), "2026-10-25T00:30:00Z");
    assert_eq!(instant("Europe/Paris", "2026-10-25T03:00:00"), "2026-10-25T02:00:00Z");
}

#[test]
fn instants_are_shown_in_their_own_offset() {
    let paris = Zone::named("Europe/Paris").unwrap();
    for (utc, shown) in [
        ("2026-03-29T00:59:59Z", "2026-03-29T01:59:59"),
        ("2026-03-29T01:00:00Z", "2026-03-29T03:00:00"),
        ("2026-10-25T00:30:00Z", "2026-10-25T02:30:00"),
        ("2026-10-25T01:30:00Z", "2026-10-25T02:30:00"),
    ] {
        assert_eq!(paris.local(utc.parse().unwrap()), local(shown), "{utc}");
    }
    let kathmandu = Zone::named("Asia/Kathmandu").unwrap();
    assert_eq!(kathmandu.local("2026-01-01T00:00:00Z".parse().unwrap()), local("2026-01-01T05:45:00"));
}

#[test]
fn every_hour_of_the_year_comes_back_but_the_doubled_one() {
    let paris = Zone::named("Europe/Paris").unwrap();
    let mut at: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let mut other = 0;
    for _ in 0..365 * 24 {
        other += usize::from(paris.instant(paris.local(at)) != Some(at));
        at += TimeDelta::hours(1);
    }
    assert_eq!(other, 1, "only the second 02:xx of October");
}

#[test]
fn a_zone_that_does_not_exist_is_none() {
    assert!(Zone::named("Europe/Atlantis").is_none() && Zone::named("").is_none());
    assert!(names().any(|name| name == "Europe/Paris"));
}
