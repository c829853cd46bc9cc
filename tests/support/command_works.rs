//! The sandbox against `sh`: its environment, its limits, what is left behind.

use crate::support::sandbox::finish;
use crate::support::{Sandbox, processes, until};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(60);

#[test]
fn output_and_exit_code_are_captured_apart() {
    let sandbox = Sandbox::new();
    let outcome = finish(sandbox.command("sh", &["-c", "cat; echo words >&2; exit 3"]), b"[1]", LONG).exits(3);
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("[1]", "words\n"));
    assert_eq!(outcome.json(), serde_json::json!([1]));
}

#[test]
fn a_wrong_exit_code_fails_the_test() {
    let outcome = finish(Sandbox::new().command("sh", &["-c", "exit 1"]), b"", LONG);
    assert!(catch_unwind(AssertUnwindSafe(|| outcome.exits(0))).is_err());
}

#[test]
fn a_signal_is_told_from_an_exit() {
    let outcome = finish(Sandbox::new().command("sh", &["-c", "kill -TERM $$"]), b"", LONG);
    assert_eq!((outcome.code, outcome.signal), (None, Some(15)));
}

#[test]
fn home_and_state_are_the_sandboxs_and_nothing_else_is_passed_on() {
    let sandbox = Sandbox::new();
    let outcome = finish(sandbox.command("sh", &["-c", "cd; pwd; echo $XDG_STATE_HOME; echo $CARGO"]), b"", LONG);
    let wanted = format!("{}\n{}\n\n", sandbox.root().join("home").display(), sandbox.state().display());
    assert_eq!(outcome.stdout, wanted);
}

#[test]
fn files_are_written_below_the_workspace() {
    let sandbox = Sandbox::new();
    sandbox.write("calendar/a.toml", "x = 1");
    let outcome = finish(sandbox.command("cat", &["calendar/a.toml"]), b"", LONG);
    assert_eq!(outcome.stdout, "x = 1");
}

#[test]
fn a_command_that_never_ends_is_ended_with_its_children() {
    let sandbox = Sandbox::new();
    let started = Instant::now();
    let endless = || finish(sandbox.command("sh", &["-c", "sleep 600 & wait"]), b"", SHORT);
    assert!(catch_unwind(AssertUnwindSafe(endless)).is_err());
    assert!(started.elapsed() < LONG);
    sandbox.nothing_left(LONG);
}

#[test]
fn output_held_by_a_process_left_behind_fails_the_test() {
    let sandbox = Sandbox::new();
    let leaves = || finish(sandbox.command("sh", &["-c", "sleep 600 &"]), b"", LONG);
    assert!(catch_unwind(AssertUnwindSafe(leaves)).is_err());
}

#[test]
fn leftovers_are_found_by_any_trace_and_ended_with_the_sandbox() {
    let sandbox = Sandbox::new();
    let root = sandbox.root().display().to_string();
    let quiet = "exec >/dev/null 2>&1;";
    let by_environment = format!("{quiet} cd /; sleep 600 &");
    let by_directory = format!("{quiet} env -i sleep 601 &");
    let by_argument = format!("{quiet} cd /; env -i sh -c 'while :; do sleep 602; done' {root}/x &");
    let by_file = format!("{quiet} exec 3>file; cd /; env -i sleep 603 &");
    for script in [&by_environment, &by_directory, &by_argument, &by_file] {
        finish(sandbox.command("sh", &["-c", script]), b"", LONG).exits(0);
    }
    let found = until(LONG, || Some(sandbox.leftovers()).filter(|left| left.len() >= 5)).unwrap();
    for length in ["600", "601", "sh -c", "602", "603"] {
        assert!(found.iter().any(|process| process.command.contains(length)), "{length}: {found:?}");
    }
    assert!(catch_unwind(AssertUnwindSafe(|| sandbox.nothing_left(SHORT))).is_err());
    drop(sandbox);
    assert!(found.iter().all(|process| !processes::alive(process.pid)), "{found:?}");
}

#[test]
fn descendants_are_found_through_generations() {
    let sandbox = Sandbox::new();
    let mut child = sandbox.command("sh", &["-c", "sh -c 'sleep 600; :' ; :"]).spawn().unwrap();
    let pid = child.id() as i32;
    let found = until(LONG, || Some(processes::descendants(pid)).filter(|found| found.len() == 2));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(found.is_some());
    assert!(!processes::alive(pid));
}

#[test]
fn processor_time_is_read() {
    let sandbox = Sandbox::new();
    let mut busy = sandbox.command("sh", &["-c", "while :; do :; done"]).spawn().unwrap();
    let pid = busy.id() as i32;
    let used = until(LONG, || processes::ticks(pid).filter(|ticks| *ticks >= 2));
    busy.kill().unwrap();
    busy.wait().unwrap();
    assert!(used.is_some());
}
