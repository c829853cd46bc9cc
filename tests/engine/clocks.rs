//! Clocks that differ, beyond the days of `scenarios`: what `may` answers, and runs that take back.

use crate::ground::{self, operation, plan, step};
use crate::words;
use crate::world::World;
use chrono::{DateTime, TimeDelta, Utc};
use holdpoint::domain::calendar::EventKind;
use holdpoint::domain::entry::By;
use holdpoint::domain::fact::Fact;
use holdpoint::domain::name::RunId;
use holdpoint::domain::observed::Observation;
use holdpoint::domain::operation::Verb;
use holdpoint::domain::plan::{Kind, Start, Work};
use holdpoint::domain::verdict::{Level, Verdict};
use holdpoint::engine::{next_wake, readiness};
use holdpoint::report::may::{self, Answer};
use proptest::prelude::*;

fn tells(world: &mut World, ahead: i64) {
    world.hear_from("sh", Ok(Observation::Clock(TimeDelta::seconds(ahead))));
}

/// A freeze from 03:00 to 04:00; it is 02:00.
fn frozen() -> World {
    let mut world = World::new();
    let at = |hours| world.now + TimeDelta::hours(hours);
    let span = (at(1), at(2));
    world.event(EventKind::Freeze, "Payday", span, false);
    world
}

fn ask(world: &World, action: &str, at: DateTime<Utc>) -> Answer {
    let given = world.given();
    may::ask(&given, may::Subject::named(&given, action, "web", "stage").unwrap(), at)
}

#[test]
fn who_asks_whether_one_may_is_told_of_a_clock_that_differs() {
    let mut world = frozen();
    let (now, minute) = (world.now, TimeDelta::minutes(1));
    tells(&mut world, 600);
    // The edge is far away; nothing is said.
    let far = ask(&world, "deploy", now);
    assert_eq!((far.verdict.level, far.closes), (Level::Pass, Some(now + minute * 49)));
    let near = ask(&world, "deploy", now + minute * 49);
    assert_eq!((near.verdict.level, near.opens, near.closes), (Level::Unknown, Some(now + minute * 131), None));
    let why = near.verdict.reasons[0].text.clone();
    let words = "wait until 04:11Z or mend a clock: that of sh is 10m00 ahead of ours, \
                 so nobody knows whether it is past 03:00Z, when it shuts (freeze Payday)";
    assert_eq!(why, words);
    // Shut by either clock, and no more than that once it is open by either.
    let shut = ask(&world, "deploy", now + minute * 71);
    assert_eq!((shut.verdict.level, shut.opens), (Level::Hold, Some(now + minute * 131)));
    assert_eq!(ask(&world, "roll-back", now).closes, None);
    for action in ["roll-back", "abort", "snapshot"] {
        assert_eq!(ask(&world, action, now + minute * 49).verdict.level, Level::Pass, "{action}");
    }
    tells(&mut world, 0);
    assert_eq!(ask(&world, "deploy", now + minute * 49).verdict.level, Level::Pass);
}

#[test]
fn a_difference_of_years_waits_for_nothing_but_the_clock() {
    let mut world = frozen();
    tells(&mut world, -50 * 366 * 86_400);
    let answer = ask(&world, "deploy", world.now);
    assert_eq!((answer.verdict.level, answer.opens), (Level::Unknown, None));
    assert!(answer.verdict.reasons[0].text.starts_with("mend a clock: that of sh is "), "{answer:?}");
    // However far the edge is; and where nothing is ever shut a clock matters to nobody.
    assert_eq!(ask(&world, "deploy", world.now + TimeDelta::days(30)).verdict.level, Level::Unknown);
    assert_eq!(ask(&world, "roll-back", world.now).verdict.level, Level::Pass);
    let mut free = World::new();
    tells(&mut free, -50 * 366 * 86_400);
    assert_eq!(ask(&free, "deploy", free.now).verdict.level, Level::Pass);
}

#[test]
fn one_waits_until_it_is_open_by_either_clock_and_for_no_opening_that_is_too_short() {
    let mut world = World::new();
    let at = |hours| ground::start() + TimeDelta::hours(hours);
    world.event(EventKind::Window, "short", (at(0), at(2)), false);
    world.event(EventKind::Window, "long", (at(3), at(9)), false);
    // Two hours after the first one has opened it is about to shut by the other clock.
    tells(&mut world, -3600);
    let answer = ask(&world, "deploy", at(0));
    assert_eq!(answer.opens, Some(at(4) + TimeDelta::minutes(1)), "{answer:?}");
    tells(&mut world, -3500);
    assert_eq!(ask(&world, "deploy", at(0)).opens, Some(at(0) + TimeDelta::seconds(3560)));
}

#[test]
fn who_drives_looks_again_when_an_edge_comes_near_and_when_it_is_far_again() {
    let mut world = frozen();
    let mut deploy = step("1", Kind::Action, &[], Work::Do(operation(Verb::Deploy, "web", "stage")));
    deploy.start = Start::Person;
    world.starts(plan("day", vec![deploy]));
    tells(&mut world, 600);
    let session = world.session("ana");
    let mut looks = Vec::new();
    while let Some(next) = next_wake(&world.given(), session).filter(|_| looks.len() < 20) {
        looks.push((next - ground::start()).num_minutes());
        world.pass(next);
    }
    // Around 03:00 and 04:00, by more than the clocks differ.
    assert!([49, 71, 109, 131].iter().all(|at| looks.contains(at)), "{looks:?}");
}

/// A deploy of web whose gate is a window of this service that opened a moment ago.
fn gated(service: &str) -> World {
    let mut world = World::new();
    let mut deploy = step("1", Kind::Action, &[], Work::Do(operation(Verb::Deploy, "web", "prod")));
    deploy.gate = Some(words::gate(&format!("window {service}@prod")));
    let span = (world.now, world.now + TimeDelta::hours(3));
    world.event(EventKind::Window, "night", span, false);
    world.workspace.calendar.events[0].services = vec![service.into()];
    world.starts(plan("day", vec![deploy]));
    tells(&mut world, 600);
    world
}

fn judged(world: &World) -> Verdict {
    let run = world.ledger.run(RunId(1)).unwrap();
    readiness::judge(&world.given(), run, run.plan.step(&"1".into()).unwrap()).verdict
}

#[test]
fn a_run_that_takes_back_waits_for_no_clock_in_the_gate_of_a_window_either() {
    let mut world = gated("api");
    assert_eq!(judged(&world).level, Level::Unknown);
    let by = By { person: "ana".into(), session: world.session("ana") };
    let symptom = Fact::Symptom { run: RunId(1), text: "checkout fails".to_owned() };
    world.laws = false;
    world.append(by, "it is a way back", Ok(vec![symptom]));
    assert!(judged(&world).passes(), "{:?}", judged(&world));
}

#[test]
fn what_the_calendar_of_the_place_says_of_a_clock_its_gate_does_not_say_again() {
    let forward = judged(&gated("web"));
    assert_eq!((forward.level, forward.reasons.len()), (Level::Unknown, 1), "{forward:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_told_to_open_and_close_is_when_it_is_let_through(
        ahead in -90i64..90,
        events in prop::collection::vec((any::<bool>(), 0i64..300, 1i64..120), 1..4),
        from in 0i64..300,
    ) {
        let mut world = World::new();
        let at = |minutes| ground::start() + TimeDelta::minutes(minutes);
        for (freeze, begins, lasts) in events {
            let kind = if freeze { EventKind::Freeze } else { EventKind::Window };
            world.event(kind, "some", (at(begins), at(begins + lasts)), false);
        }
        tells(&mut world, ahead * 60);
        let answer = ask(&world, "deploy", at(from));
        let passes = |minute: &i64| ask(&world, "deploy", at(*minute)).verdict.passes();
        // No edge is later than 420, and none bears on anything by an hour and a half and a minute after that.
        let first = |wanted: bool| (from..=520).find(|minute| passes(minute) == wanted).map(at);
        let told = (answer.opens, answer.closes);
        let wanted = if answer.verdict.passes() { (None, first(false)) } else { (first(true), None) };
        prop_assert_eq!(told, wanted);
    }
}
