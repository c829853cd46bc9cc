//! Windows and freezes: `may`, `calendar`, and a freeze added in the middle of a run.

use crate::ground::{by, deploy, with};

const FREEZE: &str = r#"
[freezes.close]
title = "Q4 close"
starts = "2020-01-01T00:00:00Z"
ends = "2099-01-04T06:00:00Z"
contact = "change desk"
"#;

#[test]
fn a_freeze_that_appears_blocks_the_next_deploy_and_names_its_end() {
    let s = with(&deploy("2.0"));
    by(&s, "ana", &["run", "start", "day"]).exits(0);
    s.holdpoint(&["may", "deploy", "web", "prod"]).exits(0);
    s.write("calendar/freezes.toml", FREEZE);
    let frozen = by(&s, "ana", &["step", "start", "1", "1", "--confirm", "prod"]).exits(3);
    assert!(frozen.stderr.contains("freeze Q4 close, ask change desk"), "{frozen:?}");
    assert!(frozen.stderr.contains("2099-01-04 06:00:00Z"), "it says when it opens: {frozen:?}");
    let may = s.holdpoint(&["--json", "may", "deploy", "web", "prod"]).exits(3).json();
    assert_eq!(may["level"], "hold");
    assert_eq!(may["opens"], "2099-01-04T06:00:00Z");
    s.holdpoint(&["may", "roll-back", "web", "prod"]).exits(0);
    assert!(s.holdpoint(&["calendar"]).exits(0).stdout.contains("Q4 close"));
}

#[test]
fn outside_its_window_a_deploy_waits_for_the_next_one() {
    let s = with(&deploy("2.0"));
    s.write(
        "calendar/windows.toml",
        "[windows.night]\nstarts = \"2099-01-01T02:00[Europe/Paris]\"\nlasts = \"4h\"\nenvironments = [\"prod\"]\n",
    );
    let before = s.holdpoint(&["may", "deploy", "web", "prod", "--at", "2098-12-31T23:00:00Z"]);
    assert_ne!(before.code, Some(0), "{before:?}");
    let bare = s.holdpoint(&["may", "deploy", "web", "prod", "--at", "11:00"]).exits(2);
    assert!(bare.stderr.contains("zone"), "a bare time is refused, and the fix is shown: {bare:?}");
}

#[test]
fn a_freeze_that_is_taken_out_binds_until_somebody_adopts_that() {
    let s = with(&deploy("2.0"));
    s.write("calendar/freezes.toml", FREEZE);
    by(&s, "ana", &["run", "start", "day"]).exits(0);
    s.write("calendar/freezes.toml", "");
    let start = ["step", "start", "1", "1", "--confirm", "prod"];
    let frozen = by(&s, "ana", &start).exits(3);
    assert!(frozen.stderr.contains("freeze Q4 close") && frozen.stderr.contains("holdpoint adopt"), "{frozen:?}");
    s.holdpoint(&["may", "deploy", "web", "prod"]).exits(3);
    let status = s.holdpoint(&["status"]).exits(0).stdout;
    assert!(status.contains("waits for `holdpoint adopt`: freeze Q4 close, 2020-01-01T00:00Z"), "{status}");
    let loosened = s.holdpoint(&["--json", "status"]).exits(0).json()["loosened"].as_array().unwrap().len();
    assert_eq!(loosened, 1);

    let no = by(&s, "tom", &["adopt", "--reason", "why not"]).exits(1);
    assert!(no.stderr.contains("tom has no rollback authority"), "{no:?}");
    by(&s, "ana", &["adopt"]).exits(1);
    let moved = by(&s, "ana", &["adopt", "--reason", "closed", "--saw", "deadbeef"]).exits(1);
    assert!(moved.stderr.contains("is not what is there now"), "{moved:?}");
    by(&s, "ana", &["adopt", "--reason", "closed", "--dry-run"]).exits(0);
    by(&s, "ana", &start).exits(3);
    by(&s, "ana", &["adopt", "--reason", "the books are closed"]).exits(0);
    by(&s, "ana", &["adopt", "--reason", "again"]).exits(1);
    by(&s, "ana", &start).exits(0);
}

#[test]
fn what_is_declared_twice_is_printed_once() {
    let s = with(&deploy("2.0"));
    s.write("calendar/freezes.toml", FREEZE);
    s.write("calendar/more.toml", FREEZE.replace("freezes.close", "freezes.books"));
    let told = s.holdpoint(&["calendar"]).exits(0).stdout;
    assert_eq!(told.matches("Q4 close").count(), 1, "{told}");
    let all = s.holdpoint(&["--json", "calendar"]).exits(0).json();
    assert_eq!(all.as_array().map(Vec::len), Some(1), "{all}");
    s.write("calendar/more.toml", FREEZE.replace("freezes.close", "freezes.books").replace("2099-01-04", "2099-01-05"));
    assert_eq!(s.holdpoint(&["calendar"]).exits(0).stdout.matches("Q4 close").count(), 2);
}

/// A calendar of another program with a freeze until the year 2099.
const VENDOR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:close\r\nSUMMARY:Quarter end\r\n\
                      DTSTART:20200101T000000Z\r\nDTEND:20990104T060000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

#[test]
fn a_freeze_in_a_calendar_of_another_program_binds_as_one_of_ours() {
    let s = with(&deploy("2.0"));
    s.write(
        "calendar/feeds.toml",
        "[feeds.books]\nfile = \"books.ics\"\nkind = \"freeze\"\ncontact = \"books desk\"\n",
    );
    s.write("calendar/books.ics", VENDOR);
    by(&s, "ana", &["run", "start", "day"]).exits(0);
    let frozen = by(&s, "ana", &["step", "start", "1", "1", "--confirm", "prod"]).exits(3);
    assert!(frozen.stderr.contains("freeze Quarter end, ask books desk"), "{frozen:?}");
    assert!(s.holdpoint(&["calendar"]).exits(0).stdout.contains("Quarter end"));
    // Half a file is no file: nothing is done by it.
    s.write("calendar/books.ics", VENDOR.split("DTEND").next().unwrap());
    let half = s.holdpoint(&["check"]).exits(2);
    assert!(half.stderr.contains("calendar/books.ics:3:1: VEVENT does not end: is the file whole?"), "{half:?}");
    by(&s, "ana", &["step", "start", "1", "1", "--confirm", "prod"]).exits(2);
    // One that is taken out binds until somebody adopts that.
    s.write("calendar/books.ics", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n");
    s.holdpoint(&["may", "deploy", "web", "prod"]).exits(3);
    by(&s, "ana", &["adopt", "--reason", "the books are closed"]).exits(0);
    s.holdpoint(&["may", "deploy", "web", "prod"]).exits(0);
}

#[test]
fn when_tells_the_next_openings_and_the_quietest_first() {
    let s = with(&deploy("2.0"));
    s.write(
        "calendar/all.toml",
        "[windows.night]\nstarts = \"2031-01-01T02:00[Europe/Paris]\"\nends = \"2031-01-01T06:00[Europe/Paris]\"\n\
         repeat = \"FREQ=DAILY\"\n\
         [freezes.close]\ntitle = \"Q4 close\"\nstarts = \"2031-01-02T00:00:00Z\"\nends = \"2031-01-03T00:00:00Z\"\n\
         [maintenance.net]\ntitle = \"Network\"\nstarts = \"2031-01-03T00:00:00Z\"\nends = \"2031-01-03T02:00:00Z\"\n\
         [notices.sale]\ntitle = \"Sale\"\nstarts = \"2031-01-04T00:00:00Z\"\nends = \"2031-01-05T00:00:00Z\"\n",
    );
    // Beyond a year nothing is expanded: what is not known is no opening.
    let far = s.holdpoint(&["when", "web", "prod", "--from", "2031-01-01T00:00:00Z"]).exits(3).stdout;
    assert!(far.contains("the calendar is not known that far ahead"), "{far}");
    let s = with(&deploy("2.0"));
    let day = |n: i64| (chrono::Utc::now() + chrono::TimeDelta::days(n)).format("%Y-%m-%d").to_string();
    let (one, two, three, four) = (day(1), day(2), day(3), day(4));
    s.write(
        "calendar/all.toml",
        format!(
            "[windows.night]\nstarts = \"{one}T02:00:00Z\"\nends = \"{one}T06:00:00Z\"\nrepeat = \"FREQ=DAILY;COUNT=4\"\n\
             [freezes.close]\ntitle = \"Q4 close\"\nstarts = \"{two}T00:00:00Z\"\nends = \"{three}T00:00:00Z\"\n\
             [maintenance.net]\ntitle = \"Network\"\nstarts = \"{three}T01:00:00Z\"\nends = \"{three}T03:30:00Z\"\n\
             [notices.sale]\ntitle = \"Sale\"\nstarts = \"{four}T00:00:00Z\"\nends = \"{four}T23:00:00Z\"\n"
        ),
    );
    let told = s.holdpoint(&["--json", "when", "web", "prod", "--for", "2h"]).exits(0).json();
    let rows: Vec<[String; 4]> = told["openings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
            [text("start"), text("from"), text("to"), one["remarks"].to_string()]
        })
        .collect();
    let row = |start: String, day: &str, remarks: &str| {
        [start, format!("{day}T02:00:00Z"), format!("{day}T06:00:00Z"), remarks.to_owned()]
    };
    assert_eq!(
        rows,
        [
            row(format!("{one}T02:00:00Z"), &one, "[]"),
            // Once the network is done there are two hours left.
            row(format!("{three}T03:30:00Z"), &three, "[]"),
            row(format!("{four}T02:00:00Z"), &four, "[\"notice Sale\"]"),
        ]
    );
    // Where it takes longer the maintenance falls into it, and where it takes too long nothing is left.
    let told = s.holdpoint(&["when", "web", "prod", "--for", "3h"]).exits(0).stdout;
    assert!(told.contains("maintenance Network") && told.contains("nothing else is on"), "{told}");
    let none = s.holdpoint(&["when", "web", "prod", "--for", "5h"]).exits(3).stdout;
    assert!(none.contains("no opening is long enough"), "{none}");
    assert!(none.contains("outside window night"), "{none}");
    // The way back is open at once, whatever is frozen.
    let back = s.holdpoint(&["--json", "when", "web", "prod", "--action", "roll-back"]).exits(0).json();
    assert_eq!(back["openings"][0]["to"], serde_json::Value::Null);
    s.holdpoint(&["when", "web", "nowhere"]).exits(2);
    s.holdpoint(&["when", "web", "prod", "--for", "soon"]).exits(2);
}
