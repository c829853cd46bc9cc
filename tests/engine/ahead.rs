//! What would lead back what is still ahead, and what is not known of it.

use crate::ground::{deploys, operation, plan, step};
use crate::words;
use crate::world::World;
use chrono::TimeDelta;
use holdpoint::domain::observed::{Deployment, Observation};
use holdpoint::domain::operation::Verb;
use holdpoint::domain::plan::{Kind, Question, Step, Work};
use holdpoint::domain::session::SessionId;
use holdpoint::engine::ahead::{Way, asked, ways};

fn does(world: &mut World, what: &str) {
    let plan = world.ledger.runs.values().next().unwrap().plan.as_ref().clone();
    let command = words::command(world, &plan, what);
    assert_eq!(world.command("kim", &command).refusal, None, "{what}");
}

/// web in prod as it is now.
fn live(world: &mut World, version: &str, candidate: Option<&str>) {
    let candidate = candidate.map(str::to_owned);
    let live = Deployment { version: version.to_owned(), candidate, ..Deployment::default() };
    world.see(Observation::Deployment(("web".into(), "prod".into()), live.into()));
}

/// A deploy of a version, and each step after the one before.
fn brings(name: &str, verb: Verb, version: &str) -> Step {
    let mut step = deploys(name, "web", &[]);
    let Work::Do(op) = &mut step.work else { panic!("no operation") };
    op.verb = verb;
    op.args = [("version".to_owned(), version.to_owned())].into();
    step
}

/// The way back of each step of the first run, in words.
fn said(world: &World) -> Vec<String> {
    let run = world.ledger.runs.values().next().unwrap();
    let words = |way: Way| match way {
        Way::Asked(asked) => format!("{} after {}", asked.operation, asked.changes),
        Way::None(why) => format!("none: {why}"),
        Way::Unknown(why) => format!("unknown: {why}"),
        Way::Unseen => "unseen".to_owned(),
    };
    ways(&world.given(), run).into_iter().map(|(step, way)| format!("{step} {}", words(way))).collect()
}

#[test]
fn what_is_ahead_leads_back_to_what_is_there_now_past_as_many_changes_as_lie_between() {
    let mut world = World::new();
    let look = step("0", Kind::Manual, &[], Work::Ask(Question::Done));
    let mut steps = vec![look, brings("1", Verb::Deploy, "2.0"), brings("2", Verb::Promote, "")];
    steps.extend([brings("3", Verb::Deploy, "2.1"), brings("4", Verb::Snapshot, "")]);
    world.starts(plan("day", steps));
    assert_eq!(said(&world), ["1 unseen", "2 unseen", "3 unseen"], "evidence is no change");
    live(&mut world, "1.0", None);
    let back = "roll-back web prod to=1.0 after";
    assert_eq!(said(&world), [format!("1 {back} 1"), format!("2 {back} 1"), format!("3 {back} 2")]);
    let driver = world.ledger.driver(world.ledger.runs.values().next().unwrap()).unwrap();
    assert_eq!(asked(&world.given(), driver).len(), 2, "each once");
    assert!(asked(&world.given(), SessionId(driver.0 + 1)).is_empty(), "whoever does not drive asks nobody");
    // Where it has been changed, what was there before the run is what everything leads back to.
    does(&mut world, "start 1 confirm");
    live(&mut world, "1.0", Some("2.0"));
    assert_eq!(said(&world), [format!("2 {back} 1"), format!("3 {back} 2")], "it is on its way by ourselves");
    let (intent, report) = words::report(&world, "1/1 done previous=1.0 version=2.0");
    world.report(intent, &report);
    live(&mut world, "2.0", None);
    assert_eq!(said(&world), [format!("3 {back} 2")], "of what stands the other look is asked");
    does(&mut world, "rollback web prod confirm errors");
    assert!(asked(&world.given(), driver).is_empty(), "it is being taken back");
}

#[test]
fn what_is_not_known_leads_nowhere_and_what_certainly_has_no_way_back_says_why() {
    let mut world = World::new();
    let nine = brings("2", Verb::Deploy, "9.0");
    let twin = Step { work: Work::Do(operation(Verb::Deploy, "db", "prod")), ..deploys("3", "db", &[]) };
    world.starts(plan("day", vec![brings("1", Verb::Deploy, "2.0"), nine, twin]));
    let never = "2 none: by what the catalogue says, web 9.0: 1.0 cannot read its rows";
    live(&mut world, "1.0", Some("1.5"));
    assert_eq!(said(&world)[..2], ["1 unknown: 1.5 is being brought there now", never]);
    live(&mut world, "", None);
    assert_eq!(said(&world)[0], "1 unknown: which version is there now is not told");
    live(&mut world, "1.0", None);
    assert_eq!(said(&world)[0], "1 roll-back web prod to=1.0 after 1");
    world.now += TimeDelta::minutes(10);
    assert!(said(&world)[0].starts_with("1 unknown: what is there now was last seen at 02:0"), "{:?}", said(&world));
    let service = world.workspace.services.get_mut("db").unwrap();
    service.deployed_by.clear();
    assert_eq!(said(&world)[2], "3 none: no backend deploys db in prod");
}
