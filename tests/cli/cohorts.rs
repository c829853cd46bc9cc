//! Cohorts in `health`, for eyes, for programs and in plain mode.

use crate::plain::{dumb, said};
use crate::support::ground::{script, team};
use crate::support::sandbox::Sandbox;

/// web in three regions: prod is early, west and north are the rest; nobody tells of north.
fn regions() -> Sandbox {
    let sandbox = Sandbox::new();
    let row = |place: &str, version: &str| {
        format!(r#"{{"service":"web","environment":"{place}","version":"{version}","state":"stable"}}"#)
    };
    let rows = [row("prod", "2.0"), row("west", "1.0")].join(",");
    script(&sandbox, "status", &format!("#!/bin/sh\necho '{{\"deployments\":[{rows}]}}'\n"));
    let status = "[backends.scripts.status]\nargv = [\"./status\"]\n";
    let rest = ["west", "north"].map(|name| format!("[environments.{name}]\ntier = \"staging\"\ncohort = \"rest\"\n"));
    team(&sandbox, &format!("{status}{}", rest.concat()));
    let file = sandbox.workspace().join("holdpoint.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("confirm = \"challenge\"\n", "confirm = \"challenge\"\ncohort = \"early\"\n"))
        .unwrap();
    let all = "{ prod = \"scripts\", west = \"scripts\", north = \"scripts\" }";
    sandbox.write("services.toml", format!("[services.web]\ndeployed_by = {all}\n"));
    sandbox
}

#[test]
fn health_counts_cohorts_for_eyes_and_for_programs() {
    let sandbox = regions();
    let told = sandbox.holdpoint(&["health"]).exits(0).stdout;
    assert!(told.contains("cohort  web  early  1/1 2.0\n"), "{told}");
    assert!(told.contains("cohort  web  rest   1/2 1.0, 1 ?\n"), "{told}");
    let told = sandbox.holdpoint(&["health", "--json"]).exits(0).stdout;
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let wanted = serde_json::json!([{ "service": "web", "wanted": null, "cohorts": [
        { "cohort": "early", "places": 1, "version": "2.0", "at": 1, "unknown": 0, "under_way": 0, "others": [] },
        { "cohort": "rest", "places": 2, "version": "1.0", "at": 1, "unknown": 1, "under_way": 0, "others": [] },
    ]}]);
    assert_eq!(told["cohorts"], wanted);
}

#[test]
fn plain_mode_reads_them_aloud() {
    let sandbox = regions();
    let mut pty = dumb(&sandbox);
    // What is live may not have been heard yet: it is asked until it has.
    let heard =
        |pty: &crate::support::pty::Pty| crate::plain::text(pty).contains("Cohorts of web: early 1 of 1 at 2.0");
    let told = crate::support::until(crate::support::pty::PATIENCE, || {
        pty.send(b"health\n");
        std::thread::sleep(std::time::Duration::from_millis(300));
        heard(&pty).then_some(())
    });
    assert!(told.is_some(), "{}", crate::plain::text(&pty));
    said(&pty, "Cohorts of web: early 1 of 1 at 2.0; rest 1 of 2 at 1.0, 1 not known.");
}
