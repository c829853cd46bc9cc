//! Killed at random instants of a deploy.

use crate::estate::{ana, begun, make};
use crate::ground::Ground;
use crate::support::promised;
use crate::support::sandbox::{HOLDPOINT, Sandbox};
use holdpoint::report::story;
use std::fs::File;
use std::process::Stdio;
use std::time::Duration;

/// How many instants; the big count runs in `.ci/full`.
fn instants() -> u64 {
    if std::env::var_os("HOLDPOINT_FULL").is_some() { 300 } else { 40 }
}

/// Every line that was told on standard output is in the journal as it was told.
fn nothing_told_is_lost(ground: &Ground, told: &str) {
    let lines = ground.lines();
    for line in told.lines() {
        let Some((text, seq)) = line.rsplit_once("  #") else { continue };
        let seq: usize = seq.parse().unwrap();
        let entry = lines.get(seq - 1).unwrap_or_else(|| panic!("line {seq} was told and is lost: {line}"));
        let text = text.split("  driven by ").next().unwrap();
        assert!(text.ends_with(&story::lines(entry)[0]), "line {seq} was told otherwise: {line}\n{entry:?}");
    }
}

/// A run that stands before its deploy, and the verb that is killed.
fn ready() -> Ground {
    let sandbox = Sandbox::new();
    make(&sandbox);
    sandbox.holdpoint(&ana(&["run", "start", "ground"])).exits(0);
    Ground { sandbox, first: "", verb: &["step", "start", "1", "2", "--confirm", "prod"] }
}

/// The time after which no instant is of interest: the verb has ended long before.
fn span() -> u64 {
    let ground = ready();
    let whole = ground.sandbox.holdpoint(&ana(ground.verb)).exits(0).took;
    u64::try_from(whole.as_micros()).unwrap().max(150_000) * 6 / 5
}

#[test]
fn killed_at_random_instants() {
    let (mut told_in_all, span) = (0, span());
    for n in 0..instants() {
        let ground = ready();
        let told = ground.sandbox.root().join("told");
        let mut command = ground.sandbox.command(HOLDPOINT, &ana(ground.verb));
        command.stdin(Stdio::null()).stdout(File::create(&told).unwrap()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        // Not a wait for something: the instant is the experiment.
        std::thread::sleep(Duration::from_micros(n * span * 7919 / 200_000 % span));
        let _ = child.kill();
        let _ = child.wait();
        let took = ground.resume(&format!("instant {n}"));
        assert!(took < promised(Duration::from_secs(2)), "{n}: coming back took {took:?}");
        let told = std::fs::read_to_string(told).unwrap();
        told_in_all += told.matches("  #").count();
        nothing_told_is_lost(&ground, &told);
        let keys = begun(&ground.sandbox);
        let mut once = keys.clone();
        once.dedup();
        assert_eq!(once, keys, "{n}: an operation ran twice under one key");
        assert!(keys.len() <= 1, "{n}: the deploy began more than once without a person: {keys:?}");
        assert!(ground.intact(), "{n}");
        ground.sandbox.nothing_left(promised(Duration::from_secs(3)));
    }
    println!("{} instants, {told_in_all} lines told and kept", instants());
    assert!(told_in_all > 0, "nobody was told anything: the instants are too early");
}
