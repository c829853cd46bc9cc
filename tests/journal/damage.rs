//! Cut at every byte, flip every bit: no difference is silent.

use crate::child;
use crate::state_dir::{StateDir, copy, note, noted, open};
use holdpoint::journal::{Answer, Journal, JournalError, verify};
use std::fs;

#[test]
fn a_crash_in_the_last_line_leaves_all_before_it() {
    let dir = StateDir::with_lines(5);
    let (path, tip) = (dir.segment(1), dir.path().join("tip"));
    let before = fs::read(&tip).unwrap();
    let start = fs::metadata(&path).unwrap().len();
    note(&mut dir.open(), "last").unwrap();
    let whole = fs::read(&path).unwrap();
    for cut in start..whole.len() as u64 {
        fs::write(&path, &whole[..cut as usize]).unwrap();
        fs::write(&tip, &before).unwrap();
        let _ = fs::remove_dir_all(dir.path().join(".torn"));
        let mut journal = dir.open();
        assert_eq!(journal.broken(), None, "cut at {cut}");
        assert_eq!(journal.ledger().seq, 5);
        assert_eq!(fs::metadata(&path).unwrap().len(), cut, "opening must not cut");
        let committed = note(&mut journal, "again").unwrap();
        assert_eq!(committed.own, Some(6));
        let aside = journal.set_aside();
        assert_eq!(aside.len(), usize::from(cut > start), "cut at {cut}");
        for aside in aside {
            assert_eq!(fs::read(&aside.kept).unwrap(), whole[start as usize..cut as usize]);
            assert_eq!((aside.line, aside.bytes), (6, cut - start));
        }
        assert_eq!(noted(&dir.path()), ["n2", "n3", "n4", "n5", "again"]);
    }
}

#[test]
fn a_cut_in_acknowledged_lines_is_named() {
    let dir = StateDir::with_lines(4);
    let (path, whole) = (dir.segment(1), fs::read(dir.segment(1)).unwrap());
    for cut in 0..whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        let kept = whole[..cut].iter().filter(|b| **b == b'\n').count() as u64;
        let mut journal = dir.open();
        assert_eq!(journal.ledger().seq, kept, "what is whole stays visible");
        assert_eq!(journal.broken().unwrap().line, kept + 1, "cut at {cut}");
        let refused = note(&mut journal, "no").unwrap_err();
        assert!(matches!(refused, JournalError::Broken(_)), "{refused}");
        assert_eq!(fs::read(&path).unwrap(), whole[..cut], "nothing is touched");
    }
}

#[test]
fn lines_whose_tip_is_lost_too_are_set_aside_or_gone_but_never_different() {
    let dir = StateDir::with_lines(3);
    let (path, whole) = (dir.segment(1), fs::read(dir.segment(1)).unwrap());
    let first = whole.iter().position(|b| *b == b'\n').unwrap() + 1;
    for cut in first..whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        let _ = fs::remove_file(dir.path().join("tip"));
        let mut journal = dir.open();
        let kept = whole[..cut].iter().rposition(|b| *b == b'\n').unwrap() + 1;
        note(&mut journal, "on").unwrap();
        assert_eq!(&fs::read(&path).unwrap()[..kept], &whole[..kept]);
        assert_eq!(journal.set_aside().len(), usize::from(cut > kept));
    }
}

#[test]
fn every_flipped_bit_is_refused_at_its_line() {
    let dir = StateDir::with_lines(4);
    let (path, whole) = (dir.segment(1), fs::read(dir.segment(1)).unwrap());
    let mut line = 1;
    for byte in 0..whole.len() {
        for bit in 0..8 {
            let mut damaged = whole.clone();
            damaged[byte] ^= 1 << bit;
            fs::write(&path, &damaged).unwrap();
            let journal = Journal::view(&dir.path()).unwrap();
            let broken = journal.broken().unwrap_or_else(|| panic!("byte {byte} bit {bit} of line {line} passed"));
            assert_eq!((broken.line, &broken.file), (line, &path), "byte {byte} bit {bit}: {broken}");
            assert_eq!(journal.ledger().seq, line - 1, "byte {byte} bit {bit}: the lines before stand");
        }
        line += u64::from(whole[byte] == b'\n');
    }
}

#[test]
fn verify_names_the_line_of_every_flipped_byte() {
    let dir = StateDir::with_lines(4);
    let (path, whole) = (dir.segment(1), fs::read(dir.segment(1)).unwrap());
    let mut expected = 1;
    for byte in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[byte] ^= 1 << (byte % 8);
        fs::write(&path, &damaged).unwrap();
        match verify(&dir.path(), None).unwrap().answer {
            Answer::Tampered { file, line, .. } => assert_eq!((file, line), (path.clone(), expected), "byte {byte}"),
            other => panic!("byte {byte}: {other:?}"),
        }
        expected += u64::from(whole[byte] == b'\n');
    }
}

#[test]
fn a_flip_in_a_torn_tail_is_set_aside_with_it() {
    let dir = StateDir::with_lines(3);
    let whole = fs::read(dir.segment(1)).unwrap();
    for bit in 0..8 {
        let torn = [&whole[..], &[b'{' ^ (1 << bit)], b"\"seq\":4"].concat();
        fs::write(dir.segment(1), torn).unwrap();
        let mut journal = dir.open();
        note(&mut journal, "on").unwrap();
        let (aside, other) = (journal.set_aside(), noted(&dir.path()));
        // A brace may flip into a newline's neighbour but never into a newline.
        assert_eq!((aside.len(), other), (1, vec!["n2".to_owned(), "n3".to_owned(), "on".to_owned()]));
        fs::write(dir.segment(1), &whole).unwrap();
        fs::remove_file(dir.path().join("tip")).unwrap();
    }
}

#[test]
fn a_torn_tail_longer_than_the_next_line_leaves_nothing_behind_it() {
    let dir = StateDir::with_lines(3);
    let whole = fs::read(dir.segment(1)).unwrap();
    fs::write(dir.segment(1), [&whole[..], "x".repeat(5000).as_bytes()].concat()).unwrap();
    let mut journal = dir.open();
    journal.commit(|| crate::state_dir::at(1), crate::state_dir::ana(), |_, _| None).unwrap();
    assert_eq!(fs::read(dir.segment(1)).unwrap(), whole, "cut even when nothing is decided");
    note(&mut journal, "on").unwrap();
    assert!(fs::read(dir.segment(1)).unwrap().ends_with(b"}\n"));
}

#[test]
fn a_flip_while_another_process_appends_is_found_at_its_line() {
    let dir = StateDir::with_lines(20);
    let child = child::start("append", &dir.path(), &[("CHILD_COUNT", "300".into())]);
    let path = dir.segment(1);
    // Wait until the child has read all and is writing.
    while Journal::view(&dir.path()).unwrap().ledger().seq < 40 {}
    let text = fs::read(&path).unwrap();
    let seventh = text.split_inclusive(|b| *b == b'\n').take(6).map(<[u8]>::len).sum::<usize>() + 60;
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, &[text[seventh] ^ 1], seventh as u64).unwrap();
    let said = child::said(child);
    assert_eq!(said.last().unwrap(), "done", "a process does not read what it has read");
    let journal = open(&dir.path()).unwrap();
    assert_eq!(journal.broken().map(|b| b.line), Some(7));
    assert_eq!(journal.ledger().seq, 6);
    match verify(&dir.path(), None).unwrap().answer {
        Answer::Tampered { line, .. } => assert_eq!(line, 7),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_flipped_bit_is_refused_at_its_line_while_another_process_appends() {
    let dir = StateDir::with_lines(4);
    let (path, whole) = (dir.segment(1), fs::read(dir.segment(1)).unwrap());
    let vars = [("CHILD_COUNT", "1000000".into()), ("CHILD_PAUSE", "10".into())];
    let mut child = child::start("append", &dir.path(), &vars);
    while Journal::view(&dir.path()).unwrap().ledger().seq < 7 {}
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    let put = |byte: u8, at: usize| std::os::unix::fs::FileExt::write_all_at(&file, &[byte], at as u64).unwrap();
    let (mut line, before) = (1, Journal::view(&dir.path()).unwrap().ledger().seq);
    for (at, byte) in whole.iter().enumerate() {
        for bit in 0..8 {
            put(byte ^ (1 << bit), at);
            let journal = Journal::view(&dir.path()).unwrap();
            let found = journal.broken().map(|broken| (broken.line, broken.file.clone()));
            assert_eq!(found, Some((line, path.clone())), "byte {at} bit {bit}");
            assert_eq!(journal.ledger().seq, line - 1, "byte {at} bit {bit}: the lines before stand");
        }
        put(*byte, at);
        line += u64::from(*byte == b'\n');
    }
    let journal = Journal::view(&dir.path()).unwrap();
    assert_eq!(journal.broken(), None, "mended, it is whole");
    assert!(journal.ledger().seq > before, "the other process was appending meanwhile");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_cut_while_another_process_appends_is_refused_at_its_line() {
    for cut in [3, 40, 150] {
        let dir = StateDir::with_lines(20);
        let child = child::start("append", &dir.path(), &[("CHILD_COUNT", "300".into())]);
        let path = dir.segment(1);
        while Journal::view(&dir.path()).unwrap().ledger().seq < 40 {}
        let text = fs::read(&path).unwrap();
        let seventh = text.split_inclusive(|b| *b == b'\n').take(6).map(<[u8]>::len).sum::<usize>() + cut;
        fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(seventh as u64).unwrap();
        // It notices, or had no reason to look at what it has read and has written behind a hole.
        let said = child::said(child);
        let last = said.last().unwrap();
        assert!(last == "done" || last.starts_with("error "), "{last}");
        let journal = open(&dir.path()).unwrap();
        assert_eq!(journal.broken().map(|b| b.line), Some(7), "cut at {cut}");
        assert_eq!(journal.ledger().seq, 6);
    }
}

#[test]
fn a_file_put_in_the_place_of_the_journal_is_noticed_by_a_process_that_has_it_open() {
    let (dir, other) = (StateDir::with_lines(3), StateDir::new());
    let mut journal = dir.open();
    copy(&dir.path(), &other.path());
    note(&mut journal, "n4").unwrap();
    fs::rename(other.segment(1), dir.segment(1)).unwrap();
    let refused = note(&mut journal, "n5").unwrap_err();
    assert!(matches!(refused, JournalError::CutBack { last: 3, .. }), "{refused}");
    assert_eq!(journal.broken().map(|b| b.line), Some(4));
    assert!(matches!(note(&mut journal, "n5"), Err(JournalError::Broken(_))));
}
