//! The team of `support::ground`, with a probe that answers from the log of the
//! script, and a run with a deploy in its middle.

pub use crate::support::ground::begun;
use crate::support::ground::{script, team};
use crate::support::sandbox::Sandbox;

/// What the log says of a key; while something of that key may still run, unknown.
const PROBE: &str = r#"#!/bin/sh
set -eu
key=$1
if grep -q "^end $key " ops.log 2>/dev/null; then
  echo '{"found":"applied","summary":"the log says it ended"}'
elif grep -q "^begin $key " ops.log 2>/dev/null; then
  if [ "$(cat live-web-prod 2>/dev/null || true)" = "$(sed -n "s/^begin $key //p" ops.log)" ]; then
    echo '{"found":"applied","summary":"the version is live"}'
  else
    echo '{"found":"not-applied","final":true,"summary":"begun and killed before the switch"}'
  fi
else
  echo '{"found":"not-applied","final":true,"summary":"never begun"}'
fi
"#;

const RUNBOOK: &str = r#"
title = "Crash ground"
[[steps]]
id = "1"
title = "Say hello"
kind = "milestone"
[[steps]]
id = "2"
title = "Deploy web"
kind = "action"
needs = ["1"]
verb = "deploy"
service = "web"
environment = "prod"
args = { version = "2.0" }
[[steps]]
id = "3"
title = "Look at it"
kind = "manual"
needs = ["2"]
"#;

/// Makes the workspace in the sandbox.
pub fn make(sandbox: &Sandbox) {
    script(sandbox, "probe", PROBE);
    team(sandbox, "[backends.scripts.probe]\nargv = [\"./probe\", \"{key}\"]\n");
    sandbox.write("runbooks/ground.toml", RUNBOOK);
}

/// Arguments of a verb as ana.
pub fn ana<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [&["--as", "ana"], arguments].concat()
}
