//! Several processes on one journal.

use crate::child::{command, said, start, wait_for};
use crate::state_dir::{StateDir, note, noted};
use holdpoint::journal::{Answer, JournalError, Limits, entries, verify};
use rustix::process::{Pid, Signal, kill_process};
use std::collections::BTreeSet;
use std::time::Duration;

/// How many lines each of two processes appends; all of them with `HOLDPOINT_FULL=1`.
fn count() -> u32 {
    if std::env::var_os("HOLDPOINT_FULL").is_some() { 10_000 } else { 1_000 }
}

/// Lets two processes append and checks that there is one chain with every
/// acknowledged line in it, once.
fn two_append(dir: &StateDir, count: u32, segment: u64) {
    let vars = |tag: &str| {
        [("CHILD_COUNT", count.to_string()), ("CHILD_TAG", tag.into()), ("CHILD_SEGMENT", segment.to_string())]
    };
    let (a, b) = (start("append", &dir.path(), &vars("a")), start("append", &dir.path(), &vars("b")));
    // Read on a thread of its own: a full pipe would stop one of them.
    let b = std::thread::spawn(move || said(b));
    let (a, b) = (said(a), b.join().unwrap());
    assert_eq!((a.last().unwrap().as_str(), b.last().unwrap().as_str()), ("done", "done"));
    let acked: BTreeSet<String> =
        a.iter().chain(&b).filter_map(|s| s.strip_prefix("ack ")).map(str::to_owned).collect();
    assert_eq!(acked.len(), 2 * count as usize);
    let mut found = BTreeSet::new();
    for entry in entries(&dir.path()).unwrap().map(Result::unwrap) {
        if let Some(holdpoint::domain::fact::Fact::WorkspaceChanged { what }) = entry.facts.first() {
            assert!(found.insert(format!("{} {what}", entry.seq)), "twice: {what}");
        }
    }
    assert_eq!(found, acked);
    let verified = verify(&dir.path(), None).unwrap();
    assert!(matches!(verified.answer, Answer::CannotProve { .. }), "{verified}");
}

#[test]
fn two_processes_make_one_chain() {
    let dir = StateDir::new();
    two_append(&dir, count(), 4 << 20);
    assert_eq!(noted(&dir.path()).len(), 2 * count() as usize);
}

#[test]
fn two_processes_roll_segments() {
    let dir = StateDir::new();
    two_append(&dir, count() / 5, 2_000);
    let segments = std::fs::read_dir(dir.path().join("journal")).unwrap().count();
    assert!(segments > 10, "{segments} segments");
}

#[test]
fn one_tails_while_another_rolls() {
    let dir = StateDir::new();
    let mut journal = dir.open();
    let child = start("append", &dir.path(), &[("CHILD_COUNT", "200".into()), ("CHILD_SEGMENT", "1000".into())]);
    let mut seen = Vec::new();
    let reader = std::thread::spawn(move || said(child));
    while !reader.is_finished() {
        seen.extend(journal.catch_up().unwrap());
    }
    seen.extend(journal.catch_up().unwrap());
    assert_eq!(reader.join().unwrap().last().unwrap(), "done");
    assert!(seen.iter().zip(2..).all(|(entry, seq)| entry.seq == seq));
    assert_eq!(journal.ledger(), dir.open().ledger());
    assert!(seen.len() > 200);
}

#[test]
fn a_busy_journal_names_who_holds_it() {
    let dir = StateDir::with_lines(2);
    let mut child = start("hold-lock", &dir.path(), &[]);
    wait_for(&mut child, "held");
    let mut journal = dir.open().with_limits(Limits { lock_wait: Duration::from_millis(50), ..Limits::default() });
    let busy = note(&mut journal, "no").unwrap_err();
    assert!(busy.to_string().starts_with(&format!("journal busy: pid {}", child.id())), "{busy}");
    assert_eq!(journal.ledger().seq, 2);
    said(child);
    assert_eq!(note(&mut journal, "on").unwrap().own, Some(3));
}

/// How often a process has slept so far.
fn slept(pid: u32) -> u64 {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let status = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("status")).ok());
    let lines = status.filter_map(|text| {
        text.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")?.trim().parse::<u64>().ok())
    });
    lines.sum()
}

#[test]
fn whoever_stood_still_waits_for_the_lock_as_long_as_anybody() {
    let dir = StateDir::with_lines(2);
    let mut holder = start("hold-lock", &dir.path(), &[]);
    wait_for(&mut holder, "held");
    let waits = start("append", &dir.path(), &[("CHILD_COUNT", "1".into())]);
    let pid = Pid::from_child(&waits);
    // It tries again and again, and sleeps between.
    while slept(waits.id()) < 200 {
        std::thread::sleep(Duration::from_millis(2));
    }
    kill_process(pid, Signal::STOP).unwrap();
    std::thread::sleep(Limits::default().lock_wait + Duration::from_millis(500));
    kill_process(pid, Signal::CONT).unwrap();
    let tried = slept(waits.id());
    // Long enough for one more try, and far less than it may take.
    std::thread::sleep(Duration::from_millis(200));
    assert!(slept(waits.id()) > tried, "it has given up at once");
    said(holder);
    assert_eq!(said(waits).last().unwrap(), "done");
}

#[test]
fn the_lock_of_a_killed_process_is_free() {
    let dir = StateDir::with_lines(2);
    let mut child = start("hold-lock", &dir.path(), &[]);
    wait_for(&mut child, "held");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(note(&mut dir.open(), "on").unwrap().own, Some(3));
}

#[test]
fn a_lock_file_that_was_removed_still_excludes() {
    let dir = StateDir::with_lines(2);
    let mut journal = dir.open();
    note(&mut journal, "n3").unwrap();
    std::fs::remove_file(dir.path().join("lock")).unwrap();
    let mut child = start("hold-lock", &dir.path(), &[]);
    wait_for(&mut child, "held");
    let mut journal = journal.with_limits(Limits { lock_wait: Duration::from_millis(50), ..Limits::default() });
    assert!(matches!(note(&mut journal, "no"), Err(JournalError::Busy { .. })));
    said(child);
}

#[test]
fn many_processes_begin_one_journal() {
    let dir = StateDir::new();
    let children: Vec<_> = (0..6)
        .map(|n| command("append", &dir.path(), &[("CHILD_COUNT", "3".into()), ("CHILD_TAG", format!("p{n}-"))]))
        .map(|mut command| command.spawn().unwrap())
        .collect();
    for child in children {
        assert_eq!(said(child).last().unwrap(), "done");
    }
    assert_eq!(dir.open().ledger().seq, 1 + 6 * 3);
}
