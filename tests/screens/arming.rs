//! Arming: begins read-only, ends by itself, is never revived.

use holdpoint::tui::arming::{Arming, End, LONGEST, NotArmed, USUAL};
use std::time::Duration;

const START: Duration = Duration::from_secs(1000);

fn armed() -> Arming {
    let mut arming = Arming::default();
    arming.arm(START, USUAL, true).unwrap();
    arming
}

#[test]
fn it_begins_read_only_and_a_key_does_not_arm() {
    let mut arming = Arming::default();
    arming.key(START);
    assert!(!arming.is_armed(START));
    assert_eq!(arming.tick(START), None);
}

#[test]
fn it_needs_the_conn_and_a_sensible_time() {
    let mut arming = Arming::default();
    assert_eq!(arming.arm(START, USUAL, false), Err(NotArmed::NoConn));
    assert_eq!(arming.arm(START, Duration::ZERO, true), Err(NotArmed::Length));
    assert_eq!(arming.arm(START, LONGEST + Duration::from_secs(1), true), Err(NotArmed::Length));
    assert!(!arming.is_armed(START));
}

#[test]
fn it_ends_by_itself_and_says_so_once() {
    let mut arming = armed();
    let end = START + USUAL;
    assert_eq!(arming.left(end - Duration::from_secs(1)), Some(Duration::from_secs(1)));
    assert_eq!(arming.tick(end - Duration::from_nanos(1)), None);
    assert!(!arming.is_armed(end));
    assert_eq!(arming.tick(end), Some(End::Time));
    assert_eq!(arming.tick(end), None);
}

#[test]
fn keys_renew_it_but_never_revive_it() {
    let mut arming = armed();
    arming.key(START + Duration::from_secs(60));
    assert!(arming.is_armed(START + USUAL + Duration::from_secs(59)));
    let over = START + USUAL + Duration::from_secs(60);
    arming.key(over);
    assert!(!arming.is_armed(over));
    assert_eq!(arming.tick(over), Some(End::Time));
}

#[test]
fn every_reason_ends_it_at_once_and_only_once() {
    for why in [End::Asked, End::Suspended, End::ConnLost, End::TooSmall] {
        let mut arming = armed();
        assert_eq!(arming.end(why), Some(why));
        assert!(!arming.is_armed(START));
        assert_eq!(arming.end(why), None);
        assert!(why.words().starts_with("read-only again"));
    }
}
