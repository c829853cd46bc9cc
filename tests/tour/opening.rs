//! The first picture precedes everything that is read or started, and whoever
//! leaves before there is more to see leaves nothing behind.

use crate::support::pty::Pty;
use crate::support::sandbox::Sandbox;
use crate::support::{processes, until};
use crate::{SLOW, demo};
use rustix::process::Signal;
use std::time::Duration;

/// The demo's directories that are still there.
fn directories(sandbox: &Sandbox) -> Vec<String> {
    let entries = std::fs::read_dir(sandbox.root()).unwrap().flatten();
    entries.map(|e| e.file_name().into_string().unwrap()).filter(|n| n.starts_with("holdpoint-demo-")).collect()
}

/// Waits for its end; nothing of the demo may be left.
#[track_caller]
pub fn gone(sandbox: &Sandbox, pty: &mut Pty, code: Option<u32>) {
    let exit = pty.wait_exit(Duration::from_secs(30));
    assert!(code.is_none_or(|code| exit.code == code), "{exit:?}\n{}", pty.screen());
    sandbox.nothing_left(Duration::from_secs(30));
    assert_eq!(directories(sandbox), [""; 0]);
}

#[test]
fn the_first_picture_precedes_the_estate() {
    let sandbox = Sandbox::new();
    let mut pty = demo(&sandbox);
    pty.wait_for_within("no run yet", SLOW);
    // Later pictures are only what changed in them: the first one is whole.
    let bytes = String::from_utf8_lossy(&pty.emitted()).into_owned();
    let first = bytes.split("\u{1b}[?2026l").next().unwrap();
    assert!(first.contains("BRINGING UP THE ESTATE") && first.contains("payments train"), "{first:?}");
    pty.keys("q");
    gone(&sandbox, &mut pty, Some(0));
}

#[test]
fn leaving_while_the_estate_comes_up_leaves_nothing() {
    for keys in ["q", "<C-c>", ""] {
        let sandbox = Sandbox::new();
        let mut pty = demo(&sandbox);
        pty.wait_for_within("BRINGING UP THE ESTATE", SLOW);
        match keys {
            "" => pty.close(),
            keys => pty.keys(keys),
        }
        // A hang-up may end it by its signal.
        gone(&sandbox, &mut pty, (!keys.is_empty()).then_some(0));
    }
}

#[test]
fn mistakes_in_the_workspace_are_told_once_the_terminal_is_given_back() {
    let sandbox = Sandbox::new();
    sandbox.write("holdpoint.toml", "[workspace]\nid = \"1\"\nname = \"night train\"\nzone = \"Nowhere/At_All\"\n");
    let mut pty = sandbox.terminal(&[]).start();
    let exit = pty.wait_exit(Duration::from_secs(30));
    assert_eq!(exit.code, 2, "{exit:?}\n{}", pty.screen());
    pty.modes().restored().unwrap();
    pty.wait_for("holdpoint.toml:4:");
    let bytes = String::from_utf8_lossy(&pty.emitted()).into_owned();
    assert!(bytes.find("night train").unwrap() < bytes.find("holdpoint.toml:4:").unwrap());
}

#[test]
fn nowhere_is_told_before_the_terminal_is_taken() {
    let sandbox = Sandbox::new();
    let mut pty = sandbox.terminal(&[]).start();
    assert_eq!(pty.wait_exit(Duration::from_secs(30)).code, 2);
    pty.wait_for("there is no holdpoint.toml");
    assert!(!String::from_utf8_lossy(&pty.emitted()).contains("\u{1b}[?1049h"));
}

/// Whether a process has a session of its own: the end of another's does not reach it.
fn leads(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let rest = stat.rsplit(") ").next().unwrap_or_default();
    rest.split(' ').nth(3) == Some(&pid.to_string())
}

#[test]
fn leaving_says_what_it_waits_for_and_gives_up_after_a_while() {
    let sandbox = Sandbox::new();
    let mut pty = demo(&sandbox);
    // The supervisor stands still, so the estate never comes up.
    let found =
        || processes::descendants(pty.pid()).into_iter().find(|p| p.command.contains("supervise") && leads(p.pid));
    let supervisor = until(SLOW, found).expect("no supervisor");
    supervisor.signal(Signal::STOP);
    pty.wait_for_within("BRINGING UP THE ESTATE", SLOW);
    pty.keys("<C-c>");
    pty.wait_for("leaving; waiting at most 5 s for what had begun: bringing up the estate");
    pty.modes().restored().unwrap();
    let exit = pty.wait_exit(Duration::from_secs(30));
    assert_eq!(exit.code, 1, "{exit:?}");
    pty.wait_for("it was given up");
    supervisor.signal(Signal::CONT);
    sandbox.nothing_left(Duration::from_secs(30));
    assert_eq!(directories(&sandbox), [""; 0]);
}
