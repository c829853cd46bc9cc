//! A day by verbs: deploy, refuse, fail, doubt, roll back.

use crate::ground::{begun, by, deploy, with, word};
use std::fs;

#[test]
fn a_deploy_is_confirmed_sent_once_and_told() {
    let s = with(&deploy("2.0"));
    by(&s, "ana", &["run", "start", "day"]).exits(0);
    let refused = by(&s, "ana", &["step", "start", "1", "1"]).exits(3);
    assert!(refused.stderr.contains("typing the environment's name"), "{refused:?}");
    let would = by(&s, "ana", &["step", "start", "1", "1", "--confirm", "prod", "--dry-run"]).exits(0);
    for part in ["took the conn of run 1", "agreed to step 1", "sends deploy web prod"] {
        assert!(would.stdout.contains(part), "a preview shows what the verb does, with the conn: {would:?}");
    }
    assert!(begun(&s).is_empty(), "nothing was sent yet");
    let wrong = by(&s, "ana", &["step", "start", "1", "1", "--confirm", "staging"]).exits(2);
    assert!(wrong.stderr.contains("it acts in prod"), "{wrong:?}");
    by(&s, "ana", &["step", "start", "1", "1", "--confirm", "prod"]).exits(0);
    assert_eq!(word(&s, "1"), "done");
    assert_eq!(begun(&s).len(), 1);
    let story = s.holdpoint(&["journal", "show"]).exits(0).stdout;
    for part in [
        "run 1 started",
        "refused: step.start 1 1",
        "agreed to step 1: --confirm prod",
        "sends deploy web prod",
        "web 2.0 is live",
        "run 1 completed",
    ] {
        assert!(story.contains(part), "the story lacks {part:?}:\n{story}");
    }
}

#[test]
fn a_certain_failure_can_be_tried_again_as_a_new_operation() {
    let s = with(&deploy("no"));
    by(&s, "ana", &["run", "start", "day"]).exits(0);
    let failed = by(&s, "ana", &["step", "start", "1", "1", "--confirm", "prod"]).exits(1);
    assert!(failed.stderr.contains("refused by the registry"), "{failed:?}");
    assert_eq!(word(&s, "1"), "failed");
    by(&s, "ana", &["step", "retry", "1", "1", "--confirm", "prod"]).exits(1);
    let keys = begun(&s);
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0], keys[1], "a new try has a new key");
    by(&s, "ana", &["step", "skip", "1", "1"]).exits(1);
    by(&s, "ana", &["step", "skip", "1", "1", "--reason", "the registry is down"]).exits(0);
    assert_eq!(word(&s, "1"), "skipped");
}

#[test]
fn a_killed_script_is_in_doubt_until_a_person_decides() {
    let s = with(&deploy("lost"));
    by(&s, "ana", &["run", "start", "day"]).exits(0);
    let doubt = by(&s, "ana", &["step", "start", "1", "1", "--confirm", "prod"]).exits(3);
    assert!(doubt.stderr.contains("IN DOUBT"), "{doubt:?}");
    assert_eq!(word(&s, "1"), "in-doubt");
    let again = by(&s, "ana", &["step", "retry", "1", "1", "--confirm", "prod"]).exits(1);
    assert!(again.stderr.contains("not declared idempotent"), "{again:?}");
    by(&s, "ana", &["resolve", "1", "1", "succeeded"]).exits(1);
    by(&s, "ana", &["resolve", "1", "1", "succeeded", "--reason", "the page shows 2.0"]).exits(0);
    assert_eq!(word(&s, "1"), "done");
    assert_eq!(begun(&s).len(), 1);
}

#[test]
fn a_rollback_returns_to_the_version_before_and_locks() {
    let s = with(&deploy("2.0"));
    by(&s, "ana", &["run", "start", "day"]).exits(0);
    by(&s, "ana", &["step", "start", "1", "1", "--confirm", "prod"]).exits(0);
    let nobody =
        by(&s, "bo", &["rollback", "web", "--env", "prod", "--reason", "errors", "--confirm", "prod"]).exits(1);
    assert!(nobody.stderr.contains("no rollback authority"), "{nobody:?}");
    let would =
        by(&s, "kim", &["rollback", "web", "--env", "prod", "--reason", "errors", "--confirm", "prod", "--dry-run"])
            .exits(0);
    assert!(would.stdout.contains("would: LOCK 1 on web in prod"), "{would:?}");
    by(&s, "kim", &["rollback", "web", "--env", "prod", "--reason", "errors", "--confirm", "prod"]).exits(0);
    assert_eq!(fs::read_to_string(s.workspace().join("live-web-prod")).unwrap().trim(), "1.0");
    let lifted = by(&s, "ana", &["lift", "1"]).exits(1);
    assert!(lifted.stderr.contains("diagnosis"), "{lifted:?}");
    by(&s, "ana", &["lift", "1", "--reason", "bad connection pool, fixed in 2.0.1"]).exits(0);
}

#[test]
fn a_hold_stops_forward_steps_and_not_the_way_back() {
    let s = with(&deploy("2.0"));
    by(&s, "ana", &["run", "start", "day"]).exits(0);
    by(&s, "bo", &["hold", "all", "--reason", "odd logs"]).exits(0);
    let held = by(&s, "ana", &["step", "start", "1", "1", "--confirm", "prod"]).exits(3);
    assert!(held.stderr.contains("hold 1 on everything by bo: odd logs"), "{held:?}");
    let back =
        by(&s, "ana", &["rollback", "web", "--env", "prod", "--to", "0.9", "--reason", "errors", "--confirm", "prod"]);
    assert_eq!(back.exits(0).code, Some(0));
}
