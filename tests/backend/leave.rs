//! Leave to stop looking on: given once, seen by everyone who holds it, and never by itself.

use futures_util::FutureExt;
use holdpoint::backend::leave::Leave;

#[test]
fn it_is_given_once_and_never_by_itself() {
    let (giver, mut leave) = Leave::new();
    let other = leave.clone();
    assert!(!leave.is_given() && leave.given().now_or_never().is_none());
    giver.give();
    // Whoever has given it is gone at once; it stays given.
    drop(giver);
    assert!(leave.is_given() && other.is_given());
    assert!(leave.given().now_or_never().is_some());
    let (giver, mut leave) = Leave::new();
    drop(giver);
    assert!(!leave.is_given() && leave.given().now_or_never().is_none());
    let mut nobody = Leave::default();
    assert!(!nobody.is_given() && nobody.given().now_or_never().is_none());
}
