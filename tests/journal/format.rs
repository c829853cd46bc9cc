//! The format: bytes that may never change.

use crate::state_dir::{StateDir, ana, at, changed, note, origin};
use holdpoint::domain::digest::Digest;
use holdpoint::journal::{Answer, Journal, verify};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

fn fixture() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journal/fixtures/v1.jsonl")
}

/// The journal of the fixture, written anew.
fn written(dir: &StateDir) {
    let mut journal = dir.open();
    let opened = journal.open_session(|| at(1), holdpoint::domain::session::Origin { pid: 4711, ..origin() }).unwrap();
    journal.commit(|| at(2), opened.by.clone(), |_, _| Some(changed("a threshold, “quoted”"))).unwrap();
    let refusal = holdpoint::domain::refusal::Refusal::one(holdpoint::domain::verdict::Rule::Moved, "look again");
    let draft = holdpoint::domain::entry::Draft { cause: "approve".into(), outcome: Err(refusal) };
    journal.commit(|| at(3), opened.by, |_, _| Some(draft)).unwrap();
}

#[test]
fn one_line_is_these_bytes() {
    let dir = StateDir::new();
    let committed = dir.open().commit(|| at(1), ana(), |_, _| Some(changed("x"))).unwrap();
    let text = fs::read_to_string(dir.segment(1)).unwrap();
    let expected = concat!(
        r#"{"seq":1,"at":"2026-11-21T02:00:00Z","by":"ana#0","cause":"genesis","facts":[{"genesis":{"format":1,"#,
        r#""journal":"0707070707070707","workspace":"0f3a9c1de2b84756"}}],"#,
        r#""prev":"0000000000000000000000000000000000000000000000000000000000000000"}"#,
        "\n",
        r#"{"seq":2,"at":"2026-11-21T02:00:01Z","by":"ana#2","cause":"test","facts":[{"workspace-changed":{"what":"x"}}],"#,
        r#""prev":"e2eb0c5a67c475210312a84e07727f76f64df43166c55b3b5332b4fe96cc3cc7"}"#,
        "\n",
    );
    assert_eq!(text, expected);
    assert_eq!(committed.own, Some(2));
}

#[test]
fn the_first_format_is_written_as_it_was() {
    let dir = StateDir::new();
    written(&dir);
    let text = fs::read_to_string(dir.segment(1)).unwrap();
    if std::env::var_os("HOLDPOINT_BLESS").is_some() {
        fs::create_dir_all(fixture().parent().unwrap()).unwrap();
        fs::write(fixture(), &text).unwrap();
    }
    assert_eq!(text, fs::read_to_string(fixture()).unwrap());
}

#[test]
fn the_first_format_still_opens() {
    let dir = StateDir::new();
    fs::create_dir_all(dir.path().join("journal")).unwrap();
    fs::copy(fixture(), dir.segment(1)).unwrap();
    let viewed = Journal::view(&dir.path()).unwrap();
    assert_eq!((viewed.broken(), viewed.ledger().seq), (None, 4));
    assert!(matches!(verify(&dir.path(), None).unwrap().answer, Answer::CannotProve { .. }));
    let mut journal = dir.open();
    assert_eq!(note(&mut journal, "on").unwrap().own, Some(5));
}

#[test]
fn the_chain_is_what_sha256sum_says() {
    let dir = StateDir::with_lines(4);
    let text = fs::read_to_string(dir.segment(1)).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for pair in lines.windows(2) {
        let sum = Command::new("sha256sum").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let Ok(mut sum) = sum else { return crate::skip::skipped("there is no sha256sum") };
        std::io::Write::write_all(&mut sum.stdin.take().unwrap(), pair[0].as_bytes()).unwrap();
        let said = String::from_utf8(sum.wait_with_output().unwrap().stdout).unwrap();
        let digest = said.split_whitespace().next().unwrap();
        assert!(pair[1].contains(&format!("\"prev\":\"{digest}\"")));
        assert_eq!(Digest::of_bytes(pair[0].as_bytes()).to_string(), digest);
    }
}
