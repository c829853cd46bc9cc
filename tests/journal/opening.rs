//! Opening, catching up, committing.

use crate::state_dir::{StateDir, ana, at, changed, genesis, note, noted, open};
use holdpoint::domain::entry::Draft;
use holdpoint::domain::fact::Fact;
use holdpoint::domain::refusal::Refusal;
use holdpoint::domain::verdict::Rule;
use holdpoint::journal::{Access, Journal, JournalError, tail};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

fn mode(path: impl AsRef<std::path::Path>) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_new_journal_begins_with_its_genesis() {
    let dir = StateDir::new();
    let journal = dir.open();
    assert_eq!(journal.id().unwrap().as_str(), "0707070707070707");
    assert_eq!((journal.ledger().seq, journal.ledger().at), (1, at(0)));
    let (other, again) = (StateDir::new(), dir.open());
    assert_eq!(again.ledger(), journal.ledger(), "opening again makes nothing new");
    let drawn =
        Journal::open(&other.path(), Access::Private, at(0), holdpoint::journal::Genesis { id: None, ..genesis() });
    assert_ne!(drawn.unwrap().id(), journal.id());
}

#[test]
fn modes_are_private_or_the_groups_and_never_everyones() {
    let dir = StateDir::new();
    note(&mut dir.open(), "n").unwrap();
    assert_eq!((mode(dir.path()), mode(dir.path().join("journal")), mode(dir.segment(1))), (0o700, 0o700, 0o600));
    assert_eq!((mode(dir.path().join("lock")), mode(dir.path().join("tip"))), (0o600, 0o600));
    let shared = StateDir::new();
    Journal::open(&shared.path(), Access::Shared, at(0), genesis()).unwrap();
    assert_eq!(
        (mode(shared.path()), mode(shared.path().join("keys")), mode(shared.segment(1))),
        (0o2770, 0o2770, 0o660)
    );
    for (access, bits) in [(Access::Shared, 0o2772), (Access::Private, 0o702), (Access::Private, 0o770)] {
        fs::set_permissions(shared.path(), Permissions::from_mode(bits)).unwrap();
        let refused = Journal::open(&shared.path(), access, at(0), genesis()).unwrap_err();
        assert!(matches!(refused, JournalError::Exposed { .. }), "{refused}");
    }
    assert!(Journal::open(&shared.path(), Access::Shared, at(0), genesis()).is_ok());
}

#[test]
fn a_decision_sees_what_others_wrote_and_never_an_earlier_time() {
    let dir = StateDir::new();
    let (mut one, mut two) = (dir.open(), dir.open());
    one.commit(|| at(50), ana(), |_, _| Some(changed("one"))).unwrap();
    let decide = |ledger: &holdpoint::engine::Ledger, now| {
        assert_eq!((ledger.seq, now), (2, at(50)));
        Some(changed("two"))
    };
    let committed = two.commit(|| at(10), ana(), decide).unwrap();
    assert_eq!(committed.entries.iter().map(|e| (e.seq, e.at)).collect::<Vec<_>>(), [(2, at(50)), (3, at(50))]);
    assert_eq!(committed.own().map(|e| e.seq), Some(3));
    assert_eq!(one.catch_up().unwrap(), [committed.own().unwrap().clone()]);
    assert_eq!(one.ledger(), two.ledger());
    assert_eq!(one.catch_up().unwrap(), []);
}

#[test]
fn deciding_nothing_writes_nothing() {
    let dir = StateDir::new();
    let mut journal = dir.open();
    let before = fs::read(dir.segment(1)).unwrap();
    let committed = journal.commit(|| at(1), ana(), |_, _| None).unwrap();
    assert_eq!((committed.own, committed.entries.len()), (None, 0));
    assert_eq!(fs::read(dir.segment(1)).unwrap(), before);
}

#[test]
fn a_refusal_is_a_line() {
    let dir = StateDir::new();
    let refusal = Refusal::one(Rule::Moved, "moved");
    let draft = Draft { cause: "approve".into(), outcome: Err(refusal.clone()) };
    let committed = dir.open().commit(|| at(1), ana(), |_, _| Some(draft)).unwrap();
    assert_eq!(committed.own().unwrap().refusal, Some(refusal));
    assert_eq!(dir.open().ledger().seq, 2);
}

#[test]
fn what_the_fold_refuses_is_never_written() {
    let dir = StateDir::with_lines(3);
    let mut journal = dir.open();
    let before = fs::read(dir.segment(1)).unwrap();
    let carried = Fact::Carried(journal.ledger().carry().unwrap());
    let draft = Draft { cause: "test".into(), outcome: Ok(vec![carried]) };
    let refused = journal.commit(|| at(1), ana(), |_, _| Some(draft)).unwrap_err();
    assert!(matches!(refused, JournalError::Illegal(_)), "{refused}");
    assert_eq!(fs::read(dir.segment(1)).unwrap(), before);
    assert_eq!(note(&mut journal, "on").unwrap().own, Some(4));
    assert_eq!(journal.ledger(), dir.open().ledger());
}

#[test]
fn viewing_writes_nothing_and_refuses_to() {
    let dir = StateDir::with_lines(3);
    let mut viewing = Journal::view(&dir.path()).unwrap();
    assert!(matches!(note(&mut viewing, "no"), Err(JournalError::ViewOnly)));
    note(&mut dir.open(), "seen").unwrap();
    assert_eq!(viewing.catch_up().unwrap().len(), 1);
    let nothing = StateDir::new();
    assert!(matches!(Journal::view(&nothing.path()), Err(JournalError::Absent(_))));
    assert!(!nothing.path().exists());
}

#[test]
fn a_half_written_line_is_not_read_and_not_cut_by_a_reader() {
    let dir = StateDir::with_lines(3);
    let mut journal = dir.open();
    let whole = fs::read(dir.segment(1)).unwrap();
    fs::write(dir.segment(1), [&whole[..], b"{\"seq\":4"].concat()).unwrap();
    assert_eq!(journal.catch_up().unwrap(), []);
    assert_eq!(fs::metadata(dir.segment(1)).unwrap().len(), whole.len() as u64 + 8);
}

#[test]
fn lines_that_vanish_are_said_to_be_void() {
    let dir = StateDir::with_lines(3);
    let mut journal = dir.open();
    let (length, tip) = (fs::metadata(dir.segment(1)).unwrap().len(), fs::read(dir.path().join("tip")).unwrap());
    note(&mut dir.open(), "void").unwrap();
    assert_eq!(journal.catch_up().unwrap().len(), 1);
    // As after a failed fsync: cut back, never acknowledged.
    fs::OpenOptions::new().write(true).open(dir.segment(1)).unwrap().set_len(length).unwrap();
    fs::write(dir.path().join("tip"), tip).unwrap();
    assert!(matches!(journal.catch_up(), Err(JournalError::CutBack { last: 3, .. })));
    assert_eq!(journal.ledger().seq, 3);
    assert_eq!(note(&mut journal, "on").unwrap().own, Some(4));
}

#[test]
fn a_line_that_breaks_the_chain_is_met_while_tailing() {
    let dir = StateDir::with_lines(3);
    let mut journal = dir.open();
    let mut text = fs::read(dir.segment(1)).unwrap();
    text.extend_from_slice(b"{\"seq\":4}\n");
    fs::write(dir.segment(1), text).unwrap();
    let broken = journal.catch_up().unwrap_err();
    assert!(broken.to_string().contains("000001.jsonl: line 4: cannot be read"), "{broken}");
    assert_eq!(journal.ledger().seq, 3);
    assert!(matches!(note(&mut journal, "no"), Err(JournalError::Broken(_))));
    assert_eq!(open(&dir.path()).unwrap().broken().map(|b| b.line), Some(4));
}

#[test]
fn lines_of_a_newer_program_open_for_viewing_only() {
    let dir = StateDir::with_lines(3);
    let line = |n: u64, facts: &str, prev: holdpoint::domain::digest::Digest| {
        format!(
            "{{\"seq\":{n},\"at\":\"2026-11-21T03:00:00Z\",\"by\":\"ana#2\",\"cause\":\"x\",\"facts\":[{facts}],\"prev\":\"{prev}\"}}\n"
        )
    };
    let text = fs::read_to_string(dir.segment(1)).unwrap();
    let prev = holdpoint::domain::digest::Digest::of_bytes(text.split_inclusive('\n').next_back().unwrap().as_bytes());
    fs::write(dir.segment(1), format!("{text}{}", line(4, "{\"teleported\":{\"run\":1}}", prev))).unwrap();
    let journal = dir.open();
    let broken = journal.broken().unwrap();
    assert!(broken.line == 4 && broken.why.contains("teleported"), "{broken}");
    assert_eq!(journal.ledger().seq, 3);
}

#[test]
fn the_tail_is_the_last_lines_in_order() {
    let dir = StateDir::with_lines(5);
    let seqs = |n| tail(&dir.path(), n).unwrap().iter().map(|e| e.seq).collect::<Vec<_>>();
    assert_eq!((seqs(0), seqs(2), seqs(9)), (vec![], vec![4, 5], vec![1, 2, 3, 4, 5]));
    assert_eq!(noted(&dir.path()), ["n2", "n3", "n4", "n5"]);
}
