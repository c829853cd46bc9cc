//! Calls for a person: once for each thing, few at a time, and none in quiet
//! hours but for what is grave; nothing in them acts on a terminal.

use super::ground::{self, Lines, ME};
use holdpoint::domain::fact::Fact;
use holdpoint::runtime::input::Update;
use holdpoint::tui::attention::settings::{self, Hours, Settings};
use holdpoint::tui::attention::{Attention, BETWEEN, Call, bytes, osc2, title};
use holdpoint::tui::model::Model;
use holdpoint::tui::theme::user::Place;
use std::sync::Arc;
use std::time::Duration;

const START: Duration = Duration::from_secs(100);

/// A run that ana drives, and the line that says her session was lost.
fn driven() -> (Model, Lines) {
    let workspace = ground::workspace(2, 1);
    let mut lines = Lines::opened();
    lines.run(&workspace, ground::plan(3));
    let mut model = ground::model(workspace, &lines);
    model.refresh(lines.ledger.at);
    (model, lines)
}

fn lost(model: &mut Model, lines: &mut Lines) {
    let entry = lines.write("lost", vec![Fact::SessionLost { session: ME }]);
    model.take(Update::Entries(Arc::new(vec![entry])));
    model.refresh(lines.ledger.at);
}

#[test]
fn what_begins_to_need_a_person_calls_once_and_what_was_so_at_the_start_never() {
    let (mut model, mut lines) = driven();
    let (mut attention, settings) = (Attention::default(), Settings::default());
    let at = lines.ledger.at;
    assert_eq!(attention.take(&model, &settings, at, START), None);
    lost(&mut model, &mut lines);
    let call = attention.take(&model, &settings, at, START).unwrap();
    assert_eq!(call.text, "run 1 is UNATTENDED");
    assert_eq!(attention.take(&model, &settings, at, START + BETWEEN * 3), None, "it has called");
    let mut opened = Attention::default();
    assert_eq!(opened.take(&model, &settings, at, START), None, "whoever opens the screens sees it");
}

#[test]
fn quiet_hours_are_quiet_also_past_midnight() {
    let hours = Hours::parse("22:00-07:00").unwrap();
    let at = |text: &str| hours.hold(text.parse().unwrap());
    assert!(at("22:00:00") && at("23:59:59") && at("00:00:00") && at("06:59:59"));
    assert!(!at("07:00:00") && !at("21:59:59"));
    assert_eq!(Hours::parse("22-7"), None);
    let (mut model, mut lines) = driven();
    let quiet = Settings { quiet: Hours::parse("00:00-23:59"), ..Settings::default() };
    let mut attention = Attention::default();
    attention.take(&model, &quiet, lines.ledger.at, START);
    lost(&mut model, &mut lines);
    assert_eq!(attention.take(&model, &quiet, lines.ledger.at, START), None);
}

#[test]
fn nothing_in_a_call_or_title_ends_its_sequence() {
    let evil = Call { text: "a\u{1b}\\b\u{7}c\u{9c}d\u{202e}".to_owned(), grave: false };
    let out = bytes(&evil, &Settings::default());
    assert_eq!(out.iter().filter(|b| **b == 0x1b).count(), 2, "{out:?}");
    assert_eq!(out.iter().filter(|b| **b == 0x07).count(), 1);
    assert_eq!(osc2(&evil.text).iter().filter(|b| matches!(b, 0x1b | 0x07)).count(), 2);
    let silent = Settings { bell: false, notify: false, quiet: None };
    assert!(bytes(&evil, &silent).is_empty());
    let (model, _) = driven();
    assert!(title(&model).starts_with("holdpoint LIVE run 1 "), "{}", title(&model));
}

#[test]
fn settings_are_read_and_a_mistake_has_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let place = Place { dir: Some(dir.path().to_owned()) };
    let read = |text: &str| {
        std::fs::write(dir.path().join("config.toml"), text).unwrap();
        settings::read(&place).map_err(|problem| problem.to_string())
    };
    assert_eq!(read("theme = \"dark\"\n"), Ok(Settings::default()));
    let quiet = Hours::parse("22:00-07:00");
    let wanted = Settings { bell: true, notify: false, quiet };
    assert_eq!(read("[attention]\nnotify = false\nquiet = \"22:00-07:00\"\n"), Ok(wanted));
    for (text, part) in [
        ("[attention]\nbell = 3\n", "config.toml:2"),
        ("[attention]\nquiet = \"late\"\n", "22:00-07:00"),
        ("[attention]\nloud = true\n", "there are bell, notify and quiet"),
    ] {
        let said = read(text).unwrap_err();
        assert!(said.contains(part), "{part}: {said}");
    }
}
