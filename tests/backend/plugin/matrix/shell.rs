//! A plugin of a few lines of shell, which starts at once; what it does is a case's. It does well unless told.

use holdpoint::domain::operation::Verb;
use std::path::Path;

const LINES: &str = r#"W='@ROOT@'
VERSION=1
CAN='"probe":{"effect":"read"},"watch:deployments":{"effect":"read"}@VERBS@'
HOSTILE='\u001b]52;c;aGk=\u0007\u001b[2J\u202e\u200b\u009b31m'
RECEIPT="{\"summary\":\"$HOSTILE\",\"detail\":{\"$HOSTILE\":\"$HOSTILE\"}}"
NONSENSE='{"jsonrpc":"2.0","id":"x","method":"no/such-method","params":{}}'
act() { printf '%s\n' "$key" >>"$W/acted"; }
say() { printf '%s\n' "$1"; }
ok() { say "{\"jsonrpc\":\"2.0\",\"id\":$1,\"result\":$2}"; }
no() { say "{\"jsonrpc\":\"2.0\",\"id\":$1,\"error\":{\"code\":$2,\"message\":\"${3:-no}\"}}"; }
progress() { say "{\"jsonrpc\":\"2.0\",\"method\":\"\$/progress\",\"params\":{\"id\":$id,\"line\":\"$1\"}}"; }
garbage() { n=0; while [ $n -lt "$1" ]; do say "no message $n"; n=$((n+1)); done; }
flood() { n=0; while [ $n -lt 2000 ]; do progress "$n"; n=$((n+1)); done; }
both() { say "{\"jsonrpc\":\"2.0\",\"id\":$id,\"result\":$1,\"error\":{\"code\":$2,\"message\":\"no\"}}"; }
WHO='"plugin":{"name":"test","version":"1"}'
welcome() { ok 0 "{\"protocol\":$VERSION,\"cookie\":\"$HOLDPOINT_COOKIE\",$WHO,\"capabilities\":{$CAN}}"; }
finding() { if [ -s "$W/acted" ]; then ok $id '{"found":"applied"}'; else ok $id '{"found":"not-applied"}'; fi; }
greet() { welcome; }
on_perform() { :; }
on_cancel() { :; }
on_probe() { finding; }
@CASE@
while IFS= read -r line; do
  id=${line#*'"id":'}; id=${id%%[,\}]*}
  key=${line#*'"key":"'}; key=${key%%'"'*}
  case $line in
  *'"method":"initialize"'*) greet ;;
  *'"method":"perform"'*) on_perform ;;
  *'"method":"probe"'*) on_probe ;;
  *'"method":"preview"'*) ok $id "{\"effects\":[\"$HOSTILE\"],\"obstacles\":[\"$HOSTILE\"],\"loses\":[\"$HOSTILE\"]}" ;;
  *'"method":"$/cancel"'*) on_cancel ;;
  *'"method":"watch/start"'*) exit 3 ;;
  *'"method":"ping"'*) ok $id '{}' ;;
  *'"method":"shutdown"'*) ok $id '{}'; exit 0 ;;
  esac
done
"#;

/// The plugin of a case, in a workspace, which can do every verb.
pub fn plugin(root: &Path, case: &str) -> String {
    let verbs: String = Verb::ALL.iter().map(|verb| format!(",\"act:{verb}\":{{\"effect\":\"act\"}}")).collect();
    LINES.replace("@ROOT@", &root.display().to_string()).replace("@VERBS@", &verbs).replace("@CASE@", case)
}
