//! A small team with one service, four people and a script that deploys and
//! writes down each time it runs, and under which key.
//!
//! A version called `no` is refused for certain, one called `lost` dies in the middle.

use super::sandbox::{Outcome, Sandbox};
use std::fs;

/// Deploys by renaming a file into place, so that it is done at one instant.
const DEPLOY: &str = r#"#!/bin/sh
# deploy SERVICE ENV VERSION KEY
set -eu
echo "begin $4 $3" >> ops.log
[ "$3" != "no" ] || { echo "refused by the registry" >&2; exit 3; }
[ "$3" != "lost" ] || kill -9 $$
sleep 0.05
before=$(cat "live-$1-$2" 2>/dev/null || echo 1.0)
echo "$3" > "live-$1-$2.tmp"
mv "live-$1-$2.tmp" "live-$1-$2"
echo "end $4 $3" >> ops.log
echo "switching $1 to $3"
echo "{\"summary\":\"$1 $3 is live\",\"detail\":{\"version\":\"$3\",\"previous\":\"$before\"}}"
"#;

const HOLDPOINT: &str = r#"
[workspace]
id = "00000000ba5eba11"
name = "ground"
zone = "Europe/Paris"
purpose = "rehearsal"
[people.ana]
contacts = ["+46 70 555 0101"]
[people.bo]
[people.kim]
[people.tom]
[roles.operator]
people = ["ana", "kim"]
rollback = true
[roles.security]
people = ["bo"]
[roles.qa]
people = ["tom"]
spoken = true
[environments.prod]
tier = "production"
confirm = "challenge"
[backends.scripts]
kind = "command"
every = "1s"
[backends.scripts.verbs.deploy]
argv = ["./deploy", "{service}", "{environment}", "{version}", "{key}"]
limit = "20s"
not_applied = [3]
[backends.scripts.verbs.roll-back]
argv = ["./deploy", "{service}", "{environment}", "{to}", "{key}"]
limit = "20s"
"#;

/// Makes the workspace, with `more` at the end of `holdpoint.toml`.
pub fn team(sandbox: &Sandbox, more: &str) {
    script(sandbox, "deploy", DEPLOY);
    sandbox.write("holdpoint.toml", format!("{HOLDPOINT}{more}"));
    sandbox.write("services.toml", "[services.web]\ndeployed_by = { prod = \"scripts\" }\n");
}

/// Writes a program into the workspace.
pub fn script(sandbox: &Sandbox, name: &str, text: &str) {
    sandbox.program(name, text);
}

/// Runs a verb as a person.
#[track_caller]
pub fn by(sandbox: &Sandbox, person: &str, arguments: &[&str]) -> Outcome {
    sandbox.holdpoint(&[&["--as", person], arguments].concat())
}

/// The word that a step of run 1 is shown as.
#[track_caller]
pub fn word(sandbox: &Sandbox, step: &str) -> String {
    let shown = sandbox.holdpoint(&["--json", "run", "show", "1"]).exits(0).json();
    let steps = shown["steps"].as_array().unwrap();
    steps.iter().find(|s| s["step"] == step).unwrap()["state"].as_str().unwrap().to_owned()
}

/// The keys under which a deploy began, one for each time.
pub fn begun(sandbox: &Sandbox) -> Vec<String> {
    let log = fs::read_to_string(sandbox.workspace().join("ops.log")).unwrap_or_default();
    log.lines().filter_map(|l| l.strip_prefix("begin ")).map(|l| l.split(' ').next().unwrap().to_owned()).collect()
}
