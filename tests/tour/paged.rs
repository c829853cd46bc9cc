//! The on-call engineer opens an incident cold and ends it with a rollback.
//!
//! What she finds has happened on real processes, which takes half a minute, so
//! it is done with `HOLDPOINT_FULL=1` only.

use crate::opening::gone;
use crate::support::sandbox::Sandbox;
use crate::{SLOW, challenge, line, typed};
use std::time::Duration;

const HAPPENED: Duration = Duration::from_secs(150);

#[test]
fn who_is_paged_takes_the_conn_and_rolls_back() {
    if std::env::var_os("HOLDPOINT_FULL").is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    let launch = sandbox.terminal(&["demo", "--incident"]);
    let mut pty = launch.env("TMPDIR", sandbox.root().to_str().unwrap()).size(120, 40).start();
    // No key pressed: what is wrong is the first screen.
    pty.wait_for_within("what is wrong", HAPPENED);
    line(&pty, "conn ana: session lost", "UNATTENDED");
    line(&pty, "payments", "failed requests");
    line(&pty, "fx eu-north 3.3.1 → 3.3.0", "OUTSIDE any run");
    line(&pty, "roll back payments eu-north → 4.1.9", "yes");
    pty.opens("I", "Open an incident");
    pty.wait_for("nothing to any system");
    pty.keys("<Enter>");
    pty.wait_for_within("lead NOBODY", SLOW);
    pty.opens("I", "Lead the incident");
    pty.keys("<Enter>");
    pty.wait_for_within("lead kim", SLOW);
    pty.opens("T", "conn kim: you");
    pty.opens("B", "Roll back payments eu-north to 4.1.9");
    let asked = challenge(&pty);
    typed(&mut pty, &asked);
    pty.keys("<Enter>");
    // Back at the version before, held until a diagnosis, and the run is kim's to end.
    pty.wait_for_within("run 2 completed", SLOW);
    pty.keys("<Esc>");
    // An Esc with another key right behind it would be another key.
    pty.wait_gone("what is wrong");
    line(&pty, "payments", "4.1.9");
    pty.keys("q");
    pty.wait_for("Leave while you have the conn");
    pty.keys("<Enter>");
    gone(&sandbox, &mut pty, Some(0));
}

#[test]
fn the_incident_is_the_screens_own_and_no_verb() {
    let sandbox = Sandbox::new();
    let outcome = sandbox.holdpoint(&["demo", "--incident", "up", "day"]);
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    assert!(outcome.stderr.contains("--incident opens the screens"), "{outcome:?}");
}
