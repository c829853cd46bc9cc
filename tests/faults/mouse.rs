//! The mouse at the real screens: reported when asked for, given back whatever ends them.

use crate::ground::{screens, started};
use crate::stopping::stop;
use crate::support::pty::Pty;
use crate::support::sandbox::Sandbox;
use crate::support::{until, wait_until};
use rustix::process::Signal;
use std::fs;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);

fn with_mouse() -> (Sandbox, Pty) {
    let sandbox = started();
    let dir = sandbox.root().join("config/holdpoint");
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("config.toml"), "[screens]\nmouse = true\n").unwrap();
    let pty = screens(&sandbox).start();
    pty.wait_for("Deploy web to lab");
    (sandbox, pty)
}

/// Stops it, which gives everything back.
fn stopped(pty: &Pty) {
    stop(pty);
    pty.modes().restored().unwrap();
}

/// Clicks a text of the screen until that has come of it: before the first picture has left, nothing does.
fn click(pty: &mut Pty, text: &str, shows: impl Fn(&str) -> bool) {
    wait_until(&format!("a click on {text:?}"), SOON, || {
        let screen = pty.screen();
        let (row, line) = screen.lines().enumerate().find(|(_, line)| line.contains(text)).unwrap();
        let column = line[..line.find(text).unwrap()].chars().count();
        pty.send(format!("\x1b[<0;{};{}M\x1b[<0;{0};{1}m", column + 1, row + 1).as_bytes());
        until(Duration::from_millis(500), || shows(&pty.screen()).then_some(())).is_some()
    });
}

fn reported(pty: &Pty, on: bool) {
    wait_until(&format!("the mouse is reported: {on}"), SOON, || pty.modes().mouse() == on);
}

#[test]
fn it_is_reported_only_when_asked_for_and_given_back_at_every_end() {
    let sandbox = started();
    let mut pty = screens(&sandbox).start();
    pty.wait_for("Deploy web to lab");
    assert!(!pty.modes().mouse());
    pty.keys("q");
    pty.wait_exit(SOON);
    assert!(!String::from_utf8_lossy(&pty.emitted()).contains("1000"), "nothing is said of it");
    for end in [None, Some(Signal::TERM), Some(Signal::HUP), Some(Signal::INT)] {
        let (_sandbox, mut pty) = with_mouse();
        reported(&pty, true);
        match end {
            None => pty.keys("q"),
            Some(signal) => pty.signal(signal),
        }
        pty.wait_exit(SOON);
        pty.modes().restored().unwrap_or_else(|left| panic!("{end:?}: {left}"));
    }
}

#[test]
fn it_is_given_back_while_suspended_and_switched_from_the_palette() {
    let (_sandbox, mut pty) = with_mouse();
    reported(&pty, true);
    click(&mut pty, "3 health", |screen| !screen.contains("── waiting for"));
    click(&mut pty, "1 bridge", |screen| screen.contains("── waiting for"));
    stopped(&pty);
    pty.signal(Signal::CONT);
    reported(&pty, true);
    pty.wait_for("── waiting for");
    pty.keys(":mouse<Enter>");
    reported(&pty, false);
    pty.keys(":mouse<Enter>");
    reported(&pty, true);
    pty.keys(":mouse<Enter>");
    reported(&pty, false);
    stopped(&pty);
    pty.signal(Signal::CONT);
    wait_until("the screens are back", SOON, || pty.modes().alternate_screen());
    assert!(!pty.modes().mouse());
    pty.keys("q");
    pty.wait_exit(SOON);
    pty.modes().restored().unwrap();
}
