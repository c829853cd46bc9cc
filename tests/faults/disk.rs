//! The disk refuses while the screens are up: they live on, say so, and nothing runs
//! that is not written down.

use crate::ground::*;
use crate::support::processes::ticks;
use crate::support::pty::Pty;
use crate::support::sandbox::LIMIT;
use crate::support::{Sandbox, promised, wait_until};
use std::process::Command;
use std::time::Duration;

/// Keys still move between panes, and little of the processor is used meanwhile.
#[track_caller]
fn lives(pty: &mut Pty) {
    pty.keys("7");
    pty.wait_for("── journal");
    pty.keys("1");
    pty.wait_for("── waiting for");
    let before = ticks(pty.pid()).unwrap();
    // Not a wait for something: the time over which processor time is counted.
    std::thread::sleep(Duration::from_millis(500));
    let used = ticks(pty.pid()).unwrap() - before;
    assert!(used < 25, "{used} ticks in half a second: it spins");
}

#[test]
fn an_append_that_fails_runs_nothing_and_goes_on_when_it_works_again() {
    for (fault, words) in [
        ("journal.write#1+=enospc", "No space left"),
        ("journal.write.half#1+=eio", "Input/output error"),
        ("journal.locked#1+=eacces", "Permission denied"),
        ("journal.caught-up#1+=erofs", "Read-only file system"),
    ] {
        let sandbox = started();
        let mut pty = faulty(&sandbox);
        let written = lines(&sandbox).len();
        fail(&sandbox, fault);
        start(&mut pty);
        pty.wait_for("nothing was done");
        pty.wait_for(words);
        lives(&mut pty);
        assert_eq!((begun(&sandbox), lines(&sandbox).len()), (0, written), "{fault}");
        mend(&sandbox);
        again(&mut pty);
        go(&sandbox);
        pty.wait_for("web 2.0 is live");
        pty.wait_for("journal: well again");
        assert_eq!(begun(&sandbox), 1, "{fault}");
    }
}

#[test]
fn a_report_that_cannot_be_written_is_kept_and_written_when_there_is_room() {
    let sandbox = started();
    let mut pty = faulty(&sandbox);
    deploying(&sandbox, &mut pty);
    fail(&sandbox, "journal.write#1+=enospc");
    go(&sandbox);
    pty.wait_for("No space left");
    lives(&mut pty);
    assert!(pty.screen().contains("running"), "what is not written down is not done:\n{}", pty.screen());
    mend(&sandbox);
    pty.wait_for("web 2.0 is live");
    pty.wait_for("journal: well again");
    assert_eq!(begun(&sandbox), 1);
}

#[test]
fn a_failed_sync_poisons_the_screens_say_what_to_do_and_a_restart_says_it_too() {
    let sandbox = started();
    let mut pty = faulty(&sandbox);
    fail(&sandbox, "journal.written#1=eio");
    start(&mut pty);
    pty.wait_for("the journal is poisoned");
    lives(&mut pty);
    assert_eq!(begun(&sandbox), 0);
    // The end cannot be written down either; it does not wait for that.
    pty.signal(rustix::process::Signal::TERM);
    pty.wait_exit(promised(Duration::from_secs(4)));
    let mut pty = screens(&sandbox).start();
    pty.wait_for("the journal is poisoned");
    pty.keys("q");
    pty.wait_exit(promised(Duration::from_secs(4)));
    let told = by(&sandbox, "ana", &["drive", "1"]).exits(4);
    assert!(told.stderr.contains("holdpoint journal verify") && told.stderr.contains("then remove"), "{told:?}");
    std::fs::remove_file(state(&sandbox).join("POISONED")).unwrap();
    go(&sandbox);
    by(&sandbox, "ana", &["drive", "1"]).exits(3);
    by(&sandbox, "ana", &["step", "start", "1", "1", "--confirm", "lab"]).exits(0);
    assert_eq!(begun(&sandbox), 1);
}

/// A file system of its own that can be filled; none when that needs rights we lack.
struct Small(std::path::PathBuf);

impl Small {
    fn mounted(sandbox: &Sandbox, options: &str) -> Option<Self> {
        let place = sandbox.root().join("small");
        std::fs::create_dir(&place).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(&place).output();
        mounted.is_ok_and(|done| done.status.success()).then_some(Self(place))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_disk_that_is_really_full_holds_the_operation_until_there_is_room() {
    let sandbox = workspace();
    let Some(small) = Small::mounted(&sandbox, "size=4m,mode=700") else {
        return crate::support::skipped("mounting a small file system needs root");
    };
    let state = small.0.join("state").display().to_string();
    let ana = ["--as", "ana", "--state", &state];
    sandbox.holdpoint(&[&ana[..], &["run", "start", "ground"]].concat()).exits(0);
    let mut pty = conned(sandbox.terminal(&ana).size(100, 30));
    let filler = small.0.join("filler");
    let mut all = std::fs::File::create(&filler).unwrap();
    while std::io::Write::write_all(&mut all, &[0; 4096]).is_ok() {}
    start(&mut pty);
    pty.wait_for("nothing was done");
    lives(&mut pty);
    assert_eq!(begun(&sandbox), 0);
    drop(all);
    std::fs::remove_file(&filler).unwrap();
    again(&mut pty);
    go(&sandbox);
    pty.wait_for("web 2.0 is live");
    assert_eq!(begun(&sandbox), 1);
    drop(pty);
    sandbox.nothing_left(LIMIT);
}

#[test]
fn a_state_directory_on_a_read_only_disk_is_said_and_the_screens_can_be_left() {
    let sandbox = started();
    let Some(small) = Small::mounted(&sandbox, "size=4m,mode=700") else {
        return crate::support::skipped("mounting a small file system needs root");
    };
    let copied = Command::new("cp").arg("-a").arg(state(&sandbox)).arg(small.0.join("state")).status().unwrap();
    let remounted = Command::new("mount").args(["-o", "remount,ro"]).arg(&small.0).status().unwrap();
    assert!(copied.success() && remounted.success());
    let state = small.0.join("state").display().to_string();
    let mut pty = sandbox.terminal(&["--as", "ana", "--state", &state]).size(100, 30).start();
    pty.wait_for("Read-only file system");
    lives(&mut pty);
    pty.keys("q");
    assert_eq!(pty.wait_exit(promised(Duration::from_secs(4))).code, 0);
    assert_eq!(begun(&sandbox), 0);
    let shown = sandbox.holdpoint(&["--state", &state, "journal", "show"]).exits(0);
    assert!(shown.stdout.contains("run 1 started"), "it can still be read: {shown:?}");
}

#[test]
fn output_that_cannot_be_kept_stops_no_operation() {
    let sandbox = started();
    let mut pty = faulty(&sandbox);
    fail(&sandbox, "backend.output.create#1+=enospc");
    go(&sandbox);
    deploying(&sandbox, &mut pty);
    pty.wait_for("web 2.0 is live");
    wait_until("it is done", LIMIT, || begun(&sandbox) == 1);
}
