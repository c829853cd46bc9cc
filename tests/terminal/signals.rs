//! Stops and what takes them back, in whatever order their actions are run.
//!
//! The one test here that sends signals to its own process: they reach whoever listens.

use holdpoint::tui::terminal::What;
use holdpoint::tui::terminal::signals::{SWAPPED, Signals};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Signal, getpid, kill_process};
use std::time::{Duration, Instant};

/// Sends a signal to this process and gives what is told of it once its action has been run.
fn told(signals: &Signals, signal: Signal) -> Vec<What> {
    kill_process(getpid(), signal).unwrap();
    poll(&mut [PollFd::new(signals, PollFlags::IN)], None).unwrap();
    let mut out = Vec::new();
    signals.take(&mut out);
    out
}

#[test]
fn a_stop_whose_action_is_run_after_that_of_what_took_it_back_is_none() {
    let signals = Signals::listen().unwrap();
    let swapped = || {
        // Longer than anything before it can matter.
        std::thread::sleep(SWAPPED * 2);
        let begun = Instant::now();
        assert_eq!(told(&signals, Signal::CONT), [What::Continue]);
        let stop = told(&signals, Signal::TSTP);
        (begun.elapsed() < SWAPPED).then_some(stop)
    };
    // On a busy machine it may take longer, and then it is a stop.
    let stop = (0..500).find_map(|_| swapped()).expect("two signals at once");
    assert_eq!(stop, []);
    assert!(!signals.stopping());

    std::thread::sleep(SWAPPED + Duration::from_millis(5));
    assert_eq!(told(&signals, Signal::TSTP), [What::Stop]);
    assert!(signals.stopping());
    // Another stop, taken back before anybody has acted on the first, takes that back as well.
    kill_process(getpid(), Signal::TSTP).unwrap();
    let mut both = told(&signals, Signal::CONT);
    // Their actions may be run on another thread, one after the other.
    while !both.contains(&What::Continue) {
        poll(&mut [PollFd::new(&signals, PollFlags::IN)], None).unwrap();
        signals.take(&mut both);
    }
    let begun = Instant::now();
    while signals.stopping() {
        assert!(begun.elapsed() < Duration::from_secs(60), "the stop was taken back, and holds");
        std::thread::yield_now();
    }
}
