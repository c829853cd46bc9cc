//! The navigation keys of a session.

use crate::child;
use crate::state_dir::{StateDir, ana, at, changed};
use holdpoint::domain::digest::Digest;
use holdpoint::domain::session::SessionId;
use holdpoint::journal::{JournalError, KeyLog, Pressed, keylog, verify};

fn pressed(key: &str) -> Pressed {
    Pressed { at: at(1), key: key.into(), on: "runbook".into(), did: Some("down".into()) }
}

#[test]
fn keys_are_chained_and_continued() {
    let dir = StateDir::new();
    let journal = dir.open();
    let mut log = KeyLog::open(journal.layout(), SessionId(2)).unwrap();
    assert_eq!(log.head(), None);
    let heads = [log.append(pressed("j")).unwrap(), log.append(pressed("k")).unwrap()];
    log.sync().unwrap();
    let path = journal.layout().keys(SessionId(2));
    let text = std::fs::read_to_string(&path).unwrap();
    let last = text.split_inclusive('\n').next_back().unwrap();
    assert_eq!(Digest::of_bytes(last.as_bytes()), heads[1]);
    assert!(last.contains(&heads[0].to_string()));
    // A torn line is overwritten, the chain goes on.
    std::fs::write(&path, format!("{text}{{\"n\":3")).unwrap();
    let mut log = KeyLog::open(journal.layout(), SessionId(2)).unwrap();
    assert_eq!(log.head(), Some(heads[1]));
    log.append(pressed("enter")).unwrap();
    let mut keys = Vec::new();
    keylog::read(journal.layout(), SessionId(2), |pressed, _| keys.push(pressed.key)).unwrap();
    assert_eq!(keys, ["j", "k", "enter"]);
}

#[test]
fn a_changed_key_is_found() {
    let dir = StateDir::new();
    let journal = dir.open();
    let mut log = KeyLog::open(journal.layout(), SessionId(2)).unwrap();
    for key in ["j", "k", "l"] {
        log.append(pressed(key)).unwrap();
    }
    let path = journal.layout().keys(SessionId(2));
    let text = std::fs::read_to_string(&path).unwrap().replace("\"k\"", "\"q\"");
    std::fs::write(&path, text).unwrap();
    match KeyLog::open(journal.layout(), SessionId(2)).unwrap_err() {
        JournalError::Broken(broken) => assert_eq!(broken.line, 3),
        other => panic!("{other}"),
    }
}

#[test]
fn decisions_carry_the_head_of_the_keys() {
    let dir = StateDir::new();
    let mut journal = dir.open();
    let mut log = KeyLog::open(journal.layout(), SessionId(2)).unwrap();
    let head = log.append(pressed("a")).unwrap();
    journal.set_keys(log.head());
    let committed = journal.commit(|| at(1), ana(), |_, _| Some(changed("x"))).unwrap();
    assert_eq!(committed.own().unwrap().keys, Some(head));
    let notes = || verify(&dir.path(), None).unwrap().notes.join("\n");
    assert!(!notes().contains("navigation"), "{}", notes());
    std::fs::remove_file(journal.layout().keys(SessionId(2))).unwrap();
    assert!(notes().contains("navigation keys of session #2"), "{}", notes());
}

#[test]
fn killed_or_refused_at_every_point_no_key_that_was_logged_is_lost() {
    for point in holdpoint::fault::POINTS.iter().filter(|point| point.starts_with("keys.")) {
        for what in ["kill", "enospc"] {
            let dir = StateDir::new();
            dir.open();
            let vars = [("HOLDPOINT_FAULT", format!("{point}#3={what}"))];
            let said = child::said(child::start("keys", &dir.path(), &vars));
            assert!((what == "kill") == said.last().is_none_or(|last| last != "done"), "{point}={what}: {said:?}");
            let layout = dir.open().layout().clone();
            KeyLog::open(&layout, SessionId(2)).unwrap().append(pressed("after")).unwrap();
            let mut keys = Vec::new();
            keylog::read(&layout, SessionId(2), |pressed, _| keys.push(pressed.key)).unwrap();
            let logged = said.iter().filter_map(|line| line.strip_prefix("key "));
            assert!(logged.clone().count() >= 2, "{point}={what}: {said:?}");
            assert_eq!(logged.filter(|key| !keys.iter().any(|k| k == key)).count(), 0, "{point}={what}: {keys:?}");
            assert_eq!(keys.last().unwrap(), "after");
        }
    }
}
