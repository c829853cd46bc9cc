//! Cohorts on the health pane: how far each is, at every size; and nothing of them where there are none.

use crate::actions::Desk;
use crate::ground::{self, Lines};
use chrono::TimeDelta;
use holdpoint::domain::observed::{Deployment, Observation, Placed};
use holdpoint::domain::workspace::Workspace;
use holdpoint::runtime::input::Update;
use holdpoint::tui::action::{Action, Pane};
use std::sync::Arc;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 50)];

/// Three services in six places: the first one is early, the others are the rest.
fn workspace(cohorts: &[(&str, std::ops::Range<usize>)]) -> Workspace {
    let mut workspace = ground::workspace(3, 6);
    for (name, places) in cohorts {
        workspace.cohorts.push((*name).into());
        for environment in workspace.environments.values_mut().skip(places.start).take(places.len()) {
            environment.cohort = Some((*name).into());
        }
    }
    workspace
}

/// A desk over a live run that brings svc-000 4.2.0, looking at health.
fn desk(workspace: Workspace) -> Desk {
    let mut lines = Lines::opened();
    lines.run(&workspace, ground::plan(30));
    let mut desk = Desk::within(workspace, lines);
    desk.ui.pane = Pane::Health;
    desk
}

fn usual() -> Desk {
    desk(workspace(&[("early", 0..1), ("rest", 1..6)]))
}

/// svc-000 is told to be at these versions, in the order of its places, so many seconds ago.
fn tells(desk: &mut Desk, versions: &[Deployment], ago: i64) {
    let now = desk.model.derived.at;
    let place = |n: usize| -> Placed { ("svc-000".into(), format!("place-{n:02}").as_str().into()) };
    let all = versions.iter().enumerate().map(|(n, it)| Observation::Deployment(place(n), Arc::new(it.clone())));
    let at = now - TimeDelta::seconds(ago);
    desk.model.take(Update::Seen(Arc::new(all.map(|what| ground::stamped(at, what)).collect())));
    desk.model.refresh(now);
}

fn full(desk: &mut Desk) {
    let (old, new) = (ground::deployment("4.1.9"), ground::deployment("4.2.0"));
    let canary = Deployment { candidate: Some("4.2.0".to_owned()), weight: Some(25), ..old.clone() };
    tells(desk, &[new.clone(), new, canary, old.clone(), old.clone(), old], 0);
}

/// The cohorts' section of a screen, with its rule line.
fn section(screen: &str) -> String {
    let lines = screen.lines().skip_while(|line| !line.contains(" cohorts "));
    let lines: Vec<_> = lines.take_while(|line| !line.trim().is_empty() && !line.contains("── signals")).collect();
    lines.iter().map(|line| format!("|{line}\n")).collect()
}

#[test]
fn the_pane_says_how_far_each_cohort_is_and_counts_nothing_that_is_not_known() {
    let mut all = String::new();
    for (width, height) in SIZES {
        let mut desk = usual();
        full(&mut desk);
        all += &format!("full {width}x{height}\n{}", section(&desk.screen(width, height)));
        // Everything was told twelve seconds ago, three of svc-000's now.
        let late = desk.model.derived.at + TimeDelta::seconds(12);
        desk.model.refresh(late);
        tells(&mut desk, &[ground::deployment("4.2.0"), ground::deployment("4.1.9")], 0);
        all += &format!("late {width}x{height}\n{}", section(&desk.screen(width, height)));
        let lost = desk.model.derived.at + TimeDelta::seconds(600);
        desk.model.refresh(lost);
        all += &format!("lost {width}x{height}\n{}", section(&desk.screen(width, height)));
    }
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("cohorts", all);
    });
}

#[test]
fn the_whole_pane_stays_aligned() {
    let mut desk = usual();
    full(&mut desk);
    let all: String = SIZES.iter().map(|(width, height)| desk.screen(*width, *height) + "\n").collect();
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("cohorts_pane", all);
    });
}

#[test]
fn what_has_no_room_is_counted_and_what_is_not_known_is_never_cut() {
    let desk = desk(workspace(&[
        ("one", 0..1),
        ("two", 1..2),
        ("three", 2..3),
        ("four", 3..4),
        ("five", 4..5),
        ("six", 5..6),
    ]));
    let screen = desk.screen(80, 24);
    assert!(section(&screen).contains("3 cohorts hidden") && !screen.contains("four "), "{screen}");
    assert!(!section(&desk.screen(200, 50)).contains("hidden"));
    // A version as long as a commit gives way to what is not known.
    let long = "4f9c1d2ab8e07f6655aa0c1b2d3e4f5061728394";
    let mut desk = Desk::within(workspace(&[("one", 0..3), ("two", 3..6)]), Lines::opened());
    desk.ui.pane = Pane::Health;
    let later = desk.model.derived.at + TimeDelta::seconds(30);
    desk.model.refresh(later);
    tells(&mut desk, &[ground::deployment(long), ground::deployment(long)], 0);
    let told = section(&desk.screen(80, 24));
    assert!(
        told.lines().any(|line| line.contains("svc-000") && line.contains("1 ?") && line.contains("3 ?")),
        "{told}"
    );
}

#[test]
fn details_say_how_far_its_cohort_and_the_others_are() {
    let mut desk = usual();
    full(&mut desk);
    for (place, wanted) in
        [("place-00", "cohort   early 1/1 4.2.0"), ("place-04", "cohort   rest 1/5 4.2.0, 1 under way, 3 at 4.1.9")]
    {
        desk.ui.sheet = None;
        desk.ui.target = Some(("svc-000".into(), place.into()));
        desk.act(Action::Open);
        let screen = desk.screen(80, 24);
        assert!(screen.contains(wanted), "{screen}");
        assert!(screen.contains("others   "), "{screen}");
    }
}

#[test]
fn the_bridge_shows_them_where_there_is_room() {
    let mut desk = usual();
    full(&mut desk);
    desk.ui.pane = Pane::Bridge;
    assert!(!desk.screen(80, 24).contains("cohort"));
    for (width, height) in [(120, 40), (200, 50)] {
        let screen = desk.screen(width, height);
        assert!(screen.contains(" cohorts ") && screen.contains("1/5 4.2.0"), "{screen}");
    }
}

#[test]
fn a_filter_knows_them() {
    let mut desk = usual();
    desk.ui.filters.insert(Pane::Health, "cohort=early".to_owned());
    let screen = desk.screen(120, 40);
    assert!(screen.contains("3 places · filter cohort=early hides 15"), "{screen}");
}

#[test]
fn without_cohorts_nothing_of_them_is_there() {
    for pane in Pane::ALL {
        for (width, height) in SIZES {
            let mut desk = desk(workspace(&[]));
            desk.ui.pane = pane;
            let screen = desk.screen(width, height);
            assert!(!screen.contains("cohort"), "{pane:?} {width}x{height}:\n{screen}");
        }
    }
}
