//! What a rollback costs besides, by what is live and by what a run has brought.

use crate::ground;
use crate::world::World;
use holdpoint::domain::name::{EnvironmentName, RunId, ServiceName};
use holdpoint::domain::operation::Verb;
use holdpoint::domain::plan::{Kind, Work};
use holdpoint::domain::trigger::RollsBack;
use holdpoint::engine::loss::{self, Loss};
use holdpoint::engine::rollback::Back;
use holdpoint::engine::run::Changed;
use holdpoint::report::loss::{lines, short};

fn back(service: &str, from: Option<&str>) -> Back {
    let (service, environment) = (ServiceName::new(service), EnvironmentName::new("prod"));
    let from = from.map(str::to_owned);
    Back { service, environment, from, to: "1.0".to_owned(), version: true, weights: None }
}

fn of(back: &[Back]) -> Loss {
    loss::of(&World::new().given(), None, back)
}

#[test]
fn what_cannot_go_back_stands_before_what_is_lost_and_what_stays() {
    let said = |from| lines(&of(&[back("web", from)]));
    assert_eq!(
        said(Some("9.0"))[0],
        ("heed", "CANNOT GO BACK by what the catalogue says: web 9.0: 1.0 cannot read its rows".to_owned())
    );
    assert_eq!(said(Some("8.0"))[0], ("loses", "reconcile afterwards".to_owned()));
    for unknown in [Some("7.0"), None] {
        assert_eq!(said(unknown)[0], ("loses", "nothing that the catalogue knows of".to_owned()));
    }
}

#[test]
fn what_stands_on_what_goes_back_is_named_unless_it_goes_back_too() {
    let services = World::new().workspace.services;
    let on: Vec<&str> =
        services.values().filter(|s| s.depends_on.contains(&"db".into())).map(|s| s.name.as_str()).collect();
    assert!(!on.is_empty(), "{services:?}");
    let stay: Vec<String> = on.iter().map(|name| format!("{name} in prod")).collect();
    assert_eq!(of(&[back("db", None)]).stay, stay);
    let all: Vec<Back> = on.iter().chain(&["db"]).map(|name| back(name, None)).collect();
    assert!(!of(&all).stay.iter().any(|text| stay.contains(text)), "{:?}", of(&all));
}

#[test]
fn what_a_run_brings_counts_whatever_share_it_is_given_after() {
    let mut world = World::new();
    let mut operation = ground::operation(Verb::Deploy, "web", "stage");
    operation.args.insert("version".to_owned(), "9.0".to_owned());
    world.starts(ground::plan("day", vec![ground::step("1", Kind::Action, &[], Work::Do(operation))]));
    let lost = |world: &World| {
        let given = world.given();
        short(&loss::of_run(&given, world.ledger.run(RunId(1)).unwrap(), &RollsBack::Set))
    };
    // Under way already: a trigger may act before it has ended.
    assert!(lost(&world).starts_with("CANNOT GO BACK: web 9.0"), "{}", lost(&world));
    // It has been brought, and been given a share after that: a share is no version.
    let mut run = world.ledger.run(RunId(1)).unwrap().clone();
    let changed = |to: &str, weights: Option<&str>| Changed {
        step: "1".into(),
        service: "web".into(),
        environment: "stage".into(),
        from: Some("1.0".to_owned()),
        to: Some(to.to_owned()),
        weights: weights.map(str::to_owned),
        taken_back: None,
    };
    run.changed = vec![changed("9.0", None), changed("10 % of traffic", Some("0"))];
    let lost = short(&loss::of_run(&world.given(), &run, &RollsBack::Set));
    assert!(lost.starts_with("CANNOT GO BACK: web 9.0"), "{lost}");
}
