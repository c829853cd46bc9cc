//! What would be sent to take back all that live runs have changed.

use crate::ground::{deploys, plan, step};
use crate::words;
use crate::world::World;
use holdpoint::domain::observed::{Deployment, Observation};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::plan::{Kind, Question, Work};
use holdpoint::domain::session::SessionId;
use holdpoint::engine::rollback;

fn sent(world: &World) -> Vec<String> {
    operations(world).iter().map(ToString::to_string).collect()
}

/// Of the session that drives the first run, and of nobody else's.
fn operations(world: &World) -> Vec<Operation> {
    let run = world.ledger.runs.values().next().unwrap();
    let driver = world.ledger.driver(run).unwrap();
    let other = SessionId(driver.0 + 1);
    assert!(rollback::operations(&world.given(), other).is_empty());
    rollback::operations(&world.given(), driver)
}

fn does(world: &mut World, what: &str) {
    let nothing = plan("day", vec![]);
    let plan = world.ledger.runs.values().next().map_or(nothing, |run| run.plan.as_ref().clone());
    let command = words::command(world, &plan, what);
    assert_eq!(world.command("kim", &command).refusal, None, "{what}");
}

#[test]
fn it_is_of_what_live_runs_have_changed_and_of_nothing_that_is_taken_back() {
    let mut world = World::new();
    let look = step("2", Kind::Manual, &["1"], Work::Ask(Question::Done));
    world.starts(plan("day", vec![deploys("1", "web", &[]), look]));
    let live = Deployment { version: "1".to_owned(), history: vec!["1".to_owned()], ..Deployment::default() };
    world.see(Observation::Deployment(("web".into(), "prod".into()), live.into()));
    assert!(sent(&world).is_empty(), "nothing has changed");
    does(&mut world, "start 1 confirm");
    let (intent, report) = words::report(&world, "1/1 done");
    world.report(intent, &report);
    let live = Deployment { version: "2".to_owned(), history: vec!["1".to_owned()], ..Deployment::default() };
    world.see(Observation::Deployment(("web".into(), "prod".into()), live.into()));
    assert_eq!(sent(&world), ["roll-back web prod to=1"], "evidence that is taken first leads nowhere");
    assert!(operations(&world).iter().all(|operation| operation.verb == Verb::RollBack));
    does(&mut world, "rollback web prod confirm errors");
    assert!(sent(&world).is_empty(), "it is under way");
}
