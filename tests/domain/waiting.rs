//! What is waited for while the machine runs.

use holdpoint::domain::waiting::Waiting;
use std::time::Duration;

#[test]
fn what_the_machine_stood_still_is_not_waited() {
    let (mut waiting, ms) = (Waiting::default(), Duration::from_millis);
    assert_eq!(waiting.passed(ms(15)), ms(15));
    assert_eq!(waiting.passed(ms(115)), ms(115));
    // Half a minute without a look is a machine that did not run.
    assert_eq!(waiting.passed(ms(30_115)), ms(315));
    assert_eq!(waiting.passed(ms(30_200)), ms(400));
    assert_eq!(waiting.passed(ms(0)), ms(400), "no clock leads back");
}
