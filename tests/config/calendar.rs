//! Occurrences across changes of clocks: the wall clock is kept.

use super::{Dir, at};
use holdpoint::config::load;
use holdpoint::domain::Timestamp;

/// The occurrences of one window, read at `now`, as `start/end` in UTC.
fn occurrences(now: &str, window: &str) -> Vec<(Timestamp, Timestamp)> {
    let dir = Dir::empty();
    dir.put("holdpoint.toml", "[workspace]\nid = \"0123\"\nname = \"x\"\nzone = \"UTC\"\n");
    dir.put("calendar/w.toml", format!("[windows.w]\n{window}"));
    let loaded = load(dir.path(), at(now)).unwrap_or_else(|problems| panic!("{problems}"));
    loaded.workspace.calendar.events[0].occurrences.clone()
}

fn starts_on(days: &[&str], all: &[(Timestamp, Timestamp)]) -> Vec<String> {
    let text = |t: &Timestamp| t.format("%Y-%m-%dT%H:%MZ").to_string();
    all.iter()
        .map(|(start, end)| format!("{}/{}", text(start), text(end)))
        .filter(|line| days.iter().any(|day| line.starts_with(day)))
        .collect()
}

#[test]
fn paris_gap_in_spring() {
    let all = occurrences(
        "2026-03-20T00:00:00Z",
        "starts = \"2026-03-01T02:30[Europe/Paris]\"\nlasts = \"1h\"\nrepeat = \"FREQ=DAILY\"",
    );
    // 02:30 does not exist on the 29th: taken after the gap, 03:30 in summer time.
    assert_eq!(
        starts_on(&["2026-03-28", "2026-03-29", "2026-03-30"], &all),
        [
            "2026-03-28T01:30Z/2026-03-28T02:30Z",
            "2026-03-29T01:30Z/2026-03-29T02:30Z",
            "2026-03-30T00:30Z/2026-03-30T01:30Z"
        ]
    );
}

#[test]
fn paris_overlap_in_autumn() {
    let all = occurrences(
        "2026-10-20T00:00:00Z",
        "starts = \"2026-10-01T02:30[Europe/Paris]\"\nends = \"2026-10-01T04:00[Europe/Paris]\"\nrepeat = \"FREQ=DAILY\"",
    );
    // 02:30 exists twice on the 25th: the first one, in summer time; the end keeps its local hour.
    assert_eq!(
        starts_on(&["2026-10-24", "2026-10-25", "2026-10-26"], &all),
        [
            "2026-10-24T00:30Z/2026-10-24T02:00Z",
            "2026-10-25T00:30Z/2026-10-25T03:00Z",
            "2026-10-26T01:30Z/2026-10-26T03:00Z"
        ]
    );
}

#[test]
fn new_york_both_ways() {
    let rule = "starts = \"2026-03-01T02:30[America/New_York]\"\nlasts = \"30m\"\nrepeat = \"FREQ=DAILY\"";
    let spring = occurrences("2026-03-01T00:00:00Z", rule);
    assert_eq!(
        starts_on(&["2026-03-07", "2026-03-08", "2026-03-09"], &spring),
        [
            "2026-03-07T07:30Z/2026-03-07T08:00Z",
            "2026-03-08T07:30Z/2026-03-08T08:00Z",
            "2026-03-09T06:30Z/2026-03-09T07:00Z"
        ]
    );
    let rule = "starts = \"2026-03-01T01:30[America/New_York]\"\nlasts = \"30m\"\nrepeat = \"FREQ=DAILY\"";
    let autumn = occurrences("2026-10-25T00:00:00Z", rule);
    assert_eq!(
        starts_on(&["2026-10-31", "2026-11-01", "2026-11-02"], &autumn),
        [
            "2026-10-31T05:30Z/2026-10-31T06:00Z",
            "2026-11-01T05:30Z/2026-11-01T06:00Z",
            "2026-11-02T06:30Z/2026-11-02T07:00Z"
        ]
    );
}

#[test]
fn a_weekly_window_keeps_its_local_hours() {
    let all = occurrences(
        "2026-10-20T00:00:00Z",
        "starts = \"2026-10-04T22:00[Europe/Paris]\"\nends = \"2026-10-05T06:00[Europe/Paris]\"\nrepeat = \"FREQ=WEEKLY;BYDAY=SA,SU\"",
    );
    assert_eq!(
        starts_on(&["2026-10-17", "2026-10-24", "2026-10-25", "2026-10-31"], &all),
        [
            "2026-10-17T20:00Z/2026-10-18T04:00Z",
            "2026-10-24T20:00Z/2026-10-25T05:00Z", // an hour longer on the clock that counts
            "2026-10-25T21:00Z/2026-10-26T05:00Z",
            "2026-10-31T21:00Z/2026-11-01T05:00Z",
        ]
    );
}

#[test]
fn occurrences_end_with_the_horizon() {
    let all = occurrences(
        "2026-11-20T12:00:00Z",
        "starts = \"1990-01-01T00:00:00Z\"\nlasts = \"1h\"\nrepeat = \"FREQ=DAILY\"",
    );
    assert_eq!(all.first().unwrap().0, at("2026-10-21T00:00:00Z"));
    assert_eq!(all.last().unwrap().0, at("2027-11-21T00:00:00Z"));
    assert_eq!(all.len(), 397);
}

#[test]
fn until_is_local_and_inclusive() {
    let rule = |until: &str| {
        format!("starts = \"2026-11-18T23:30[Europe/Paris]\"\nlasts = \"10m\"\nrepeat = \"FREQ=DAILY;UNTIL={until}\"")
    };
    let count = |until: &str| occurrences("2026-11-20T12:00:00Z", &rule(until)).len();
    assert_eq!(count("20261120"), 3, "the whole last day");
    assert_eq!(count("20261120T223000Z"), 3, "23:30 in Paris is 22:30 UTC");
    assert_eq!(count("20261120T222959Z"), 2);
    assert_eq!(count("20261120T233000"), 3, "wall-clock time");
    assert_eq!(count("20200101"), 0, "over long ago");
}

#[test]
fn count_months_and_offsets() {
    let all = occurrences(
        "2026-11-20T12:00:00Z",
        "starts = \"2026-11-18T01:00:00+05:30\"\nlasts = \"10m\"\nrepeat = \"FREQ=MONTHLY;COUNT=3\"",
    );
    assert_eq!(
        all.iter().map(|o| o.0.to_rfc3339()).collect::<Vec<_>>(),
        ["2026-11-17T19:30:00+00:00", "2026-12-17T19:30:00+00:00", "2027-01-17T19:30:00+00:00"]
    );
}

#[test]
fn a_rule_that_never_comes_is_empty_and_quick() {
    let started = std::time::Instant::now();
    let all = occurrences(
        "2026-11-20T12:00:00Z",
        "starts = \"1970-01-01T00:00:00Z\"\nlasts = \"1h\"\nrepeat = \"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\"",
    );
    assert_eq!(all, []);
    assert!(started.elapsed().as_secs() < 8, "{:?}", started.elapsed());
}

#[test]
fn every_part_of_a_rule_is_read_whole() {
    let all = |rule: &str| {
        occurrences(
            "2026-11-20T12:00:00Z",
            &format!("starts = \"2026-11-02T09:00:00Z\"\nlasts = \"10m\"\nrepeat = \"{rule}\""),
        )
    };
    let first = |rule: &str, many: usize| {
        all(rule).iter().take(many).map(|o| o.0.format("%m-%d").to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(first("FREQ=MONTHLY;BYDAY=1MO", 3), "11-02 12-07 01-04");
    assert_eq!(first("FREQ=MONTHLY;BYDAY=-1FR", 3), "11-27 12-25 01-29");
    assert_eq!(first("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=2", 3), "11-03 12-07 01-05");
    assert_eq!(first("FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,MO", 3), "11-02 11-15 11-16");
    assert_eq!(first("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=-1", 1), "12-31");
    assert_eq!(first("FREQ=YEARLY;BYWEEKNO=50;BYDAY=MO", 1), "12-07");
    assert_eq!(first("FREQ=YEARLY;BYYEARDAY=-1", 1), "12-31");
    let mut taken = Vec::new();
    for wrong in [
        "BYDAY=MO",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=WEEKLY;BYDAY=XMO",
        "FREQ=WEEKLY;BYDAY=\u{e9}MO",
        "FREQ=MONTHLY;BYMONTH=13",
        "FREQ=DAILY;COUNT=-1",
        "FREQ=DAILY;SOMETIMES=1",
        "FREQ=WEEKLY;BYDAY=0MO",
        // What the library passes over or follows to something else than was meant.
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;BYMONTH=",
        "FREQ=WEEKLY;BYDAY=MO,,TU",
        "FREQ=MONTHLY;BYDAY=1 MO",
        "FREQ=WEEKLY;BYMONTHDAY=3",
        "FREQ=MONTHLY;BYYEARDAY=3",
        "FREQ=DAILY;BYSETPOS=1",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=DAILY;BYDAY=1MO",
        "FREQ=YEARLY;BYWEEKNO=10;BYDAY=1MO",
        "FREQ=DAILY;UNTIL=20261201;UNTIL=20281201",
        "FREQ=DAILY;UNTIL=20261201ZZ",
        "FREQ=DAILY;UNTIL=20261201T000000ZZ",
    ] {
        let dir = Dir::empty();
        dir.put("holdpoint.toml", "[workspace]\nid = \"0123\"\nname = \"x\"\nzone = \"UTC\"\n");
        let window = format!("starts = \"2026-11-02T09:00:00Z\"\nlasts = \"10m\"\nrepeat = \"{wrong}\"");
        dir.put("calendar/w.toml", format!("[windows.w]\n{window}"));
        if load(dir.path(), at("2026-11-20T12:00:00Z")).is_ok() {
            taken.push(wrong);
        }
    }
    assert!(taken.is_empty(), "{taken:?}");
}
