//! The team that every test here stands on, with what its one service runs.

pub use crate::support::ground::{begun, by, word};
use crate::support::ground::{script, team};
use crate::support::sandbox::Sandbox;

const STATUS: &str = r#"#!/bin/sh
v=$(cat live-web-prod 2>/dev/null || echo 1.0)
echo "{\"deployments\":[{\"service\":\"web\",\"environment\":\"prod\",\"version\":\"$v\",\"state\":\"stable\",\"history\":[\"1.0\"]}]}"
"#;

/// A workspace with this runbook, named `day`.
pub fn with(runbook: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    script(&sandbox, "status", STATUS);
    team(&sandbox, "[backends.scripts.status]\nargv = [\"./status\"]\n");
    sandbox.write("runbooks/day.toml", runbook);
    sandbox
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
