//! A runbook is rehearsed in another environment, taken back there, and only then done for real, as a rule wants it.

use crate::ground::{begun, by};
use crate::support::ground::{script, team};
use crate::support::sandbox::Sandbox;

const LAB: &str = r#"
[backends.scripts.status]
argv = ["./status"]
[environments.lab]
tier = "staging"
confirm = "none"
[rehearsal.environments]
prod = "lab"
"#;

const STATUS: &str = r#"#!/bin/sh
at() { cat "live-web-$1" 2>/dev/null || echo 1.0; }
one() { printf '{"service":"web","environment":"%s","version":"%s","state":"stable","history":["1.0"]}' "$1" "$(at "$1")"; }
echo "{\"deployments\":[$(one prod),$(one lab)]}"
"#;

const RULE: &str = r#"
[rules.rehearsed]
effect = "needs"
when = "environment.tier == 'production'"
say = "production is rehearsed first"
rehearsed = { within = "14d", back = true }
controls = ["ISO 8.32"]
"#;

fn deploy(more: &str) -> String {
    format!(
        r#"
title = "web 2.0.0"
[[steps]]
id = "1"
title = "Deploy web in {{environment}}"
kind = "action"
verb = "deploy"
service = "web"
environment = "prod"
args = {{ version = "2.0.0" }}
{more}"#
    )
}

fn workspace() -> Sandbox {
    let s = Sandbox::new();
    script(&s, "status", STATUS);
    team(&s, LAB);
    s.write("services.toml", "[services.web]\ndeployed_by = { prod = \"scripts\", lab = \"scripts\" }\n");
    s.write("policy/rehearsed.toml", RULE);
    s.write("runbooks/day.toml", deploy(""));
    s
}

fn live(s: &Sandbox, place: &str) -> Option<String> {
    let text = std::fs::read_to_string(s.workspace().join(format!("live-web-{place}"))).ok()?;
    Some(text.trim().to_owned())
}

/// What holds step 1 of the real thing, which is begun for that and stopped.
#[track_caller]
fn held(s: &Sandbox) -> String {
    let told = by(s, "ana", &["run", "start", "day"]).exits(0);
    let run = by(s, "ana", &["--json", "run", "list"]).exits(0).json();
    let run = run.as_array().unwrap().iter().filter_map(|run| run["run"].as_u64()).max().unwrap().to_string();
    let start = by(s, "ana", &["step", "start", &run, "1", "--dry-run"]);
    println!("{told:?} {start:?}");
    by(s, "ana", &["run", "abort", &run, "--reason", "only looked"]).exits(0);
    start.stdout + &start.stderr
}

#[test]
fn production_is_reached_only_once_the_very_runbook_was_rehearsed_and_taken_back() {
    let s = workspace();
    assert!(held(&s).contains("a rehearsal within 14d, with its way back: day was never rehearsed"), "{}", held(&s));
    let may = by(&s, "ana", &["may", "deploy", "web", "prod"]);
    assert!(may.code == Some(3) && may.stdout.contains("a rehearsal within 14d"), "{may:?}");
    by(&s, "ana", &["run", "start", "day", "--rehearse"]).exits(0);
    let shown = by(&s, "ana", &["run", "show", "2"]).exits(0).stdout;
    assert!(shown.contains("REHEARSAL of web 2.0.0") && shown.contains("Deploy web in lab"), "{shown}");
    assert_eq!((live(&s, "lab").as_deref(), live(&s, "prod")), (Some("2.0.0"), None), "nothing real was reached");
    assert!(held(&s).contains("was not taken back"), "{}", held(&s));
    by(&s, "ana", &["rollback", "--set", "2", "--reason", "as rehearsed"]).exits(0);
    assert_eq!((live(&s, "lab").as_deref(), live(&s, "prod")), (Some("1.0"), None));
    // A runbook that was changed since was not rehearsed.
    s.write("runbooks/day.toml", deploy("expect = \"it answers\"\n"));
    assert!(held(&s).contains("rehearsed another day, which was changed since"), "{}", held(&s));
    s.write("runbooks/day.toml", deploy("at = \"T+5m\"\n"));
    assert!(!held(&s).contains("a rehearsal"), "when it is planned does not matter: {}", held(&s));
    assert_eq!(begun(&s).len(), 2);
}

#[test]
fn what_might_reach_the_real_thing_is_not_rehearsed_and_says_why() {
    let s = workspace();
    let refused = |part: &str| {
        let told = by(&s, "ana", &["run", "start", "day", "--rehearse"]).exits(2);
        let all = told.stdout + &told.stderr;
        assert!(all.contains("day cannot be rehearsed: ") && all.contains(part), "{part:?} is not in {all}");
    };
    let second = |more: &str| deploy(&format!("[[steps]]\nid = \"2\"\ntitle = \"Tell\"\nkind = \"command\"\n{more}\n"));
    s.write("runbooks/day.toml", second("argv = [\"./deploy\"]"));
    refused("step 2: scripts does it in no environment; give the step an environment, or name the backend in `shared`");
    s.write("runbooks/day.toml", second("environment = \"prod\"\nargv = [\"./deploy\", \"--in=prod\"]"));
    refused("step 2: its arguments name prod, which would be reached; write {environment}");
    s.write("runbooks/day.toml", deploy(""));
    s.write("services.toml", "[services.web]\ndeployed_by = { prod = \"scripts\" }\n");
    refused("as it is rehearsed, runbooks/day.toml:");
    let checked = by(&s, "ana", &["check"]).exits(0);
    assert!(!checked.stderr.contains("rehears"), "that it cannot be rehearsed is no mistake: {checked:?}");
    assert!(begun(&s).is_empty(), "nothing was done");
}
