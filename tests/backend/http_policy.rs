//! The arithmetic of asking again: values in, values out, no clock.

use holdpoint::backend::http::breaker::Breaker;
use holdpoint::backend::http::budget::{Budget, Pace};
use holdpoint::backend::http::tries::{Next, Outcome, Sent, next, sent};
use holdpoint::backend::http::{answer, backoff, retry_after};
use holdpoint::domain::Timestamp;
use std::time::Duration;

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn pauses_are_jittered_in_full_and_bounded() {
    let bounds = [200, 400, 800, 1600, 3200, 5000, 5000].map(Duration::from_millis);
    for (n, bound) in (1..).zip(bounds) {
        assert_eq!(backoff::pause(n, 1.0), bound);
        assert_eq!(backoff::pause(n, 0.0), Duration::ZERO);
        assert_eq!(backoff::pause(n, 0.5), bound / 2);
    }
    assert_eq!(backoff::pause(u32::MAX, 1.0), secs(5));
}

#[test]
fn repeats_are_a_tenth_of_requests_and_a_few() {
    let mut budget = Budget::default();
    let repeats = (0..1000)
        .filter(|_| {
            budget.earn();
            budget.spend()
        })
        .count();
    assert!((100..=103).contains(&repeats), "{repeats}");
    let mut saved = Budget::default();
    (0..1000).for_each(|_| saved.earn());
    assert_eq!((0..10).filter(|_| saved.spend()).count(), 3);
}

#[test]
fn a_host_that_fails_is_left_alone_and_then_tried_once() {
    let mut breaker = Breaker::default();
    (0..4).for_each(|_| breaker.fail(secs(0), 1.0));
    assert_eq!(breaker.ask(secs(0)), Ok(()));
    breaker.fail(secs(0), 1.0);
    assert_eq!(breaker.ask(secs(1)), Err(secs(4)));
    assert_eq!(breaker.ask(secs(5)), Ok(()));
    // One tries; the others wait for it.
    assert_eq!((breaker.ask(secs(5)), breaker.left(secs(5))), (Err(secs(20)), Some(secs(3))));
    breaker.fail(secs(6), 1.0);
    assert_eq!(breaker.ask(secs(7)), Err(secs(9)));
    // One that tried and was dropped does not hold the door for ever.
    assert_eq!(breaker.ask(secs(16)), Ok(()));
    assert_eq!(breaker.ask(secs(36)), Ok(()));
    breaker.succeed();
    assert_eq!((breaker.ask(secs(47)), breaker.ask(secs(47)), breaker.is_open()), (Ok(()), Ok(()), false));
    // However many were under way when it failed, it is one failure, and a short pause.
    let mut blip = Breaker::default();
    (0..100).for_each(|_| blip.fail(secs(0), 1.0));
    assert_eq!(blip.ask(secs(1)), Err(secs(4)));
    // One that stays dead is tried less often, up to a quarter of a minute apart.
    let (mut dead, mut now) = (blip, secs(5));
    let pauses = [10, 15, 15, 15, 15].map(|pause| {
        assert_eq!(dead.ask(now), Ok(()));
        dead.fail(now, 1.0);
        assert_eq!(dead.ask(now), Err(secs(pause)));
        now += secs(pause);
        pause
    });
    assert_eq!(pauses.len(), 5);
}

/// Two hundred hosts that fail half of the time, asked every ten seconds for an hour.
#[test]
fn two_hundred_hosts_that_flap_are_asked_at_most_a_fifth_more() {
    let mut seed = 42u64;
    let mut random = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as f64 / f64::from(1u32 << 31)
    };
    let (mut asked, mut usual) = (0u32, 0u32);
    for _ in 0..200 {
        let (mut breaker, mut budget) = (Breaker::default(), Budget::default());
        for round in 0..360 {
            usual += 1;
            let now = secs(round * 10);
            let mut tried = 0;
            while breaker.ask(now).is_ok() {
                if tried == 0 {
                    budget.earn();
                }
                (asked, tried) = (asked + 1, tried + 1);
                if random() < 0.5 {
                    breaker.succeed();
                    break;
                }
                breaker.fail(now, random());
                if tried >= 3 || !budget.spend() {
                    break;
                }
            }
        }
    }
    let factor = f64::from(asked) / f64::from(usual);
    assert!(factor <= 1.2, "{factor}");
    assert!(factor > 0.5, "they are still asked: {factor}");
}

#[test]
fn requests_take_their_turn() {
    let mut pace = Pace::default();
    assert!((0..100).all(|_| pace.take(secs(1)) == Duration::ZERO));
    assert_eq!(pace.take(secs(1)), Duration::from_millis(20));
    assert_eq!(pace.take(secs(1)), Duration::from_millis(40));
    assert_eq!(pace.take(secs(10)), Duration::ZERO);
}

#[test]
fn a_host_may_say_how_long_to_wait() {
    let now = at("2026-11-20T12:00:00Z");
    let wait = |text| retry_after::wait(text, now);
    assert_eq!(wait("7"), Some(secs(7)));
    assert_eq!(wait(" 0 "), Some(secs(0)));
    assert_eq!(wait("Fri, 20 Nov 2026 12:01:30 GMT"), Some(secs(90)));
    assert_eq!(wait("Fri, 20 Nov 2026 11:00:00 GMT"), Some(secs(0)));
    assert_eq!(wait("99999999999999999999999"), Some(secs(3600)));
    assert_eq!((wait("soon"), wait("-1"), wait("")), (None, None, None));
}

#[test]
fn the_difference_of_clocks_is_told_to_the_second() {
    let (asked, answered) = (at("2026-11-20T12:00:00.2Z"), at("2026-11-20T12:00:00.6Z"));
    let skew = |date: &str| retry_after::skew(at(date), asked, answered).num_milliseconds();
    assert_eq!(skew("2026-11-20T12:00:00Z"), 0);
    assert_eq!(skew("2026-11-20T12:02:00Z"), 119_400);
    assert_eq!(skew("2026-11-20T11:58:00Z"), -119_200);
}

#[test]
fn what_follows_from_an_answer() {
    let status = |status| next(Outcome::Status(status, None));
    assert!([200, 204, 304].iter().all(|s| status(*s) == Next::Take));
    assert!([301, 400, 401, 403, 404, 409, 422, 501].iter().all(|s| status(*s) == Next::GiveUp));
    assert!([429, 500, 502, 503, 504].iter().all(|s| status(*s) == Next::Again(secs(0))));
    assert_eq!(next(Outcome::Status(429, Some(secs(3)))), Next::Again(secs(3)));
    assert_eq!(next(Outcome::Status(503, Some(secs(300)))), Next::GiveUp);
    assert_eq!(next(Outcome::Broken), Next::Again(secs(0)));
    assert!([200, 201, 204].iter().all(|s| sent(*s) == Sent::Taken));
    assert!([301, 307, 400, 401, 403, 404, 409, 422, 429].iter().all(|s| sent(*s) == Sent::Refused));
    assert!([100, 303, 408, 500, 502, 503, 504, 599].iter().all(|s| sent(*s) == Sent::Unknown));
}

#[test]
fn nesting_is_counted_outside_of_texts() {
    assert_eq!(answer::depth(br#"{"a":["[[[\"[["],"b":1}"#), 2);
    assert_eq!(answer::depth(&[b'['; 100_000]), 100_000);
    assert_eq!(answer::depth(b""), 0);
}
