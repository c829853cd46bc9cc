//! What is off because of us is said below the header of every screen, for as long as it is or may be.

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

const LINE: &str = " AUTO-SYNC OFF since 02:00Z: svc-000 · put git right, then resume (a)";

/// A desk over a live run where the first so many services' auto-sync is off; seen so long ago.
fn off(names: &[&str], ago: i64) -> Desk {
    since(names, ago, 0)
}

/// The same, off for so many hours longer.
fn since(names: &[&str], ago: i64, hours: i64) -> Desk {
    let mut workspace = ground::workspace(4, 1);
    let kind = BackendKind::ArgoCd(ArgoCdSpec::default());
    workspace.backends.insert("argo".into(), BackendSpec { name: "argo".into(), every: Span::secs(5), kind });
    let mut lines = Lines::opened();
    lines.run(&workspace, ground::plan(30));
    let mut desk = Desk::within(workspace, lines);
    tells(&mut desk, names.iter().map(|name| Some((*name, hours))), ago);
    desk
}

/// What the applications of the first services are told to be: off under a name since so many hours, or as they should be.
fn tells<'a>(desk: &mut Desk, all: impl Iterator<Item = Option<(&'a str, i64)>>, ago: i64) {
    let now = desk.model.derived.at + TimeDelta::seconds(1);
    let row = |(n, off): (usize, Option<(&str, i64)>)| -> (Placed, Arc<Deployment>) {
        let left_off = off.map(|(name, hours)| {
            let since = Some(ground::start() - TimeDelta::hours(hours));
            let of = format!("application {name}");
            LeftOff { since, what: "auto-sync".to_owned(), of, key: "k-1".to_owned() }
        });
        let place = (format!("svc-00{n}").as_str().into(), "place-00".into());
        (place, Arc::new(Deployment { left_off, ..ground::deployment("4.1.9") }))
    };
    let all = all.enumerate().map(row).collect();
    let at = now - TimeDelta::seconds(ago);
    let seen = Stamped { at, source: "argo".into(), every: Span::secs(5), what: Ok(Observation::Deployments(all)) };
    desk.model.take(Update::Seen(Arc::new(vec![seen])));
    desk.model.refresh(now);
}

fn line(desk: &Desk, width: u16) -> String {
    desk.screen(width, 30).lines().nth(3).unwrap().trim_end().to_owned()
}

#[test]
fn every_pane_of_every_size_says_it_until_it_is_put_back() {
    let mut desk = off(&["svc-000"], 0);
    for (width, height) in [(200, 50), (120, 30), (80, 24), (60, 14), (40, 10)] {
        for pane in Pane::ALL {
            desk.ui.pane = pane;
            let screen = desk.screen(width, height);
            let least = " AUTO-SYNC OFF since 02:00Z: svc-000";
            assert!(screen.contains(least), "{pane:?} {width}x{height}:\n{screen}");
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
    tells(&mut desk, [None].into_iter(), 0);
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
    assert_eq!(line(&desk, 120), " AUTO-SYNC OFF since 02:00Z: four, one, three, two · put git right, then resume (a)");
    assert_eq!(line(&desk, 80), " AUTO-SYNC OFF since 02:00Z: four and 3 more · put git right, then resume (a)");
    assert!(line(&off(&["one"], 12), 80).contains(": ~one ·"));
    let lost = line(&off(&["one"], 600), 80);
    assert!(lost.starts_with(" AUTO-SYNC was OFF, not seen since ") && lost.contains(": ?? one"), "{lost}");
}

#[test]
fn what_is_not_seen_any_more_is_not_known_and_does_not_go_away() {
    let mut desk = off(&["one", "two"], 0);
    // One of them is told of no more, by a source that is well.
    tells(&mut desk, [Some(("one", 0))].into_iter(), 0);
    assert_eq!(line(&desk, 80), " AUTO-SYNC OFF since 02:00Z: one, ?? two · put git right, then resume (a)");
    tells(&mut desk, [].into_iter(), 0);
    let gone = line(&desk, 120);
    assert!(gone.starts_with(" AUTO-SYNC was OFF, not seen since ") && gone.contains("?? one, ?? two"), "{gone}");
    // Seen again, it is as it is then.
    tells(&mut desk, [Some(("one", 0)), None].into_iter(), 0);
    assert_eq!(line(&desk, 80), " AUTO-SYNC OFF since 02:00Z: one · put git right, then resume (a)");
}

#[test]
fn long_names_leave_room_for_what_matters() {
    let long = "payments-settlement-gateway-of-eu-west-1-production";
    let (other, third) = ("payments-settlement-gateway-of-eu-north-1-production", "team-a/fx");
    let mut gone = off(&[long], 0);
    tells(&mut gone, [].into_iter(), 0);
    let cases = [
        ("one", off(&["web"], 0)),
        ("one with a long name", off(&[long], 0)),
        ("several, the first with a long name", off(&[long, other, third], 0)),
        ("the same, since the day before", since(&[long, other, third], 0, 24)),
        ("late", since(&[long], 12, 24)),
        ("lost", since(&[long], 600, 24)),
        ("gone", gone),
    ];
    let mut all = String::new();
    for (what, desk) in &cases {
        all.push_str(&format!("{what}\n"));
        for width in [80, 120] {
            let line = line(desk, width);
            assert!(!line.ends_with('…'), "{what} at {width}: {line}");
            all.push_str(&format!("{width:>4}|{line}\n"));
        }
    }
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("left_off", all);
    });
}
