//! Killed at every named point, first and second time it is passed.

use crate::estate::{ana, begun, make, word};
use crate::support::sandbox::{HOLDPOINT, LIMIT, Outcome, Sandbox, finish};
use serde_json::Value;
use std::time::{Duration, Instant};

const SIGKILL: i32 = 9;

fn with_fault(sandbox: &Sandbox, fault: &str, arguments: &[&str]) -> Outcome {
    let mut command = sandbox.command(HOLDPOINT, &ana(arguments));
    command.env("HOLDPOINT_FAULT", fault);
    finish(command, b"", LIMIT)
}

/// Every journal line that was there before must be there after, unchanged.
fn lines(sandbox: &Sandbox) -> Vec<Value> {
    let out = sandbox.holdpoint(&["journal", "export"]);
    out.stdout.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

/// Starts the run, is killed at the point while deploying, comes back, and
/// brings the step to its end with the deploy run at most once a key.
fn survives(fault: &str) {
    let sandbox = Sandbox::new();
    make(&sandbox);
    sandbox.holdpoint(&ana(&["run", "start", "ground"])).exits(0);
    let before = lines(&sandbox);

    let killed = with_fault(&sandbox, fault, &["step", "start", "1", "2", "--confirm", "prod"]);
    assert!(killed.signal == Some(SIGKILL) || killed.code.is_some(), "{fault}: {killed:?}");

    let back = Instant::now();
    let driven = sandbox.holdpoint(&ana(&["drive", "1"]));
    assert_eq!(driven.code, Some(3), "{fault}: {driven:?}");
    if killed.signal.is_some() {
        assert!(back.elapsed() < Duration::from_secs(4), "{fault}: came back only after {:?}", back.elapsed());
    }
    let after = lines(&sandbox);
    assert_eq!(after[..before.len()], before[..], "{fault}: an acknowledged line changed");

    // Whatever is certain needs no one; what failed for certain is started again by a person.
    match word(&sandbox, "2").as_str() {
        "done" => {}
        "ready" => drop(sandbox.holdpoint(&ana(&["step", "start", "1", "2", "--confirm", "prod"])).exits(0)),
        "failed" => drop(sandbox.holdpoint(&ana(&["step", "retry", "1", "2", "--confirm", "prod"])).exits(0)),
        other => panic!("{fault}: step 2 is {other}\n{}", sandbox.holdpoint(&["journal", "show"]).stdout),
    }
    assert_eq!(word(&sandbox, "2"), "done", "{fault}");
    let keys = begun(&sandbox);
    let mut once = keys.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), keys.len(), "{fault}: an operation ran twice under one key: {keys:?}");
    // A second key may only follow a try that certainly did not take effect.
    assert!(keys.len() <= 2, "{fault}: {keys:?}");
    assert_eq!(
        sandbox.holdpoint(&["journal", "verify"]).code,
        Some(3),
        "{fault}: the chain is intact, without an anchor"
    );
    sandbox.nothing_left(Duration::from_secs(3));
}

#[test]
fn killed_at_every_point() {
    for point in holdpoint::fault::POINTS {
        survives(&format!("{point}=kill"));
    }
}

#[test]
fn killed_at_every_point_later() {
    for point in holdpoint::fault::POINTS {
        for nth in [2, 4] {
            survives(&format!("{point}#{nth}=kill"));
        }
    }
}

/// Killed while the script is at work: in doubt, probed, and deployed once.
#[test]
fn killed_in_the_middle_of_a_deploy() {
    let sandbox = Sandbox::new();
    make(&sandbox);
    sandbox.holdpoint(&ana(&["run", "start", "ground"])).exits(0);
    let killed = with_fault(&sandbox, "executor.before-report=kill", &["step", "start", "1", "2", "--confirm", "prod"]);
    assert_eq!(killed.signal, Some(SIGKILL));
    sandbox.holdpoint(&ana(&["drive", "1"])).exits(3);
    assert_eq!(word(&sandbox, "2"), "done");
    assert_eq!(begun(&sandbox).len(), 1);
    let story = sandbox.holdpoint(&["journal", "show"]).stdout;
    for part in ["was lost", "IN DOUBT", "probed: it was done", "step 2 done"] {
        assert!(story.contains(part), "the story lacks {part:?}:\n{story}");
    }
}
