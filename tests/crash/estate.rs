//! A workspace whose one script writes down each time it runs, and under which key.

use crate::support::sandbox::Sandbox;
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// Deploys by appending to a log; `probe` answers from that log.
const DEPLOY: &str = r#"#!/bin/sh
# deploy SERVICE ENV VERSION KEY
set -eu
echo "begin $4 $3" >> ops.log
sleep 0.05
echo "$3" > "live-$1-$2.tmp"
mv "live-$1-$2.tmp" "live-$1-$2"
echo "end $4 $3" >> ops.log
echo "{\"summary\":\"$1 $3 is live\",\"detail\":{\"version\":\"$3\",\"previous\":\"1.0\"}}"
"#;

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

const HOLDPOINT: &str = r#"
[workspace]
id = "00000000c0ffee00"
name = "crash"
zone = "UTC"
purpose = "rehearsal"

[people.ana]
logins = []

[roles.operator]
people = ["ana"]
rollback = true

[environments.prod]
tier = "production"
confirm = "challenge"

[backends.scripts]
kind = "command"
[backends.scripts.probe]
argv = ["./probe", "{key}"]
[backends.scripts.verbs.deploy]
argv = ["./deploy", "{service}", "{environment}", "{version}", "{key}"]
limit = "20s"
[backends.scripts.verbs.roll-back]
argv = ["./deploy", "{service}", "{environment}", "{to}", "{key}"]
"#;

const SERVICES: &str = r#"
[services.web]
deployed_by = { prod = "scripts" }
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
    for (name, text) in [("deploy", DEPLOY), ("probe", PROBE)] {
        let path = sandbox.write(name, text);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    sandbox.write("holdpoint.toml", HOLDPOINT);
    sandbox.write("services.toml", SERVICES);
    sandbox.write("signals.toml", "");
    sandbox.write("runbooks/ground.toml", RUNBOOK);
}

/// Arguments of a verb as ana.
pub fn ana<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [&["--as", "ana"], arguments].concat()
}

/// The keys under which a deploy began, one for each time.
pub fn begun(sandbox: &Sandbox) -> Vec<String> {
    let log = fs::read_to_string(sandbox.workspace().join("ops.log")).unwrap_or_default();
    log.lines().filter_map(|l| l.strip_prefix("begin ")).map(|l| l.split(' ').next().unwrap().to_owned()).collect()
}
