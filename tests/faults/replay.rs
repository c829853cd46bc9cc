//! A replay of a real journal in a real terminal: walked through, acted in, and
//! nothing of the state directory is touched.

use crate::ground::{by, go, leave_replay, lines, started, state};
use crate::support::sandbox::Sandbox;
use crate::support::wait_until;
use holdpoint::domain::digest::Digest;
use holdpoint::engine::Ledger;
use holdpoint::engine::timeline::Timeline;
use rustix::fs::{FlockOperation, flock};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A run that was held, deployed and completed, and is over.
fn over() -> Sandbox {
    let sandbox = started();
    by(&sandbox, "ana", &["hold", "1", "--reason", "a look first"]).exits(0);
    by(&sandbox, "ana", &["lift", "1", "--reason", "looked"]).exits(0);
    go(&sandbox);
    by(&sandbox, "ana", &["step", "start", "1", "1", "--confirm", "lab"]);
    by(&sandbox, "ana", &["step", "done", "1", "2"]);
    let story = by(&sandbox, "ana", &["journal", "show"]).exits(0).stdout;
    assert!(story.contains("run 1 completed"), "{story}");
    sandbox
}

/// Every file below a directory with its digest.
fn files(dir: &Path) -> BTreeMap<PathBuf, Digest> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        match entry.file_type().unwrap().is_dir() {
            true => found.extend(files(&path)),
            false => drop(found.insert(path.clone(), Digest::of_bytes(&fs::read(&path).unwrap()))),
        }
    }
    found
}

#[test]
fn a_past_run_is_walked_through_and_nothing_is_touched() {
    let sandbox = over();
    let before = files(&sandbox.root().join("state"));
    // Someone else is writing: a replay neither needs the append lock nor waits for it.
    let lock = File::open(state(&sandbox).join("lock")).unwrap();
    flock(&lock, FlockOperation::LockExclusive).unwrap();
    let mut pty = sandbox.terminal(&["--as", "ana", "replay", "1"]).size(100, 30).start();
    pty.wait_for("REPLAY paused");
    let date = lines(&sandbox)[0].at.format("%F ").to_string();
    pty.wait_for(&date);
    pty.wait_for("LIVE");
    pty.keys("}");
    pty.wait_for("HOLD 1 on run 1");
    pty.keys("}");
    pty.wait_for("hold 1 lifted");
    pty.keys("{");
    pty.wait_gone("hold 1 lifted");
    // Keys that would act say so, and so does the palette.
    for key in ["s", "d", "H", "B", "T", "N", "L", "X"] {
        pty.keys(key);
        pty.wait_for("replay: nothing is sent");
        pty.keys("<Backspace>");
        pty.wait_gone("replay: nothing is sent");
    }
    pty.keys(":arm<Enter>");
    pty.wait_for("replay: nothing is sent");
    assert!(!pty.screen().contains("ARMED"), "{}", pty.screen());
    pty.keys("<Backspace>@+1h<Enter>");
    pty.wait_for("REPLAY ended");
    pty.wait_for("completed");
    // Played from its start, at 600 in one, it ends by itself.
    pty.keys(">>>>");
    pty.keys("<Space>");
    pty.wait_for("REPLAY ended");
    leave_replay(&mut pty);
    assert_eq!(files(&sandbox.root().join("state")), before, "nothing in the state directory has changed");
}

#[test]
fn without_a_terminal_it_is_a_story_with_times() {
    let sandbox = over();
    let told = by(&sandbox, "ana", &["replay", "1"]).exits(0).stdout;
    for part in ["REPLAY of run 1", "in UTC --", "run 1 started", "[hold]", "HOLD 1 on run 1", "run 1 completed"] {
        assert!(told.contains(part), "{part:?} is not told in\n{told}");
    }
    assert!(!told.contains('\u{1b}'));
    let seq = lines(&sandbox).iter().find(|e| e.cause.starts_with("lift")).unwrap().seq;
    let later = by(&sandbox, "ana", &["replay", "1", "--plain", "--at", &format!("#{seq}")]).exits(0).stdout;
    assert!(later.contains("hold 1 lifted") && !later.contains("HOLD 1 on run 1"), "{later}");
    let unknown = by(&sandbox, "ana", &["replay", "4"]).exits(2).stderr;
    assert!(unknown.contains("there is no run 4; there are 1"), "{unknown}");
    let wrong = by(&sandbox, "ana", &["replay", "1", "--at", "noon"]).exits(2).stderr;
    assert!(wrong.contains("type 02:15"), "{wrong}");
}

#[test]
fn an_exported_journal_is_replayed_without_a_workspace() {
    let sandbox = over();
    let exported = by(&sandbox, "ana", &["journal", "export"]).exits(0).stdout;
    let file = sandbox.root().join("exported.jsonl");
    fs::write(&file, exported).unwrap();
    let file = file.to_str().unwrap();
    let elsewhere = sandbox.terminal(&["replay", "1", "--journal", file]).directory(sandbox.root());
    let mut pty = elsewhere.size(100, 30).start();
    pty.wait_for("REPLAY paused");
    pty.wait_for("services and signals are not known");
    pty.keys("<Backspace>@+1h<Enter>");
    pty.wait_for("completed");
    leave_replay(&mut pty);
}

#[test]
fn a_live_run_is_replayed_up_to_now() {
    let sandbox = started();
    let mut pty = sandbox.terminal(&["--as", "ana", "replay", "1", "--speed", "600"]).size(100, 30).start();
    pty.wait_for("REPLAY ended");
    pty.wait_for("UNATTENDED");
    leave_replay(&mut pty);
    let told = by(&sandbox, "ana", &["replay", "1"]).exits(0).stdout;
    assert!(told.contains("run 1 goes on"), "{told}");
}

#[test]
fn the_fold_of_a_real_journal_can_be_stopped_at_every_line() {
    let sandbox = over();
    let (mut history, mut fold) = (Timeline::after(Ledger::default()), Ledger::default());
    let all = lines(&sandbox);
    all.iter().for_each(|entry| history.push(entry.clone()).unwrap());
    for (n, entry) in all.iter().enumerate() {
        assert_eq!(history.ledger(n), fold, "before line {}", entry.seq);
        fold.apply(entry).unwrap();
    }
    wait_until("the ledger of all lines is the journal's own", Duration::from_secs(20), || {
        holdpoint::journal::Journal::view(&state(&sandbox)).unwrap().ledger() == &history.ledger(all.len())
    });
}
