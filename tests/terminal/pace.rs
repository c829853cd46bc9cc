//! How long a terminal is left alone for what it was sent.

use holdpoint::tui::terminal::pace::{LONGEST, Pace};
use std::time::{Duration, Instant};

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// A write that took so long; when it ended.
fn wrote(pace: &mut Pace, from: Instant, took: Duration) -> Instant {
    pace.begins(from);
    pace.ends(from + took);
    from + took
}

#[test]
fn a_quick_terminal_is_not_waited_for() {
    let (mut pace, start) = (Pace::default(), Instant::now());
    assert_eq!(pace.rest(start), Duration::ZERO);
    let end = wrote(&mut pace, start, ms(1));
    assert!(pace.rest(end) <= ms(3) && pace.rest(end + ms(3)).is_zero());
}

#[test]
fn a_slow_one_is_left_alone_three_times_as_long_as_it_took() {
    let (mut pace, start) = (Pace::default(), Instant::now());
    let end = wrote(&mut pace, start, ms(200));
    assert_eq!(pace.rest(end), ms(600));
    assert_eq!(pace.rest(end + ms(400)), ms(200));
    assert!(pace.rest(end + ms(600)).is_zero());
}

#[test]
fn what_was_slow_is_forgotten_slowly_and_in_the_end() {
    let (mut pace, mut at) = (Pace::default(), Instant::now());
    at = wrote(&mut pace, at, ms(400));
    at = wrote(&mut pace, at, ms(0));
    assert_eq!(pace.rest(at), ms(900));
    for _ in 0..20 {
        at = wrote(&mut pace, at, ms(0));
    }
    assert!(pace.rest(at) < ms(10), "{:?}", pace.rest(at));
}

#[test]
fn while_a_write_is_under_way_nothing_that_may_wait_is_drawn_and_no_rest_is_endless() {
    let (mut pace, start) = (Pace::default(), Instant::now());
    pace.begins(start);
    assert_eq!(pace.rest(start + ms(5)), LONGEST);
    assert_eq!(pace.rest(start + ms(500_000)), LONGEST);
    pace.ends(start + ms(500_000));
    assert_eq!(pace.rest(start + ms(500_000)), LONGEST);
    assert!(pace.rest(start + ms(500_000) + LONGEST).is_zero());
}
