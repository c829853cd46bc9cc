//! Sessions: opened by a line of their own, alive as long as their process.

use crate::child::{said, start, wait_for};
use crate::state_dir::{StateDir, ana, at, note, origin};
use holdpoint::domain::entry::Draft;
use holdpoint::domain::fact::Fact;
use holdpoint::domain::session::SessionId;
use holdpoint::journal::{Liveness, dead_sessions};

#[test]
fn a_session_is_the_number_of_its_line() {
    let dir = StateDir::with_lines(4);
    let mut journal = dir.open();
    let opened = journal.open_session(|| at(1), origin()).unwrap();
    assert_eq!(opened.by.to_string(), "ana#5");
    assert_eq!(opened.committed.own().unwrap().by, opened.by);
    assert!(journal.ledger().alive(SessionId(5)));
    assert_eq!(dead_sessions(journal.layout(), journal.ledger()), []);
}

#[test]
fn a_session_lives_and_dies_with_its_process() {
    let dir = StateDir::new();
    let mut child = start("live", &dir.path(), &[]);
    wait_for(&mut child, "alive");
    let journal = dir.open();
    assert_eq!(dead_sessions(journal.layout(), journal.ledger()), []);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(dead_sessions(journal.layout(), journal.ledger()), [SessionId(2)]);
}

#[test]
fn two_who_look_do_not_take_each_other_for_the_session() {
    let dir = StateDir::new();
    said(start("live", &dir.path(), &[]));
    let journal = dir.open();
    let file = std::fs::File::open(journal.layout().alive(SessionId(2))).unwrap();
    rustix::fs::flock(&file, rustix::fs::FlockOperation::LockShared).unwrap();
    assert_eq!(dead_sessions(journal.layout(), journal.ledger()), [SessionId(2)]);
}

#[test]
fn children_do_not_inherit_the_liveness_of_a_session() {
    let dir = StateDir::new();
    let mut journal = dir.open();
    let opened = journal.open_session(|| at(1), origin()).unwrap();
    let path = journal.layout().alive(opened.by.session);
    let mut sleeper = std::process::Command::new("sleep").arg("60").spawn().unwrap();
    drop(opened);
    let kept = std::fs::OpenOptions::new().create(true).write(true).truncate(false).open(&path).unwrap();
    let lockable = rustix::fs::flock(&kept, rustix::fs::FlockOperation::NonBlockingLockExclusive);
    sleeper.kill().unwrap();
    sleeper.wait().unwrap();
    lockable.unwrap();
    assert_eq!(dead_sessions(journal.layout(), journal.ledger()), []);
}

#[test]
fn a_missing_file_is_a_dead_session_and_a_closed_one_is_none() {
    let dir = StateDir::new();
    let mut journal = dir.open();
    let opened = journal.open_session(|| at(1), origin()).unwrap();
    drop(opened.liveness);
    assert_eq!(dead_sessions(journal.layout(), journal.ledger()), [SessionId(2)]);
    let closed = Fact::SessionClosed { session: SessionId(2), how: "quit".into() };
    let draft = Draft { cause: "quit".into(), outcome: Ok(vec![closed]) };
    journal.commit(|| at(1), ana(), |_, _| Some(draft)).unwrap();
    assert_eq!(dead_sessions(journal.layout(), journal.ledger()), []);
    note(&mut journal, "on").unwrap();
}

#[test]
fn a_session_is_held_once() {
    let dir = StateDir::new();
    let journal = dir.open();
    let _held = Liveness::hold(journal.layout(), SessionId(9)).unwrap();
    assert!(Liveness::hold(journal.layout(), SessionId(9)).is_err());
}
