//! What holds a place and is one of the workspace: found, named, and stopped from undoing a way back.

use crate::seen;
use crate::world::World;
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::plan::{Kind, Need, Plan, Step, Work};
use holdpoint::domain::trigger::RollsBack;
use holdpoint::engine::{owner, rollback};

/// web and db of prod are held by a release; api is that release, and undoes what is changed behind its back.
fn held() -> World {
    let mut world = World::new();
    world.able(Verb::Pause);
    seen::stands_for(&mut world, "api prod helm-release/shop/all");
    for row in [
        "web prod 2 before=1 owner=helm-release/shop/all",
        "db prod 20 before=10 owner=helm-release/shop/all",
        "api prod 7 before=6 reverts=1",
    ] {
        sees(&mut world, row);
    }
    world
}

fn sees(world: &mut World, row: &str) {
    world.hear(seen::seen("rollout", row).unwrap());
}

fn back(world: &World, service: &str) -> Plan {
    let what = RollsBack::One(service.into(), "prod".into());
    rollback::plan(&world.given(), None, &what, None).unwrap()
}

/// What is sent, in order.
fn sends(plan: &Plan) -> Vec<String> {
    plan.steps.iter().filter_map(Step::operation).map(ToString::to_string).collect()
}

fn told(world: &World, service: &str) -> Option<String> {
    back(world, service).steps.iter().filter_map(Step::operation).find_map(|op| owner::told(&world.given(), op))
}

fn holder(world: &World, service: &str, environment: &str) -> Option<String> {
    owner::holder(&world.given(), &service.into(), &environment.into()).map(|holder| holder.service.to_string())
}

#[test]
fn what_would_undo_it_is_stopped_and_named_with_its_own_way_back() {
    let mut world = held();
    let plan = back(&world, "web");
    assert_eq!(sends(&plan), ["pause api prod", "snapshot web prod", "roll-back web prod to=1"]);
    let stops = &plan.steps[0];
    assert!(stops.may_skip && stops.undo == "holdpoint do resume api --env prod", "{stops:?}");
    assert_eq!(stops.title, "Stop api prod (Helm release shop/all) from undoing this");
    let needs = |n: usize| plan.steps[n].needs.clone();
    assert_eq!((needs(1), needs(2)), (vec![], vec![Need::Step("R2".into()), Need::Step("R1".into())]));
    let said = "Helm release shop/all holds web prod: go back there with `holdpoint rollback api --env prod`";
    let undoes = "; it undoes by itself what is changed behind its back";
    assert_eq!(told(&world, "web"), Some(format!("{said}{undoes}")));
    // One that leaves it alone is named, and not stopped.
    sees(&mut world, "api prod 7 before=6");
    assert_eq!(sends(&back(&world, "web")), ["snapshot web prod", "roll-back web prod to=1"]);
    assert_eq!(told(&world, "web").as_deref(), Some(said));
    // Of itself it says nothing.
    assert_eq!(told(&world, "api"), None);
}

#[test]
fn it_is_stopped_once_whatever_it_holds() {
    let mut world = held();
    let steps = ["web", "db"].map(|service| crate::ground::deploys(service, service, &[]));
    world.starts(crate::ground::plan("day", steps.into()));
    for service in ["web", "db"] {
        let plan = world.ledger.runs.values().next().unwrap().plan.as_ref().clone();
        let command = crate::words::command(&world, &plan, &format!("start {service} confirm"));
        assert_eq!(world.command("kim", &command).refusal, None);
        let (intent, report) = crate::words::report(&world, &format!("1/{service} done previous=0"));
        world.report(intent, &report);
    }
    let run = world.ledger.runs.values().next().unwrap();
    let plan = rollback::plan(&world.given(), Some(run), &RollsBack::Set, None).unwrap();
    let sent = sends(&plan);
    assert_eq!(sent.iter().filter(|op| op.starts_with("pause")).count(), 1, "{sent:?}");
    let ways = plan.steps.iter().filter(|step| step.operation().is_some_and(|op| op.verb == Verb::RollBack));
    let ways: Vec<_> = ways.collect();
    assert_eq!(ways.len(), 2, "{sent:?}");
    assert!(ways.iter().all(|step| step.needs.contains(&Need::Step("R1".into()))), "{ways:?}");
}

#[test]
fn where_only_traffic_goes_back_nothing_is_stopped() {
    let mut world = held();
    [Verb::Shift, Verb::Abort].into_iter().for_each(|verb| world.able(verb));
    let args = [("weight".to_owned(), "25".to_owned())].into();
    let shift = Work::Do(Operation { args, ..crate::ground::operation(Verb::Shift, "web", "prod") });
    world.starts(crate::ground::plan("day", vec![crate::ground::step("1", Kind::Action, &[], shift)]));
    let plan = world.ledger.runs.values().next().unwrap().plan.as_ref().clone();
    let command = crate::words::command(&world, &plan, "start 1 confirm");
    assert_eq!(world.command("kim", &command).refusal, None);
    let (intent, report) = crate::words::report(&world, "1/1 done weights=90:10");
    world.report(intent, &report);
    let run = world.ledger.runs.values().next().unwrap();
    let back =
        |to| rollback::plan(&world.given(), Some(run), &RollsBack::One("web".into(), "prod".into()), to).unwrap();
    assert_eq!(sends(&back(None)), ["abort web prod to=90:10", "snapshot web prod"]);
    // Once the version is led back too it would be undone.
    let both = sends(&back(Some("1")));
    assert!(
        both.contains(&"pause api prod".to_owned()) && both.contains(&"roll-back web prod to=1".to_owned()),
        "{both:?}"
    );
}

#[test]
fn only_what_can_be_told_apart_holds_it() {
    let mut world = held();
    assert_eq!(holder(&world, "web", "prod").as_deref(), Some("api"));
    assert_eq!(holder(&world, "web", "stage"), None, "nothing is seen there");
    sees(&mut world, "web stage 2 before=1 owner=helm-release/shop/all");
    assert_eq!(holder(&world, "web", "stage"), None, "it is declared for another environment");
    sees(&mut world, "web prod 2 before=1 owner=helm-release/other/all");
    assert_eq!(holder(&world, "web", "prod"), None, "it is another's");
    sees(&mut world, "web prod 2 before=1 owner=helm-release/shop/all");
    seen::stands_for(&mut world, "db prod helm-release/shop/all");
    assert_eq!(holder(&world, "web", "prod"), None, "of two nobody knows which");
}

#[test]
fn whoever_is_left_out_of_very_many_may_hold_it() {
    let mut world = held();
    sees(&mut world, "web prod 2 before=1 owner=helm-release/other/all more=4");
    let said = "web prod is held by 4 more than are kept: whether one of those undoes this is not known";
    assert_eq!(told(&world, "web").as_deref(), Some(said));
    sees(&mut world, "web prod 2 before=1 owner=helm-release/other/all");
    assert_eq!(told(&world, "web"), None);
}

#[test]
fn what_was_never_seen_or_cannot_be_stopped_is_said_and_holds_nothing_up() {
    let mut world = World::new();
    world.able(Verb::Pause);
    seen::stands_for(&mut world, "api prod helm-release/shop/all");
    sees(&mut world, "web prod 2 before=1 owner=helm-release/shop/all");
    assert_eq!(sends(&back(&world, "web")), ["snapshot web prod", "roll-back web prod to=1"]);
    assert!(told(&world, "web").unwrap().ends_with("is not known"), "{:?}", told(&world, "web"));
    let mut world = held();
    world.unable(Verb::Pause);
    assert_eq!(sends(&back(&world, "web")), ["snapshot web prod", "roll-back web prod to=1"]);
    assert!(told(&world, "web").unwrap().ends_with("behind its back"));
    // One that can be neither stopped nor gone back with is nothing to choose.
    world.unable(Verb::RollBack);
    assert_eq!(holder(&world, "web", "prod"), None);
}
