//! What the screens know: one change moves one place, and what follows is
//! worked out when something has moved.

use crate::chance::Chance;
use crate::ground::{self, Lines};
use chrono::TimeDelta;
use holdpoint::domain::observed::{Observation, Stamped};
use holdpoint::domain::series::Reading;
use holdpoint::domain::signal::SignalAt;
use holdpoint::domain::stages::{Check, Judged, Stages};
use holdpoint::domain::verdict::Level;
use holdpoint::runtime::input::Update;
use holdpoint::tui::model::Model;
use holdpoint::tui::model::places::Places;
use std::sync::Arc;

fn model() -> (Model, Lines) {
    let workspace = ground::workspace(20, 3);
    let mut lines = Lines::opened();
    lines.run(&workspace, ground::plan(30));
    (ground::model(workspace, &lines), lines)
}

fn see(model: &mut Model, at: chrono::DateTime<chrono::Utc>, what: Observation) {
    model.take(Update::Seen(Arc::new(vec![ground::stamped(at, what)])));
}

fn order(model: &Model) -> Vec<String> {
    model.places.iter().map(|p| format!("{:?} {} {}", p.level, p.service, p.environment)).collect()
}

/// The order as it is when everything is judged anew.
fn anew(model: &Model, now: chrono::DateTime<chrono::Utc>) -> Vec<String> {
    let mut places = Places::of(&model.workspace);
    places.judge_all(&model.workspace, &model.observed, now);
    places.iter().map(|p| format!("{:?} {} {}", p.level, p.service, p.environment)).collect()
}

#[test]
fn one_change_moves_one_place_and_trouble_comes_first() {
    let (mut model, lines) = model();
    let now = lines.ledger.at + TimeDelta::seconds(1);
    model.refresh(now);
    assert!(model.places.iter().all(|p| p.level == Level::Pass), "{:?}", order(&model));
    let place = || ("svc-013".into(), "place-01".into());
    let unwell = holdpoint::domain::observed::Deployment {
        trouble: vec!["2 of 6 refuse".to_owned()],
        ..ground::deployment("4.2.0")
    };
    see(&mut model, now, Observation::Deployment(place(), unwell.into()));
    assert_eq!(order(&model)[0], "Fail svc-013 place-01");
    assert_eq!(order(&model), anew(&model, now));
    let at = SignalAt { signal: "errors-svc-010".into(), environment: "place-02".into() };
    for n in 0..4 {
        let at_n = now + TimeDelta::seconds(n * 5);
        let reading = Reading { at: at_n, value: 0.2, events: 1000 };
        see(&mut model, at_n, Observation::Reading(at.clone(), reading));
    }
    assert_eq!(order(&model)[..2], ["Fail svc-010 place-02", "Fail svc-013 place-01"]);
    see(&mut model, now, Observation::Deployment(place(), ground::deployment("4.1.9").into()));
    see(&mut model, now, Observation::DeploymentGone(("svc-000".into(), "place-00".into())));
    assert_eq!(order(&model)[..2], ["Fail svc-010 place-02", "Unknown svc-000 place-00"]);
}

#[test]
fn whatever_is_seen_and_however_time_goes_places_stand_as_if_all_were_judged_anew() {
    for seed in 0..12 {
        let mut chance = Chance::new(seed);
        let (mut model, lines) = model();
        let mut now = lines.ledger.at;
        for _ in 0..200 {
            // Seconds mostly, now and then long enough for everything to lapse, or back.
            now += TimeDelta::milliseconds(match chance.below(40) {
                0 => -30_000,
                1 => 40_000,
                n => n as i64 * 100,
            });
            let place = (
                format!("svc-{:03}", chance.below(21)).as_str().into(),
                format!("place-{:02}", chance.below(3)).as_str().into(),
            );
            let trouble = if chance.below(4) == 0 { vec!["ill".to_owned()] } else { Vec::new() };
            let deployment =
                Arc::new(holdpoint::domain::observed::Deployment { trouble, ..ground::deployment("4.2.0") });
            let what = match chance.below(6) {
                0 | 1 => Ok(Observation::Deployment(place, deployment)),
                2 => Ok(Observation::DeploymentGone(place)),
                3 => Ok(Observation::Deployments(vec![(place, deployment)])),
                4 => Err("reset".to_owned()),
                _ => Ok(Observation::Heartbeat),
            };
            // Watches do not wait for one another.
            let late = TimeDelta::milliseconds(chance.below(900) as i64);
            let source = if chance.below(2) == 0 { "sh" } else { "other" };
            let seen = Stamped { source: source.into(), what, ..ground::stamped(now - late, Observation::Heartbeat) };
            model.take(Update::Seen(Arc::new(vec![seen])));
            // Time is looked at with the full second.
            now += TimeDelta::milliseconds(1_000);
            model.refresh(now);
            assert_eq!(order(&model), anew(&model, now), "seed {seed}");
            for place in model.places.iter() {
                let there = model.observed.deployment(&(place.service.clone(), place.environment.clone()));
                assert_eq!(place.deployed.as_ref(), there.map(|d| d.value), "seed {seed}");
            }
        }
    }
}

#[test]
fn an_inconclusive_check_makes_a_place_unknown_and_not_well() {
    let (mut model, lines) = model();
    let now = lines.ledger.at + TimeDelta::seconds(1);
    model.refresh(now);
    for (judged, level) in [
        (Judged::Inconclusive, Level::Unknown),
        (Judged::Error, Level::Unknown),
        (Judged::Failed, Level::Fail),
        (Judged::Running, Level::Pass),
        (Judged::Passed, Level::Pass),
    ] {
        let check = Check { name: "success-rate".to_owned(), judged, detail: String::new() };
        let stages = Some(Stages { checks: vec![check], ..Stages::default() });
        let canary = holdpoint::domain::observed::Deployment { stages, ..ground::deployment("4.2.0") };
        see(&mut model, now, Observation::Deployment(("svc-013".into(), "place-01".into()), canary.into()));
        let place = model.places.iter().find(|p| p.service == "svc-013".into() && p.environment == "place-01".into());
        assert_eq!(place.unwrap().level, level, "{judged:?}");
        assert_eq!(order(&model), anew(&model, now));
    }
}

#[test]
fn time_alone_makes_what_is_seen_unknown() {
    let (mut model, lines) = model();
    let now = lines.ledger.at + TimeDelta::seconds(1);
    model.refresh(now);
    let later = now + TimeDelta::minutes(5);
    model.refresh(later);
    assert!(model.places.iter().all(|p| p.level == Level::Unknown));
    assert_eq!(order(&model), anew(&model, later));
}

#[test]
fn derived_values_follow_what_is_known_at_once_and_what_is_seen_in_a_moment() {
    let (mut model, mut lines) = model();
    let now = lines.ledger.at + TimeDelta::milliseconds(1_000);
    model.refresh(now);
    let moment = now + TimeDelta::milliseconds(50);
    see(&mut model, moment, Observation::Heartbeat);
    model.refresh(moment);
    assert_eq!(model.derived.at, now, "not for what is only seen, and not so soon");
    model.take(Update::Entries(Arc::new(vec![lines.write("note", vec![ground::note("look")])])));
    model.refresh(moment);
    assert_eq!(model.derived.at, moment, "a line of the journal counts at once");
    let later = now + TimeDelta::milliseconds(200);
    model.refresh(later);
    assert_eq!(model.derived.at, moment, "nothing has moved");
    see(&mut model, later, Observation::Heartbeat);
    model.refresh(later);
    assert_eq!(model.derived.at, later);
    assert_eq!(model.derived.steps(model.run().unwrap()).count(), 30);
    assert_eq!(model.derived.standing.map(|s| s.text()), Some("ON TIME"));
}

#[test]
fn lines_that_say_nothing_to_people_are_not_kept_and_void_ones_go() {
    let (mut model, mut lines) = model();
    let before = model.recent.len();
    let note = lines.write("note", vec![ground::note("look")]);
    model.take(Update::Entries(Arc::new(vec![note.clone()])));
    assert_eq!(model.recent.back().unwrap().entry.seq, note.seq);
    let mut cut = Lines::opened();
    cut.write("note", vec![]);
    model.take(Update::CutBack(Box::new(cut.ledger)));
    assert!(model.recent.len() < before && model.recent.iter().all(|t| t.entry.seq <= 3));
}

#[test]
fn among_equals_what_a_live_run_touches_comes_first() {
    let workspace = ground::workspace(20, 3);
    let mut plan = ground::plan(8);
    for step in &mut plan.steps {
        if let holdpoint::domain::plan::Work::Do(operation) = &mut step.work {
            (operation.service, operation.environment) = (Some("svc-013".into()), Some("place-01".into()));
        }
    }
    let mut lines = ground::Lines::opened();
    lines.run(&workspace, plan);
    let mut model = ground::model(workspace, &lines);
    let now = lines.ledger.at + TimeDelta::seconds(1);
    model.refresh(now);
    assert_eq!(order(&model)[..2], ["Pass svc-013 place-01", "Pass svc-000 place-00"]);
    // Trouble still comes before it.
    see(&mut model, now, Observation::DeploymentGone(("svc-007".into(), "place-00".into())));
    assert_eq!(order(&model)[..2], ["Unknown svc-007 place-00", "Pass svc-013 place-01"]);
    // Once the run has ended it is a place like any other.
    let entry = lines.write(
        "abort",
        vec![holdpoint::domain::fact::Fact::RunAborted {
            run: holdpoint::domain::name::RunId(1),
            reason: "x".to_owned(),
        }],
    );
    model.take(Update::Entries(Arc::new(vec![entry])));
    model.refresh(now);
    assert_eq!(order(&model)[..2], ["Unknown svc-007 place-00", "Pass svc-000 place-00"]);
}
