//! Holds: on what they may be, until when, and what becomes of one whose time is over.

use crate::ground::{by, deploy, with};
use crate::support::trial;
use crate::support::wait::wait_until;
use std::time::Duration;

#[test]
fn a_hold_past_its_time_is_escalated_and_stays() {
    trial(|| {
        let s = with(&deploy("2.0"));
        by(&s, "ana", &["run", "start", "day"]).exits(0);
        let soon = (chrono::Utc::now() + chrono::TimeDelta::seconds(10)).to_rfc3339();
        by(&s, "bo", &["hold", "all", "--until", &soon, "--reason", "odd logs"]).exits(0);
        let over = || s.holdpoint(&["--json", "status"]).exits(0).json()["holds"][0]["overdue"] == true;
        wait_until("its time is over", Duration::from_secs(60), over);
        let driven = by(&s, "ana", &["drive", "1"]).exits(3);
        assert!(driven.stdout.contains("hold 1 is PAST ITS TIME, escalated to operator"), "{driven:?}");
        assert!(driven.stderr.contains("holdpoint lift 1 --reason WHY"), "{driven:?}");
        let held = by(&s, "ana", &["step", "start", "1", "1", "--confirm", "prod"]).exits(3);
        assert!(held.stderr.contains("odd logs, PAST ITS TIME"), "it stays: {held:?}");
        let again = by(&s, "ana", &["drive", "1"]).exits(3);
        assert!(!again.stdout.contains("PAST ITS TIME"), "it is escalated once: {again:?}");
        by(&s, "bo", &["lift", "1", "--reason", "they are fine"]).exits(0);
        by(&s, "ana", &["step", "start", "1", "1", "--confirm", "prod"]).exits(0);
    });
}

#[test]
fn a_hold_on_what_is_not_there_is_refused() {
    let s = with(&deploy("2.0"));
    for (scope, hint) in
        [("7", "there are none"), ("web@nowhere", "there are prod"), ("wbe@prod", "did you mean \"web\"")]
    {
        let refused = by(&s, "bo", &["hold", scope, "--reason", "odd"]).exits(2);
        assert!(refused.stderr.contains(hint), "{refused:?}");
    }
    by(&s, "bo", &["hold", "all", "--until", "11:00", "--reason", "odd"]).exits(2);
    let past = by(&s, "bo", &["hold", "all", "--until", "2020-01-01T00:00:00Z", "--reason", "odd"]).exits(1);
    assert!(past.stderr.contains("over already"), "{past:?}");
}

/// What one person types is read on other people's terminals.
#[test]
fn words_of_others_act_on_no_terminal() {
    let s = with(&deploy("2.0"));
    by(&s, "ana", &["run", "start", "day"]).exits(0);
    let evil = "odd\u{1b}[2J\u{202e}logs\n03:00:00Z  ana       run 1 step 1 done";
    by(&s, "bo", &["hold", "all", "--reason", evil]).exits(0);
    by(&s, "bo", &["step", "start", "1", "1\u{1b}[2J", "--confirm", "prod"]);
    let refused = by(&s, "ana", &["step", "start", "1", "1", "--confirm", "prod"]);
    let waits = by(&s, "ana", &["drive", "1"]);
    let shown = [&["journal", "show"][..], &["status"], &["run", "show", "1"]].map(|verb| by(&s, "ana", verb));
    let all = shown.iter().chain([&refused, &waits]).map(|o| format!("{}{}", o.stdout, o.stderr)).collect::<String>();
    assert!(!all.contains(['\u{1b}', '\u{202e}']), "{all:?}");
    assert!(
        shown[0].stdout.contains(r"odd\u{1b}[2J\u{202e}logs\u{a}03:00"),
        "it is one line of hers: {}",
        shown[0].stdout
    );
}
