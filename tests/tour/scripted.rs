//! Scripts at the keys: the tour that ships, and scripts that cannot go on.

use crate::opening::gone;
use crate::support::pty::Pty;
use crate::support::sandbox::{Outcome, Sandbox};
use crate::support::trial;
use crate::support::{until, wait_until};
use crate::{SLOW, scripted};
use std::path::PathBuf;
use std::time::Duration;

fn shipped() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/tour.keys")).unwrap()
}

/// Runs a verb in the demo's workspace, from outside.
fn there(sandbox: &Sandbox, verb: &[&str]) -> Outcome {
    let entries = std::fs::read_dir(sandbox.root()).unwrap().flatten();
    let found: Vec<PathBuf> = entries.map(|e| e.path()).filter(|path| path.join("holdpoint.toml").is_file()).collect();
    let [dir] = found.as_slice() else { panic!("not one demo: {found:?}") };
    sandbox.holdpoint(&[&["-C", dir.to_str().unwrap()], verb].concat())
}

#[track_caller]
fn tells(story: &str, parts: &[&str]) {
    let told = story.lines().any(|line| parts.iter().all(|part| line.contains(part)));
    assert!(told, "no line with {parts:?} in\n{story}");
}

/// Plays a script to its end; the screens stay.
fn played(sandbox: &Sandbox, script: &str, limit: Duration) -> Pty {
    let pty = scripted(sandbox, &format!("{script}\nstay\n"));
    pty.wait_screen("the script's end", limit, |screen| {
        assert!(!screen.contains("the screen showed"), "{screen}");
        screen.contains("the keys are yours")
    });
    pty
}

/// The keys are a person's again; leaving asks, because the run is driven from here.
fn leave(sandbox: &Sandbox, mut pty: Pty, asks: bool) {
    pty.keys("q");
    if asks {
        pty.wait_for("Leave while you have the conn");
        // A dialog takes keys only once it has been painted, so a quick one may not count.
        until(SLOW, || {
            pty.keys("<Enter>");
            let asked = || pty.screen().contains("Leave while you have the conn");
            until(Duration::from_millis(500), || (!asked()).then_some(()))
        });
    }
    gone(sandbox, &mut pty, Some(0));
}

fn first_deploy_is_told(story: &str) {
    tells(story, &["ana", "step 3 done"]);
    tells(story, &["tom", "quality says go"]);
    tells(story, &["data (mia) votes again"]);
    tells(story, &["ana", "agreed to step 6: typed eu-west"]);
    tells(story, &["step 6 sends deploy ledger eu-west version=7.1.0"]);
}

#[test]
fn the_shipped_tour_plays_to_its_first_deploy() {
    trial(|| {
        let sandbox = Sandbox::new();
        let script = shipped();
        let (first, _) = script.split_once("say: The same in eu-north").unwrap();
        let pty = played(&sandbox, first, SLOW * 3);
        first_deploy_is_told(&there(&sandbox, &["journal", "show"]).exits(0).stdout);
        leave(&sandbox, pty, true);
    });
}

/// All of it takes two and a half minutes, so it is played with `HOLDPOINT_FULL=1` only.
#[test]
fn the_shipped_tour_tells_its_whole_story() {
    trial(|| {
        if std::env::var_os("HOLDPOINT_FULL").is_none() {
            return;
        }
        let sandbox = Sandbox::new();
        let pty = played(&sandbox, &shipped(), Duration::from_secs(400));
        let story = there(&sandbox, &["journal", "show"]).exits(0).stdout;
        first_deploy_is_told(&story);
        tells(&story, &["ana", "refused", "approve 1/15"]);
        tells(&story, &["ruiz", "step 15 approved by ruiz (business"]);
        tells(&story, &["ana", "hold point 16 released: eu-west is well"]);
        tells(&story, &["TRIGGER T2 tripped"]);
        tells(&story, &["run 2 rolls back because: trigger T2"]);
        tells(&story, &["records in the new format reconciled in eu-north, 0 left"]);
        tells(&story, &["step 20 chose taken back"]);
        tells(&story, &["run 1 completed"]);
        let refused = there(&sandbox, &["journal", "show", "--refused"]).exits(0).stdout;
        tells(&refused, &["ana", "approve 1/15"]);
        let verified = there(&sandbox, &["journal", "verify"]).exits(3);
        assert!(verified.stdout.contains("CANNOT PROVE"), "{verified:?}");
        let status = there(&sandbox, &["status"]);
        assert!(!status.stdout.contains("left open"), "{status:?}");
        leave(&sandbox, pty, false);
    });
}

#[test]
fn what_does_not_come_ends_the_demo_and_is_told_with_the_screen() {
    let sandbox = Sandbox::new();
    let mut pty = scripted(&sandbox, "wait: no run yet\n\nwait 1s: the moon ... full\n");
    gone(&sandbox, &mut pty, Some(1));
    pty.modes().restored().unwrap();
    let said = String::from_utf8_lossy(&pty.emitted()).into_owned();
    let said = said.rsplit("\u{1b}[?1049l").next().unwrap();
    for part in ["demo.keys:3: waited 1s", "the moon ... full", "the screen showed", "no run yet: N starts one"] {
        assert!(said.contains(part), "no {part:?} in {said}");
    }
}

#[test]
fn a_program_that_ends_badly_ends_the_script() {
    let sandbox = Sandbox::new();
    let script = "wait: no run yet\nshell 0: sh -c 'test -f \"$HOLDPOINT_DIR/holdpoint.toml\" && test -f holdpoint.toml'\nshell: holdpoint --as nobody vote 1 5 go --role qa\n";
    let mut pty = scripted(&sandbox, script);
    gone(&sandbox, &mut pty, Some(1));
    let said = String::from_utf8_lossy(&pty.emitted()).into_owned();
    assert!(said.contains("demo.keys:3: `holdpoint --as nobody vote 1 5 go --role qa` ended with"), "{said}");
}

#[test]
fn mistakes_are_told_before_anything_starts() {
    let sandbox = Sandbox::new();
    let mut pty = scripted(&sandbox, "wait: x\nkye: a\nkey: a nokey\n");
    gone(&sandbox, &mut pty, Some(2));
    let said = String::from_utf8_lossy(&pty.emitted()).into_owned();
    assert!(said.contains("demo.keys:2:1: ") && said.contains("demo.keys:3:8: "), "{said}");
    assert!(!said.contains("\u{1b}[?1049h"), "{said}");
}

#[test]
fn a_person_may_stop_it_and_go_on_by_hand() {
    let sandbox = Sandbox::new();
    let mut pty = scripted(&sandbox, "wait: never\nkey: N\n");
    pty.wait_for_within("no run yet", SLOW);
    pty.keys("?");
    pty.wait_for("a script presses the keys");
    pty.keys("<C-c>");
    pty.wait_for("the keys are yours");
    pty.keys("7");
    pty.wait_for("── journal");
    pty.keys("q");
    gone(&sandbox, &mut pty, Some(1));
    let said = String::from_utf8_lossy(&pty.emitted()).into_owned();
    assert!(said.contains("demo.keys:1: the script was stopped by hand"), "{said}");
}

#[test]
fn what_a_script_runs_does_not_outlive_the_demo() {
    let sandbox = Sandbox::new();
    // In the background too, without the streams that it would be heard by.
    let program = "sleep 300 >/dev/null 2>&1 & echo begun > $HOLDPOINT_DIR/../begun; sleep 301";
    let mut pty = scripted(&sandbox, &format!("wait: no run yet\nshell: sh -c '{program}'\n"));
    wait_until("the program runs", SLOW, || sandbox.root().join("begun").is_file());
    pty.keys("<C-c>");
    pty.wait_for_within("the keys are yours", SLOW);
    pty.keys("q");
    let exit = pty.wait_exit(Duration::from_secs(30));
    assert_eq!(exit.code, 1, "{exit:?}");
    sandbox.nothing_left(Duration::from_secs(30));
}
