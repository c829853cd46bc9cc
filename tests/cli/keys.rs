//! The table of actions: its verbs are ours, and the book's page is made from it.

use crate::support::sandbox::Sandbox;
use clap::Parser;
use holdpoint::cli::args::Cli;
use holdpoint::cli::keys::page;
use holdpoint::tui::action::TABLE;
use std::path::Path;

/// A verb as someone could type it, its placeholders filled.
fn typed(verb: &str) -> Vec<String> {
    let word = |word: &str| {
        match word {
            "RUN" | "HOLD" => "1",
            "STEP" => "14",
            "SUBJECT" => "1/14",
            "RUNBOOK" => "train",
            "SERVICE" => "payments",
            "ENV" => "eu-west",
            "ROLE" => "ops",
            "PERSON" => "ana",
            "TRIGGER" => "T2",
            "VERB" => "pause",
            "TEXT" | "WHAT" => "some words",
            "BRANCH" => "park",
            "OUTCOME" => "failed",
            "ACTION" => "deploy",
            word => {
                assert_eq!(word, word.to_lowercase(), "{verb}: a placeholder that this test does not know");
                return word.to_owned();
            }
        }
        .to_owned()
    };
    std::iter::once("holdpoint".to_owned()).chain(verb.split(' ').map(word)).collect()
}

#[test]
fn every_verb_of_the_table_is_one() {
    let verbs: Vec<_> = TABLE.iter().filter_map(|row| row.verb).collect();
    assert!(verbs.len() > 30, "{verbs:?}");
    for verb in verbs {
        if let Err(error) = Cli::try_parse_from(typed(verb)) {
            panic!("holdpoint {verb}:\n{error}");
        }
    }
    assert!(Cli::try_parse_from(typed("hold lift HOLD")).is_err(), "a verb that is none is found");
}

#[test]
fn the_page_of_keys_is_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/keys.md");
    if std::env::var_os("HOLDPOINT_UPDATE_DOCS").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page(), "docs/keys.md is not what the table says; HOLDPOINT_UPDATE_DOCS=1 writes it anew");
}

#[test]
fn keys_prints_every_action_and_needs_no_workspace() {
    let s = Sandbox::new();
    let text = s.holdpoint(&["keys"]).exits(0).stdout;
    assert_eq!(text.lines().count(), TABLE.len(), "{text}");
    assert!(text.lines().any(|l| l.contains("roll-back") && l.contains("holdpoint rollback SERVICE --env ENV")));
    let all: serde_json::Value = serde_json::from_str(&s.holdpoint(&["keys", "--json"]).exits(0).stdout).unwrap();
    let start = all.as_array().unwrap().iter().find(|row| row["name"] == "start").unwrap();
    assert_eq!((&start["place"], &start["keys"][0], &start["reach"]), (&"step".into(), &"s".into(), &"system".into()));
}

#[test]
fn keys_are_printed_as_the_files_have_them_and_mistakes_are_said_with_their_place() {
    let s = Sandbox::new();
    let dir = s.root().join("config/holdpoint");
    std::fs::create_dir_all(&dir).unwrap();
    let write = |text: &str| std::fs::write(dir.join("keys.toml"), text).unwrap();
    let none = s.holdpoint(&["keys", "--check"]).exits(0).stdout;
    assert!(none.contains("no keys.toml"), "{none}");
    write("[any]\n\"g\" = \"\"\n\"g g\" = \"first\"\n\"ctrl-a\" = \"zoom\"\n");
    let text = s.holdpoint(&["keys"]).exits(0);
    assert!(text.stdout.lines().any(|l| l.starts_with("any") && l.contains("g g, home") && l.contains("to the first")));
    assert!(text.stderr.contains("keys.toml:4:1: ctrl-a may never arrive"), "{}", text.stderr);
    let shipped = s.holdpoint(&["keys", "--shipped"]).exits(0);
    assert!(!shipped.stdout.contains("g g") && shipped.stderr.is_empty());
    assert!(s.holdpoint(&["keys", "--check"]).exits(0).stdout.contains("keys.toml: no mistake"));
    write("[any]\n\"g g\" = \"first\"\n\"f2\" = \"zom\"\n");
    let wrong = s.holdpoint(&["keys", "--check"]).exits(2).stderr;
    assert!(
        wrong.contains("keys.toml:3:8: there is no action `zom`") && wrong.contains("did you mean \"zoom\"?"),
        "{wrong}"
    );
}
