//! Death and disk errors at every point the journal passes.

use crate::child::{command, said, start};
use crate::state_dir::{StateDir, at, note, noted, open, origin, small};
use holdpoint::domain::entry::Entry;
use holdpoint::fault::POINTS;
use holdpoint::journal::{Answer, JournalError, dead_sessions, entries, verify};

/// Points that one passes only after a sync failed.
const AFTER_A_FAILED_SYNC: [&str; 4] = ["journal.poison", "journal.poison.written", "journal.poisoned", "journal.cut"];
/// A point that only an operation passes.
const INTENT: &str = "journal.reserve";
/// Points that a process passes once.
const ONCE: [&str; 6] = [
    "journal.torn.copied",
    "journal.torn.kept",
    "journal.torn.cut",
    "journal.alive",
    "journal.session",
    "journal.begun",
];

/// The points that every process passes which appends enough.
fn appending() -> impl Iterator<Item = &'static str> {
    let points = POINTS.iter().copied().filter(|p| p.starts_with("journal.") && !p.starts_with("journal.head"));
    points.filter(|p| !AFTER_A_FAILED_SYNC.contains(p) && *p != INTENT)
}

fn fault(dir: &StateDir, fault: &str) -> Vec<String> {
    let vars = [
        ("HOLDPOINT_FAULT", fault.to_owned()),
        ("CHILD_COUNT", "12".into()),
        ("CHILD_SEGMENT", "700".into()),
        ("CHILD_SESSION", "true".into()),
    ];
    said(start("append", &dir.path(), &vars))
}

fn acknowledged(said: &[String]) -> Vec<(u64, String)> {
    let acks = said.iter().filter_map(|line| line.strip_prefix("ack "));
    acks.map(|ack| ack.split_once(' ').unwrap()).map(|(seq, what)| (seq.parse().unwrap(), what.to_owned())).collect()
}

/// Every acknowledged line is there, nothing is there twice, and the journal goes on.
fn survives(dir: &StateDir, said: &[String], point: &str) {
    let mut journal = open(&dir.path()).unwrap().with_limits(small(700));
    assert_eq!(journal.broken(), None, "{point}");
    let dead = dead_sessions(journal.layout(), journal.ledger());
    assert_eq!(dead.len(), journal.ledger().sessions.len(), "{point}: whoever died is known to be dead");
    note(&mut journal, "after").unwrap_or_else(|e| panic!("{point}: {e}"));
    let lines: Vec<Entry> = entries(&dir.path()).unwrap().map(Result::unwrap).collect();
    let whats = noted(&dir.path());
    let mut once = whats.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), whats.len(), "{point}: something is there twice");
    for (seq, what) in acknowledged(said) {
        let line = &lines[usize::try_from(seq).unwrap() - 1];
        assert!(format!("{:?}", line.facts).contains(&format!("{what:?}")), "{point}: line {seq} is lost");
    }
    let before = whats.iter().filter(|what| what.starts_with('n')).count();
    assert!(
        whats.len() <= acknowledged(said).len() + before + 2,
        "{point}: at most the line being written is there besides"
    );
    let verified = verify(&dir.path(), None).unwrap();
    assert!(matches!(verified.answer, Answer::CannotProve { .. }), "{point}: {verified}");
}

#[test]
fn killed_at_every_point_nothing_acknowledged_is_lost() {
    for point in appending() {
        for n in [1, 3] {
            let dir = StateDir::new();
            if point.contains("torn") {
                open(&dir.path()).unwrap();
                fault(&dir, "journal.write.half#2=kill");
            }
            let said = fault(&dir, &format!("{point}#{n}=kill"));
            let once = n == 3 && ONCE.contains(&point);
            let died = said.last().is_none_or(|last| last != "done");
            assert!(died || once, "{point}#{n} was not passed: {said:?}");
            assert!(!said.iter().any(|line| line.starts_with("error")), "{point}: {said:?}");
            survives(&dir, &said, point);
        }
    }
}

#[test]
fn killed_while_poisoning_nothing_acknowledged_is_lost() {
    for point in AFTER_A_FAILED_SYNC {
        let dir = StateDir::new();
        let said = fault(&dir, &format!("journal.written#4=eio,{point}=kill"));
        assert!(acknowledged(&said).len() >= 2 && !said.iter().any(|line| line.starts_with("error")), "{said:?}");
        let poisoned = dir.path().join("POISONED");
        assert_eq!(poisoned.exists(), point != "journal.poison", "{point}");
        if poisoned.exists() {
            assert!(matches!(note(&mut dir.open(), "no"), Err(JournalError::Poisoned { .. })), "{point}");
            std::fs::remove_file(poisoned).unwrap();
        }
        survives(&dir, &said, point);
    }
}

#[test]
fn an_error_at_every_point_leaves_the_journal_as_it_was_or_says_that_it_is_poisoned() {
    for point in appending() {
        for what in ["eio", "enospc"] {
            let dir = StateDir::new();
            if point.contains("torn") {
                fault(&dir, "journal.write.half#2=kill");
            }
            let said = fault(&dir, &format!("{point}#2={what}"));
            let poisoned = dir.path().join("POISONED");
            if poisoned.exists() {
                assert!(said.last().unwrap().starts_with("error the journal is poisoned"), "{point}: {said:?}");
                let refused = note(&mut dir.open(), "no").unwrap_err();
                assert!(matches!(refused, JournalError::Poisoned { .. }), "{point}: {refused}");
                std::fs::remove_file(poisoned).unwrap();
            }
            let seqs: Vec<String> = acknowledged(&said).into_iter().map(|(_, what)| what).collect();
            assert_eq!(noted(&dir.path()), seqs, "{point}={what}: exactly what was acknowledged");
            survives(&dir, &said, point);
        }
    }
}

#[test]
fn a_failed_sync_poisons_for_every_process() {
    for point in ["journal.written", "journal.synced"] {
        poisons(point);
    }
}

fn poisons(point: &str) {
    let dir = StateDir::with_lines(3);
    let mut other = dir.open();
    let before = std::fs::read(dir.segment(1)).unwrap();
    let vars = [("HOLDPOINT_FAULT", format!("{point}=eio"))];
    let said = said(command("append", &dir.path(), &vars).spawn().unwrap());
    let told = said.last().unwrap();
    assert!(told.contains("poisoned") && told.contains("could not make a line durable"), "{told}");
    assert_eq!(std::fs::read(dir.segment(1)).unwrap(), before, "cut back to the old length");
    for journal in [&mut other, &mut dir.open()] {
        let refused = note(journal, "no").unwrap_err();
        assert!(matches!(refused, JournalError::Poisoned { .. }), "{refused}");
        assert!(refused.to_string().contains("Check the disk"), "{refused}");
        assert!(journal.open_session(|| at(1), origin()).is_err());
    }
    assert_eq!(std::fs::read(dir.segment(1)).unwrap(), before);
}

#[test]
fn a_write_that_fails_is_no_poison_and_is_cut_back() {
    for point in ["journal.write", "journal.write.half"] {
        let dir = StateDir::with_lines(3);
        let before = std::fs::read(dir.segment(1)).unwrap();
        let said = said(start("append", &dir.path(), &[("HOLDPOINT_FAULT", format!("{point}=enospc"))]));
        assert!(said.last().unwrap().starts_with("error cannot write"), "{said:?}");
        assert_eq!(std::fs::read(dir.segment(1)).unwrap(), before);
        assert!(!dir.path().join("POISONED").exists());
        assert!(note(&mut dir.open(), "on").is_ok());
    }
}

#[test]
fn a_process_whose_write_failed_goes_on_when_there_is_room_again() {
    for point in ["journal.write", "journal.write.half", "journal.segment.written", "journal.caught-up"] {
        let dir = StateDir::with_lines(3);
        let vars = [
            ("HOLDPOINT_FAULT", format!("{point}#2=enospc")),
            ("CHILD_GO_ON", "true".into()),
            ("CHILD_SEGMENT", "700".into()),
        ];
        let said = said(start("append", &dir.path(), &vars));
        let whats: Vec<String> = acknowledged(&said).into_iter().map(|(_, what)| what).collect();
        assert_eq!(said.last().unwrap(), "done");
        assert!(whats.len() >= 4, "{point}: {said:?}");
        assert_eq!(noted(&dir.path())[2..], whats, "{point}");
        survives(&dir, &said, point);
    }
}

#[test]
fn an_intent_without_room_for_its_outcome_is_refused() {
    let dir = StateDir::with_lines(3);
    let before = std::fs::read(dir.segment(1)).unwrap();
    // The room that is wanted, then the least.
    let full = "journal.reserve=enospc,journal.reserve=enospc";
    for (fault, told) in
        [(full, "error the disk is full: an operation needs"), ("journal.reserve=eio", "error cannot reserve")]
    {
        let said = said(start("intend", &dir.path(), &[("HOLDPOINT_FAULT", fault.to_owned())]));
        assert!(said[0].starts_with(told), "{said:?}");
        assert_eq!(std::fs::read(dir.segment(1)).unwrap(), before);
    }
    let less = said(start("intend", &dir.path(), &[("HOLDPOINT_FAULT", "journal.reserve=enospc".into())]));
    assert!(!less[0].contains("disk is full"), "the least is enough: {less:?}");
}

#[test]
fn a_head_torn_by_a_crash_is_no_tampering_and_the_next_one_replaces_it() {
    for point in POINTS.iter().filter(|p| p.starts_with("journal.head")) {
        for what in ["kill", "enospc"] {
            let dir = StateDir::with_lines(3);
            let vars = [("HOLDPOINT_FAULT", format!("{point}#2={what}")), ("CHILD_COUNT", "4".into())];
            let said = said(start("head", &dir.path(), &vars));
            let failed = said.iter().any(|line| line.starts_with("error"));
            assert!((what == "kill") == said.last().is_none_or(|last| last != "done"), "{point}={what}: {said:?}");
            assert_eq!(failed, what == "enospc", "{point}: {said:?}");
            let mut journal = dir.open();
            note(&mut journal, "after").unwrap();
            journal.keep_head().unwrap();
            let verified = verify(&dir.path(), None).unwrap();
            assert!(matches!(verified.answer, Answer::CannotProve { .. }), "{point}={what}: {verified}");
            let heads = std::fs::read_to_string(dir.path().join("heads.jsonl")).unwrap();
            let told = said.iter().filter(|line| line.starts_with("head ")).count();
            assert!(heads.lines().count() > told, "{point}={what}: a head that was told is lost");
        }
    }
}
