//! Verifying: proven, tampered, or honestly neither.

use crate::state_dir::{StateDir, note, small};
use holdpoint::domain::digest::Digest;
use holdpoint::journal::anchor::Anchor;
use holdpoint::journal::{Answer, verify};
use std::fs;

/// Writes the journal's only segment anew: one line changed, every link made to fit.
fn rechain(dir: &StateDir, from: &str, to: &str) {
    let text = fs::read_to_string(dir.segment(1)).unwrap();
    assert!(text.contains(from));
    let (mut prev, mut out) = (Digest::default(), String::new());
    for line in text.lines() {
        let (body, _) = line.rsplit_once("\"prev\":").unwrap();
        let line = format!("{}\"prev\":\"{prev}\"}}\n", body.replace(from, to));
        prev = Digest::of_bytes(line.as_bytes());
        out.push_str(&line);
    }
    fs::write(dir.segment(1), out).unwrap();
    fs::remove_file(dir.path().join("tip")).unwrap();
}

#[test]
fn without_an_anchor_nothing_is_proven() {
    let dir = StateDir::with_lines(5);
    let verified = verify(&dir.path(), None).unwrap();
    let head = Digest::of_bytes(
        fs::read_to_string(dir.segment(1)).unwrap().split_inclusive('\n').next_back().unwrap().as_bytes(),
    );
    let said = format!("cannot prove: chain intact, 5 lines, head {}, no anchor holds a head", head.short());
    assert_eq!(verified.to_string(), said);
    dir.open().keep_head().unwrap();
    assert!(matches!(verify(&dir.path(), None).unwrap().answer, Answer::CannotProve { .. }));
}

#[test]
fn an_anchor_proves_up_to_its_newest_head() {
    let dir = StateDir::with_lines(3);
    let mut journal = dir.open();
    let mut text = format!("# heads\n\n{}\n", journal.head().unwrap());
    note(&mut journal, "n4").unwrap();
    let verified = verify(&dir.path(), Some(&Anchor::read("git", &text))).unwrap();
    assert_eq!(verified.answer, Answer::Proven { through: 3 });
    assert!(verified.to_string().starts_with("proven up to line 3; 1 later lines chained to it"), "{verified}");
    text.push_str(&journal.head().unwrap().to_string());
    let verified = verify(&dir.path(), Some(&Anchor::read("git", &text))).unwrap();
    assert!(verified.to_string().starts_with("proven: all 4 lines"), "{verified}");
}

#[test]
fn a_rewritten_and_rechained_journal_is_shown_up_by_an_anchor() {
    let dir = StateDir::with_lines(6);
    let anchor = Anchor::read("git", &dir.open().head().unwrap().to_string());
    rechain(&dir, "n3", "x3");
    assert!(matches!(verify(&dir.path(), None).unwrap().answer, Answer::CannotProve { .. }), "a chain alone cannot");
    match verify(&dir.path(), Some(&anchor)).unwrap().answer {
        Answer::Tampered { file, line, why } => {
            assert_eq!((file, line), (dir.segment(1), 6));
            assert!(why.contains("git holds another line 6"), "{why}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_rewritten_and_rechained_journal_is_shown_up_by_a_kept_head_it_could_not_sign() {
    let dir = StateDir::with_lines(4);
    dir.open().keep_head().unwrap();
    note(&mut dir.open(), "n5").unwrap();
    rechain(&dir, "n3", "x3");
    match verify(&dir.path(), None).unwrap().answer {
        Answer::Tampered { file, line, why } => {
            assert_eq!((file, line), (dir.segment(1), 4));
            assert!(why.contains("signed head"), "{why}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_forged_head_is_shown_up() {
    let (dir, other) = (StateDir::with_lines(4), StateDir::with_lines(4));
    dir.open().keep_head().unwrap();
    other.open().keep_head().unwrap();
    fs::copy(other.path().join("heads.jsonl"), dir.path().join("heads.jsonl")).unwrap();
    match verify(&dir.path(), None).unwrap().answer {
        Answer::Tampered { file, line, .. } => assert_eq!((file, line), (dir.path().join("heads.jsonl"), 1)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn lines_cut_off_are_shown_up_by_an_anchor() {
    let dir = StateDir::with_lines(6);
    let anchor = Anchor::read("git", &dir.open().head().unwrap().to_string());
    let text = fs::read_to_string(dir.segment(1)).unwrap();
    fs::write(dir.segment(1), text.split_inclusive('\n').take(4).collect::<String>()).unwrap();
    fs::remove_file(dir.path().join("tip")).unwrap();
    match verify(&dir.path(), Some(&anchor)).unwrap().answer {
        Answer::Tampered { line, why, .. } => {
            assert_eq!(line, 5);
            assert!(why.contains("holds line 6"), "{why}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn another_journal_in_its_place_is_not_proven() {
    let (dir, other) = (StateDir::with_lines(4), StateDir::new());
    let anchor = Anchor::read("git", &dir.open().head().unwrap().to_string());
    let fresh = holdpoint::journal::Genesis { id: Some([8; 8]), ..crate::state_dir::genesis() };
    let access = holdpoint::journal::Access::Private;
    holdpoint::journal::Journal::open(&other.path(), access, crate::state_dir::at(0), fresh).unwrap();
    match verify(&other.path(), Some(&anchor)).unwrap().answer {
        Answer::CannotProve { why } => assert!(why.contains("all of other journals"), "{why}"),
        other => panic!("{other:?}"),
    }
    let rubbish = verify(&dir.path(), Some(&Anchor::read("git", "rubbish\n"))).unwrap();
    assert!(matches!(rubbish.answer, Answer::CannotProve { .. }));
    assert!(rubbish.notes.iter().any(|note| note.contains("git: line 1")), "{:?}", rubbish.notes);
}

#[test]
fn an_anchored_line_of_an_earlier_segment_is_found_in_its_file() {
    let dir = StateDir::new();
    let mut journal = dir.open().with_limits(small(400));
    let mut heads = Vec::new();
    while !dir.segment(4).exists() {
        heads.push(journal.head().unwrap());
        note(&mut journal, "filling").unwrap();
    }
    let text: String = heads.iter().map(|head| format!("{head}\n")).collect();
    let verified = verify(&dir.path(), Some(&Anchor::read("git", &text))).unwrap();
    assert_eq!(verified.answer, Answer::Proven { through: heads.last().unwrap().head.seq });
}

#[test]
fn a_torn_last_line_is_a_note_and_no_tampering() {
    let dir = StateDir::with_lines(3);
    let mut text = fs::read(dir.segment(1)).unwrap();
    text.extend_from_slice(b"{\"seq\"");
    fs::write(dir.segment(1), text).unwrap();
    let verified = verify(&dir.path(), None).unwrap();
    assert!(matches!(verified.answer, Answer::CannotProve { .. }));
    assert!(verified.notes.iter().any(|note| note.starts_with("6 bytes after")), "{:?}", verified.notes);
}

#[test]
fn a_carried_ledger_must_be_the_one_the_lines_make() {
    let dir = StateDir::with_lines(4);
    let mut journal = dir.open().with_limits(small(100));
    note(&mut journal, "x").unwrap();
    let text = fs::read_to_string(dir.segment(2)).unwrap();
    let first = text.lines().next().unwrap();
    let forged = first.replace("\"last_run\":0", "\"last_run\":9");
    assert_ne!(first, forged);
    fs::write(dir.segment(2), format!("{forged}\n")).unwrap();
    fs::remove_file(dir.path().join("tip")).unwrap();
    match verify(&dir.path(), None).unwrap().answer {
        Answer::Tampered { file, line, why } => {
            assert_eq!((file, line), (dir.segment(2), 1));
            assert!(why.contains("another ledger"), "{why}");
        }
        other => panic!("{other:?}"),
    }
}
