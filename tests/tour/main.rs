//! The demo in a real terminal: real processes, real keys, and nothing left behind.
//!
//! Waits for text, never for time. The estate is the one that ships.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![cfg(all(feature = "demo", feature = "tui"))]

#[path = "../support/mod.rs"]
mod support;

mod opening;
mod paged;
mod scripted;
mod verbs;

use rustix::process::Signal;
use std::fs;
use std::time::Duration;
use support::launch::Launch;
use support::pty::Pty;
use support::sandbox::Sandbox;
use support::{until, wait_until};

const SLOW: Duration = Duration::from_secs(60);

/// The demo in a terminal of this sandbox; its directory is below the sandbox's.
fn demo(sandbox: &Sandbox) -> Pty {
    let launch: Launch = sandbox.terminal(&["demo", "--fast"]);
    launch.env("TMPDIR", sandbox.root().to_str().unwrap()).size(100, 30).start()
}

/// The demo with this script at its keys.
fn scripted(sandbox: &Sandbox, script: &str) -> Pty {
    let file = sandbox.write("demo.keys", script);
    let launch: Launch = sandbox.terminal(&["demo", "--fast", "--script", file.to_str().unwrap()]);
    launch.env("TMPDIR", sandbox.root().to_str().unwrap()).size(120, 40).start()
}

/// Waits for a line of the screen that holds both texts.
fn line(pty: &Pty, one: &str, other: &str) {
    let has = |screen: &str| screen.lines().any(|l| l.contains(one) && l.contains(other));
    pty.wait_screen(&format!("a line with {one:?} and {other:?}"), SLOW, has);
}

/// What the dialog asks to be typed.
fn challenge(pty: &Pty) -> String {
    let screen = pty.screen();
    let line = screen.lines().find(|l| l.contains("type   ")).unwrap_or_else(|| panic!("no challenge on\n{screen}"));
    line.split("type   ").nth(1).unwrap().split('[').next().unwrap().trim().to_owned()
}

/// Types as a person does, a key at a time: what is poured in is not taken.
fn typed(pty: &mut Pty, text: &str) {
    for (n, c) in text.char_indices() {
        let so_far = format!("[{}", &text[..n + c.len_utf8()]);
        // Before the field is known to be painted it takes nothing.
        wait_until("a letter is taken", SLOW, || {
            pty.keys(&c.to_string());
            until(Duration::from_secs(8), || pty.screen().contains(&so_far).then_some(())).is_some()
        });
    }
}

/// Presses a key of a menu until it is taken: a menu takes none before its own
/// picture has left, which is a moment before it is seen here.
fn choose(pty: &mut Pty, menu: &str, key: &str) {
    pty.wait_for(menu);
    wait_until("the menu takes the key", SLOW, || {
        pty.keys(key);
        until(Duration::from_secs(8), || (!pty.screen().contains(menu)).then_some(())).is_some()
    });
}

/// Waits until mia has voted again: who votes before the evidence has changed, as
/// she did, would have to vote again too.
fn evidence_has_changed(sandbox: &Sandbox) {
    let votes = || {
        let found = fs::read_dir(sandbox.root()).unwrap().flatten();
        let demo = found.map(|entry| entry.path()).find(|path| path.join("state").is_dir())?;
        let journal = fs::read_to_string(demo.join("state/journal/000001.jsonl")).ok()?;
        Some(journal.lines().filter(|l| l.contains("\"voted\"") && l.contains("\"role\":\"data\"")).count())
    };
    wait_until("mia votes again", SLOW, || votes().is_some_and(|votes| votes > 1));
}

fn up_to_the_first_deploy(sandbox: &Sandbox, pty: &mut Pty) {
    pty.wait_for_within("no run yet", SLOW);
    pty.wait_for_within(" ok ", SLOW);
    pty.opens("N", "start a run of");
    choose(pty, "start a run of", "1");
    line(pty, "Silence the deploy alerts", "waiting");
    pty.opens("d", "Done: 3");
    choose(pty, "Done: 3", "<Enter>");
    line(pty, "5 Go or no-go for the train", "approval");
    evidence_has_changed(sandbox);
    pty.opens("v", "poll 5 for ops");
    choose(pty, "poll 5 for ops", "g");
    pty.opens("V", "a qa: tom says");
    choose(pty, "a qa: tom says", "a");
    choose(pty, "who else heard it", "a");
    choose(pty, "g GO", "g");
    pty.wait_for("exact words");
    typed(pty, "QA says go");
    pty.keys("<Enter>");
    line(pty, "Deploy ledger 7.1.0 to eu-west", "ready");
}

#[test]
fn driven_by_keyboard_to_its_first_deploy_and_killed_in_the_middle() {
    let sandbox = Sandbox::new();
    let mut pty = demo(&sandbox);
    up_to_the_first_deploy(&sandbox, &mut pty);
    // Read-only at first: it says how to arm, and sends nothing. By its number, as a key that was refused above has
    // selected its own step.
    pty.opens(":start 6<Enter>", "read-only: :arm and Enter");
    pty.keys(":arm<Enter>");
    pty.wait_for("ARMED");
    pty.opens("s", "PRODUCTION");
    // A paste and the wrong words are not taken; the right ones are.
    wait_until("the dialog hears of a paste", SLOW, || {
        pty.paste("eu-west 777");
        until(Duration::from_secs(3), || pty.screen().contains("a paste is not taken").then_some(())).is_some()
    });
    let asked = challenge(&pty);
    typed(&mut pty, &asked);
    pty.keys("<Enter>");
    line(&pty, "Deploy ledger 7.1.0 to eu-west", "running");
    pty.signal(Signal::KILL);
    pty.wait_exit(Duration::from_secs(30));
    sandbox.nothing_left(Duration::from_secs(30));
}

#[test]
fn closed_terminal_takes_everything_down() {
    let sandbox = Sandbox::new();
    let mut pty = demo(&sandbox);
    pty.wait_for_within("no run yet", SLOW);
    pty.close();
    pty.wait_exit(Duration::from_secs(30));
    sandbox.nothing_left(Duration::from_secs(30));
}

#[test]
fn leaving_gives_the_terminal_back() {
    let sandbox = Sandbox::new();
    let mut pty = demo(&sandbox);
    pty.wait_for_within("no run yet", SLOW);
    pty.wait_for_within(" ok ", SLOW);
    pty.keys("q");
    let exit = pty.wait_exit(Duration::from_secs(30));
    assert_eq!(exit.code, 0, "{exit:?}");
    pty.modes().restored().unwrap();
    sandbox.nothing_left(Duration::from_secs(30));
}
