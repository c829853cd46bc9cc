//! When what is only seen is drawn.

use holdpoint::tui::run::frames::Frames;
use std::time::{Duration, Instant};

/// When each of so many is drawn, in milliseconds, where what is seen comes all the time.
fn drawn(frames: &mut Frames, began: Instant, from: Instant, count: usize) -> Vec<u128> {
    let mut now = from;
    let next = |_| {
        now = frames.due(now);
        frames.drawn(now);
        (now - began).as_millis()
    };
    (0..count).map(next).collect()
}

#[test]
fn what_comes_now_and_then_is_drawn_soon_and_what_goes_on_five_times_a_second() {
    let began = Instant::now() + Duration::from_secs(60);
    let mut frames = Frames::new(began - Duration::from_secs(1));
    assert_eq!(drawn(&mut frames, began, began, 9), [10, 20, 30, 40, 50, 210, 410, 610, 810]);
    // After a while of nothing it is as in the beginning.
    let later = began + Duration::from_secs(3);
    assert_eq!(drawn(&mut frames, began, later, 5), [3010, 3020, 3030, 3040, 3050]);
    // A little rest is a little budget.
    let little = began + Duration::from_millis(3_700);
    assert_eq!(drawn(&mut frames, began, little, 4), [3710, 3720, 3730, 3810]);
}

#[test]
fn where_none_can_be_drawn_more_is_gathered() {
    let began = Instant::now() + Duration::from_secs(60);
    let mut frames = Frames::new(began);
    frames.rest(began);
    assert_eq!(drawn(&mut frames, began, began, 3), [100, 110, 120]);
}

#[test]
fn the_clock_is_drawn_at_its_second_and_counts_like_everything_that_is_seen() {
    let began = Instant::now() + Duration::from_secs(60);
    let mut frames = Frames::new(began - Duration::from_secs(1));
    assert_eq!(frames.free(began), began);
    drawn(&mut frames, began, began, 5);
    let now = began + Duration::from_millis(60);
    assert_eq!(frames.free(now), began + Duration::from_millis(210), "while much goes on it waits with the rest");
}
