//! An alert is older than what a run changed at its place, or began since; or nothing is said.

use crate::ground::{self, operation, plan, step};
use crate::words;
use crate::world::World;
use chrono::{DateTime, TimeDelta, Utc};
use holdpoint::domain::alert::{Alert, AlertState};
use holdpoint::domain::observed::{Deployment, Observation};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::plan::{Kind, Step, Work};
use holdpoint::engine::alert_since::alert_since;
use holdpoint::engine::changes::Deeds;

/// So many seconds after 02:00.
fn at(seconds: i64) -> DateTime<Utc> {
    ground::start() + TimeDelta::seconds(seconds)
}

/// Of web in stage, begun so many seconds after 02:00.
fn alert(seconds: i64) -> Alert {
    Alert {
        name: "WebFails".to_owned(),
        severity: String::new(),
        service: Some("web".into()),
        environment: Some("stage".into()),
        state: AlertState::Firing,
        since: at(seconds),
        summary: String::new(),
    }
}

fn deploy(name: &str, needs: &[&str], version: &str) -> Step {
    let args = [("version".to_owned(), version.to_owned())].into();
    step(name, Kind::Action, needs, Work::Do(Operation { args, ..operation(Verb::Deploy, "web", "stage") }))
}

fn says(world: &mut World, report: &str) {
    let (intent, report) = words::report(world, report);
    world.report(intent, &report);
}

fn does(world: &mut World, command: &str) {
    let command = words::command(world, &plan("day", vec![]), command);
    assert_eq!(world.command("kim", &command).refusal, None, "{command}");
}

/// What is said of an alert, or nothing.
fn said(world: &World, alert: &Alert) -> String {
    alert_since(&world.given(), &Deeds::of(world.given().ledger), &"sh".into(), alert)
        .map(|since| since.line())
        .unwrap_or_default()
}

#[track_caller]
fn table(world: &World, rows: &[(i64, &str)]) {
    for (seconds, wanted) in rows {
        assert_eq!(said(world, &alert(*seconds)), *wanted, "{seconds}");
    }
}

/// Run 1 brings web in stage to 2 at 02:00 and to 3 at 02:10; it is 03:00.
fn day() -> World {
    let mut world = World::new();
    world.starts(plan("day", vec![deploy("1", &[], "2"), deploy("2", &["1"], "3")]));
    world.pass(at(600));
    says(&mut world, "1 done previous=1 version=2");
    says(&mut world, "2 done previous=2 version=3");
    world.pass(at(3600));
    world
}

#[test]
fn it_began_before_the_run_or_since_the_step_that_had_begun_last() {
    table(
        &day(),
        &[
            (-3600, "before run 1"),
            (-61, "before run 1"),
            // So shortly before that the clocks may be what differs.
            (-60, ""),
            (-1, ""),
            (0, "since run 1 step 1 (web 2)"),
            (599, "since run 1 step 1 (web 2)"),
            (600, "since run 1 step 2 (web 3)"),
            (3660, "since run 1 step 2 (web 3)"),
            // It has not begun yet: its clock is ahead.
            (3661, ""),
        ],
    );
}

#[test]
fn nothing_is_claimed_of_what_is_not_known_or_of_another_place() {
    let world = day();
    let none = |what: &str, alert: Alert| assert_eq!(said(&world, &alert), "", "{what}");
    none("no start", Alert { since: DateTime::default(), ..alert(0) });
    none("a start that Go calls zero", Alert { since: "0001-01-01T00:00:00Z".parse().unwrap(), ..alert(0) });
    none("another environment", Alert { environment: Some("prod".into()), ..alert(0) });
    none("no environment", Alert { environment: None, ..alert(0) });
    none("what web stands on", Alert { service: Some("api".into()), ..alert(0) });
    none("no service", Alert { service: None, ..alert(0) });
    assert_eq!(said(&World::new(), &alert(0)), "", "no run at all");
}

#[test]
fn nothing_is_claimed_as_long_as_the_clock_of_its_system_is_off() {
    let mut world = day();
    let mut tells = |source: &str, ahead: i64| {
        world.hear_from(source, Ok(Observation::Clock(TimeDelta::seconds(ahead))));
        [said(&world, &alert(-3600)), said(&world, &alert(700))]
    };
    let known = ["before run 1", "since run 1 step 2 (web 3)"];
    assert_eq!(tells("other", 3600), known, "of another system");
    assert_eq!(tells("sh", 61), ["", ""]);
    assert_eq!(tells("sh", -61), ["", ""]);
    assert_eq!(tells("sh", -60), known);
}

#[test]
fn of_two_runs_the_newer_is_what_an_alert_is_older_than() {
    let mut world = day();
    world.starts(plan("night", vec![deploy("1", &[], "4")]));
    world.pass(at(4000));
    table(&world, &[(-3600, "before run 2"), (700, "before run 2"), (3600, "since run 2 step 1 (web 4)")]);
    // What was not done changed nothing; what may have been done counts.
    let mut doubt = day();
    doubt.starts(plan("night", vec![deploy("1", &[], "4")]));
    doubt.pass(at(4000));
    says(&mut world, "2/1 not-done");
    says(&mut doubt, "2/1 unknown");
    table(&world, &[(700, "since run 1 step 2 (web 3)"), (3600, "since run 1 step 2 (web 3)")]);
    table(&doubt, &[(700, "before run 2"), (3600, "since run 2 step 1 (web 4)")]);
    does(&mut doubt, "resolve @2 1 not-applied nothing there");
    table(&doubt, &[(3600, "since run 1 step 2 (web 3)")]);
}

#[test]
fn what_was_taken_back_counts_until_it_was() {
    let mut world = day();
    does(&mut world, "rollback web stage confirm too slow");
    world.pass(at(4000));
    says(&mut world, "2/R1 done");
    table(&world, &[(600, "since run 1 step 2 (web 3)"), (3600, "since run 1 step 2 (web 3)")]);
    says(&mut world, "2/R2 done previous=3 version=1");
    table(
        &world,
        &[
            (-3600, "before run 1"),
            (0, "since run 1 step 1 (web 2), taken back"),
            (600, "since run 1 step 2 (web 3), taken back"),
            (3599, "since run 1 step 2 (web 3), taken back"),
            (4000, "since run 2 step R2 (web 1)"),
        ],
    );
}

#[test]
fn a_thing_done_without_a_runbook_is_a_change_like_any_other() {
    let mut world = day();
    does(&mut world, "do deploy web stage it is urgent");
    world.pass(at(4000));
    table(&world, &[(3600, "since run 2 step deploy (web deploy)")]);
    says(&mut world, "2/deploy done previous=3 version=9");
    table(&world, &[(700, "before run 2"), (3600, "since run 2 step deploy (web 9)")]);
}

#[test]
fn what_somebody_else_changed_later_is_not_put_down_to_the_run() {
    let mut world = day();
    let live = Deployment { version: "8".to_owned(), since: Some(at(3000)), ..Deployment::default() };
    world.see(Observation::Deployment(("web".into(), "stage".into()), live.into()));
    table(&world, &[(-3600, "before run 1"), (2999, "since run 1 step 2 (web 3)"), (3000, ""), (3300, "")]);
}
