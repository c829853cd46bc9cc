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
