//! Drift that was mended: another version has a way back, the rest has none, and meanwhile nobody guesses one.

use crate::ground::{operation, plan, step};
use crate::words;
use crate::world::World;
use holdpoint::domain::backend::{BackendKind, Script};
use holdpoint::domain::observed::{Deployment, Observation};
use holdpoint::domain::operation::{Direction, Operation, Verb};
use holdpoint::domain::plan::{Kind, Step, Work};
use holdpoint::domain::span::Span;
use holdpoint::engine::before::before;

/// A world whose scripts mend, where a step of run 1 has been sent that does.
fn mending(version: Option<&str>) -> World {
    let mut world = World::new();
    for backend in world.workspace.backends.values_mut() {
        let BackendKind::Command(spec) = &mut backend.kind else { continue };
        let script = Script { argv: vec!["mend".into()], limit: Span::mins(1), not_applied: vec![], idempotent: false };
        spec.verbs.insert(Verb::Mend, script);
    }
    let mend = operation(Verb::Mend, "web", "stage");
    let args = version.map(|version| ("version".to_owned(), version.to_owned())).into_iter().collect();
    world.starts(plan("day", vec![step("1", Kind::Action, &[], Work::Do(Operation { args, ..mend }))]));
    world
}

fn says(world: &mut World, report: &str) {
    let (intent, report) = words::report(world, report);
    world.report(intent, &report);
}

/// The version before, where nobody names one.
fn goes(world: &World) -> Result<String, String> {
    let seen = Deployment { version: "2".to_owned(), history: vec!["1".to_owned()], ..Deployment::default() };
    let found = before(&world.given(), &"web".into(), &"stage".into(), Some(&seen));
    found.map(str::to_owned).map_err(|reason| reason.text)
}

/// What a way back of run 1 sends.
fn back(world: &mut World) -> Vec<String> {
    let seen = Deployment { version: "2".to_owned(), history: vec!["1".to_owned()], ..Deployment::default() };
    world.see(Observation::Deployment(("web".into(), "stage".into()), seen.into()));
    let command = words::command(world, &plan("day", vec![]), "rollback set confirm errors");
    if world.command("kim", &command).refusal.is_some() {
        return Vec::new();
    }
    let run = world.ledger.runs.values().find(|run| run.id.0 == 2).unwrap();
    let word = |step: &Step| step.operation().map_or_else(|| step.title.clone(), ToString::to_string);
    run.plan.steps.iter().map(word).collect()
}

#[test]
fn another_version_that_came_of_it_is_led_back_and_the_rest_is_not() {
    assert_eq!((Verb::Mend.direction(), Verb::Mend.deploys()), (Direction::Forward, true));
    let mut world = mending(Some("1"));
    says(&mut world, "1 done previous=1-hotfix version=1");
    assert_eq!(back(&mut world), ["snapshot web stage", "roll-back web stage to=1-hotfix"]);
    // After a crash its own report is lost, and only what was asked for is known.
    let mut world = mending(Some("2"));
    says(&mut world, "1 done");
    assert_eq!(world.ledger.runs.values().next().unwrap().changed[0].to.as_deref(), Some("2"));
    assert!(back(&mut world).iter().any(|step| step.contains("roll-back")));
    let mut world = mending(None);
    says(&mut world, "1 done");
    assert_eq!(world.ledger.runs.values().next().unwrap().changed, []);
    assert!(!back(&mut world).iter().any(|step| step.contains("roll-back")));
}

#[test]
fn while_it_is_under_way_or_in_doubt_it_counts_as_a_deploy_of_its_version() {
    let mut world = mending(Some("1"));
    for report in ["", "1 unknown the answer was lost"] {
        if !report.is_empty() {
            says(&mut world, report);
        }
        assert_eq!(goes(&world).unwrap(), "2");
    }
    assert!(back(&mut world).contains(&"roll-back web stage to=2".to_owned()));
    assert_eq!(goes(&mending(None)).unwrap(), "1");
}
