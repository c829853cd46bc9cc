//! The conn between people and processes: laid down, offered, taken, lost and
//! stood by for.

use crate::ground::{by, deploy, with, word};
use crate::support::sandbox::{HOLDPOINT, Sandbox};
use crate::support::wait::wait_until;
use std::fs;
use std::process::{Child, Stdio};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

/// A deploy, and before it a check that waits long for a file that is not there.
const LONG: &str = r#"
title = "Long"
[[steps]]
id = "1"
title = "Waits for the window"
kind = "check"
condition = { window = true }
environment = "prod"
[[steps]]
id = "2"
title = "Tell"
kind = "manual"
needs = ["1"]
"#;

const LATER: &str = "[windows.w]\nstarts = \"2099-01-01T00:00:00Z\"\nends = \"2099-01-02T00:00:00Z\"\n";
const NOW: &str = "[windows.w]\nstarts = \"2020-01-01T00:00:00Z\"\nends = \"2099-01-02T00:00:00Z\"\n";

/// A driver that goes on until it is ended, its words in a file.
struct Driver(Child);

impl Driver {
    fn start(sandbox: &Sandbox, person: &str, arguments: &[&str], words: &str) -> Self {
        let mut command = sandbox.command(HOLDPOINT, &[&["--as", person], arguments].concat());
        let file = fs::File::create(sandbox.root().join(words)).unwrap();
        Self(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file).spawn().unwrap())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn said(sandbox: &Sandbox, words: &str) -> String {
    fs::read_to_string(sandbox.root().join(words)).unwrap_or_default()
}

/// Who has the conn of run 1, and whether they live.
fn driver(sandbox: &Sandbox) -> (String, bool) {
    let shown = sandbox.holdpoint(&["--json", "run", "show", "1"]);
    if shown.code != Some(0) {
        return (String::new(), false);
    }
    let shown = shown.json();
    (shown["conn"]["person"].as_str().unwrap_or_default().to_owned(), shown["attended"] == true)
}

fn driven_by(sandbox: &Sandbox, person: &str) {
    let what = format!("{person} drives run 1");
    wait_until(&what, PATIENCE, || driver(sandbox) == (person.to_owned(), true));
}

fn long() -> Sandbox {
    let s = with(LONG);
    s.write("calendar/windows.toml", LATER);
    s
}

#[test]
fn who_drives_lays_the_conn_down_and_the_driver_stops() {
    let s = long();
    let mut first = Driver::start(&s, "ana", &["run", "start", "day"], "first");
    driven_by(&s, "ana");
    let theirs = by(&s, "kim", &["conn", "give", "1"]).exits(1);
    assert!(theirs.stderr.contains("ana has the conn of run 1, not kim"), "{theirs:?}");
    by(&s, "ana", &["conn", "give", "1"]).exits(0);
    wait_until("the driver has ended", PATIENCE, || first.0.try_wait().unwrap().is_some());
    let none = by(&s, "ana", &["conn", "give", "1"]).exits(1);
    assert!(none.stderr.contains("nobody has the conn of run 1"), "{none:?}");
    by(&s, "ana", &["conn", "give", "9"]).exits(2);
}

#[test]
fn an_offered_conn_is_taken_without_a_reason_and_ousts() {
    let s = long();
    let mut first = Driver::start(&s, "ana", &["run", "start", "day"], "first");
    driven_by(&s, "ana");
    let reason = by(&s, "kim", &["conn", "take", "1"]).exits(1);
    assert!(reason.stderr.contains("needs a reason"), "{reason:?}");
    let nobody = by(&s, "ana", &["conn", "give", "1", "--to", "eve"]).exits(1);
    assert!(nobody.stderr.contains("there are ana, bo, kim, tom"), "{nobody:?}");
    by(&s, "ana", &["conn", "give", "1", "--to", "kim"]).exits(0);
    let status = s.holdpoint(&["status"]).exits(0).stdout;
    assert!(status.contains("conn ana, offered to kim"), "it is driven until it is taken: {status}");
    let _second = Driver::start(&s, "kim", &["drive", "1"], "second");
    driven_by(&s, "kim");
    wait_until("the first driver has ended", PATIENCE, || first.0.try_wait().unwrap().is_some());
    assert_eq!(by(&s, "kim", &["conn", "give", "1"]).code, Some(0));
}

#[test]
fn a_standby_takes_over_what_is_lost_and_leaves_what_is_laid_down() {
    let s = long();
    by(&s, "kim", &["drive", "1", "--standby"]).exits(2);
    let mut first = Driver::start(&s, "ana", &["run", "start", "day"], "first");
    driven_by(&s, "ana");
    let mut standby = Driver::start(&s, "kim", &["drive", "1", "--standby"], "standby");
    let stands = || said(&s, "standby").contains("standing by: ana drives run 1");
    wait_until("it stands by", PATIENCE, stands);
    first.0.kill().unwrap();
    driven_by(&s, "kim");
    // What it drives goes on: the window opens, and then a person is awaited.
    s.write("calendar/windows.toml", NOW);
    by(&s, "ana", &["adopt", "--reason", "the window was moved"]).exits(0);
    wait_until("step 1 is done", PATIENCE, || word(&s, "1") == "done");
    wait_until("it says what to type", PATIENCE, || said(&s, "standby").contains("holdpoint step done 1 2"));
    assert_eq!(driver(&s), ("kim".to_owned(), true), "it stays, so that triggers are watched");
    by(&s, "kim", &["conn", "give", "1"]).exits(0);
    wait_until("it stands by again", PATIENCE, || said(&s, "standby").contains("was laid down"));
    by(&s, "ana", &["step", "done", "1", "2"]).exits(0);
    by(&s, "ana", &["drive", "1"]);
    wait_until("it ends with the run", PATIENCE, || standby.0.try_wait().unwrap().is_some());
}

#[test]
fn a_driver_ends_with_what_to_type_next() {
    let s = with(&deploy("no"));
    by(&s, "ana", &["run", "start", "day"]).exits(0);
    let ready = by(&s, "ana", &["drive", "1"]).exits(3);
    assert_eq!(
        ready.stderr,
        "waiting: run 1 step 1 Deploy web [ready] anyone starts it\n   next: holdpoint step start 1 1 --confirm prod\n"
    );
    by(&s, "ana", &["step", "start", "1", "1", "--confirm", "prod"]).exits(1);
    let failed = by(&s, "ana", &["drive", "1"]).exits(3);
    for part in ["[FAILED] failed: ", "step retry 1 1 --confirm prod\n", "step skip 1 1 --reason WHY\n"] {
        assert!(failed.stderr.contains(part), "{part}: {failed:?}");
    }
}
