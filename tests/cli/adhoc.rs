//! One thing without a runbook, by the command line: what is said where two must agree, that it
//! stands behind a release, and where the way back leads after it.

use crate::ground::{self, begun, by, with};
use crate::plain::{dumb, said};
use crate::support::sandbox::Sandbox;
use crate::support::until;
use std::fs;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

/// A release of which nothing is done, and a place where two must agree.
fn twin() -> Sandbox {
    let sandbox = with(&ground::deploy("2.0"));
    let file = sandbox.workspace().join("holdpoint.toml");
    let more = "[environments.twin]\ntier = \"production\"\nconfirm = \"two-person\"\n";
    fs::write(&file, fs::read_to_string(&file).unwrap() + more).unwrap();
    sandbox.write("services.toml", "[services.web]\ndeployed_by = { prod = \"scripts\", twin = \"scripts\" }\n");
    sandbox
}

/// The line of the journal that has these words, as it is written.
fn line(sandbox: &Sandbox, words: &str) -> Option<String> {
    let all = sandbox.holdpoint(&["--json", "journal", "show"]).stdout;
    all.lines().find(|line| line.contains(words)).map(str::to_owned)
}

#[test]
fn where_two_must_agree_it_says_who_does_what_next() {
    let sandbox = twin();
    by(&sandbox, "ana", &["run", "start", "day"]).exits(0);
    let deploy = ["do", "deploy", "web", "version=2.1", "--env", "twin", "--confirm", "twin", "--reason", "a fix"];
    let told = by(&sandbox, "ana", &deploy).exits(3).stderr;
    assert!(told.contains("another approves 2/deploy; then you: `holdpoint drive 2`"), "{told}");
    assert!(begun(&sandbox).is_empty());
    // It stands behind the release wherever no number is given.
    let forecast = sandbox.holdpoint(&["forecast"]).exits(0).stdout;
    assert!(forecast.contains("run 1 · "), "{forecast}");
    let mut pty = dumb(&sandbox);
    pty.send(b"log the moon is full\n");
    said(&pty, "the moon is full");
    let noted = until(PATIENCE, || line(&sandbox, "the moon is full")).expect("a note");
    assert!(noted.contains("\"run\":1"), "{noted}");
    by(&sandbox, "tom", &["approve", "2/deploy"]).exits(0);
    by(&sandbox, "ana", &["drive", "2"]).exits(0);
    assert_eq!(begun(&sandbox).len(), 1);
}

#[test]
fn the_way_back_does_not_lead_past_what_one_thing_has_replaced() {
    let sandbox = with(&ground::deploy("2.0"));
    let run = |version: &str| {
        let version = format!("version={version}");
        by(
            &sandbox,
            "ana",
            &["do", "deploy", "web", &version, "--env", "prod", "--confirm", "prod", "--reason", "a fix"],
        )
    };
    by(&sandbox, "ana", &["run", "start", "day"]).exits(0);
    by(&sandbox, "ana", &["step", "start", "1", "1", "--confirm", "prod"]).exits(0);
    run("2.1").exits(0);
    run("no").exits(1);
    let back = ["rollback", "web", "--env", "prod", "--reason", "it fails", "--confirm", "prod"];
    by(&sandbox, "ana", &back).exits(0);
    let live = fs::read_to_string(sandbox.workspace().join("live-web-prod")).unwrap();
    assert_eq!(live.trim(), "2.0", "run 1 was at 1.0 before");
}

/// A place whose evidence is saved, with one signal that this program reads.
fn measured(program: &str) -> Sandbox {
    let sandbox = with(&ground::deploy("2.0"));
    let file = sandbox.workspace().join("holdpoint.toml");
    let more =
        "[backends.scripts.verbs.snapshot]\nargv = [\"./save\"]\n[backends.probes]\nkind = \"probe\"\nevery = \"2s\"\n";
    fs::write(&file, fs::read_to_string(&file).unwrap() + more).unwrap();
    sandbox.program("save", "#!/bin/sh\necho '{\"summary\":\"all of it is saved\"}'\n");
    sandbox.program("slow", "#!/bin/sh\nsleep 1.5\n");
    let signal = format!(
        "[signals.up]\nservice = \"web\"\nenvironments = [\"prod\"]\nsource = \"probes\"\nunit = \"count\"\nbad = \"below\"\n\
         fail = 1\nquery = {{ kind = \"command\", argv = [\"{program}\"] }}\n"
    );
    sandbox.write("signals.toml", signal);
    sandbox
}

#[test]
fn a_snapshot_waits_for_the_readings_of_its_place_and_says_where_there_are_none() {
    let save = ["do", "snapshot", "web", "--env", "prod", "--reason", "before it goes"];
    let told = by(&measured("./slow"), "ana", &save).exits(0).stdout;
    assert!(told.contains("all of it is saved; metrics: 1 values of 1 signals"), "{told}");
    let told = by(&measured("./absent"), "ana", &save).exits(0).stdout;
    assert!(told.contains("all of it is saved; no metrics: nothing was read in the last hour of up ("), "{told}");
}
