//! A workspace whose one deploy waits for a file, so that its middle lasts as long
//! as a test wants; the screens in it, and what can be asked afterwards.

use crate::support::launch::Launch;
use crate::support::pty::Pty;
use crate::support::sandbox::{LIMIT, Outcome, Sandbox};
use crate::support::{processes, promised, until, wait_until};
use holdpoint::domain::entry::Entry;
use holdpoint::domain::fact::Fact;
use holdpoint::journal::entries;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// The workspace's id, which names its state directory.
pub const ID: &str = "00000000fa017000";

/// Deploys once `go` is there, and writes down when it began and ended.
const DEPLOY: &str = r#"#!/bin/sh
# deploy SERVICE ENV VERSION KEY
set -eu
echo "begin $4 $3" >> ops.log
while [ ! -e go ]; do sleep 0.02; done
echo "end $4 $3" >> ops.log
echo "{\"summary\":\"$1 $3 is live\",\"detail\":{\"version\":\"$3\",\"previous\":\"1.0\"}}"
"#;

const PROBE: &str = r#"#!/bin/sh
if grep -q "^end $1 " ops.log 2>/dev/null; then
  echo '{"found":"applied","summary":"the log says it ended"}'
else
  echo '{"found":"not-applied","final":true,"summary":"the log says it did not end"}'
fi
"#;

const HOLDPOINT: &str = r#"
[workspace]
id = "00000000fa017000"
name = "faults"
zone = "UTC"
purpose = "rehearsal"
[people.ana]
[people.bo]
[roles.operator]
people = ["ana"]
rollback = true
[roles.security]
people = ["ana", "bo"]
[environments.lab]
tier = "staging"
confirm = "confirm"
[backends.scripts]
kind = "command"
[backends.scripts.probe]
argv = ["./probe", "{key}"]
[backends.scripts.verbs.deploy]
argv = ["./deploy", "{service}", "{environment}", "{version}", "{key}"]
limit = "60s"
"#;

const RUNBOOK: &str = r#"
title = "Fault ground"
[[steps]]
id = "1"
title = "Deploy web to lab"
kind = "action"
verb = "deploy"
service = "web"
environment = "lab"
args = { version = "2.0" }
start = "person"
[[steps]]
id = "2"
title = "Look at it"
kind = "manual"
"#;

/// Makes the workspace in a sandbox of its own.
pub fn workspace() -> Sandbox {
    let sandbox = Sandbox::new();
    for (name, text) in [("deploy", DEPLOY), ("probe", PROBE)] {
        sandbox.program(name, text);
    }
    sandbox.write("holdpoint.toml", HOLDPOINT);
    sandbox.write("services.toml", "[services.web]\ndeployed_by = { lab = \"scripts\" }\n");
    sandbox.write("runbooks/ground.toml", RUNBOOK);
    sandbox
}

/// The workspace with its run started and nobody at it.
pub fn started() -> Sandbox {
    let sandbox = workspace();
    by(&sandbox, "ana", &["run", "start", "ground"]).exits(0);
    sandbox
}

/// Runs a verb as a person.
#[track_caller]
pub fn by(sandbox: &Sandbox, person: &str, arguments: &[&str]) -> Outcome {
    sandbox.holdpoint(&[&["--as", person], arguments].concat())
}

/// The screens as ana, ready to start.
pub fn screens(sandbox: &Sandbox) -> Launch {
    sandbox.terminal(&["--as", "ana"]).size(100, 30)
}

/// Starts the screens and takes the conn.
pub fn conned(launch: Launch) -> Pty {
    let mut pty = launch.start();
    pty.wait_for("Deploy web to lab");
    take_the_conn(&mut pty);
    pty
}

/// Takes the conn of the run that nobody drives.
pub fn take_the_conn(pty: &mut Pty) {
    pty.wait_for("UNATTENDED");
    // A key acts on what has been painted: pressed until it is.
    let taken = |pty: &mut Pty| {
        pty.keys("T");
        until(Duration::from_secs(3), || (!pty.screen().contains("UNATTENDED")).then_some(()))
    };
    wait_until("the conn is taken", LIMIT, || taken(pty).is_some());
}

/// Leaves, with the conn.
pub fn leave(pty: &mut Pty) -> u32 {
    // What is typed before a picture is known to be painted is not taken.
    let asked = |pty: &mut Pty| {
        pty.keys("q");
        let shown = || pty.screen().contains("Leave while you have the conn").then_some(());
        until(Duration::from_secs(3), shown).is_some()
    };
    wait_until("it is asked whether to leave", LIMIT, || asked(pty));
    // As above: pressed until it is taken.
    let left = |pty: &mut Pty| {
        pty.keys("<Enter>");
        until(Duration::from_millis(400), || (!processes::alive(pty.pid())).then_some(()))
    };
    wait_until("it is left", LIMIT, || left(pty).is_some());
    pty.wait_exit(promised(Duration::from_secs(4))).code
}

/// Starts the deploy by keyboard and waits until the script is at work.
pub fn deploying(sandbox: &Sandbox, pty: &mut Pty) {
    start(pty);
    wait_until("the deploy began", LIMIT, || begun(sandbox) > 0);
}

/// The screens with the conn, whose faults stand in a file that [`fail`] and [`mend`] write.
pub fn faulty(sandbox: &Sandbox) -> Pty {
    mend(sandbox);
    let file = format!("@{}", fault_file(sandbox).display());
    conned(screens(sandbox).env("HOLDPOINT_FAULT", &file))
}

/// From now on this happens.
pub fn fail(sandbox: &Sandbox, fault: &str) {
    let unnamed = fault_file(sandbox).with_extension("new");
    fs::write(&unnamed, fault).unwrap();
    fs::rename(unnamed, fault_file(sandbox)).unwrap();
}

/// From now on nothing happens.
pub fn mend(sandbox: &Sandbox) {
    fail(sandbox, "");
}

fn fault_file(sandbox: &Sandbox) -> PathBuf {
    sandbox.root().join("fault")
}

/// Comes back with a verb that drives; the session that died is told as lost.
#[track_caller]
pub fn lost_and_found(sandbox: &Sandbox) {
    let open = |sandbox: &Sandbox| {
        let journal = holdpoint::journal::Journal::view(&state(sandbox)).unwrap();
        journal.ledger().sessions.keys().copied().collect::<Vec<_>>()
    };
    let dead = open(sandbox);
    assert_eq!(dead.len(), 1, "one session was open when it ended");
    by(sandbox, "ana", &["drive", "1"]).exits(3);
    let lost = facts(sandbox).iter().any(|f| matches!(f, Fact::SessionLost { session } if *session == dead[0]));
    assert!(lost, "session {} is not told as lost", dead[0]);
}

/// Arms: again, where what lay over the screen took the keys.
pub fn arm(pty: &mut Pty) {
    wait_until("it is armed", LIMIT, || {
        pty.keys(":arm<Enter>");
        until(Duration::from_secs(3), || pty.screen().contains("ARMED").then_some(())).is_some()
    });
}

/// Arms, asks for the step and confirms.
pub fn start(pty: &mut Pty) {
    arm(pty);
    again(pty);
}

/// Asks for the step and confirms, armed.
pub fn again(pty: &mut Pty) {
    pty.opens("s", "▸ Cancel");
    focus(pty);
    // As there: only while it is asked, so that none reaches what lies below.
    let confirmed = |pty: &mut Pty| {
        pty.keys("<Enter>");
        until(Duration::from_secs(3), || (!pty.screen().contains("▸ Do it")).then_some(()))
    };
    wait_until("the dialog takes the answer", LIMIT, || confirmed(pty).is_some());
}

/// Goes from Cancel to what the dialog would do. A key that comes before the dialog was painted is not taken: pressed
/// until it is, and not so soon again that both may be.
pub fn focus(pty: &mut Pty) {
    let focused = |pty: &mut Pty| {
        pty.keys("<Tab>");
        until(Duration::from_secs(3), || pty.screen().contains("▸ Do it").then_some(()))
    };
    wait_until("the dialog takes keys", LIMIT, || focused(pty).is_some());
}

/// How often a deploy began.
pub fn begun(sandbox: &Sandbox) -> usize {
    let log = fs::read_to_string(sandbox.workspace().join("ops.log")).unwrap_or_default();
    log.lines().filter(|line| line.starts_with("begin ")).count()
}

/// Lets the deploy end.
pub fn go(sandbox: &Sandbox) {
    sandbox.write("go", "");
}

/// The state directory.
pub fn state(sandbox: &Sandbox) -> PathBuf {
    sandbox.state().join("holdpoint").join(ID)
}

/// Every fact of the journal, in order.
pub fn facts(sandbox: &Sandbox) -> Vec<Fact> {
    lines(sandbox).into_iter().flat_map(|entry| entry.facts).collect()
}

/// Every line of the journal.
pub fn lines(sandbox: &Sandbox) -> Vec<Entry> {
    entries(&state(sandbox)).unwrap().map(Result::unwrap).collect()
}

/// Leaves a replay: nothing is asked.
pub fn leave_replay(pty: &mut Pty) {
    pty.keys("q");
    let exit = pty.wait_exit(promised(Duration::from_secs(5)));
    assert_eq!(exit.code, 0, "{exit:?}");
    pty.modes().restored().unwrap();
}
