//! Stopped and continued, resized, all at once: the screens come back right.

use crate::ground::*;
use crate::support::pty::Pty;
use crate::support::sandbox::LIMIT;
use crate::support::{until, wait_until};
use holdpoint::tui::terminal::signals::SWAPPED;
use rustix::process::Signal;
use std::time::Duration;

/// The state letter of a process: `T` is stopped.
pub fn letter(pid: i32) -> char {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    stat.rsplit_once(") ").unwrap().1.chars().next().unwrap()
}

/// Stops it. Right behind a SIGCONT a stop counts as taken back, so it is asked for again.
pub fn stop(pty: &Pty) {
    let stopped = |pty: &Pty| until(Duration::from_secs(1), || (letter(pty.pid()) == 'T').then_some(()));
    wait_until("it is stopped", LIMIT, || {
        pty.signal(Signal::TSTP);
        stopped(pty).is_some()
    });
}

#[test]
fn stopped_the_terminal_is_given_back_and_taken_again() {
    let sandbox = started();
    let mut pty = conned(screens(&sandbox));
    stop(&pty);
    pty.modes().restored().unwrap();
    assert!(!pty.raw());
    pty.signal(Signal::CONT);
    wait_until("the screen is taken again", Duration::from_secs(20), || pty.modes().alternate_screen() && pty.raw());
    pty.keys("2");
    pty.wait_for("── runbook");
}

#[test]
fn continued_before_it_has_stopped_it_does_not_stop() {
    let sandbox = started();
    let mut pty = conned(screens(&sandbox));
    for round in 0..60u64 {
        // Right behind the SIGCONT of the last round the stop would count as taken back already.
        std::thread::sleep(SWAPPED * 2);
        pty.signal(Signal::TSTP);
        // Between nothing and a few pictures: the instant is the experiment.
        std::thread::sleep(Duration::from_micros(round * 37 % 2000));
        pty.signal(Signal::CONT);
        let (key, pane) = [("2", "── runbook"), ("1", "── waiting for")][usize::from(round % 2 == 1)];
        // Keys that come while it stops are thrown away: pressed until one is taken.
        let answers = |pty: &mut Pty| {
            pty.keys(key);
            until(Duration::from_millis(100), || pty.screen().contains(pane).then_some(()))
        };
        let answered = until(Duration::from_secs(20), || answers(&mut pty));
        assert!(answered.is_some(), "round {round}: it is {} after it was told to go on", letter(pty.pid()));
    }
    assert_eq!(leave(&mut pty), 0);
    pty.modes().restored().unwrap();
}

#[test]
fn a_storm_of_resizes_in_the_middle_of_a_deploy_ends_in_the_right_picture() {
    let sandbox = started();
    let mut pty = conned(screens(&sandbox));
    deploying(&sandbox, &mut pty);
    for n in 0..120u16 {
        let (columns, rows) = [(1, 1), (300, 100), (20, 3), (80, 24), (3 * n + 2, n + 2)][usize::from(n) % 5];
        pty.resize(columns, rows);
    }
    pty.resize(90, 26);
    pty.wait_for("── waiting for");
    go(&sandbox);
    pty.wait_for("web 2.0 is live");
    let wide = pty.screen().lines().filter(|line| line.chars().count() == 90).count();
    assert!(wide >= 3, "rules go to the edge:\n{}", pty.screen());
    assert_eq!(begun(&sandbox), 1);
}
