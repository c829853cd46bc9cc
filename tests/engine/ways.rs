//! The ways out side by side: until when each may begin.

use crate::ground::{deploys, plan, signal_at, span, start};
use crate::world::World;
use crate::{outlook, words};
use chrono::{DateTime, Utc};
use holdpoint::domain::calendar::EventKind;
use holdpoint::domain::trigger::RollsBack;
use holdpoint::engine::ailing::ailing;
use holdpoint::engine::forecast;
use holdpoint::engine::ways::ways;

/// web and db were brought to version 2 in the first two minutes of a window of four hours, api comes next, and errors
/// of web rise.
fn ill() -> World {
    let mut world = World::new();
    world.event(EventKind::Window, "night", (start(), start() + span("4h").delta()), false);
    let steps = [("web", &[][..]), ("db", &[]), ("api", &["web", "db"])];
    world.starts(plan("day", steps.map(|(service, needs)| deploys(service, service, needs)).into()));
    for service in ["web", "db"] {
        let plan = world.ledger.runs.values().next().unwrap().plan.as_ref().clone();
        let command = words::command(&world, &plan, &format!("start {service} confirm"));
        assert_eq!(world.command("kim", &command).refusal, None);
    }
    world.pass(start() + span("2m").delta());
    for service in ["web", "db"] {
        let (intent, report) = words::report(&world, &format!("1/{service} done previous=1"));
        world.report(intent, &report);
    }
    while world.now < start() + span("3m").delta() {
        world.pass(world.now + span("5s").delta());
        world.read(&signal_at("errors@prod"), 0.5, 100);
    }
    world
}

/// Until when web may be led back at the latest, and until when everything.
fn begins(world: &World) -> (DateTime<Utc>, DateTime<Utc>) {
    let (given, run) = (world.given(), world.ledger.runs.values().next());
    let all = ways(&given, run, &forecast::forecast(&given, run.unwrap()), &ailing(&given));
    let [web, set] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!(web.back, Some(RollsBack::One("web".into(), "prod".into())));
    assert_eq!(set.back, Some(RollsBack::Set));
    (web.start_by.unwrap(), set.start_by.unwrap())
}

#[test]
fn a_way_back_begins_in_time_for_the_first_of_its_own_bounds() {
    let mut world = ill();
    let after = |text: &str| start() + span(text).delta();
    // The window, less three minutes at P90 and two of margin; both take longer.
    let (web, set) = begins(&world);
    assert!(web == after("3h55m") && set < web && set > after("3h50m"), "{web} {set}");
    // What is promised of the other is no bound of this one.
    outlook::promises(&mut world, "db back_within=1h");
    assert_eq!(begins(&world), (web, set - span("3h").delta()));
    outlook::promises(&mut world, "web back_within=2h");
    assert_eq!(begins(&world), (after("1h55m"), set - span("3h").delta()));
}
