//! Trials are begun anew where the machine stood still, and only there. The standstill is a process that is stopped.

use crate::support::trial::MARK;
use crate::support::{trial, until, wait_until};
use rustix::process::{Pid, Signal, kill_process_group};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const LONG: Duration = Duration::from_secs(60);
/// Longer than what is called a standstill.
const STOPPED: Duration = Duration::from_secs(4);
/// What the trial waits for in vain.
const WAITS: Duration = Duration::from_secs(1);
/// Where the trial below notes that it has begun, and whether it may ever go well.
const NOTES: &str = "HOLDPOINT_TRIAL_NOTES";

/// What is to be done within three seconds; with a name that ends in `never` it is not done at all.
#[test]
#[ignore = "a trial of the tests below"]
fn is_soon_done() {
    let Some(notes) = std::env::var_os(NOTES).map(PathBuf::from) else { return };
    trial(|| {
        let began = Instant::now();
        let before = std::fs::read_to_string(&notes).unwrap_or_default();
        std::fs::write(&notes, format!("{before}begun\n")).unwrap();
        until(WAITS, || None::<()>);
        let took = began.elapsed();
        std::fs::write(&notes, format!("{before}begun {}\n", took.as_millis())).unwrap();
        assert!(took < Duration::from_secs(3), "it took {took:?}");
        assert!(!notes.ends_with("never"), "it was not done");
    });
}

/// Runs that trial, which is stopped for a while in its first run or not; whether it went well, and how many
/// milliseconds it waited each time that it began.
fn run(name: &str, stands_still: bool) -> (bool, Vec<u128>) {
    let dir = tempfile::TempDir::new().unwrap();
    let notes = dir.path().join(name);
    let mut command = Command::new(std::env::current_exe().unwrap());
    // On the main thread a test has no name.
    command.args(["--exact", "standstill_works::is_soon_done", "--ignored", "--test-threads=2"]);
    command.env(NOTES, &notes).env_remove(MARK).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let mut trial = command.spawn().unwrap();
    let said = || std::fs::read_to_string(&notes).unwrap_or_default();
    wait_until("it begins", LONG, || !said().is_empty());
    if stands_still {
        let group = Pid::from_raw(trial.id() as i32).unwrap();
        kill_process_group(group, Signal::STOP).unwrap();
        std::thread::sleep(STOPPED);
        kill_process_group(group, Signal::CONT).unwrap();
    }
    let well = trial.wait().unwrap().success();
    (well, said().lines().map(|line| line.trim_start_matches("begun ").parse().unwrap()).collect())
}

#[test]
fn what_failed_while_the_machine_stood_still_is_begun_anew() {
    trial(|| {
        let (well, waited) = run("soon", true);
        assert!(well && waited.len() == 2, "{waited:?}");
        // The time for which it was stopped did not count.
        assert!(waited[0] >= (STOPPED + WAITS).as_millis(), "{waited:?}");
    });
}

#[test]
fn what_failed_by_itself_has_failed_and_what_went_well_is_not_repeated() {
    trial(|| {
        let (well, waited) = run("never", true);
        assert!(!well && waited.len() == 2, "undisturbed it has failed too: {waited:?}");
        for (name, may) in [("never", false), ("soon", true)] {
            let (well, waited) = run(name, false);
            assert!(well == may && waited.len() == 1, "{name}: {waited:?}");
        }
    });
}
