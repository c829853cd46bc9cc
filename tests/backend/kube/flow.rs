//! A flood is taken in small parts, and every turn of it ends with a look.

use crate::undisturbed as tokio;
use holdpoint::backend::kubernetes::flow::Flow;
use std::time::Duration;
use tokio::time::sleep_until;

/// How many are taken of what never ends until they are looked at.
async fn turn(flow: &mut Flow) -> u32 {
    let mut taken = 0;
    loop {
        let opens = sleep_until(flow.opens());
        tokio::select! {
            biased;
            () = opens, if flow.takes() => {}
            () = flow.over(), if flow.is_open() => {
                flow.shut();
                return taken;
            }
        }
        flow.taken();
        taken += 1;
    }
}

#[tokio::test]
async fn two_hundred_are_taken_before_they_are_looked_at_and_no_more() {
    let mut flow = Flow::default();
    for _ in 0..3 {
        assert_eq!(turn(&mut flow).await, 200);
    }
}

#[tokio::test]
async fn what_has_been_taken_is_looked_at_however_late_it_is() {
    let mut flow = Flow::default();
    (0..200).for_each(|_| flow.taken());
    // Longer than a turn is.
    std::thread::sleep(Duration::from_millis(120));
    assert!(!flow.takes() && flow.is_open());
    flow.over().await;
    flow.shut();
    assert!(flow.takes());
    flow.taken();
    assert!(flow.is_open(), "another turn has begun");
}

#[tokio::test]
async fn after_twenty_there_is_a_pause() {
    let mut flow = Flow::default();
    let first = flow.opens();
    (0..19).for_each(|_| flow.taken());
    assert_eq!(flow.opens(), first);
    flow.taken();
    assert_eq!(flow.opens() - first, Duration::from_millis(10));
}
