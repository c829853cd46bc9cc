//! Calls for a person: once for each thing, few at a time, and none in quiet
//! hours but for what is grave; nothing in them acts on a terminal.

use super::ground::{self, Lines, ME};
use holdpoint::domain::entry::Entry;
use holdpoint::domain::fact::Fact;
use holdpoint::domain::name::RunId;
use holdpoint::domain::span::Span;
use holdpoint::domain::trigger::{RollsBack, Trigger};
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

/// The model takes in a line and what follows from it.
fn told(model: &mut Model, lines: &Lines, entry: Entry) {
    model.take(Update::Entries(Arc::new(vec![entry])));
    model.refresh(lines.ledger.at);
}

/// Ana's run with two triggers, both armed.
fn watched() -> (Model, Lines) {
    let workspace = ground::workspace(2, 1);
    let mut lines = Lines::opened();
    let trigger = |name: &str| Trigger {
        name: name.into(),
        signals: vec![],
        from: "1".into(),
        until: None,
        rolls_back: RollsBack::Set,
        countdown: None,
        postpone: Span::mins(2),
        agreed_at: None,
    };
    let plan = holdpoint::domain::plan::Plan { triggers: vec![trigger("T1"), trigger("T2")], ..ground::plan(3) };
    lines.run(&workspace, plan);
    let mut model = ground::model(workspace, &lines);
    model.refresh(lines.ledger.at);
    (model, lines)
}

fn trips(model: &mut Model, lines: &mut Lines, trigger: &str) {
    let fact = Fact::TriggerTripped { run: RunId(1), trigger: trigger.into(), acts_at: None, evidence: vec![] };
    let entry = lines.write("trips", vec![fact]);
    told(model, lines, entry);
}

#[test]
fn calls_keep_their_distance_and_what_comes_between_is_one_call() {
    let (mut model, mut lines) = watched();
    let (mut attention, settings) = (Attention::default(), Settings::default());
    let mut take = |model: &Model, lines: &Lines, at: Duration| attention.take(model, &settings, lines.ledger.at, at);
    assert_eq!(take(&model, &lines, START), None);
    trips(&mut model, &mut lines, "T1");
    assert_eq!(take(&model, &lines, START).unwrap().text, "run 1 TRIGGER T1 TRIPPED", "the first calls at once");
    trips(&mut model, &mut lines, "T2");
    lost(&mut model, &mut lines);
    for millis in [1, 5_000, 9_999] {
        assert_eq!(take(&model, &lines, START + Duration::from_millis(millis)), None, "{millis} ms after the last");
    }
    let call = take(&model, &lines, START + BETWEEN).unwrap();
    assert_eq!(call.text, "run 1 TRIGGER T2 TRIPPED and 1 more", "the grave one is named");
    assert_eq!(take(&model, &lines, START + BETWEEN * 5), None, "and no call for the same again");
}

#[test]
fn a_tripped_trigger_calls_in_quiet_hours_too_and_nothing_else_does() {
    let (mut model, mut lines) = watched();
    let quiet = Settings { quiet: Hours::parse("00:00-23:59"), ..Settings::default() };
    let mut attention = Attention::default();
    assert_eq!(attention.take(&model, &quiet, lines.ledger.at, START), None);
    lost(&mut model, &mut lines);
    assert_eq!(attention.take(&model, &quiet, lines.ledger.at, START), None, "nobody drives it, and it is night");
    trips(&mut model, &mut lines, "T2");
    let call = attention.take(&model, &quiet, lines.ledger.at, START + Duration::from_millis(10)).unwrap();
    assert!(call.grave && call.text.starts_with("run 1 TRIGGER T2 TRIPPED"), "{call:?}");
    assert_eq!(bytes(&call, &quiet).last(), Some(&0x07), "with the bell");
    // What was kept back by night does not call in a heap in the morning.
    let day = Settings::default();
    assert_eq!(attention.take(&model, &day, lines.ledger.at, START + BETWEEN * 9), None);
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
