//! Stopped and continued at random moments, with a dialog half answered: the screen comes
//! back exact, and nothing that was agreed to half is worth anything.

use crate::chance::Chance;
use crate::ground::{arm, begun, conned, screens, started};
use crate::resizing::exact;
use crate::support::pty::Pty;
use crate::support::until;
use crate::{count, side_by_side};
use holdpoint::tui::terminal::signals::SWAPPED;
use rustix::process::Signal;
use std::time::Duration;

/// So many programs are stopped and continued beside each other.
const AT_ONCE: usize = 4;

/// Whether the kernel has stopped it.
fn is_stopped(pty: &Pty) -> bool {
    std::fs::read_to_string(format!("/proc/{}/stat", pty.pid())).unwrap().contains(") T ")
}

#[test]
fn stopped_at_random_it_comes_back_exact_and_disarmed() {
    let (all, programs) = (count(16, 500), count(1, AT_ONCE));
    let stopped: usize = side_by_side(programs, programs, |n| stops(n as u64, all / programs)).into_iter().sum();
    assert!(stopped >= all / 3, "stopped {stopped} times only");
    eprintln!("{all} rounds, stopped in {stopped}");
}

/// Stops and continues one program so often; in how many rounds it did give the terminal back.
fn stops(seed: u64, rounds: usize) -> usize {
    let sandbox = started();
    let mut pty = conned(screens(&sandbox));
    let mut chance = Chance::new(13 + seed);
    let mut stopped = 0;
    for round in 0..rounds {
        arm(&mut pty);
        let dialog = chance.one_in(2);
        if dialog {
            pty.opens("s", "▸ Cancel");
            if chance.one_in(2) {
                pty.keys("<Tab>");
            }
        }
        let left = |pty: &Pty| String::from_utf8_lossy(&pty.emitted()).matches("\u{1b}[?1049l").count();
        let before = left(&pty);
        // The instant is the experiment; a stop right behind the last SIGCONT would count as taken back.
        std::thread::sleep(SWAPPED * 2 + Duration::from_micros(chance.below(3000) as u64));
        pty.signal(Signal::TSTP);
        if chance.one_in(2) {
            let stopped = || is_stopped(&pty);
            // One that comes right behind the SIGCONT, as it was heard, counts as taken back.
            let asked = until(Duration::from_secs(30), || {
                let stopped = until(Duration::from_secs(1), || stopped().then_some(()));
                if stopped.is_none() {
                    pty.signal(Signal::TSTP);
                }
                stopped
            });
            asked.expect("it stops");
            // What it wrote before may still be on its way to us.
            let restored = until(Duration::from_secs(30), || pty.modes().restored().ok());
            assert!(restored.is_some(), "round {round}: {:?}", pty.modes().restored());
        } else {
            std::thread::sleep(Duration::from_micros(chance.below(40_000) as u64));
        }
        pty.signal(Signal::CONT);
        // A SIGCONT that came first takes the stop back; then nothing happened at all.
        // On a slow machine a stop is heard long after the SIGCONT that was sent behind it: it counts, and whoever
        // sees that goes on once more.
        let back = until(Duration::from_secs(30), || {
            let back = until(Duration::from_secs(5), || pty.modes().alternate_screen().then_some(()));
            if back.is_none() && is_stopped(&pty) {
                pty.signal(Signal::CONT);
            }
            back
        });
        assert!(back.is_some(), "round {round}");
        let gave_back = until(Duration::from_millis(500), || (left(&pty) > before).then_some(()));
        if gave_back.is_some() {
            pty.wait_screen("read-only", Duration::from_secs(30), |screen| {
                !screen.contains("ARMED") && !screen.contains("▸ Do it")
            });
            stopped += 1;
        }
        let closed = until(Duration::from_secs(30), || {
            pty.keys("<Esc>");
            until(Duration::from_millis(200), || (!pty.screen().contains("▸ Cancel")).then_some(()))
        });
        assert!(closed.is_some(), "round {round}");
        exact(&mut pty, &format!("round {round}"));
    }
    assert_eq!(begun(&sandbox), 0);
    stopped
}
