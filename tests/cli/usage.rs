//! Usage, configuration mistakes and what needs no workspace.

use crate::ground::{by, deploy, with};
use crate::support::sandbox::Sandbox;

#[test]
fn every_mistake_of_every_file_comes_in_one_go_with_its_place() {
    let s = with(
        &deploy("2.0")
            .replace("verb = \"deploy\"", "verb = \"deply\"")
            .replace("service = \"web\"", "service = \"wbe\""),
    );
    s.write("signals.toml", "[signals.x]\nservcie = \"web\"\n");
    let checked = s.holdpoint(&["check"]).exits(2);
    for part in ["runbooks/day.toml:7:", "deploy", "signals.toml:2:1", "service"] {
        assert!(checked.stderr.contains(part), "lacks {part:?}:\n{}", checked.stderr);
    }
    assert_eq!(checked.stdout, "");
    by(&s, "ana", &["run", "start", "day"]).exits(2);
}

#[test]
fn a_new_workspace_is_sound_and_grows_a_run() {
    let s = Sandbox::new();
    s.holdpoint(&["init", "team", "--name", "team", "--zone", "Europe/Paris"]).exits(0);
    s.holdpoint(&["-C", "team", "check"]).exits(0);
    s.holdpoint(&["-C", "team", "init", "team"]).exits(1);
    s.holdpoint(&["-C", "team", "status"]).exits(0);
}

#[test]
fn words_that_do_not_fit_are_usage() {
    let s = Sandbox::new();
    s.holdpoint(&["status"]).exits(2);
    s.holdpoint(&["no-such-verb"]).exits(2);
    s.holdpoint(&["schema", "nothing"]).exits(2);
    s.holdpoint(&["schema", "runbook"]).exits(0);
    s.holdpoint(&["--version"]).exits(0);
    s.holdpoint(&["man"]).exits(0);
    s.holdpoint(&["completions", "bash"]).exits(0);
}

#[test]
fn an_unsound_journal_is_status_4_and_nothing_is_done() {
    let s = with(&deploy("2.0"));
    by(&s, "ana", &["run", "start", "day"]).exits(0);
    let file = s.state().join("holdpoint/00000000ba5eba11/journal/000001.jsonl");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("One deploy", "Two deploys", 1)).unwrap();
    let verified = s.holdpoint(&["journal", "verify"]).exits(4);
    assert!(verified.stdout.contains("line"), "{verified:?}");
    by(&s, "ana", &["step", "start", "1", "1", "--confirm", "prod"]).exits(4);
    s.holdpoint(&["status"]).exits(4);
}
