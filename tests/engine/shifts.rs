//! Traffic that was shifted goes back with what else a run has changed: first, and to the weights before.

use crate::ground::{operation, plan, step};
use crate::words;
use crate::world::World;
use holdpoint::domain::backend::{BackendKind, Script};
use holdpoint::domain::observed::{Deployment, Observation};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::plan::{Kind, Step, Work};
use holdpoint::domain::span::Span;
use holdpoint::engine::run::{Run, State};

/// A world whose scripts shift traffic too, and take it away again where `aborts`.
fn world(aborts: bool) -> World {
    let mut world = World::new();
    for backend in world.workspace.backends.values_mut() {
        let BackendKind::Command(spec) = &mut backend.kind else { continue };
        let verbs = [Verb::Shift, Verb::Abort].into_iter().filter(|verb| aborts || *verb == Verb::Shift);
        spec.verbs.extend(verbs.map(|verb| {
            let argv = vec![verb.word().to_owned()];
            (verb, Script { argv, limit: Span::mins(1), not_applied: vec![], idempotent: false })
        }));
    }
    world
}

fn does(name: &str, needs: &[&str], verb: Verb, arg: (&str, &str)) -> Step {
    let args = [(arg.0.to_owned(), arg.1.to_owned())].into();
    step(name, Kind::Action, needs, Work::Do(Operation { args, ..operation(verb, "web", "stage") }))
}

fn says(world: &mut World, report: &str) {
    let (intent, report) = words::report(world, report);
    world.report(intent, &report);
}

fn rolls_back(world: &mut World, what: &str) {
    let command = words::command(world, &plan("day", vec![]), what);
    assert_eq!(world.command("kim", &command).refusal, None, "{what}");
}

fn run(world: &World, n: u32) -> &Run {
    world.ledger.runs.values().find(|run| run.id.0 == n).unwrap()
}

/// What a way back sends, and what is done by hand, in its order.
fn steps(world: &World, n: u32) -> Vec<String> {
    let word = |step: &Step| step.operation().map_or_else(|| step.title.clone(), ToString::to_string);
    run(world, n).plan.steps.iter().map(word).collect()
}

#[test]
fn traffic_alone_goes_back_to_the_weights_before_the_first_shift() {
    let mut world = world(true);
    let shifts = vec![
        does("1", &[], Verb::Shift, ("weight", "10")),
        does("2", &["1"], Verb::Shift, ("weight", "50")),
        does("3", &["2"], Verb::Shift, ("weight", "100")),
    ];
    world.starts(plan("day", shifts));
    says(&mut world, "1 done weights=90:10");
    says(&mut world, "2 partly 0 1 weights=75:25");
    world.freeze("a freeze", Span::mins(60), false);
    rolls_back(&mut world, "rollback web stage confirm errors");
    assert_eq!(steps(&world, 2), ["abort web stage to=90:10", "snapshot web stage"], "no version was changed");
    assert!(run(&world, 2).steps["R1"].intent.is_some(), "it is not held by a freeze");
    says(&mut world, "2/R1 done");
    let changed = &run(&world, 1).changed;
    assert!(changed.len() == 2 && changed.iter().all(|change| change.taken_back.is_some()), "{changed:?}");
    assert_eq!(run(&world, 1).steps["1"].state, State::RolledBack);
}

#[test]
fn traffic_goes_back_before_the_version_does() {
    let mut world = world(true);
    world.starts(plan(
        "day",
        vec![does("1", &[], Verb::Deploy, ("version", "2")), does("2", &["1"], Verb::Shift, ("weight", "25"))],
    ));
    says(&mut world, "1 done previous=1 version=2");
    says(&mut world, "2 done weights=100:0");
    rolls_back(&mut world, "rollback set confirm errors");
    assert_eq!(steps(&world, 2), ["abort web stage to=100:0", "snapshot web stage", "roll-back web stage to=1"]);
    says(&mut world, "2/R1 done");
    assert!(run(&world, 1).changed.iter().all(|change| change.taken_back.is_none()), "the version stands");
    says(&mut world, "2/R2 done");
    says(&mut world, "2/R3 done");
    assert!(run(&world, 1).changed.iter().all(|change| change.taken_back.is_some()));
}

#[test]
fn where_the_weights_are_not_known_traffic_leaves_what_is_new() {
    let mut world = world(true);
    world.starts(plan("day", vec![does("1", &[], Verb::Shift, ("weight", "25"))]));
    says(&mut world, "1 done");
    rolls_back(&mut world, "rollback web stage confirm errors");
    assert_eq!(steps(&world, 2), ["abort web stage", "snapshot web stage"]);
    // One that is under way may have happened.
    let mut world = self::world(true);
    world.starts(plan("day", vec![does("1", &[], Verb::Shift, ("weight", "25"))]));
    rolls_back(&mut world, "rollback set confirm errors");
    assert_eq!(steps(&world, 2), ["abort web stage", "snapshot web stage"]);
}

#[test]
fn what_a_backend_does_not_take_away_is_done_by_hand_after_every_other_way_back() {
    let mut world = world(false);
    world.starts(plan("day", vec![does("1", &[], Verb::Shift, ("weight", "25"))]));
    says(&mut world, "1 done");
    rolls_back(&mut world, "rollback web stage confirm errors");
    let by_hand = "Give web stage back the traffic it had, by hand: sh cannot";
    assert_eq!(steps(&world, 2), [by_hand, "snapshot web stage"]);
    let mut world = self::world(false);
    let deploy = does("2", &["1"], Verb::Deploy, ("version", "2"));
    world.starts(plan("day", vec![does("1", &[], Verb::Shift, ("weight", "25")), deploy]));
    says(&mut world, "1 done");
    says(&mut world, "2 done previous=1 version=2");
    rolls_back(&mut world, "rollback set confirm errors");
    assert_eq!(steps(&world, 2), ["snapshot web stage", "roll-back web stage to=1", by_hand]);
}

#[test]
fn an_abort_in_the_run_itself_takes_its_shift_back_and_no_version() {
    let mut world = world(true);
    let abort = does("2", &["1"], Verb::Abort, ("version", ""));
    world.starts(plan("day", vec![does("1", &[], Verb::Shift, ("weight", "25")), abort]));
    says(&mut world, "1 done weights=100:0");
    says(&mut world, "2 done");
    assert!(run(&world, 1).changed[0].taken_back.is_some());
    let mut world = self::world(true);
    let abort = does("2", &["1"], Verb::Abort, ("version", ""));
    world.starts(plan("day", vec![does("1", &[], Verb::Deploy, ("version", "2")), abort]));
    says(&mut world, "1 done previous=1");
    says(&mut world, "2 done");
    assert_eq!(run(&world, 1).changed[0].taken_back, None);
}

#[test]
fn a_version_that_is_being_brought_goes_back_with_the_traffic() {
    let mut world = world(true);
    let brings =
        vec![does("1", &[], Verb::Shift, ("weight", "10")), does("2", &["1"], Verb::Deploy, ("version", "2.0"))];
    world.see(Observation::Deployment(
        ("web".into(), "stage".into()),
        Deployment { version: "1.0".to_owned(), history: vec!["0.9".to_owned()], ..Deployment::default() }.into(),
    ));
    world.starts(plan("day", brings));
    says(&mut world, "1 done weights=90:10");
    rolls_back(&mut world, "rollback web stage confirm errors");
    let sent = steps(&world, 2);
    assert_eq!(sent[..3], ["abort web stage to=90:10", "snapshot web stage", "roll-back web stage to=1.0"], "{sent:?}");
}
