//! Whose events are asked for when: few enough, in turn, and not what may not be read.

use holdpoint::backend::kubernetes::answer::Unanswered;
use holdpoint::backend::kubernetes::rounds::{Rounds, Went};
use holdpoint::domain::observed::Placed;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

fn place(n: usize) -> Placed {
    (format!("s{n}").as_str().into(), "prod".into())
}

/// Who is asked within a time, when each answers at once.
fn asked(rounds: &mut Rounds, began: Instant, long: Duration, went: &Went) -> BTreeMap<String, Vec<Duration>> {
    let mut asked: BTreeMap<String, Vec<Duration>> = BTreeMap::new();
    let mut clock = began;
    while let Some((at, namespace)) = rounds.next().map(|(at, name)| (at.max(clock), name.to_owned())) {
        clock = at;
        if at > began + long {
            break;
        }
        rounds.asked(&namespace, at);
        rounds.went(&namespace, went);
        asked.entry(namespace).or_default().push(at - began);
    }
    asked
}

#[test]
fn five_hundred_that_are_not_well_take_a_small_share_and_turns() {
    let (mut rounds, now) = (Rounds::default(), Instant::now());
    (0..500).for_each(|n| rounds.note(&format!("n{n}"), &place(n), true, now));
    let minutes = Duration::from_secs(300);
    let all = asked(&mut rounds, now, minutes, &Went::New);
    let sum: usize = all.values().map(Vec::len).sum();
    assert!((1400..=1500).contains(&sum), "{sum} in five minutes: at most five a second");
    assert_eq!(all.len(), 500, "each has its turn");
    assert!(all.values().all(|times| times.len() >= 2), "nobody waits for another's third turn");
}

#[test]
fn many_in_one_namespace_are_asked_for_together_and_seldom() {
    let (mut rounds, now) = (Rounds::default(), Instant::now());
    (0..500).for_each(|n| rounds.note("payments", &place(n), true, now));
    let minute = Duration::from_secs(60);
    let all = asked(&mut rounds, now, minute, &Went::New);
    let times = &all["payments"];
    assert_eq!(times.len(), 6);
    assert!(times[0] >= Duration::from_secs(2), "what is said of it is written a moment later");
    assert!(times.windows(2).all(|two| two[1] - two[0] >= Duration::from_secs(10)));
    // What says nothing new is asked for less often, until something else goes wrong.
    let began = now + minute;
    let all = asked(&mut rounds, began, Duration::from_secs(600), &Went::Same);
    assert!(all["payments"].len() <= 13, "{all:?}");
    let began = began + Duration::from_secs(600);
    rounds.note("payments", &place(501), true, began);
    let all = asked(&mut rounds, began, Duration::from_secs(9), &Went::New);
    assert_eq!(all["payments"], [Duration::ZERO]);
}

#[test]
fn nobody_is_asked_about_what_is_well() {
    let (mut rounds, now) = (Rounds::default(), Instant::now());
    assert!(rounds.next().is_none());
    rounds.note("payments", &place(1), true, now);
    rounds.note("payments", &place(2), true, now);
    rounds.note("payments", &place(1), false, now);
    assert!(rounds.next().is_some());
    rounds.note("payments", &place(2), false, now);
    assert!(rounds.next().is_none());
    // Unwell again: no sooner than ten seconds after it was asked for.
    rounds.note("payments", &place(2), true, now);
    rounds.asked("payments", now);
    rounds.forget();
    assert!(rounds.next().is_none());
    rounds.note("payments", &place(2), true, now);
    assert_eq!(rounds.next().unwrap().0, now + Duration::from_secs(10));
}

#[test]
fn only_what_the_api_does_not_let_anybody_read_is_refused() {
    for code in [403, 404, 405] {
        assert!(matches!(Went::of(&Unanswered::api(code, b"", None)), Went::Refused), "{code}");
    }
    for error in [Unanswered::api(401, b"", None), Unanswered::api(500, b"", None), Unanswered::NotSent(String::new())]
    {
        assert!(matches!(Went::of(&error), Went::Failed(Duration::ZERO)), "{error:?}");
    }
    assert!(matches!(Went::of(&Unanswered::api(429, b"", Some(7))), Went::Failed(wait) if wait.as_secs() == 7));
}

#[test]
fn what_may_not_be_read_is_left_alone_and_what_fails_for_a_while() {
    let (mut rounds, now) = (Rounds::default(), Instant::now());
    rounds.note("payments", &place(1), true, now);
    let hour = Duration::from_secs(3600);
    assert_eq!(asked(&mut rounds, now, hour, &Went::Refused)["payments"].len(), 6);
    let began = now + hour;
    let failed = asked(&mut rounds, began, hour, &Went::Failed(Duration::ZERO));
    assert!(failed["payments"].len() <= 16, "{failed:?}");
}
