//! The way back of what is still ahead: a sign and a reason where there is none, and quiet where there is.

use crate::actions::Desk;
use crate::{ground, sends};
use chrono::TimeDelta;
use holdpoint::domain::catalogue::Reversible;
use holdpoint::domain::foreseen::{Foreseen, Foresight, Returning};
use holdpoint::domain::observed::{Deployment, Observation, Stamped};
use holdpoint::domain::operation::Verb;
use holdpoint::domain::report::Preview;
use holdpoint::domain::span::Span;
use holdpoint::engine::ahead::asked;
use holdpoint::runtime::input::Update;
use holdpoint::tui::action::Action;
use holdpoint::tui::arming::USUAL;
use std::sync::Arc;

/// A run with one deploy ahead that is ready, where 4.1.9 is live.
fn desk() -> Desk {
    let mut desk = sends::desk(false);
    let place = desk.model.run().unwrap().plan.steps[0].target().map(|(s, e)| (s.clone(), e.clone())).unwrap();
    let live = Deployment { version: "4.1.9".to_owned(), ..Deployment::default() };
    let what = Ok(Observation::Deployment(place, live.into()));
    let seen = Stamped { at: desk.model.derived.at, source: "sh".into(), every: Span::mins(10), what };
    desk.model.take(Update::Seen(Arc::new(vec![seen])));
    later(&mut desk);
    desk
}

fn later(desk: &mut Desk) {
    desk.model.refresh(desk.model.derived.at + TimeDelta::seconds(1));
}

/// What the backend said of it.
fn told(desk: &mut Desk, said: Foresight) {
    let all = asked(&desk.model.given(desk.model.derived.at), ground::ME);
    assert_eq!(all.len(), 1, "{all:?}");
    let of = |asked: holdpoint::engine::ahead::Asked| Returning {
        it: Foreseen { operation: asked.operation, said: said.clone() },
        changes: asked.changes,
    };
    desk.model.take(Update::Ahead(Arc::new(all.into_iter().map(of).collect())));
    later(desk);
}

fn refusing() -> Foresight {
    let mut preview = Preview::default();
    preview.refuse("history keeps no earlier version (revisionHistoryLimit 0)");
    Foresight::Told(ground::start(), preview)
}

/// The row of the step, and the head of the runbook.
fn runbook(desk: &mut Desk, width: u16) -> (String, String) {
    desk.press(&["2"]);
    let screen = desk.screen(width, 40);
    let row = screen
        .lines()
        .find(|line| line.contains("  4 ") && line.contains("ready"))
        .unwrap_or_else(|| panic!("{screen}"));
    let head = screen.lines().find(|line| line.contains("── runbook ")).unwrap_or_else(|| panic!("{screen}"));
    (row.to_owned(), head.to_owned())
}

#[test]
fn what_cannot_be_led_back_has_a_sign_and_says_why_before_it_is_begun() {
    for width in [80, 200] {
        let mut desk = desk();
        let why = "cannot be led back: sh: history keeps no earlier version";
        let fine = Foresight::Told(ground::start(), Preview::default());
        for quiet in [Foresight::Awaited, fine] {
            told(&mut desk, quiet);
            let (row, head) = runbook(&mut desk, width);
            assert!(!row.contains('╳') && !head.contains("way back"), "{row}\n{head}");
        }
        assert!(desk.screen(width, 40).contains("can be led back to 4.1.9, by sh at 02:00:00Z"));
        told(&mut desk, refusing());
        let (row, head) = runbook(&mut desk, width);
        assert!(row.contains('╳') && head.contains("╳ 1 no way back"), "{row}\n{head}");
        let screen = desk.screen(width, 40);
        assert!(screen.contains(&why[..40]), "{screen}");
        let uptime = desk.uptime;
        desk.ui.arming.arm(uptime, USUAL, true).unwrap();
        desk.act(Action::Start);
        let screen = desk.screen(width, 40);
        assert!(screen.contains("after  ") && screen.contains(&why[..40]), "{screen}");
    }
}

#[test]
fn what_could_not_be_found_out_is_not_called_a_way_back() {
    let mut desk = desk();
    let unknown = vec!["whether version 4.1.9 finds all it needs: you may not read 1 Secret".to_owned()];
    told(&mut desk, Foresight::Told(ground::start(), Preview { unknown, ..Preview::default() }));
    let (row, head) = runbook(&mut desk, 80);
    assert!(row.ends_with('?') && head.contains("? 1 way back not sure"), "{row}\n{head}");
    let screen = desk.screen(200, 40);
    assert!(screen.contains("is not known: sh could not find out: whether"), "{screen}");
    assert!(!screen.contains("can be led back to 4.1.9, by"), "{screen}");
}

#[test]
fn what_is_not_known_is_never_quiet_and_nothing_is_said_of_another_change() {
    let mut desk = desk();
    told(&mut desk, Foresight::Untold("connection refused".to_owned()));
    let (row, head) = runbook(&mut desk, 80);
    assert!(row.ends_with('?') && head.contains("? 1 way back not sure"), "{row}\n{head}");
    // The same operation past more changes is another question.
    let mut other = desk.model.ahead.as_ref().clone();
    other.iter_mut().for_each(|told| (told.changes, told.it.said) = (7, refusing()));
    desk.model.take(Update::Ahead(Arc::new(other)));
    later(&mut desk);
    let (row, _) = runbook(&mut desk, 80);
    assert!(!row.contains('╳') && !row.ends_with('?'), "{row}");
    assert!(desk.screen(80, 40).contains("is not told yet"), "{}", desk.screen(80, 40));
    // Of a plain no nobody is asked.
    let workspace = Arc::make_mut(&mut desk.model.workspace);
    let note = "4.1.9 cannot read its rows".to_owned();
    let service = workspace.services.values_mut();
    service.for_each(|s| drop(s.reversible.insert("4.2.0".to_owned(), Reversible { ok: false, note: note.clone() })));
    later(&mut desk);
    assert!(asked(&desk.model.given(desk.model.derived.at), ground::ME).is_empty());
    assert!(runbook(&mut desk, 80).0.ends_with('╳'));
    let workspace = Arc::make_mut(&mut desk.model.workspace);
    workspace.services.values_mut().for_each(|service| service.reversible.clear());
    let holdpoint::domain::backend::BackendKind::Command(spec) =
        &mut workspace.backends.values_mut().next().unwrap().kind
    else {
        panic!("no scripts")
    };
    spec.verbs.remove(&Verb::RollBack);
    later(&mut desk);
    desk.press(&["2"]);
    assert!(desk.screen(120, 40).contains("cannot be led back: sh cannot roll back"), "{}", desk.screen(120, 40));
}
