//! An open hold point or poll as it is shown: what a go lets through, what
//! stands, what it rests on and what is missing.

use crate::ground::{deploys, plan, signal_at, span, start, step, trigger};
use crate::words;
use crate::world::World;
use chrono::TimeDelta;
use holdpoint::domain::name::RunId;
use holdpoint::domain::plan::{Kind, Plan, Question, Step, Work};
use holdpoint::domain::report::{Receipt, Report};
use holdpoint::domain::trigger::Trigger;
use holdpoint::domain::verdict::Level;
use holdpoint::engine::hold_point::{HoldPoint, hold_point};
use holdpoint::engine::people::Ballot;

fn asks(name: &str, kind: Kind, needs: &[&str], question: Question) -> Step {
    step(name, kind, needs, Work::Ask(question))
}

/// 1 poll → 2 deploy → 3 by hand; 2 → 5 cannot be taken back; 3 and 5 → 4 hold → 6. 7 needs 8 too, which waits for nobody's poll.
fn day() -> Plan {
    let evidence = vec![signal_at("errors@prod"), signal_at("slow@prod")];
    let poll = Question::Poll { roles: vec!["qa".into(), "business".into()], evidence, closes: span("10m") };
    let manual = |name: &str, needs: &[&str]| asks(name, Kind::Manual, needs, Question::Done);
    let release = Question::Release { roles: vec!["ops".into()], decide_by: None };
    let steps = vec![
        // Behind its needs in the plan, before them in the file.
        manual("3", &["2"]),
        asks("1", Kind::Poll, &[], poll),
        deploys("2", "web", &["1"]),
        asks("4", Kind::Hold, &["3", "5"], release),
        Step { point_of_no_return: true, ..manual("5", &["2"]) },
        manual("6", &["4"]),
        manual("7", &["1", "8"]),
        manual("8", &[]),
    ];
    let mut plan = plan("train", steps);
    plan.triggers = vec![Trigger { agreed_at: Some("1".into()), ..trigger() }];
    plan
}

fn polled() -> (World, Plan) {
    let mut world = World::new();
    let plan = day();
    world.starts(plan.clone());
    for signal in ["errors@prod", "slow@prod"] {
        world.read(&signal_at(signal), 0.004, 1000);
    }
    (world, plan)
}

fn say(world: &mut World, plan: &Plan, who: &str, text: &str) {
    let command = words::command(world, plan, text);
    assert_eq!(world.command(who, &command).refusal, None, "{who} {text}");
}

#[track_caller]
fn point(world: &World, name: &str, look: impl FnOnce(&HoldPoint<'_>)) {
    let run = world.ledger.run(RunId(1)).unwrap();
    look(&hold_point(&world.given(), run, run.plan.step(&name.into()).unwrap()).unwrap());
}

#[test]
fn a_go_lets_through_what_waits_for_it_alone_up_to_where_people_are_asked_again() {
    let (world, _) = polled();
    point(&world, "1", |point| {
        let through: Vec<_> = point.lets_through.iter().map(|step| step.name.as_str()).collect();
        assert_eq!(through, ["3", "2", "5"], "in the order of the file; 7 waits for 8 too");
        assert_eq!(point.until.unwrap().name.as_str(), "4");
        assert_eq!(point.no_return().unwrap().as_str(), "5");
        assert_eq!(point.agrees_to.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(), ["T1"]);
        assert!(point.stands.is_empty(), "nothing has been changed yet");
        assert_eq!(point.decide_by, Some(start() + TimeDelta::minutes(10)), "silence is no from then on");
    });
    let run = world.ledger.run(RunId(1)).unwrap();
    for name in ["2", "4", "8"] {
        assert!(hold_point(&world.given(), run, run.plan.step(&name.into()).unwrap()).is_none(), "{name} asks nothing");
    }
}

#[test]
fn what_is_missing_is_said_until_every_role_says_go_on_the_evidence() {
    let (mut world, plan) = polled();
    let missing = |world: &World, expected: &[&str]| {
        point(world, "1", |point| assert_eq!(point.so_far().missing, expected, "{:?}", point.ballots));
    };
    missing(&world, &["qa, business silent"]);
    say(&mut world, &plan, "tom", "vote 1 qa no-go");
    missing(&world, &["qa says NO-GO", "business silent"]);
    say(&mut world, &plan, "bo", "vote 1 business go-if fx is fresh");
    missing(&world, &["qa says NO-GO", "1 condition open"]);
    // A signal that fails is another evidence: who said go on the old one votes again.
    for _ in 0..10 {
        let next = world.now + TimeDelta::seconds(5);
        world.pass(next);
        world.read(&signal_at("errors@prod"), 0.9, 3000);
        world.read(&signal_at("slow@prod"), 0.004, 3000);
    }
    missing(&world, &["qa says NO-GO", "business votes again"]);
    point(&world, "1", |point| {
        let levels: Vec<_> = point.evidence.iter().map(|(at, v)| (at.to_string(), v.level)).collect();
        assert_eq!(levels[0], ("errors@prod".to_owned(), Level::Fail), "the worst first: {levels:?}");
        assert_eq!(point.ballots[1].2, Ballot::Stale);
        assert!(point.digest.is_some());
    });
    let next = world.now + TimeDelta::minutes(5);
    world.pass(next);
    // What nobody can read speaks for nothing, and against nobody's vote.
    missing(&world, &["qa says NO-GO", "2 of 2 signals not known", "1 condition open"]);
}

#[test]
fn a_hold_point_says_who_releases_it_and_what_stands() {
    let (mut world, plan) = polled();
    say(&mut world, &plan, "tom", "vote 1 qa go");
    say(&mut world, &plan, "bo", "vote 1 business go");
    say(&mut world, &plan, "ana", "start 2 confirm");
    let intent = *world.ledger.sent.keys().next_back().unwrap();
    let detail = [("previous".to_owned(), "1".to_owned()), ("version".to_owned(), "2".to_owned())].into();
    world.report(intent, &Report::Done(Receipt { summary: "done".to_owned(), detail, output: None }));
    say(&mut world, &plan, "ana", "done 3");
    say(&mut world, &plan, "ana", "done 5");
    point(&world, "4", |point| {
        assert!(!point.poll && point.digest.is_none());
        assert_eq!(point.so_far().missing, ["ops releases it"]);
        let stands: Vec<_> = point.stands.iter().map(|c| (c.service.as_str(), c.to.as_deref())).collect();
        assert_eq!(stands, [("web", Some("2"))]);
        let seen: Vec<_> = point.evidence.iter().map(|(at, _)| at.signal.as_str()).collect();
        assert_eq!(seen, ["errors"], "what watches what it has changed");
        assert_eq!(point.lets_through.iter().map(|step| step.name.as_str()).collect::<Vec<_>>(), ["6"]);
        assert!(point.until.is_none());
    });
}
