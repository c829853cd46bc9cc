//! Killed at random instants of a deploy.

use crate::estate::{ana, begun, make};
use crate::support::sandbox::{HOLDPOINT, Sandbox};
use std::process::Stdio;
use std::time::Duration;

/// How many instants; the big count runs in `.ci/full`.
fn instants() -> u32 {
    if std::env::var_os("HOLDPOINT_FULL").is_some() { 300 } else { 40 }
}

#[test]
fn killed_at_random_instants() {
    for n in 0..instants() {
        let sandbox = Sandbox::new();
        make(&sandbox);
        sandbox.holdpoint(&ana(&["run", "start", "ground"])).exits(0);
        let mut command = sandbox.command(HOLDPOINT, &ana(&["step", "start", "1", "2", "--confirm", "prod"]));
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Not a wait for something: the instant is the experiment.
        std::thread::sleep(Duration::from_millis(u64::from(n * 7 % 200)));
        let _ = child.kill();
        let _ = child.wait();
        let driven = sandbox.holdpoint(&ana(&["drive", "1"]));
        assert_eq!(driven.code, Some(3), "{n}: {driven:?}");
        let keys = begun(&sandbox);
        let mut once = keys.clone();
        once.dedup();
        assert_eq!(once, keys, "{n}: an operation ran twice under one key");
        assert!(keys.len() <= 1, "{n}: the deploy began more than once without a person: {keys:?}");
        assert_eq!(sandbox.holdpoint(&["journal", "verify"]).code, Some(3), "{n}");
        sandbox.nothing_left(Duration::from_secs(3));
    }
}
