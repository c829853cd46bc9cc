//! Plans of two thousand steps: what follows by itself stays quick enough to
//! keep up with keys. Work is counted in lines and turns; the time is a wide
//! guard against what grows with the square of the plan.

use crate::ground;
use crate::trial::trial;
use crate::words;
use crate::world::World;
use holdpoint::domain::name::RunId;
use holdpoint::domain::operation::Verb;
use holdpoint::domain::plan::{Kind, Step, Work};
use holdpoint::domain::span::Span;
use holdpoint::engine::{advance, next_wake};
use std::time::{Duration, Instant};

const STEPS: usize = 2_000;

fn world(steps: Vec<Step>) -> World {
    let mut world = World::new();
    world.laws = false;
    // A year of nightly windows, and a hundred freezes.
    let nights = (0..366).map(|n| world.now + Span::mins(60 * (24 * n + 1)).delta());
    let nights: Vec<_> = nights.map(|from| (from, from + Span::mins(120).delta())).collect();
    world.event(holdpoint::domain::calendar::EventKind::Window, "night", nights[0], false);
    world.workspace.calendar.events[0].occurrences = nights;
    let plan = ground::plan("many", steps);
    let actor = "ana";
    let command = words::command(&world, &plan, "run");
    world.command(actor, &command);
    world
}

#[test]
fn in_two_thousand_steps_each_passes_quickly() {
    trial(|| {
        let names: Vec<_> = (0..STEPS).map(|n| n.to_string()).collect();
        let steps = (0..STEPS).map(|n| {
            let needs: Vec<&str> = n.checked_sub(1).map(|b| names[b].as_str()).into_iter().collect();
            ground::step(&names[n], Kind::Manual, &needs, Work::Ask(holdpoint::domain::plan::Question::Done))
        });
        let mut world = world(steps.collect());
        let began = Instant::now();
        for name in &names[..200] {
            let command = words::command(&world, &ground::plan("many", vec![]), &format!("done {name}"));
            world.command("ana", &command);
        }
        assert_eq!(world.ledger.run(RunId(1)).unwrap().progress(), (200, STEPS));
        assert!(began.elapsed() < Duration::from_secs(20), "{:?} for 200 steps", began.elapsed());
    });
}

#[test]
fn two_thousand_steps_held_at_once_are_one_line_and_a_quick_look() {
    trial(|| {
        let steps = (0..STEPS).map(|n| {
            let environment = format!("place-{n}");
            ground::step(
                &n.to_string(),
                Kind::Action,
                &[],
                Work::Do(ground::operation(Verb::Deploy, "web", &environment)),
            )
        });
        let world = world(steps.collect());
        assert!(world.ledger.seq < 10, "what holds many steps is one line, not {}", world.ledger.seq);
        let session = world.sessions["ana"];
        let began = Instant::now();
        assert!(advance(&world.given(), session).is_empty());
        assert!(next_wake(&world.given(), session).is_some());
        assert!(began.elapsed() < Duration::from_secs(8), "{:?} for one look", began.elapsed());
    });
}
