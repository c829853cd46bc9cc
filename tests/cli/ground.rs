//! A small team with one service, three people who matter, and a script that deploys.

use crate::support::sandbox::{Outcome, Sandbox};
use std::fs;
use std::os::unix::fs::PermissionsExt;

const DEPLOY: &str = r#"#!/bin/sh
# deploy SERVICE ENV VERSION KEY
set -eu
echo "$4 $3" >> ops.log
[ "$3" != "no" ] || { echo "refused by the registry" >&2; exit 3; }
[ "$3" != "lost" ] || kill -9 $$
before=$(cat "live-$1-$2" 2>/dev/null || echo 1.0)
echo "$3" > "live-$1-$2"
echo "switching $1 to $3"
echo "{\"summary\":\"$1 $3 is live\",\"detail\":{\"version\":\"$3\",\"previous\":\"$before\"}}"
"#;

const STATUS: &str = r#"#!/bin/sh
v=$(cat live-web-prod 2>/dev/null || echo 1.0)
echo "{\"deployments\":[{\"service\":\"web\",\"environment\":\"prod\",\"version\":\"$v\",\"state\":\"stable\",\"history\":[\"1.0\"]}]}"
"#;

const HOLDPOINT: &str = r#"
[workspace]
id = "00000000ba5eba11"
name = "cli ground"
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
[backends.scripts.status]
argv = ["./status"]
[backends.scripts.verbs.deploy]
argv = ["./deploy", "{service}", "{environment}", "{version}", "{key}"]
limit = "20s"
not_applied = [3]
[backends.scripts.verbs.roll-back]
argv = ["./deploy", "{service}", "{environment}", "{to}", "{key}"]
limit = "20s"
"#;

/// A workspace with this runbook, named `day`.
pub fn with(runbook: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    for (name, text) in [("deploy", DEPLOY), ("status", STATUS)] {
        fs::set_permissions(sandbox.write(name, text), fs::Permissions::from_mode(0o755)).unwrap();
    }
    sandbox.write("holdpoint.toml", HOLDPOINT);
    sandbox.write("services.toml", "[services.web]\ndeployed_by = { prod = \"scripts\" }\n");
    sandbox.write("runbooks/day.toml", runbook);
    sandbox
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

/// One deploy of this version as step 1.
pub fn deploy(version: &str) -> String {
    format!(
        r#"
title = "One deploy"
[[steps]]
id = "1"
title = "Deploy web"
kind = "action"
verb = "deploy"
service = "web"
environment = "prod"
args = {{ version = "{version}" }}
"#
    )
}
