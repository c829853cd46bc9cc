//! How far a service is in each cohort: what is counted, and that nothing counts that is not known now.

use crate::ground::{deploys, plan};
use crate::words;
use crate::world::World;
use chrono::TimeDelta;
use holdpoint::domain::observed::{Deployment, Observation};
use holdpoint::domain::plan::Plan;
use holdpoint::domain::release::Item;
use holdpoint::engine::cohorts::{self, Progress};

/// `stage` is early, `prod` and `twin` are the rest; the file names the rest first.
fn world() -> World {
    let mut world = World::new();
    for (environment, cohort) in [("stage", "early"), ("prod", "rest"), ("twin", "rest")] {
        world.workspace.environments.get_mut(environment).unwrap().cohort = Some(cohort.into());
    }
    world.workspace.cohorts = vec!["rest".into(), "early".into()];
    world
}

fn live(world: &mut World, environment: &str, deployment: Deployment) {
    world.see(Observation::Deployment(("web".into(), environment.into()), deployment.into()));
}

fn stable(version: &str) -> Deployment {
    Deployment { version: version.to_owned(), state: "stable".to_owned(), ..Deployment::default() }
}

fn web(world: &World) -> Progress {
    let all = cohorts::all(&world.given());
    all.into_iter().find(|one| one.service.as_str() == "web").unwrap()
}

fn told(world: &World) -> String {
    web(world).cohorts.iter().map(|it| format!("{} {it}", it.cohort)).collect::<Vec<_>>().join(" · ")
}

#[test]
fn what_is_late_lost_or_under_way_is_at_no_version() {
    let mut world = world();
    assert_eq!(told(&world), "rest 2 ? · early 1 ?", "nothing was seen");
    for environment in ["stage", "prod", "twin"] {
        live(&mut world, environment, stable("1"));
    }
    assert_eq!(told(&world), "rest 2/2 1 · early 1/1 1");
    live(&mut world, "prod", Deployment { candidate: Some("2".to_owned()), ..stable("1") });
    live(&mut world, "twin", Deployment { state: "rolling".to_owned(), ..stable("2") });
    live(&mut world, "stage", stable(""));
    assert_eq!(told(&world), "rest 2 under way · early 1 ?");
    live(&mut world, "prod", stable("1"));
    live(&mut world, "stage", stable("1"));
    // Fresh for twice the interval of five seconds, then late, then lost.
    world.now += TimeDelta::seconds(9);
    live(&mut world, "twin", stable("1"));
    assert_eq!(told(&world), "rest 2/2 1 · early 1/1 1");
    world.now += TimeDelta::seconds(3);
    assert_eq!(told(&world), "rest 1/2 1, 1 ? · early 1 ?");
    world.now += TimeDelta::seconds(60);
    assert_eq!(told(&world), "rest 2 ? · early 1 ?");
}

#[test]
fn a_place_outside_every_cohort_and_a_cohort_without_the_service_do_not_count() {
    let mut world = world();
    world.workspace.environments.get_mut("twin").unwrap().cohort = None;
    world.workspace.services.get_mut("web").unwrap().deployed_by.remove("stage");
    assert_eq!(told(&world), "rest 1 ?");
    world.workspace.environments.values_mut().for_each(|one| one.cohort = None);
    world.workspace.cohorts.clear();
    assert_eq!(cohorts::all(&world.given()), [], "without cohorts there is nothing to say");
}

#[test]
fn the_newest_live_run_says_what_is_counted() {
    let mut world = world();
    for environment in ["stage", "prod", "twin"] {
        live(&mut world, environment, stable("1"));
    }
    assert_eq!(web(&world).wanted, None);
    world.starts(plan("day", vec![deploys("1", "web", &[])]));
    assert_eq!(
        (web(&world).wanted.as_deref(), told(&world).as_str()),
        (Some("2"), "rest 0/2 2, 2 at 1 · early 0/1 2, 1 at 1")
    );
    // What a run brings stands before all else.
    assert_eq!(cohorts::all(&world.given())[0].service.as_str(), "web");
    let nothing = plan("day", vec![]);
    let command = words::command(&world, &nothing, "rollback web prod to=1 confirm too slow");
    assert_eq!(world.command("ana", &command).refusal, None);
    assert_eq!(web(&world).wanted.as_deref(), Some("1"), "the way back is newer than the way there");
}

#[test]
fn two_versions_in_one_run_say_nothing() {
    let mut world = world();
    let item = |version: &str| Item {
        service: "web".into(),
        version: version.to_owned(),
        digest: None,
        commit: None,
        schema: None,
        known_issues: vec![],
    };
    let bill =
        |name: &str, version: &str| Plan { bill: vec![item(version)], ..plan(name, vec![deploys("1", "web", &[])]) };
    world.starts(bill("day", "2"));
    assert_eq!(web(&world).wanted.as_deref(), Some("2"), "the bill and the step agree");
    world.starts(bill("night", "3"));
    assert_eq!(web(&world).wanted, None, "the bill and the step do not");
}
