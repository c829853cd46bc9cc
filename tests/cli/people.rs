//! Approvals, polls, hold points and the conn, each from a shell of its own.

use crate::ground::{by, with, word};

const DAY: &str = r#"
title = "People"
[[steps]]
id = "1"
title = "Change approved"
kind = "approval"
slots = [{ role = "security", need = 1 }]
[[steps]]
id = "2"
title = "Go or no go"
kind = "poll"
needs = ["1"]
roles = ["operator", "qa"]
closes = "10m"
[[steps]]
id = "3"
title = "Open the gate"
kind = "hold"
needs = ["2"]
roles = ["security"]
[[steps]]
id = "4"
title = "Tell support"
kind = "manual"
needs = ["3"]
owner = "qa"
"#;

#[test]
fn who_asked_cannot_approve_and_the_right_person_can() {
    let s = with(DAY);
    by(&s, "ana", &["run", "start", "day"]).exits(0);
    let own = by(&s, "ana", &["approve", "1/1", "--role", "security"]).exits(1);
    assert!(own.stderr.contains("ana"), "{own:?}");
    let other = by(&s, "tom", &["approve", "1/1"]).exits(1);
    assert!(other.stderr.contains("tom fills none of security"), "{other:?}");
    let moved = by(&s, "bo", &["approve", "1/1", "--saw", "deadbeef"]).exits(1);
    assert!(moved.stderr.contains("is not what is there now"), "{moved:?}");
    assert_eq!(s.holdpoint(&["--json", "approvals"]).exits(0).json().as_array().unwrap().len(), 1);
    by(&s, "bo", &["approve", "1/1"]).exits(0);
    by(&s, "ana", &["drive", "1"]).exits(3);
    assert_eq!(word(&s, "1"), "done");
}

#[test]
fn a_poll_takes_every_role_and_a_spoken_vote_a_second_ear() {
    let s = with(DAY);
    by(&s, "ana", &["run", "start", "day"]).exits(0);
    by(&s, "bo", &["approve", "1/1"]).exits(0);
    by(&s, "ana", &["drive", "1"]).exits(3);
    by(&s, "ana", &["vote", "1", "2", "go", "--role", "operator"]).exits(0);
    let alone = by(
        &s,
        "ana",
        &["vote", "1", "2", "go", "--role", "qa", "--said-by", "tom", "--heard-by", "tom", "--words", "go"],
    )
    .exits(1);
    assert!(alone.stderr.contains("second person"), "{alone:?}");
    assert_eq!(word(&s, "2"), "approval");
    by(
        &s,
        "ana",
        &["vote", "1", "2", "go", "--role", "qa", "--said-by", "tom", "--heard-by", "kim", "--words", "QA says go"],
    )
    .exits(0);
    by(&s, "ana", &["drive", "1"]).exits(3);
    assert_eq!(word(&s, "2"), "done");
    let wrong = by(&s, "ana", &["step", "release", "1", "3"]).exits(3);
    assert!(wrong.stderr.contains("released by security"), "{wrong:?}");
    by(&s, "bo", &["step", "release", "1", "3", "--reason", "looked at it"]).exits(0);
    by(&s, "tom", &["step", "done", "1", "4"]).exits(0);
    by(&s, "ana", &["drive", "1"]);
    let story = s.holdpoint(&["journal", "show"]).exits(0).stdout;
    assert!(story.contains("spoken, typed by ana, heard by kim: \"QA says go\""), "{story}");
    assert!(story.contains("run 1 completed"), "{story}");
}

#[test]
fn nobody_acts_under_a_name_that_does_not_exist() {
    let s = with(DAY);
    let stranger = by(&s, "eve", &["run", "start", "day"]).exits(2);
    assert!(stranger.stderr.contains("no such person"), "{stranger:?}");
}

#[test]
fn a_condition_is_met_in_the_words_in_which_it_was_given() {
    let s = with(DAY);
    by(&s, "ana", &["run", "start", "day"]).exits(0);
    by(&s, "bo", &["approve", "1/1"]).exits(0);
    by(&s, "ana", &["drive", "1"]).exits(3);
    let go_if = ["vote", "1", "2", "go-if", "--role", "qa", "--if", "if fx is fresh"];
    by(&s, "tom", &go_if).exits(0);
    let met: Vec<_> = go_if.into_iter().chain(["--met"]).collect();
    by(&s, "tom", &met).exits(0);
    let story = s.holdpoint(&["journal", "show"]).exits(0).stdout;
    assert!(story.contains("GO-IF fx is fresh") && story.contains("GO, condition met: fx is fresh"), "{story}");
}

#[test]
fn what_was_rejected_is_tried_again_once_that_is_taken_back() {
    let s = with(DAY);
    by(&s, "ana", &["run", "start", "day"]).exits(0);
    by(&s, "bo", &["reject", "1/1", "--reason", "the schema is missing"]).exits(0);
    let waits = by(&s, "ana", &["drive", "1"]).exits(3);
    assert!(waits.stderr.contains("next: holdpoint approve 1/1\n   next: holdpoint step retry 1 1\n"), "{waits:?}");
    let retried = by(&s, "ana", &["step", "retry", "1", "1"]).exits(1);
    assert!(retried.stderr.contains("bo (security) rejected it: the schema is missing"), "{retried:?}");
    by(&s, "bo", &["step", "skip", "1", "1", "--reason", "no time"]).exits(1);
    by(&s, "bo", &["approve", "1/1"]).exits(0);
    by(&s, "ana", &["step", "retry", "1", "1"]).exits(3);
    by(&s, "bo", &["approve", "1/1"]).exits(0);
    by(&s, "ana", &["drive", "1"]).exits(3);
    assert_eq!(word(&s, "1"), "done");
}
