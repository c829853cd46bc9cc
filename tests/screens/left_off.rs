//! What is off because of us is said below the header of every screen, for as long as it is.

use crate::actions::Desk;
use crate::ground::{self, Lines};
use chrono::TimeDelta;
use holdpoint::domain::backend::{ArgoCdSpec, BackendKind, BackendSpec};
use holdpoint::domain::left_off::LeftOff;
use holdpoint::domain::observed::{Deployment, Observation, Placed, Stamped};
use holdpoint::domain::span::Span;
use holdpoint::runtime::input::Update;
use holdpoint::tui::action::{Action, Pane};
use std::sync::Arc;

const LINE: &str = " AUTO-SYNC OFF since 02:00Z: application svc-000 · put git right, then resume";

/// A desk over a live run where the first so many services' auto-sync is off; seen so long ago.
fn off(names: &[&str], ago: i64) -> Desk {
    let mut workspace = ground::workspace(4, 1);
    let kind = BackendKind::ArgoCd(ArgoCdSpec::default());
    workspace.backends.insert("argo".into(), BackendSpec { name: "argo".into(), every: Span::secs(5), kind });
    let mut lines = Lines::opened();
    lines.run(&workspace, ground::plan(30));
    let mut desk = Desk::within(workspace, lines);
    tells(&mut desk, names, ago);
    desk
}

fn tells(desk: &mut Desk, names: &[&str], ago: i64) {
    let now = desk.model.derived.at + TimeDelta::seconds(1);
    let row = |(n, name): (usize, &&str)| -> (Placed, Arc<Deployment>) {
        let of = format!("application {name}");
        let since = Some(ground::start());
        let left_off = Some(LeftOff { since, what: "auto-sync".to_owned(), of, key: "k-1".to_owned() });
        let place = (format!("svc-00{n}").as_str().into(), "place-00".into());
        (place, Arc::new(Deployment { left_off, ..ground::deployment("4.1.9") }))
    };
    let all = names.iter().enumerate().map(row).collect();
    let at = now - TimeDelta::seconds(ago);
    let seen = Stamped { at, source: "argo".into(), every: Span::secs(5), what: Ok(Observation::Deployments(all)) };
    desk.model.take(Update::Seen(Arc::new(vec![seen])));
    desk.model.refresh(now);
}

#[test]
fn every_pane_of_every_size_says_it_until_it_is_put_back() {
    let mut desk = off(&["svc-000"], 0);
    for (width, height) in [(200, 50), (120, 30), (80, 24), (60, 14), (40, 10)] {
        for pane in Pane::ALL {
            desk.ui.pane = pane;
            let screen = desk.screen(width, height);
            assert!(screen.contains(" AUTO-SYNC OFF since 02:00Z:"), "{pane:?} {width}x{height}:\n{screen}");
            assert!(width < 80 || screen.contains(LINE), "{pane:?} {width}x{height}:\n{screen}");
        }
    }
    desk.ui.pane = Pane::Bridge;
    assert_eq!(desk.screen(80, 24).lines().nth(3).unwrap().trim_end(), LINE);
    // The incident screen covers the header, and not this.
    desk.act(Action::Incident);
    assert!(desk.ui.sheet.is_some());
    assert_eq!(desk.screen(80, 24).lines().next().unwrap().trim_end(), LINE);
    assert_eq!(desk.screen(200, 50).lines().next().unwrap().trim_end(), LINE);
    let with = desk.screen(80, 24).lines().count();
    tells(&mut desk, &[], 0);
    let screen = desk.screen(80, 24);
    assert!(!screen.contains("AUTO-SYNC") && screen.lines().count() == with, "{screen}");
}

#[test]
fn its_place_is_a_warning_and_its_details_say_what_to_do() {
    let mut desk = off(&["svc-000"], 0);
    desk.ui.pane = Pane::Health;
    desk.ui.target = Some(("svc-000".into(), "place-00".into()));
    let screen = desk.screen(160, 50);
    let row = screen.lines().find(|line| line.contains("svc-000") && line.contains("place-00")).unwrap();
    assert!(row.contains("auto-sync OFF") && row.contains("warn"), "{row}");
    desk.act(Action::Open);
    let screen = desk.screen(200, 50);
    assert!(screen.contains("left off auto-sync is OFF since 2026-") && !screen.contains("trouble  "), "{screen}");
}

#[test]
fn what_has_no_room_is_counted_and_what_is_not_heard_is_marked() {
    let desk = off(&["one", "two", "three", "four"], 0);
    let line = |desk: &Desk, width| desk.screen(width, 30).lines().nth(3).unwrap().trim_end().to_owned();
    assert_eq!(
        line(&desk, 160),
        " AUTO-SYNC OFF since 02:00Z: application four, application one, application three, application two · put git right, then resume"
    );
    assert_eq!(
        line(&desk, 96),
        " AUTO-SYNC OFF since 02:00Z: application four and 3 more · put git right, then resume"
    );
    assert!(line(&off(&["one"], 12), 80).contains(": ~application one ·"));
    assert!(line(&off(&["one"], 600), 80).contains(": ?? application one ·"));
}
