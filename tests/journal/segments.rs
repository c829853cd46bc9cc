//! Segments: rolling, and what the first line of one carries.

use crate::state_dir::{StateDir, ana, at, changed, note, origin, small};
use chrono::{TimeZone, Utc};
use holdpoint::domain::fact::Fact;
use holdpoint::journal::{Answer, Journal, verify};
use std::fs;

#[test]
fn a_full_segment_is_followed_by_one_that_carries_the_ledger() {
    let dir = StateDir::new();
    let mut journal = dir.open().with_limits(small(500));
    let opened = journal.open_session(|| at(1), origin()).unwrap();
    let mut lines = 2;
    while !dir.segment(4).exists() {
        let seq = journal.ledger().seq;
        let committed = note(&mut journal, "filling").unwrap();
        lines += committed.entries.len() as u64;
        assert_eq!(committed.own, Some(journal.ledger().seq));
        assert!(committed.entries.iter().zip(seq + 1..).all(|(e, n)| e.seq == n));
    }
    assert_eq!(journal.ledger().seq, lines);
    let again = dir.open();
    assert_eq!(again.ledger(), journal.ledger());
    assert!(again.ledger().alive(opened.by.session), "the session was carried");
    assert!(matches!(verify(&dir.path(), None).unwrap(), v if v.segments == 4 && v.lines == lines));
    for number in 2..=4 {
        let text = fs::read_to_string(dir.segment(number)).unwrap();
        let first: holdpoint::domain::entry::Entry = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert!(matches!(first.facts.as_slice(), [Fact::Carried(_)]));
        assert_eq!(first.cause, "roll");
    }
}

#[test]
fn a_decision_after_a_roll_sees_the_number_it_gets() {
    let dir = StateDir::with_lines(9);
    let mut journal = dir.open().with_limits(small(100));
    let mut told = 0;
    let decide = |ledger: &holdpoint::engine::Ledger, _| {
        told = ledger.seq + 1;
        Some(changed("x"))
    };
    let committed = journal.commit(|| at(1), ana(), decide).unwrap();
    assert_eq!((committed.own, committed.entries.len()), (Some(told), 2));
}

#[test]
fn a_carried_line_longer_than_a_segment_does_not_roll_for_ever() {
    let dir = StateDir::new();
    let mut journal = dir.open().with_limits(small(300));
    for n in 0..30 {
        note(&mut journal, &format!("n{n}")).unwrap();
    }
    let segments = fs::read_dir(dir.path().join("journal")).unwrap().count();
    assert!((5..=20).contains(&segments), "{segments}");
}

#[test]
fn a_new_month_begins_a_new_segment() {
    let dir = StateDir::with_lines(3);
    let mut journal = dir.open();
    let december = || Utc.with_ymd_and_hms(2026, 12, 1, 0, 0, 0).unwrap();
    let committed = journal.commit(december, ana(), |_, _| Some(changed("x"))).unwrap();
    assert_eq!(committed.entries.len(), 2);
    assert!(dir.segment(2).exists());
    journal.commit(december, ana(), |_, _| Some(changed("y"))).unwrap();
    journal.commit(|| at(0), ana(), |_, _| Some(changed("a clock set back"))).unwrap();
    assert!(!dir.segment(3).exists());
}

#[test]
fn what_was_half_made_of_a_segment_is_made_anew() {
    let dir = StateDir::with_lines(9);
    fs::write(dir.path().join("journal/.new"), "half a li").unwrap();
    let mut journal = dir.open().with_limits(small(100));
    note(&mut journal, "x").unwrap();
    assert!(dir.segment(2).exists() && !dir.path().join("journal/.new").exists());
    assert!(matches!(verify(&dir.path(), None).unwrap().answer, Answer::CannotProve { .. }));
}

#[test]
fn damage_in_the_last_segment_is_named_and_in_earlier_ones_found_by_verify() {
    let dir = StateDir::new();
    let mut journal = dir.open().with_limits(small(600));
    while !dir.segment(3).exists() {
        note(&mut journal, "filling").unwrap();
    }
    note(&mut journal, "more").unwrap();
    for number in 1..=3 {
        let whole = fs::read(dir.segment(number)).unwrap();
        let mut line = 1;
        for byte in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[byte] ^= 1 << (byte % 7);
            fs::write(dir.segment(number), &damaged).unwrap();
            match verify(&dir.path(), None).unwrap().answer {
                Answer::Tampered { file, line: found, why } => {
                    assert_eq!((file, found), (dir.segment(number), line), "byte {byte}: {why}");
                }
                other => panic!("segment {number} byte {byte}: {other:?}"),
            }
            if number == 3 {
                let broken = Journal::view(&dir.path()).unwrap().broken().cloned();
                assert!(broken.is_some_and(|b| b.line == line), "byte {byte}");
            }
            line += u64::from(whole[byte] == b'\n');
        }
        fs::write(dir.segment(number), whole).unwrap();
    }
    fs::remove_file(dir.segment(2)).unwrap();
    match verify(&dir.path(), None).unwrap().answer {
        Answer::Tampered { file, why, .. } => assert!(file == dir.segment(2) && why.contains("missing")),
        other => panic!("{other:?}"),
    }
}
